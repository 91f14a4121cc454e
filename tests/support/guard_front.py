"""Something in the place of the guard: it answers, counts, and refuses nothing."""

from __future__ import annotations

import json
import os
import socketserver
import threading
from http.server import BaseHTTPRequestHandler
from typing import TYPE_CHECKING

from nstui.analysis.guarding.settings import read_settings

if TYPE_CHECKING:
    from pathlib import Path


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True
    request_queue_size = 128
    front: StandInFront


class _Plugin(BaseHTTPRequestHandler):
    """Answers as an authorization plugin."""

    # A connection that is kept would be answered after the end, too.
    protocol_version = "HTTP/1.0"
    server: _Server

    def do_POST(self) -> None:
        """Answer the engine."""
        question = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer: dict[str, object] = {"Allow": True}
        if self.path == "/nstui.Ping":
            answer = {"pid": os.getpid(), "asked": len(self.server.front.uris)}
        elif self.path == "/Plugin.Activate":
            answer = {"Implements": ["authz"]}
        elif self.path == "/AuthZPlugin.AuthZReq":
            answer = self.server.front.answer(json.loads(question))
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def address_string(self) -> str:
        """Return a name: a unix socket has no address."""
        return "engine"


class _Control(socketserver.StreamRequestHandler):
    server: _Server

    def handle(self) -> None:
        """Answer a line with a line."""
        line = self.rfile.readline()
        if not line:
            # It was only asked whether somebody listens.
            return
        answer = self.server.front.control(json.loads(line))
        self.wfile.write(json.dumps(answer).encode() + b"\n")


class StandInFront:
    """A guard at two sockets, in threads of this process.

    Attributes:
        uris: What was asked, in order.
        tickets: What was allowed in advance.
        blind: Whether it denies every removal, as one that cannot look.

    """

    def __init__(self, plugin: Path, control: Path, settings: Path) -> None:
        self._settings = settings
        self.uris: list[str] = []
        self.tickets: list[object] = []
        self.blind = False
        self._servers = []
        for path, handler in ((plugin, _Plugin), (control, _Control)):
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            server = _Server(str(path), handler)
            server.front = self
            self._servers.append((server, path))
            threading.Thread(
                target=server.serve_forever, args=(0.05,), daemon=True
            ).start()

    def answer(self, question: dict[str, object]) -> dict[str, object]:
        """Return what the engine is told."""
        self.uris.append(str(question["RequestUri"]))
        if self.blind and question["RequestMethod"] == "DELETE":
            return {"Allow": False, "Msg": "could not look"}
        return {"Allow": True}

    def control(self, question: dict[str, object]) -> dict[str, object]:
        """Return what nstui is told."""
        if question["do"] == "ticket":
            self.tickets.append(question["ticket"])
            return {"ok": True}
        there = self._settings.exists()
        found, _ = read_settings(self._settings.read_bytes() if there else b"{}")
        return {"ok": True, "asked": len(self.uris), "settings": found.to_json()}

    def end(self) -> None:
        """Answer no more; nothing is left of it."""
        for server, path in self._servers:
            server.shutdown()
            server.server_close()
            path.unlink(missing_ok=True)
        self._servers = []

"""Asks a guard as the engine does, and as nstui does."""

from __future__ import annotations

import json
import socket
from http.client import HTTPConnection
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

LIMIT_S = 60.0

ALLOWED = {"Allow": True}


class PluginConnection(HTTPConnection):
    """A connection to the socket of a plugin."""

    def __init__(self, path: Path) -> None:
        super().__init__("plugin", timeout=LIMIT_S)
        self._path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(LIMIT_S)
        self.sock.connect(str(self._path))

    def post(self, path: str, body: bytes = b"") -> dict[str, object]:
        """Send a question; return the answer."""
        self.request("POST", path, body)
        found = json.loads(self.getresponse().read())
        assert isinstance(found, dict)
        return found


def question(method: str, uri: str, agent: str = "test", body: str = "") -> bytes:
    """Return what an engine asks about a client's request, in its order of keys."""
    asked: dict[str, object] = {"RequestMethod": method, "RequestUri": uri}
    if body:
        asked["RequestBody"] = body
    asked["RequestHeaders"] = {"User-Agent": agent}
    return json.dumps(asked, separators=(",", ":")).encode()


def ask(path: Path, method: str, uri: str, agent: str = "test") -> dict[str, object]:
    """Ask about a client's request on a connection of its own."""
    connection = PluginConnection(path)
    try:
        return connection.post("/AuthZPlugin.AuthZReq", question(method, uri, agent))
    finally:
        connection.close()


def control(path: Path, line: bytes | dict[str, object]) -> dict[str, object]:
    """Send a line to the guard's own socket; return the answer."""
    sent = line if isinstance(line, bytes) else json.dumps(line).encode()
    with socket.socket(socket.AF_UNIX) as guard:
        guard.settimeout(LIMIT_S)
        guard.connect(str(path))
        guard.sendall(sent + b"\n")
        with guard.makefile("rb") as lines:
            found = json.loads(lines.readline())
    assert isinstance(found, dict)
    return found

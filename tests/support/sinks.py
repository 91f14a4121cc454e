"""Where notifications arrive on loopback: a web hook and a mail server."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import SimpleQueue
from typing import TYPE_CHECKING

from aiosmtpd.smtp import SMTP

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import EmailMessage

    from aiosmtpd.smtp import Envelope, Session

LONG_S = 60.0
"""Longer than anything takes, on a machine that is busy with other tests too."""


@dataclass
class WebHook:
    """What a web hook was sent, as JSON."""

    port: int = 0
    code: int = 200
    """What it answers."""

    posts: SimpleQueue[dict[str, str]] = field(default_factory=SimpleQueue)

    def next(self) -> dict[str, str]:
        """Wait for the next notification."""
        return self.posts.get(timeout=LONG_S)


@contextmanager
def web_hook() -> Iterator[WebHook]:
    """Run a web hook."""
    hook = WebHook()

    class Handler(BaseHTTPRequestHandler):
        """Keeps what is posted."""

        def do_POST(self) -> None:
            """Answer as the test wants."""
            length = int(self.headers["Content-Length"])
            post = json.loads(self.rfile.read(length))
            self.send_response(hook.code)
            self.end_headers()
            hook.posts.put(post)

        def log_message(self, *_arguments: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hook.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hook
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class MailServer:
    """What a mail server was sent."""

    port: int = 0
    mails: SimpleQueue[EmailMessage] = field(default_factory=SimpleQueue)

    async def handle_DATA(  # noqa: N802 - the library's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep a mail."""
        content = envelope.content
        assert isinstance(content, bytes)
        self.mails.put(message_from_bytes(content, policy=policy.default))
        return "250 OK"

    def next(self) -> EmailMessage:
        """Wait for the next mail."""
        return self.mails.get(timeout=LONG_S)


@contextmanager
def mail_server() -> Iterator[MailServer]:
    """Run a mail server."""
    server = MailServer()
    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(
        loop.create_server(lambda: SMTP(server, loop=loop), "127.0.0.1", 0)
    )
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(listening.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()

"""What may listen where an engine should: real sockets with scripted manners."""

from __future__ import annotations

import json
import re
import socket
import ssl
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import parse_headers
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from types import TracebackType
    from typing import Self

_REQUEST = re.compile(rb"([A-Z]+) (\S+) HTTP/1\.1\r\n")
_CHUNK = 65536


class Server:
    """Treats every connection to a listening socket the same way."""

    def __init__(
        self, listener: socket.socket, manners: Callable[[socket.socket], None]
    ) -> None:
        self._manners = manners
        self._listener = listener
        self._listener.listen()
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]

    def __enter__(self) -> Self:
        """Begin to accept connections."""
        self._threads[0].start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Hang up on everybody."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._threads[0].join()
        self._listener.close()
        for connection in self._connections:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()

    @property
    def connections(self) -> int:
        """How many connections there have been."""
        return len(self._connections)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._connections.append(connection)
                thread = threading.Thread(
                    target=self._serve, args=(connection,), daemon=True
                )
                self._threads.append(thread)
                thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            self._manners(connection)


class UnixServer(Server):
    """Listens on a unix socket."""

    def __init__(self, path: Path, manners: Callable[[socket.socket], None]) -> None:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(path))
        super().__init__(listener, manners)
        self.url = f"unix://{path}"


class PortServer(Server):
    """Listens on a port of this machine."""

    def __init__(self, manners: Callable[[socket.socket], None]) -> None:
        listener = socket.create_server(("127.0.0.1", 0))
        super().__init__(listener, manners)
        self.url = f"tcp://127.0.0.1:{listener.getsockname()[1]}"


class TlsServer(Server):
    """Listens on a port of this machine, and encrypts."""

    def __init__(
        self, certificate: Path, key: Path, manners: Callable[[socket.socket], None]
    ) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)

        def encrypted(connection: socket.socket) -> None:
            with context.wrap_socket(connection, server_side=True) as wrapped:
                manners(wrapped)

        listener = socket.create_server(("127.0.0.1", 0))
        super().__init__(listener, encrypted)
        self.url = f"tcp://localhost:{listener.getsockname()[1]}"


def silent(connection: socket.socket) -> None:
    """Read for ever and never answer."""
    while connection.recv(_CHUNK):
        pass


def hangs_up(connection: socket.socket) -> None:
    """End the connection after the request."""
    connection.recv(_CHUNK)


def says(answer: bytes) -> Callable[[socket.socket], None]:
    """Answer every connection's first request with some bytes."""

    def manners(connection: socket.socket) -> None:
        connection.recv(_CHUNK)
        connection.sendall(answer)

    return manners


def http_answer(
    body: object, status: str = "200 OK", content_type: str = "application/json"
) -> bytes:
    """Return an answer with a body: bytes as they are, anything else as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


@dataclass
class ScriptedEngine:
    """Answers requests by the end of their path; silent where it has no answer.

    What it says of its machine it refuses then, as proxies do in front of an engine.
    """

    answers: dict[str, bytes]
    requests: list[str] = field(default_factory=list)
    hangs_up_after: set[str] = field(default_factory=set)
    """Ends of paths, whose answers are the last of their connection."""

    def __call__(self, connection: socket.socket) -> None:
        """Serve one connection."""
        while True:
            request = _REQUEST.match(connection.recv(_CHUNK))
            if request is None:
                return
            path = request[2].decode().partition("?")[0]
            self.requests.append(f"{request[1].decode()} {path}")
            for ending, answer in self.answers.items():
                if path.endswith(ending):
                    connection.sendall(answer)
                    if ending in self.hangs_up_after:
                        return
                    break
            else:
                if not path.endswith("/info"):
                    silent(connection)
                    return
                connection.sendall(http_answer({"message": "no"}, "403 Forbidden"))


@dataclass
class CreatingEngine:
    """Answers every question by its path, and keeps what it is asked to create."""

    answer: Callable[[str], bytes]
    """Takes a path, from the version of the API on, without a query."""

    asked: list[str] = field(default_factory=list)
    bodies: list[object] = field(default_factory=list)

    def __call__(self, connection: socket.socket) -> None:
        """Serve one connection."""
        with connection.makefile("rb") as questions:
            while line := questions.readline().decode():
                length = parse_headers(questions).get("Content-Length")
                body = questions.read(int(length or 0))
                if body:
                    self.bodies.append(json.loads(body))
                question = line.rpartition(" ")[0]
                self.asked.append(question)
                path = question.partition(" ")[2].partition("?")[0]
                connection.sendall(self.answer(path.lstrip("/")))


@dataclass
class Relay:
    """Passes everything on to a real engine, and notes what is asked."""

    target: Path
    requests: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _: None
    """Called with each request before it is passed on."""

    after: Callable[[str], None] = lambda _: None
    """Called with each request when its answer begins, before that is passed on."""

    def __call__(self, connection: socket.socket) -> None:
        """Serve one connection."""
        under_way: SimpleQueue[str] = SimpleQueue()

        def answered() -> None:
            with suppress(Empty):
                while True:
                    self.after(under_way.get_nowait())

        with socket.socket(socket.AF_UNIX) as engine:
            engine.connect(str(self.target))
            back = threading.Thread(target=_pump, args=(engine, connection, answered))
            back.start()
            while data := connection.recv(_CHUNK):
                for method, path in _REQUEST.findall(data):
                    request = f"{method.decode()} {path.decode()}"
                    self.requests.append(request)
                    self.before(request)
                    under_way.put(request)
                engine.sendall(data)
            with suppress(OSError):
                engine.shutdown(socket.SHUT_RDWR)
            back.join()

    def count(self, part: str) -> int:
        """Count the requests that contain some text."""
        return sum(part in request for request in self.requests)


def _pump(
    source: socket.socket, sink: socket.socket, passing: Callable[[], None]
) -> None:
    """Pass everything on; call something before each part."""
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            passing()
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_RDWR)

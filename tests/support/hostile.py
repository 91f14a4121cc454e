"""Engines that answer well, but for one kind of question: real sockets, bad manners."""

from __future__ import annotations

import gzip
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.support.captured import CAPTURED, ID, inspect_of
from tests.support.servers import http_answer

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    Fault = Callable[[socket.socket, bytes], None]
    """Answers with something; the bytes are what a good engine would say."""

DRIP_S = 0.02
EVENT = {"Type": "container", "Action": "start", "Actor": {"ID": ID}, "timeNano": 1}
NOTHING = b"HTTP/1.1 204 No Content\r\n\r\n"
SHELL = (
    b"HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n"
    b"Content-Type: application/vnd.docker.raw-stream\r\n\r\n$ "
)
LOG = b"\1\0\0\0\0\0\0\3hi\n"
GOOD: dict[str, bytes] = {
    "GET /version": http_answer(CAPTURED["version"]),
    "GET /containers/json": http_answer([]),
    "GET /events": http_answer(EVENT),
    f"GET /containers/{ID}/logs": http_answer(LOG),
    f"GET /containers/{ID}/changes": http_answer([]),
    f"GET /containers/{ID}/json": http_answer(inspect_of("owner")),
    f"POST /containers/{ID}/exec": http_answer({"Id": "e"}, "201 Created"),
    "POST /exec/e/start": SHELL,
    "GET /exec/e/json": http_answer({"Pid": 1}),
    "POST /exec/e/resize": http_answer({}),
    "POST /containers/create": http_answer({"Id": ID}, "201 Created"),
    "POST /commit": http_answer({"Id": "sha256:1"}, "201 Created"),
    "POST /networks/n/connect": http_answer(b""),
    "POST /networks/n/disconnect": http_answer(b""),
    **{
        f"POST /containers/{ID}/{verb}": NOTHING
        for verb in ("start", "stop", "restart", "kill", "rename")
    },
    f"DELETE /containers/{ID}": NOTHING,
}
UNKNOWN = http_answer({"message": "page not found"}, "404 Not Found")
_LENGTH = re.compile(rb"(?i)content-length: (\d+)")


@dataclass
class Hostile:
    """Answers one kind of question with a fault, and all others well."""

    target: str
    fault: Fault

    def __call__(self, connection: socket.socket) -> None:
        """Serve one connection."""
        with connection.makefile("rb") as reader:
            while line := reader.readline():
                head = b""
                while (header := reader.readline()) not in {b"\r\n", b""}:
                    head += header
                length = _LENGTH.search(head)
                reader.read(int(length[1]) if length else 0)
                method, path, _ = line.decode().split()
                path = re.sub(r"^/v[\d.]+", "", path.partition("?")[0])
                question = f"{method} {path}"
                if question == self.target:
                    self.fault(connection, GOOD[question])
                    return
                connection.sendall(GOOD.get(question, UNKNOWN))


def drip(connection: socket.socket, answer: bytes) -> None:
    """Send a byte now and then."""
    for number in range(len(answer)):
        connection.sendall(answer[number : number + 1])
        time.sleep(DRIP_S)


def drip_head(connection: socket.socket, _: bytes) -> None:
    """Never come to the end of the head."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    drip(connection, b"x" * 9999)


def drip_headers(connection: socket.socket, _: bytes) -> None:
    """Send one short header after another."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for _number in range(9999):
        connection.sendall(b"a:b\r\n")
        time.sleep(DRIP_S)


def drip_body(connection: socket.socket, _: bytes) -> None:
    """Begin well, and take for ever."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n")
    drip(connection, b" " * 9999)


def drip_chunks(connection: socket.socket, _: bytes) -> None:
    """Send one short chunk after another."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _number in range(9999):
        connection.sendall(b"1\r\n \r\n")
        time.sleep(DRIP_S)


def continue_for_ever(connection: socket.socket, _: bytes) -> None:
    """Promise an answer again and again."""
    while True:
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 100)


def endless_head(connection: socket.socket, _: bytes) -> None:
    """Send headers without an end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while True:
        connection.sendall(b"a: b\r\n" * 1000)


def endless_body(connection: socket.socket, _: bytes) -> None:
    """Send a body without an end."""
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        connection.sendall(b"x" * 65536)


def truncated(connection: socket.socket, _: bytes) -> None:
    """Hang up in the middle of the body."""
    connection.sendall(http_answer(b"{" * 99)[:-9])


def truncated_head(connection: socket.socket, _: bytes) -> None:
    """Hang up in the middle of the head."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-")


def hang_up(connection: socket.socket, answer: bytes) -> None:
    """Hang up at once."""


def says(answer: bytes) -> Fault:
    """Answer with some bytes, and hang up."""

    def fault(connection: socket.socket, _: bytes) -> None:
        connection.sendall(answer)

    return fault


def close(connection: socket.socket, answer: bytes) -> None:
    """Answer well, and announce that the connection ends."""
    head, _, body = answer.partition(b"\r\n\r\n")
    connection.sendall(head + b"\r\nConnection: close\r\n\r\n" + body)


def http_1_0(connection: socket.socket, answer: bytes) -> None:
    """Answer well, in the way of 1996."""
    connection.sendall(answer.replace(b"HTTP/1.1", b"HTTP/1.0", 1))


def unframed(connection: socket.socket, answer: bytes) -> None:
    """Answer well, without a word on how long the answer is."""
    connection.sendall(re.sub(rb"(?i)content-length: \d+\r\n", b"", answer))


PAGE = b"<html><title>x</title><h1>403 Forbidden</h1>By administrative rules.</html>"
BOMB = gzip.compress(b" " * 10_000_000)
ZIPPED = http_answer(BOMB).replace(
    b"\r\n\r\n", b"\r\nContent-Encoding: gzip\r\n\r\n", 1
)

WELL: dict[str, Fault] = {
    "close": close,
    "HTTP/1.0": http_1_0,
    "unframed": unframed,
}
"""What is an answer as good as any."""

FAULTS: dict[str, Fault] = {
    "drip": drip,
    "drip in the head": drip_head,
    "drip of headers": drip_headers,
    "drip in the body": drip_body,
    "drip of chunks": drip_chunks,
    "continue": continue_for_ever,
    "endless head": endless_head,
    "endless body": endless_body,
    "truncated": truncated,
    "truncated head": truncated_head,
    "hang up": hang_up,
    "deep": says(http_answer(b"[" * 200_000)),
    "no text": says(http_answer(b'{"Id": "\xff\xfe"}')),
    "a wrong type": says(http_answer(5)),
    "a list": says(http_answer([[], 5, None, {"Id": 5}])),
    "a huge number": says(http_answer(b'{"Id": ' + b"9" * 9999 + b"}")),
    "empty": says(http_answer(b"")),
    "403 page": says(http_answer(PAGE, "403 Forbidden", "text/html")),
    "502 page": says(http_answer(b"<p>bad</p>", "502 Bad Gateway", "text/html")),
    "500": says(http_answer({"message": "no"}, "500 Oops")),
    "500 of a wrong type": says(http_answer({"message": 5}, "500 Oops")),
    "bomb": says(ZIPPED),
    "elsewhere": says(
        b"HTTP/1.1 301 Moved\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"
    ),
    "no HTTP": says(b"\0\1\2\3\r\n\r\n"),
}
"""What is none."""

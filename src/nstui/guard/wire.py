"""Reads the requests of one connection, piece by piece, in bounded memory.

Of a question to the plugin everything is kept but the body of the client's request.
What is too long is read to its end and dropped, so that the answer can be sent.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

HEAD_BYTES = 32_768
KEPT_BYTES = 262_144
"""How much of a question is kept: its method, path and headers."""

_END_OF_HEAD = b"\r\n\r\n"
_BODY = b'"RequestBody":"'
"""Begins the base64 of a client's body. In a string of JSON these quotes are escaped,
so that no client can write it."""


class Malformed(Exception):
    """These bytes are no request; the message says why."""


class Request(NamedTuple):
    """A request that was read to its end."""

    method: str
    path: str
    content: bytes | None
    """The JSON without the client's body; None if it was too long."""

    keeps_alive: bool
    """Whether another request may follow on the same connection."""


class EngineQuestion(NamedTuple):
    """What the engine asks about a client's request."""

    method: str
    uri: str
    headers: dict[str, str]

    @property
    def agent(self) -> str:
        """What the client calls itself; empty if it does not say."""
        headers = self.headers.items()
        return next((v for key, v in headers if key.lower() == "user-agent"), "")


class RequestReader:
    """Takes the bytes of a connection, and gives its requests one after the other."""

    def __init__(self) -> None:
        """Wait for the head of the first request."""
        self._head = bytearray()
        self._method = self._path = ""
        self._keeps_alive = True
        self._body: _Kept | None = None
        self._left: int | _Chunks = 0

    @property
    def is_within(self) -> bool:
        """Whether a request has begun and not ended."""
        return self._body is not None or bool(self._head)

    def feed(self, data: bytes) -> Iterator[Request]:
        """Yield the requests that end within some bytes.

        Raises:
            Malformed: They are no requests.

        """
        while data:
            if self._body is None:
                data = self._read_head(data)
            if self._body is not None:
                data = self._read_body(data)
                if self._left == 0 or (
                    isinstance(self._left, _Chunks) and self._left.has_ended
                ):
                    yield self._finished(self._body)

    def _finished(self, body: _Kept) -> Request:
        self._body = None
        self._left = 0
        return Request(self._method, self._path, body.content, self._keeps_alive)

    def _read_head(self, data: bytes) -> bytes:
        """Take what belongs to the head; return the rest."""
        begin = max(0, len(self._head) - len(_END_OF_HEAD))
        self._head += data
        end = self._head.find(_END_OF_HEAD, begin)
        if end > HEAD_BYTES or (end < 0 and len(self._head) > HEAD_BYTES):
            raise Malformed("its head is too long")
        if end < 0:
            return b""
        rest = bytes(self._head[end + len(_END_OF_HEAD) :])
        lines = bytes(self._head[:end]).decode("latin-1").split("\r\n")
        self._head.clear()
        self._begin(lines)
        return rest

    def _begin(self, lines: list[str]) -> None:
        words = lines[0].split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):  # noqa: PLR2004 - method, path, version
            raise Malformed("it is no HTTP/1 request")
        self._method, self._path, version = words
        pairs = (line.partition(":") for line in lines[1:])
        fields = {key.strip().lower(): value.strip() for key, _, value in pairs}
        connection = fields.get("connection", "").lower()
        self._keeps_alive = version == "HTTP/1.1" and connection != "close"
        self._left = _length(fields)
        # The answer of the engine may be long, and nobody reads it here.
        self._body = _Kept(KEPT_BYTES if self._path.endswith("Req") else 0)

    def _read_body(self, data: bytes) -> bytes:
        """Take what belongs to the body; return the rest."""
        assert self._body is not None  # noqa: S101 - the caller has looked
        if isinstance(self._left, _Chunks):
            return self._left.take(data, self._body)
        taken, rest = data[: self._left], data[self._left :]
        self._left -= len(taken)
        self._body.add(taken)
        return rest


def _length(fields: dict[str, str]) -> int | _Chunks:
    if fields.get("transfer-encoding", "").lower() == "chunked":
        return _Chunks()
    words = fields.get("content-length", "0")
    if not (words.isascii() and words.isdecimal()):
        raise Malformed("its length is no number")
    return int(words)


class _Kept:
    """What is kept of a body."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._bytes = bytearray()
        self._is_dropping = self._has_dropped = self._is_too_long = False

    @property
    def content(self) -> bytes | None:
        return None if self._is_too_long else bytes(self._bytes)

    def add(self, data: bytes) -> None:
        """Keep some bytes, without those of a client's body."""
        if self._is_too_long or not self._most:
            return
        if self._is_dropping:
            end = data.find(b'"')
            if end < 0:
                return
            self._is_dropping, self._has_dropped = False, True
            data = data[end:]
        begin = max(0, len(self._bytes) - len(_BODY))
        self._bytes += data
        found = -1 if self._has_dropped else self._bytes.find(_BODY, begin)
        if found >= 0:
            rest = bytes(self._bytes[found + len(_BODY) :])
            del self._bytes[found + len(_BODY) :]
            self._is_dropping = True
            self.add(rest)
        elif len(self._bytes) > self._most:
            self._is_too_long = True
            self._bytes.clear()


class _Chunks:
    """The state of a body that is sent in chunks."""

    def __init__(self) -> None:
        self._line = bytearray()
        self._left = 0
        self._is_last = False
        self.has_ended = False

    def take(self, data: bytes, body: _Kept) -> bytes:
        """Take what belongs to the body; return the rest."""
        while data and not self.has_ended:
            if self._left:
                taken, data = data[: self._left], data[self._left :]
                self._left -= len(taken)
                body.add(taken)
            else:
                data = self._take_line(data)
        return data

    def _take_line(self, data: bytes) -> bytes:
        line, newline, rest = data.partition(b"\n")
        self._line += line
        if len(self._line) > HEAD_BYTES:
            raise Malformed("the length of a chunk is too long")
        if not newline:
            return b""
        words = bytes(self._line).strip()
        self._line.clear()
        if self._is_last:
            # What follows the last chunk are fields, and an empty line.
            self.has_ended = not words
        elif words:
            # The end of the line that ends a chunk is empty.
            self._begin_chunk(words)
        return rest

    def _begin_chunk(self, words: bytes) -> None:
        try:
            self._left = int(words.partition(b";")[0], 16)
        except ValueError:
            raise Malformed("the length of a chunk is no number") from None
        if self._left < 0:
            raise Malformed("the length of a chunk is no number")
        self._is_last = self._left == 0


def read_question(content: bytes) -> EngineQuestion | None:
    """Return what the engine asks; None if it cannot be told."""
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    method, uri = document.get("RequestMethod"), document.get("RequestUri")
    headers = document.get("RequestHeaders")
    if not isinstance(method, str) or not isinstance(uri, str):
        return None
    pairs = headers.items() if isinstance(headers, dict) else ()
    return EngineQuestion(method, uri, {str(key): str(value) for key, value in pairs})


def answer(content: object, status: str = "200 OK", *, keeps_alive: bool) -> bytes:
    """Return an answer with a value as JSON."""
    body = json.dumps(content).encode()
    return (
        f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\n"
        f"Connection: {'keep-alive' if keeps_alive else 'close'}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode() + body

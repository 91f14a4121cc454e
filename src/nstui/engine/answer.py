"""Answers over HTTP that must be whole in time, and of a size.

A time limit of a socket is one for each call of the system: who sends a byte a second
is never late. Here it is one for the whole answer, from its first byte to its last,
for what is read here and for the docker SDK, which reads with `http.client`. That one
takes as long to import as an engine to list its containers, and most of an answer's
time to read its head; of what it knows an engine's answers need little.
"""

from __future__ import annotations

import io
import re
import socket
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer


MEGABYTE = 1_000_000

LARGEST = 128 * MEGABYTE
"""No answer has more bytes. A list of 20,000 containers with sixty labels each has 90
million, and so have the changes of a file system of a million files."""

LARGEST_INSPECT = 16 * MEGABYTE
"""Nor has an inspect of one container, whose labels and environment are most of it."""

PIECE = 1 << 20

LONGEST_LINE = 1 << 16
"""No line of a head has more bytes, nor has the line before a chunk."""

MOST_HEADERS = 100

_GRAIN_S = 0.05
"""By how much an answer may outlast its time."""

_CONTINUE, _OK, _NO_CONTENT = 100, 200, 204
_REDIRECTS, _NOT_MODIFIED = range(300, 400), 304
_STATUS = re.compile("[1-9][0-9]{2}")


class BadAnswer(OSError):
    """An answer is none that an engine gives; the message completes "answered with"."""


class NoHttp(OSError):
    """What comes is no answer at all."""


class CutOff(OSError):
    """The connection ended in the middle of an answer, or where nobody can tell."""


def connected(path: str, timeout: float | None) -> socket.socket:
    """Return a connection to a unix socket; without one, no descriptor is left open.

    Args:
        path: Where the socket is.
        timeout: How many seconds each call of the system may take.

    """
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(timeout)
        connection.connect(path)
    except OSError:
        connection.close()
        raise
    return connection


class Source(io.RawIOBase):
    """The bytes of one answer, for as long as they may come and as many as may.

    The socket stays here, also when `http.client` lets go of its connection: it does so
    at the head of an answer that ends with the connection.
    """

    def __init__(self, connection: socket.socket) -> None:
        """Begin to count; the socket's time limit is that of the whole answer."""
        self.socket = connection
        self.most = LARGEST
        self._file = connection.makefile("rb", buffering=0)
        limit = connection.gettimeout()
        self._limit = limit or 0.0
        self._end = None if limit is None else time.monotonic() + limit
        self._count = 0

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - as a socket's
        """Return what `http.client` reads."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Say that this is read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """Read what has come, or wait for it as long as there is time.

        Raises:
            TimeoutError: it has taken too long.
            BadAnswer: there is too much of it.

        """
        if self._end is None:
            return self._file.readinto(buffer)
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("the answer has taken too long")
        if self._limit - left > _GRAIN_S:
            # It costs a call of the system, and mostly all has come already.
            self._limit = left
            self.socket.settimeout(left)
        count = self._file.readinto(buffer)
        self._count += count or 0
        if self._count > self.most:
            raise BadAnswer(f"more than {self.most // MEGABYTE} MB")
        return count

    def take_over(self) -> socket.socket:
        """Lift the limits, for what has no end; return the socket."""
        self._end = None
        self.socket.settimeout(None)
        return self.socket

    def close(self) -> None:
        """Release the socket, which is closed when its last user releases it."""
        self._file.close()
        super().close()


def require_plain(status: int, encoding: str) -> None:
    """Refuse an answer that is compressed, or leads somewhere else.

    What is compressed was not asked for, and grows as it is read. Where an answer leads
    to another address each would have a time limit of its own.

    Raises:
        BadAnswer: it is such an answer.

    """
    if encoding.lower() != "identity":
        raise BadAnswer("something compressed, which was not asked for")
    if status in _REDIRECTS and status != _NOT_MODIFIED:
        raise BadAnswer("the address of somebody else")


class Answer:
    """An answer to a question of `GET`, whose head has been read."""

    def __init__(self, connection: socket.socket) -> None:
        """Read the head from a socket that has been asked, and nothing read of since.

        Raises:
            OSError: there is no answer, not in time, or none that an engine gives.

        """
        self.source = Source(connection)
        self._file = io.BufferedReader(self.source)
        try:
            self._read_head()
        except BaseException:
            self.close()
            raise

    def _read_head(self) -> None:
        self.status, is_newer = self._begin()
        headers = self._headers()
        while self.status == _CONTINUE:
            self.status, is_newer = self._begin()
            headers = self._headers()
        require_plain(self.status, headers.get("content-encoding", "identity"))
        self._is_chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        length = headers.get("content-length", "")
        self._length = int(length) if length.isdecimal() else None
        if self.status < _OK or self.status in {_NO_CONTENT, _NOT_MODIFIED}:
            self._is_chunked, self._length = False, 0
        words = headers.get("connection", "").lower()
        has_end = self._is_chunked or self._length is not None
        stays = "close" not in words if is_newer else "keep-alive" in words
        self.leaves_open = has_end and stays
        """Whether the connection takes another question when all has been read."""

    def whole(self, most: int) -> bytes:
        """Return the body, which may have so many bytes."""
        self.source.most = most
        return b"".join(self.arrivals(PIECE))

    def arrivals(self, size: int) -> Iterator[bytes]:
        """Yield the body as it comes, in pieces of at most some bytes."""
        if self._is_chunked:
            while chunk := self._chunk():
                yield from self._read(chunk, size)
                self._line()
            self._headers()
        elif self._length is not None:
            yield from self._read(self._length, size)
        else:
            while piece := self._file.read1(size):
                yield piece

    def close(self) -> None:
        """Release the socket."""
        self._file.close()

    def _begin(self) -> tuple[int, bool]:
        """Read the first line; return the status, and whether it is of HTTP/1.1."""
        line = self._line()
        if not line:
            raise ConnectionResetError("the connection ended without an answer")
        version, status, *_ = (*line.split(None, 2), "", "")
        if not (version.startswith("HTTP/1.") and _STATUS.fullmatch(status)):
            raise NoHttp(line)
        return int(status), version != "HTTP/1.0"

    def _headers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for _ in range(MOST_HEADERS + 1):
            line = self._line().strip()
            if not line:
                return found
            name, _, value = line.partition(":")
            found.setdefault(name.strip().lower(), value.strip())
        raise NoHttp(f"more than {MOST_HEADERS} headers")

    def _chunk(self) -> int:
        """Read how many bytes the next chunk has; none: it is the end."""
        line = self._line()
        try:
            size = int(line.partition(";")[0], 16)
        except ValueError:
            size = -1
        if size < 0:
            raise CutOff("there is no telling where a chunk ends")
        return size

    def _read(self, count: int, size: int) -> Iterator[bytes]:
        """Yield so many bytes as they come, in pieces of at most some of them."""
        while count:
            piece = self._file.read1(min(count, size))
            if not piece:
                raise CutOff("the connection ended in an answer")
            count -= len(piece)
            yield piece

    def _line(self) -> str:
        line = self._file.readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            raise NoHttp("a line is too long")
        return line.decode("latin-1")

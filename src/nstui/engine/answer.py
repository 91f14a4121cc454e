"""Answers over HTTP that must be whole in time, and of a size.

A time limit of a socket is one for each call of the system: who sends a byte a second
is never late. Here it is one for the whole answer, from its first byte to its last,
for `http.client` itself and for the docker SDK, which uses it.
"""

from __future__ import annotations

import http
import http.client
import io
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

_GRAIN_S = 0.05
"""By how much an answer may outlast its time."""


class BadAnswer(http.client.HTTPException):
    """An answer is none that an engine gives; the message completes "answered with"."""


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


class Answer(http.client.HTTPResponse):
    """An answer with limits, which is not compressed and leads nowhere else.

    What is compressed was not asked for, and grows as it is read. Where an answer leads
    to another address each would have a time limit of its own.
    """

    def __init__(
        self,
        sock: socket.socket,
        debuglevel: int = 0,
        method: str | None = None,
        url: str | None = None,
    ) -> None:
        """Take over a socket of which nothing has been read since the question."""
        self.source = Source(sock)
        # All that is asked of the socket there is a file to read.
        super().__init__(self.source, debuglevel, method, url)  # type: ignore[arg-type]  # as above

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        if self.getheader("Content-Encoding", "identity").lower() != "identity":
            raise BadAnswer("something compressed, which was not asked for")
        if (
            http.HTTPStatus.MULTIPLE_CHOICES
            <= self.status
            < http.HTTPStatus.BAD_REQUEST
            and self.status != http.HTTPStatus.NOT_MODIFIED
        ):
            raise BadAnswer("the address of somebody else")

    def whole(self, most: int) -> bytes:
        """Return the body, which may have so many bytes."""
        self.source.most = most
        body = b"".join(self.pieces(PIECE))
        if self.length:
            raise http.client.IncompleteRead(b"", self.length)
        return body

    def pieces(self, size: int) -> Iterator[bytes]:
        """Yield the body in pieces of at most some bytes, which wait to be full."""
        while piece := self.read(size):
            yield piece

    def arrivals(self, size: int) -> Iterator[bytes]:
        """Yield the body as it comes, in pieces of at most some bytes."""
        while piece := self.read1(size):
            yield piece

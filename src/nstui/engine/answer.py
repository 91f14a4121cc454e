"""Read HTTP responses with a limit on their total duration and size.

The timeout of a socket applies to each system call, so a server that sends one byte per
second never exceeds it. `Source` applies one timeout to the whole response, from the
first byte to the last. It is used by `Answer` and by the docker SDK, which reads with
`http.client`.

`Answer` does not use `http.client`, because importing that module takes as long as an
engine takes to list its containers, and parsing the head accounts for most of the time
needed for a response. The responses of an engine use only a small part of HTTP.
"""

from __future__ import annotations

import io
import re
import socket
import time
from itertools import takewhile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer


MEGABYTE = 1_000_000

MAX_ANSWER_BYTES = 128 * MEGABYTE
"""Maximum size of a response body, in bytes.

A list of 20,000 containers with sixty labels each takes 90 million bytes, and so do the
file system changes of a container with a million changed files.
"""

MAX_INSPECT_BYTES = 16 * MEGABYTE
"""Maximum size of the inspect of one container, in bytes.

Most of an inspect is labels and environment variables.
"""

READ_SIZE = 1 << 20
"""Maximum number of bytes per read when a whole body is read."""

MAX_LINE_BYTES = 1 << 16
"""Maximum length of a header line or of a chunk-size line, in bytes."""

MAX_HEADERS = 100
"""Maximum number of headers of a response."""

_TOLERANCE_S = 0.05
"""How far, in seconds, a response may exceed its timeout."""

_CONTINUE, _OK, _NO_CONTENT = 100, 200, 204
_REDIRECTS, _NOT_MODIFIED = range(300, 400), 304
_STATUS = re.compile("[1-9][0-9]{2}")


class BadAnswer(OSError):
    """Raised for a response that no engine sends.

    The message completes the phrase "answered with".
    """


class NotHttp(OSError):
    """Raised when the received data is not an HTTP response."""


class IncompleteAnswer(OSError):
    """Raised when the connection ends within a response, or its end is unknown."""


def connect_unix(path: str, timeout: float | None) -> socket.socket:
    """Connect to a Unix socket and return the connected socket.

    If connecting fails, the file descriptor is closed.

    Args:
        path: Path of the Unix socket.
        timeout: Timeout of each system call, in seconds. Zero makes the socket
            non-blocking; None waits without limit.

    Raises:
        OSError: The connection could not be made.

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
    """Raw byte stream of one response, with a limit on duration and size.

    It keeps a reference to the socket, because `http.client` drops its connection as
    soon as it has read the head of a response that is delimited by the end of the
    connection.

    Attributes:
        socket: The connected socket.
        max_bytes: Maximum number of bytes that may be read, including the head.

    """

    def __init__(self, connection: socket.socket) -> None:
        """Start the timer.

        Args:
            connection: A connected socket. Its timeout becomes the timeout of the whole
                response; None means that neither duration nor size is limited.

        """
        self.socket = connection
        self.max_bytes = MAX_ANSWER_BYTES
        self._file = connection.makefile("rb", buffering=0)
        limit = connection.gettimeout()
        self._socket_timeout = limit or 0.0
        self._deadline = None if limit is None else time.monotonic() + limit
        self._received = 0

    def makefile(self, mode: str) -> io.BufferedReader:  # noqa: ARG002 - as a socket's
        """Return a buffered reader, as `http.client` expects of a socket."""
        return io.BufferedReader(self)

    def readable(self) -> bool:
        """Return True, as `io.BufferedReader` requires."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """Read available bytes into a buffer, waiting until the deadline if necessary.

        Returns:
            The number of bytes read; 0 at the end of the connection.

        Raises:
            TimeoutError: The deadline of the response has passed.
            BadAnswer: The response is larger than `max_bytes`.

        """
        if self._deadline is None:
            return self._file.readinto(buffer)
        remaining = self._deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("the answer has taken too long")
        if self._socket_timeout - remaining > _TOLERANCE_S:
            # Setting the timeout is a system call, and is rarely needed: usually the
            # whole response has already arrived.
            self._socket_timeout = remaining
            self.socket.settimeout(remaining)
        count = self._file.readinto(buffer)
        self._received += count or 0
        if self._received > self.max_bytes:
            raise BadAnswer(f"more than {self.max_bytes // MEGABYTE} MB")
        return count

    def take_over(self) -> socket.socket:
        """Remove the limits on duration and size, and return the socket.

        This is meant for responses that do not end by themselves.
        """
        self._deadline = None
        self.socket.settimeout(None)
        return self.socket

    def close(self) -> None:
        """Release the socket.

        The file descriptor is closed when its last user has released it.
        """
        self._file.close()
        super().close()


def require_plain(status: int, encoding: str) -> None:
    """Check that a response is neither compressed nor a redirect.

    Compression was not requested, and decompressed data could exceed the size limit.
    Following redirects would apply the timeout to each response separately.

    Args:
        status: HTTP status code.
        encoding: Value of the Content-Encoding header.

    Raises:
        BadAnswer: The response is compressed or a redirect.

    """
    if encoding.lower() != "identity":
        raise BadAnswer("something compressed, which was not asked for")
    if status in _REDIRECTS and status != _NOT_MODIFIED:
        raise BadAnswer("a redirect to another address")


class Answer:
    """Response to a GET request, whose head has been read.

    Attributes:
        source: The byte stream below the response.
        status: HTTP status code.

    """

    def __init__(self, connection: socket.socket) -> None:
        """Read the head of the response.

        Args:
            connection: A socket to which the request has been sent, and from which
                nothing has been read since. Its timeout limits the whole response.

        Raises:
            OSError: There is no response, it takes too long, or it is not one that an
                engine sends.

        """
        self.source = Source(connection)
        self._file = io.BufferedReader(self.source)
        try:
            self._read_head()
        except BaseException:
            self.close()
            raise

    def _read_head(self) -> None:
        self.status, is_http_1_1 = self._read_status_line()
        headers = self._read_headers()
        while self.status == _CONTINUE:
            self.status, is_http_1_1 = self._read_status_line()
            headers = self._read_headers()
        require_plain(self.status, headers.get("content-encoding", "identity"))
        self._is_chunked = headers.get("transfer-encoding", "").lower() == "chunked"
        length = headers.get("content-length", "")
        self._length = int(length) if length.isdecimal() else None
        if self.status < _OK or self.status in {_NO_CONTENT, _NOT_MODIFIED}:
            self._is_chunked, self._length = False, 0
        options = headers.get("connection", "").lower()
        has_end = self._is_chunked or self._length is not None
        is_persistent = (
            "close" not in options if is_http_1_1 else "keep-alive" in options
        )
        self.is_reusable = has_end and is_persistent
        """Whether the connection accepts another request once the body is read."""

    def read_all(self, max_bytes: int) -> bytes:
        """Return the whole body.

        Args:
            max_bytes: Maximum size of the response in bytes, including the head.

        Raises:
            OSError: The body is incomplete, late or too large.

        """
        self.source.max_bytes = max_bytes
        return b"".join(self.iter_bytes(READ_SIZE))

    def iter_bytes(self, size: int) -> Iterator[bytes]:
        """Yield the body as it arrives, in pieces of at most *size* bytes.

        Raises:
            OSError: The body is incomplete, late or too large.

        """
        if self._is_chunked:
            while chunk := self._read_chunk_size():
                yield from self._iter_exactly(chunk, size)
                self._read_line()
            self._read_headers()
        elif self._length is not None:
            yield from self._iter_exactly(self._length, size)
        else:
            while piece := self._file.read1(size):
                yield piece

    def close(self) -> None:
        """Release the socket."""
        self._file.close()

    def _read_status_line(self) -> tuple[int, bool]:
        """Return the status code, and whether the version is HTTP/1.1 or later."""
        line = self._read_line()
        if not line:
            raise ConnectionResetError("the connection ended without an answer")
        version, status, *_ = (*line.split(None, 2), "", "")
        if not (version.startswith("HTTP/1.") and _STATUS.fullmatch(status)):
            raise NotHttp(line)
        return int(status), version != "HTTP/1.0"

    def _read_headers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for line in self._header_lines():
            name, _, value = line.partition(":")
            found.setdefault(name.strip().lower(), value.strip())
        return found

    def _header_lines(self) -> list[str]:
        """Return the lines up to an empty one, which is read too."""
        ahead = self._file.peek()
        end = ahead.find(b"\n\r\n")
        has_any = not ahead.startswith((b"\r\n", b"\n"))
        if 0 < end < MAX_LINE_BYTES and has_any and b"\n\n" not in ahead[:end]:
            # All of them have arrived, as nearly always. Reading each line takes longer
            # than the rest of the response.
            lines = self._file.read(end + 3).decode("latin-1").split("\n")[:-2]
        else:
            several = (self._read_line() for _ in range(MAX_HEADERS + 1))
            lines = list(takewhile(str.strip, several))
        if len(lines) > MAX_HEADERS:
            raise NotHttp(f"more than {MAX_HEADERS} headers")
        return lines

    def _read_chunk_size(self) -> int:
        """Return the size of the next chunk in bytes; 0 means the end of the body."""
        line = self._read_line()
        try:
            size = int(line.partition(";")[0], 16)
        except ValueError:
            size = -1
        if size < 0:
            raise IncompleteAnswer("a chunk has no readable length")
        return size

    def _iter_exactly(self, count: int, size: int) -> Iterator[bytes]:
        """Yield exactly *count* bytes, in pieces of at most *size* bytes."""
        while count:
            piece = self._file.read1(min(count, size))
            if not piece:
                raise IncompleteAnswer("the connection ended in an answer")
            count -= len(piece)
            yield piece

    def _read_line(self) -> str:
        line = self._file.readline(MAX_LINE_BYTES + 1)
        if len(line) > MAX_LINE_BYTES:
            raise NotHttp("a line is too long")
        return line.decode("latin-1")

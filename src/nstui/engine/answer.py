"""Reads HTTP responses with a limit on their total duration and size.

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
from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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

SHORT_BYTES = 1 << 16
"""Maximum size of a response that is read at once, in bytes; most are shorter."""

MAX_LINE_BYTES = 1 << 16
"""Maximum length of a header line or of a chunk-size line, in bytes."""

MAX_HEADERS = 100
"""Maximum number of headers of a response."""

_TOLERANCE_S = 0.05
"""How far, in seconds, a response may exceed its timeout."""

_CONTINUE, _OK, _NO_CONTENT = 100, 200, 204
_REDIRECTS, _NOT_MODIFIED = range(300, 400), 304
_STATUS = "[1-9][0-9]{2}"
_CHUNK_SIZE = re.compile(rb"0{0,8}[1-9a-fA-F][0-9a-fA-F]{0,7}")
_LAST_CHUNK = b"\r\n0\r\n\r\n"
"""The end of a chunk and of the body, without a trailer."""


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

    def __init__(self, connection: socket.socket, received: bytes = b"") -> None:
        """Start the timer.

        Args:
            connection: A connected socket. Its timeout becomes the timeout of the whole
                response; None means that neither duration nor size is limited.
            received: The beginning of the response, if it has been read already.

        """
        self.socket = connection
        self._ahead = received
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
        count: int | None
        if self._ahead:
            count = self._ahead_into(memoryview(buffer))
        elif self._deadline is None:
            return self._file.readinto(buffer)
        else:
            count = self._read_in_time(buffer, self._deadline)
        self._received += count or 0
        if self._received > self.max_bytes:
            raise BadAnswer(f"more than {self.max_bytes // MEGABYTE} MB")
        return count

    def _ahead_into(self, buffer: memoryview) -> int:
        """Copy what had been read before into a buffer; return the number of bytes."""
        count = min(len(self._ahead), len(buffer))
        buffer[:count] = self._ahead[:count]
        self._ahead = self._ahead[count:]
        return count

    def _read_in_time(self, buffer: WriteableBuffer, deadline: float) -> int | None:
        remaining = deadline - time.monotonic()
        if remaining <= 0:
            raise TimeoutError("the answer has taken too long")
        if self._socket_timeout - remaining > _TOLERANCE_S:
            # Setting the timeout is a system call, and is rarely needed: usually the
            # whole response has already arrived.
            self._socket_timeout = remaining
            self.socket.settimeout(remaining)
        return self._file.readinto(buffer)

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


@dataclass(frozen=True, slots=True)
class Head:
    """What the head of a response says."""

    status: int
    """HTTP status code."""

    is_chunked: bool
    length: int | None
    """Size of the body in bytes; None if the head does not tell."""

    is_reusable: bool
    """Whether the connection accepts another request once the body is read."""

    api_version: str
    """The newest API version of the engine; empty if it does not tell."""


def _decode_head(status: int, lines: Iterable[str], *, is_http_1_1: bool) -> Head:
    """Return what the headers of a response mean.

    Raises:
        BadAnswer: The response is compressed or a redirect.

    """
    headers: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), value.strip())
    require_plain(status, headers.get("content-encoding", "identity"))
    is_chunked = headers.get("transfer-encoding", "").lower() == "chunked"
    digits = headers.get("content-length", "")
    length = int(digits) if digits.isdecimal() else None
    if status < _OK or status in {_NO_CONTENT, _NOT_MODIFIED}:
        is_chunked, length = False, 0
    options = headers.get("connection", "").lower()
    is_persistent = "close" not in options if is_http_1_1 else "keep-alive" in options
    has_end = is_chunked or length is not None
    is_reusable = has_end and is_persistent
    named = headers.get("api-version", "")
    return Head(status, is_chunked, length, is_reusable, named)


def short_answer(received: bytes) -> tuple[bytes, Head] | None:
    """Return the body of a response, and what its head says.

    Returns None unless these bytes are a whole response in the usual form, which is
    HTTP/1.1 with the status 200 and a body with a length or of one chunk. `Answer`
    reads all others, and tells what is wrong with them; it takes several times as long.

    Args:
        received: What has been received of the response.

    """
    start, end, body = received.partition(b"\r\n\r\n")
    head = _short_head(start) if end else None
    if head is None:
        return None
    if head.is_chunked:
        digits, _, body = body.partition(b"\r\n")
        if not _CHUNK_SIZE.fullmatch(digits):
            return None
        length = int(digits, 16)
        if body[length:] != _LAST_CHUNK:
            return None
        body = body[:length]
    elif len(body) != head.length:
        return None
    return body, head


@lru_cache(maxsize=8)
def _short_head(start: bytes) -> Head | None:
    """Return what the head of a short answer says; None if it has another form.

    Within one second the heads of an engine's responses are the same.
    """
    status, *lines = start.decode("latin-1").split("\r\n")
    is_plain = "\n" not in "".join((status, *lines)) and all(map(str.strip, lines))
    if not (is_plain and status.startswith("HTTP/1.1 200 ")):
        return None
    if len(lines) > MAX_HEADERS:
        return None
    try:
        return _decode_head(_OK, lines, is_http_1_1=True)
    except BadAnswer:
        return None


class Answer:
    """Response to a GET request, whose head has been read.

    Attributes:
        source: The byte stream below the response.
        head: What the head says.

    """

    def __init__(self, connection: socket.socket, received: bytes = b"") -> None:
        """Read the head of the response.

        Args:
            connection: A socket to which the request has been sent. Its timeout limits
                the whole response.
            received: What has been read from it since then.

        Raises:
            OSError: There is no response, it takes too long, or it is not one that an
                engine sends.

        """
        self.source = Source(connection, received)
        self._file = io.BufferedReader(self.source)
        try:
            self._read_head()
        except BaseException:
            self.close()
            raise

    def _read_head(self) -> None:
        status, is_http_1_1 = self._read_status_line()
        lines = self._header_lines()
        while status == _CONTINUE:
            status, is_http_1_1 = self._read_status_line()
            lines = self._header_lines()
        self.head = _decode_head(status, lines, is_http_1_1=is_http_1_1)

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
        if self.head.is_chunked:
            while chunk := self._read_chunk_size():
                yield from self._iter_exactly(chunk, size)
                self._read_line()
            self._header_lines()
        elif self.head.length is not None:
            yield from self._iter_exactly(self.head.length, size)
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
        if not (version.startswith("HTTP/1.") and re.fullmatch(_STATUS, status)):
            raise NotHttp(line)
        return int(status), version != "HTTP/1.0"

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

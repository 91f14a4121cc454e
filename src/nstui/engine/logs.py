"""Decodes the stream of a container's log, which another thread can close."""

from __future__ import annotations

import re
import socket
import struct
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from nstui.engine.sdk import answer_of
from nstui.engine.streams import STREAM_READ_SIZE
from nstui.model.audit import LogLine, LogSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import requests


_NANOSECONDS = 1_000_000_000

_HEADER = struct.Struct(">BxxxI")
"""The header of a message: the number of the stream, and the length in bytes."""

_SOURCES = {1: LogSource.STDOUT, 2: LogSource.STDERR, 3: LogSource.ENGINE}

_MAX_MESSAGE = 1 << 20
"""The limit for a valid length of a message; the engine cuts them at 16 KiB."""

_PIECE_BYTES = 16 * 1024
"""The size in bytes of the pieces into which the engine cuts a longer line."""

_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{1,9})(Z|[+-]\d\d:\d\d) ")
"""The timestamp that the engine writes before each message on request."""


def log_query(tail: int | None, since_ns: int | None) -> dict[str, str]:
    """Return the query parameters of a request for a log."""
    parameters = {
        "follow": "1",
        "stdout": "1",
        "stderr": "1",
        "timestamps": "1",
        "tail": "all" if tail is None else str(tail),
    }
    if since_ns is not None:
        seconds, rest = divmod(since_ns, _NANOSECONDS)
        parameters["since"] = f"{seconds}.{rest:09d}"
    return parameters


class LogDecoder:
    """Decodes the bytes of a log to lines; the bytes may arrive in any portions."""

    def __init__(self, *, has_terminal: bool) -> None:
        """Begin with an empty buffer.

        Args:
            has_terminal: Whether the container has a terminal. Then the stream has the
                plain output, and otherwise messages with headers.

        """
        self._has_terminal = has_terminal
        self._rest = b""
        self._second = b""
        self._second_ns = 0

    def feed(self, data: bytes) -> Iterator[LogLine]:
        """Yield the lines that are complete after these bytes."""
        self._rest += data
        if not self._has_terminal:
            yield from self._messages()
        if self._has_terminal:
            yield from self._raw_lines()

    def finish(self) -> Iterator[LogLine]:
        """Yield the incomplete line at the end of the stream, if there is one."""
        rest, self._rest = self._rest, b""
        if rest and self._has_terminal:
            yield self._line(LogSource.STDOUT, rest)

    def _messages(self) -> Iterator[LogLine]:
        """Yield a line for each message; only lines over 16 KiB have several messages.

        After an invalid header, the rest is read as that of a terminal.
        """
        data, start, size = self._rest, 0, len(self._rest)
        while size - start >= _HEADER.size:
            kind, length = _HEADER.unpack_from(data, start)
            source = _SOURCES.get(kind)
            if source is None or length > _MAX_MESSAGE:
                self._has_terminal = True
                break
            end = start + _HEADER.size + length
            if end > size:
                break
            if length:
                yield self._line(source, data[start + _HEADER.size : end])
            start = end
        self._rest = data[start:]

    def _raw_lines(self) -> Iterator[LogLine]:
        *lines, rest = self._rest.split(b"\n")
        for line in lines:
            *pieces, last = _pieces(line)
            for piece in (*pieces, last):
                yield self._line(LogSource.STDOUT, piece)
        *pieces, self._rest = _pieces(rest)
        for piece in pieces:
            yield self._line(LogSource.STDOUT, piece)

    def _line(self, source: LogSource, message: bytes) -> LogLine:
        stamp = _STAMP.match(message)
        time_ns = None
        if stamp is not None:
            time_ns = self._time(stamp)
            message = message[stamp.end() :]
        text = message.decode("utf-8", "backslashreplace")
        return LogLine(source, time_ns, text.removesuffix("\n").removesuffix("\r"))

    def _time(self, stamp: re.Match[bytes]) -> int | None:
        """Return a timestamp in nanoseconds; the last second parsed is cached."""
        second, fraction, zone = stamp.groups()
        if second + zone != self._second:
            try:
                moment = datetime.fromisoformat((second + zone).decode())
            except ValueError:
                return None
            self._second, self._second_ns = (
                second + zone,
                int(moment.timestamp()) * _NANOSECONDS,
            )
        return self._second_ns + int(fraction.ljust(9, b"0"))


def _pieces(line: bytes) -> Iterator[bytes]:
    """Yield the pieces of a terminal's line, each of which has a timestamp."""
    while len(line) > _PIECE_BYTES:
        stamp = _STAMP.match(line)
        end = _PIECE_BYTES + (stamp.end() if stamp is not None else 0)
        if len(line) <= end:
            break
        yield line[:end]
        line = line[end:]
    yield line


class LogAnswer:
    """The lines in one response; implements `ports.LogStream`."""

    def __init__(
        self,
        response: requests.Response,
        decoder: LogDecoder,
        on_end: Callable[[], object],
    ) -> None:
        """Take over a response with an unread body, and remove its time limit.

        A container may write nothing for any length of time.

        Args:
            response: The response.
            decoder: Decodes the body.
            on_end: Called when nothing more will be read.

        """
        self._response = response
        self._decoder = decoder
        self._on_end = on_end
        self._answer = answer_of(response)
        self._socket = self._answer.source.take_over()

    def __iter__(self) -> Iterator[LogLine]:
        """Yield lines until the engine or `close` ends the stream."""
        try:
            # Treat a broken stream as ended; the next request will raise the error.
            with suppress(OSError):
                for data in self._answer.iter_bytes(STREAM_READ_SIZE):
                    yield from self._decoder.feed(data)
            yield from self._decoder.finish()
        finally:
            self._response.close()
            self._on_end()

    def close(self) -> None:
        """End the stream, even while another thread waits for the next line."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

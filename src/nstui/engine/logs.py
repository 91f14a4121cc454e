"""The stream of a container's log, which another thread can close."""

from __future__ import annotations

import re
import socket
import struct
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from nstui.engine.sdk import answer_of
from nstui.engine.streams import ARRIVAL
from nstui.model.audit import LogLine, LogSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import requests


_NANOSECONDS = 1_000_000_000

_HEADER = struct.Struct(">BxxxI")
"""In front of each message: where it was written to, and its length in bytes."""

_SOURCES = {1: LogSource.STDOUT, 2: LogSource.STDERR, 3: LogSource.ENGINE}

_LONGEST = 1 << 20
"""No message has more bytes; the engine cuts them at 16 KiB."""

_PIECE = 16 * 1024
"""Into pieces of how many bytes the engine cuts a line that is longer."""

_STAMP = re.compile(rb"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{1,9})(Z|[+-]\d\d:\d\d) ")
"""What the engine writes in front of each message if it is asked to."""


def log_query(tail: int | None, since_ns: int | None) -> dict[str, str]:
    """Return the parameters of a request for a log."""
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
    """Turns the bytes of a log into lines, in whatever portions they come."""

    def __init__(self, *, has_terminal: bool) -> None:
        """Begin with nothing.

        Args:
            has_terminal: Whether the container has one: then the bytes come as they
                were written, and otherwise in messages with a header.

        """
        self._has_terminal = has_terminal
        self._rest = b""
        self._second = b""
        self._second_ns = 0

    def feed(self, data: bytes) -> Iterator[LogLine]:
        """Yield the lines that are complete with some more bytes."""
        self._rest += data
        if not self._has_terminal:
            yield from self._messages()
        if self._has_terminal:
            yield from self._raw_lines()

    def finish(self) -> Iterator[LogLine]:
        """Yield what is left at the end of the stream."""
        rest, self._rest = self._rest, b""
        if rest and self._has_terminal:
            yield self._line(LogSource.STDOUT, rest)

    def _messages(self) -> Iterator[LogLine]:
        """Yield a line for each message: the engine sends none that is half a line.

        What has a header that makes no sense is read as a terminal's from there on.
        """
        data, start, size = self._rest, 0, len(self._rest)
        while size - start >= _HEADER.size:
            kind, length = _HEADER.unpack_from(data, start)
            source = _SOURCES.get(kind)
            if source is None or length > _LONGEST:
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
        """Return a moment; many lines are of one second, which is read but once."""
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
    """Yield what the engine made of a terminal's line, each with a time in front."""
    while len(line) > _PIECE:
        stamp = _STAMP.match(line)
        end = _PIECE + (stamp.end() if stamp is not None else 0)
        if len(line) <= end:
            break
        yield line[:end]
        line = line[end:]
    yield line


class LogAnswer:
    """The lines of one answer; implements `ports.LogStream`."""

    def __init__(
        self,
        response: requests.Response,
        decoder: LogDecoder,
        on_end: Callable[[], object],
    ) -> None:
        """Take over an answer whose body has not been read.

        Until here the time limit of a call held; a container may be silent for ever.

        Args:
            response: The answer.
            decoder: What its bytes mean.
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
            # However the stream ends, it has ended: asking again tells what is wrong.
            with suppress(OSError):
                for data in self._answer.arrivals(ARRIVAL):
                    yield from self._decoder.feed(data)
            yield from self._decoder.finish()
        finally:
            self._response.close()
            self._on_end()

    def close(self) -> None:
        """End the stream, also while another thread waits for its next line."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

"""Reads the engine's stream of events, and splits streamed responses into lines."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from nstui.engine.answer import BadAnswer
from nstui.engine.decode import decode_event
from nstui.engine.errors import parse, translated, unreachable
from nstui.model.json import mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from nstui.engine.answer import Source
    from nstui.engine.errors import Call
    from nstui.model.container import ContainerEvent, ContainerId


ACTIONS = (
    "create",
    "start",
    "die",
    "destroy",
    "rename",
    "pause",
    "unpause",
    "stop",
    "kill",
    "restart",
    "oom",
    "update",
    "health_status",
    # Events of networks: a container gets or loses an interface.
    "connect",
    "disconnect",
    # Podman only filters by its own names for "die" and "destroy".
    "died",
    "remove",
)
"""The events that are requested.

They are filtered by the engine, so that the many events of ``exec`` are never sent.
"""

PAST_ACTIONS = (
    *("create", "start", "kill", "die", "stop", "destroy", "rename"),
    *("died", "remove"),
)
"""The events that are requested to find the former names of a container, and whether
it was stopped by a request."""

_NANOSECONDS = 1_000_000_000


def event_query(since_ns: int | None) -> dict[str, str]:
    """Return the query parameters of a request for events.

    They start at *since_ns* (nanoseconds since the Unix epoch), or now if None.
    """
    wanted = {"type": ["container", "network"], "event": list(ACTIONS)}
    parameters = {"filters": json.dumps(wanted)}
    if since_ns is not None:
        parameters["since"] = _timestamp(since_ns)
    return parameters


def past_query(containers: Iterable[ContainerId], now_ns: int) -> dict[str, str]:
    """Return the query parameters of a request for past events of some containers.

    Args:
        containers: Ids of the containers.
        now_ns: Current time, in nanoseconds since the Unix epoch.

    """
    wanted = {
        "type": ["container"],
        "event": list(PAST_ACTIONS),
        "container": list(containers),
    }
    # Without an end time the engine would wait for further events.
    return {
        "filters": json.dumps(wanted),
        "since": _timestamp(0),
        "until": _timestamp(now_ns),
    }


def _timestamp(time_ns: int) -> str:
    """Return a time in seconds with nine decimal places, as the API expects it."""
    seconds, rest = divmod(time_ns, _NANOSECONDS)
    return f"{seconds}.{rest:09d}"


class Lines(Protocol):
    """The lines of a response; iterating blocks until the next line arrives."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield lines until the engine closes the connection or `end` is called.

        Raises:
            NstuiError: A line is too long.

        """

    def end(self) -> None:
        """End the lines, even while another thread waits for the next one."""

    def close(self) -> None:
        """Close the connection."""


class Body(Protocol):
    """The body of a response whose head has been read."""

    source: Source

    def iter_bytes(self, size: int) -> Iterator[bytes]:
        """Yield the body as it arrives, in pieces of at most *size* bytes."""

    def close(self) -> None:
        """Release the socket."""


class EventStream:
    """The events of one response; iterating blocks until the next event arrives."""

    def __init__(self, lines: Lines, call: Call, since_ns: int | None) -> None:
        """Store the lines.

        Args:
            lines: The lines of the response, none of which has been read.
            call: Description of the request, for error messages.
            since_ns: Time from which events were requested, in nanoseconds since the
                Unix epoch; None if no time was given.

        """
        self._lines = lines
        self._call = call
        self._latest_ns = since_ns or 0

    def __iter__(self) -> Iterator[ContainerEvent]:
        """Yield events until the engine closes the connection or `close` is called.

        A lost connection ends the iteration like any other end, without an error: the
        next request to the engine will report what is wrong.

        Raises:
            EngineUnreachable: A line is too long, or is not JSON.

        """
        try:
            for line in self._lines:
                if not line.strip():
                    continue
                event = decode_event(self._parse(line), self._latest_ns)
                if event is not None:
                    self._latest_ns = event.time_ns
                    yield event
        finally:
            self._lines.close()

    def close(self) -> None:
        """End the stream, even while another thread waits for its next event."""
        self._lines.end()

    def _parse(self, line: bytes) -> dict[str, object]:
        return dict(mapping(parse(line, self._call)))


MAX_EVENT_BYTES = 1 << 20
"""Maximum length of a line with an event, in bytes.

An event contains the labels of a container and little else.
"""

STREAM_READ_SIZE = 1 << 16
"""Maximum number of bytes per read of a streamed response."""


class AnswerLines:
    """Implements `Lines` for a response."""

    def __init__(self, answer: Body, call: Call, release: Callable[[], object]) -> None:
        """Remove the limits of a response, so that it can stay open.

        The timeout of the call applies only until here, because a host without events
        sends nothing for an unlimited time.

        Args:
            answer: A response whose body has not been read.
            call: Description of the request, for error messages.
            release: Called by `close`, after the response has been closed.

        """
        self._answer = answer
        self._call = call
        self._release = release
        self._socket = answer.source.take_over()

    def __iter__(self) -> Iterator[bytes]:
        """Yield lines until the engine closes the connection or `end` is called.

        A lost connection ends the iteration without an error.

        Raises:
            EngineUnreachable: A line is too long.

        """
        try:
            yield from split_lines(self._answer.iter_bytes(STREAM_READ_SIZE))
        except BadAnswer as problem:
            raise unreachable(problem, self._call) from problem
        except OSError:
            return

    def end(self) -> None:
        """End the lines, even while another thread waits for the next one."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection."""
        self._answer.close()
        self._release()


class Report:
    """What an engine reports on a long task: JSON documents, one on each line."""

    def __init__(self, answer: Body, call: Call) -> None:
        """Apply the timeout of the call to each silence, not to the whole answer.

        Args:
            answer: A response whose body has not been read.
            call: Description of the request, for error messages.

        """
        self._answer = answer
        self._call = call
        self._socket = answer.source.take_over()
        self._socket.settimeout(call.timeout)

    def __iter__(self) -> Iterator[Mapping[str, object]]:
        """Yield the documents until the task has ended.

        Raises:
            EngineUnreachable: The engine is silent for too long, or the report breaks
                off.

        """
        with translated(self._call):
            for line in split_lines(self._answer.iter_bytes(STREAM_READ_SIZE)):
                if line.strip():
                    yield mapping(parse(line, self._call))

    def close(self) -> None:
        """End the report, even while another thread waits for it."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)


def split_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the lines of a byte stream, without their line feeds.

    Args:
        pieces: Consecutive parts of the stream, of any length.

    Raises:
        BadAnswer: A line is longer than `MAX_EVENT_BYTES`.

    """
    parts: list[bytes] = []
    size = 0
    for piece in pieces:
        first, *others = piece.split(b"\n")
        parts.append(first)
        size += len(first)
        if size > MAX_EVENT_BYTES:
            raise BadAnswer(f"a line of more than {MAX_EVENT_BYTES >> 20} MiB")
        for other in others:
            yield b"".join(parts)
            parts, size = [other], len(other)
    if size:
        yield b"".join(parts)

"""The stream of the engine's events, and the lines of any endless answer."""

from __future__ import annotations

import json
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol

from nstui.engine.answer import BadAnswer
from nstui.engine.decode import decode_event
from nstui.engine.errors import parse, unreachable
from nstui.model.json import mapping

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nstui.engine.answer import Source
    from nstui.engine.errors import Call
    from nstui.model.container import ContainerId
    from nstui.ports import ContainerEvent


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
    # Of networks: a container gets an interface, or loses it.
    "connect",
    "disconnect",
    # Podman filters by its own words.
    "died",
    "remove",
)
"""The events that are asked for, so that the noise of ``exec`` is never sent."""

PAST_ACTIONS = ("create", "start", "die", "destroy", "rename", "died", "remove")
"""The events that are asked for to learn what a container was called."""

_NANOSECONDS = 1_000_000_000


def event_query(since_ns: int | None) -> dict[str, str]:
    """Return the parameters of a request for events."""
    wanted = {"type": ["container", "network"], "event": list(ACTIONS)}
    parameters = {"filters": json.dumps(wanted)}
    if since_ns is not None:
        parameters["since"] = _moment(since_ns)
    return parameters


def past_query(containers: Iterable[ContainerId], now_ns: int) -> dict[str, str]:
    """Return the parameters of a request for what has happened to some containers."""
    wanted = {
        "type": ["container"],
        "event": list(PAST_ACTIONS),
        "container": list(containers),
    }
    # Without an end the engine would wait for what comes next.
    return {
        "filters": json.dumps(wanted),
        "since": _moment(0),
        "until": _moment(now_ns),
    }


def _moment(time_ns: int) -> str:
    seconds, rest = divmod(time_ns, _NANOSECONDS)
    return f"{seconds}.{rest:09d}"


class Lines(Protocol):
    """The body of an answer, line by line; iterating blocks while nothing comes."""

    def __iter__(self) -> Iterator[bytes]:
        """Yield lines until the other side or `end` ends them.

        Raises:
            NstuiError: a line has no end.

        """

    def end(self) -> None:
        """End the lines, also while another thread waits for the next one."""

    def close(self) -> None:
        """Close the connection."""


class Body(Protocol):
    """The body of an answer whose head has been read."""

    source: Source

    def arrivals(self, size: int) -> Iterator[bytes]:
        """Yield it as it comes, in pieces of at most some bytes."""

    def close(self) -> None:
        """Release the socket."""


class EventStream:
    """The events of one answer; iterating blocks for as long as nothing happens."""

    def __init__(self, lines: Lines, call: Call, since_ns: int | None) -> None:
        """Take over an answer that nobody has read."""
        self._lines = lines
        self._call = call
        self._latest_ns = since_ns or 0

    def __iter__(self) -> Iterator[ContainerEvent]:
        """Yield events until the engine or `close` ends the stream.

        However it ends, it has ended: asking again tells what is wrong.
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
        """End the stream, also while another thread waits for its next event."""
        self._lines.end()

    def _parse(self, line: bytes) -> dict[str, object]:
        return dict(mapping(parse(line, self._call)))


LONGEST_LINE = 1 << 20
"""No event has more bytes: the labels of a container are in it, and little else."""

ARRIVAL = 1 << 16
"""The most bytes that are read at once of what comes now and then."""


class AnswerLines:
    """Implements `_events.Lines`."""

    def __init__(self, answer: Body, call: Call, release: Callable[[], object]) -> None:
        """Take over an answer whose body has not been read.

        Until here the time limit of a call held; a quiet host may be silent for ever.

        Args:
            answer: The answer.
            call: What was asked.
            release: Called when nothing more will be read.

        """
        self._answer = answer
        self._call = call
        self._let_go = release
        self._socket = answer.source.take_over()

    def __iter__(self) -> Iterator[bytes]:
        """Yield lines until the other side or `end` ends them.

        Raises:
            EngineUnreachable: a line has no end.

        """
        try:
            yield from split_lines(self._answer.arrivals(ARRIVAL))
        except BadAnswer as problem:
            raise unreachable(problem, self._call) from problem
        except OSError:
            return

    def end(self) -> None:
        """End the lines, also while another thread waits for the next one."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Close the connection."""
        self._answer.close()
        self._let_go()


def split_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield lines without their ends, in whatever pieces they come.

    Raises:
        BadAnswer: a line is too long.

    """
    parts: list[bytes] = []
    size = 0
    for piece in pieces:
        first, *others = piece.split(b"\n")
        parts.append(first)
        size += len(first)
        if size > LONGEST_LINE:
            raise BadAnswer(f"a line of more than {LONGEST_LINE >> 20} MiB")
        for other in others:
            yield b"".join(parts)
            parts, size = [other], len(other)
    if size:
        yield b"".join(parts)

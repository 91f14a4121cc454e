"""The lines of an answer that has no end."""

from __future__ import annotations

import http.client
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from nstui.engine._answer import BadAnswer
from nstui.engine._errors import unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from nstui.engine._answer import Answer
    from nstui.engine._errors import Call

LONGEST_LINE = 1 << 20
"""No event has more bytes: the labels of a container are in it, and little else."""

ARRIVAL = 1 << 16
"""The most bytes that are read at once of what comes now and then."""


class AnswerLines:
    """Implements `_events.Lines`."""

    def __init__(
        self, answer: Answer, call: Call, let_go: Callable[[], object]
    ) -> None:
        """Take over an answer whose body has not been read.

        Until here the time limit of a call held; a quiet host may be silent for ever.

        Args:
            answer: The answer.
            call: What was asked.
            let_go: Called when nothing more will be read.

        """
        self._answer = answer
        self._call = call
        self._let_go = let_go
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
        except (OSError, http.client.HTTPException):
            return

    def end(self) -> None:
        """End the lines, also while another thread waits for the next one."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Let go of the connection."""
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

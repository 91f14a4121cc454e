"""A pseudo-terminal that records when a program writes what."""

from __future__ import annotations

import re
import signal
import subprocess
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from bench.measure.emulator import Emulator
from tests.support.pty_program import PtyProgram

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType

COLUMNS, LINES = 120, 40

_ANSWERS = (
    (re.compile(rb"\x1b\[6n"), b"\x1b[1;1R"),
    (re.compile(rb"\x1b\[0?c"), b"\x1b[?62;22c"),
    (re.compile(rb"\x1b\[>0?c"), b"\x1b[>1;10;0c"),
    (re.compile(rb"\x1b\[\?2026\$p"), b"\x1b[?2026;2$y"),
    (re.compile(rb"\x1b\[\?2048\$p"), b"\x1b[?2048;0$y"),
    (re.compile(rb"\x1b\]10;\?(?:\x07|\x1b\\)"), b"\x1b]10;rgb:e0e0/e0e0/e0e0\x1b\\"),
    (re.compile(rb"\x1b\]11;\?(?:\x07|\x1b\\)"), b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
)
"""What programs ask a terminal at their start, and the answers of a modern one."""


@dataclass(frozen=True, slots=True)
class Record:
    """A piece of output."""

    at: float
    """When it was read, in seconds of the monotonic clock."""

    data: bytes


class Terminal:
    """Runs a program and records its output with the times.

    A thread reads and takes the time; the screen is drawn when it is examined. So no
    figure includes the cost of drawing.
    """

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start the program with exactly this environment."""
        self.screen = Emulator(COLUMNS, LINES)
        self._records: list[Record] = []
        self._drawn = 0
        self._arrived = threading.Event()
        self.began = time.monotonic()
        self._program = PtyProgram(
            command, columns=COLUMNS, lines=LINES, environ=environ
        )
        self._program.read_into(self._keep)

    def __enter__(self) -> Self:
        """Return itself; the program ends with the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the program."""
        self.end()

    @property
    def pid(self) -> int:
        """The program's process id."""
        return self._program.pid

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        return self._program.is_running

    @property
    def moment(self) -> int:
        """The present position in the output, for `since`."""
        return len(self._records)

    def since(self, moment: int) -> list[Record]:
        """Return the output since a position."""
        return self._records[moment:]

    def press(self, key: str) -> float:
        """Send a key; return the time."""
        at = time.monotonic()
        self._program.press(key)
        return at

    def resize(self, lines: int) -> None:
        """Change the height of the terminal, which makes the program redraw."""
        self._program.resize(COLUMNS, lines)

    def draw(self) -> None:
        """Draw all output so far."""
        while self.draw_one() is not None:
            pass

    def draw_one(self) -> Record | None:
        """Draw the next piece of output and return it; None if all is drawn."""
        if self._drawn == len(self._records):
            return None
        record = self._records[self._drawn]
        self._drawn += 1
        self.screen.feed(record.data)
        return record

    def wait_until(
        self, holds: Callable[[Emulator], bool], limit_s: float
    ) -> float | None:
        """Draw until a condition holds; return the time of the output that met it.

        Return None if it is not fulfilled within the time limit, or before the program
        ends.
        """
        end = time.monotonic() + limit_s
        while True:
            # Checked first: all output until then is drawn below.
            is_over = self._program.is_read
            self._arrived.clear()
            while (record := self.draw_one()) is not None:
                if holds(self.screen):
                    return record.at
            remaining = end - time.monotonic()
            if remaining <= 0 or is_over:
                return None
            self._arrived.wait(min(remaining, 0.5))

    def wait_for_silence(self, silence_s: float, limit_s: float) -> None:
        """Wait until nothing has been written for some time."""
        end = time.monotonic() + limit_s
        while (remaining := end - time.monotonic()) > 0:
            self._arrived.clear()
            if not self._arrived.wait(min(silence_s, remaining)):
                return

    def wait_for_end(self, limit_s: float) -> float | None:
        """Return the time at which the program has ended; None if it goes on."""
        try:
            self._program.wait_for_end(limit_s)
        except subprocess.TimeoutExpired:
            return None
        return time.monotonic()

    def end(self) -> None:
        """End the program, by force if necessary."""
        self._program.end(signal.SIGTERM, signal.SIGKILL)

    def _keep(self, data: bytes) -> None:
        """Record output with its time, and answer its questions."""
        self._records.append(Record(time.monotonic(), data))
        self._arrived.set()
        if b"\x1b" in data:
            self._answer(data)

    def _answer(self, data: bytes) -> None:
        for question, answer in _ANSWERS:
            for _ in question.findall(data):
                self._program.write(answer)

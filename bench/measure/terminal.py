"""A pseudo-terminal that notes when a program writes what."""

from __future__ import annotations

import re
import signal
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
"""What programs ask a terminal at their start, and what a modern one answers."""


@dataclass(frozen=True, slots=True)
class Record:
    """What a program wrote at once."""

    at: float
    """When it was read, in seconds of the monotonic clock."""

    data: bytes


class Terminal:
    """Runs a program and keeps what it writes, with the times.

    Reading and drawing are apart: a thread reads and takes the time, and the screen
    is drawn when somebody looks. What drawing costs is in no figure.
    """

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        """Start the program with this environment and no other."""
        self.screen = Emulator(COLUMNS, LINES)
        self._records: list[Record] = []
        self._drawn = 0
        self._came = threading.Event()
        self.began = time.monotonic()
        self._program = PtyProgram(
            command, columns=COLUMNS, lines=LINES, environ=environ
        )
        self._program.read_into(self._keep)

    def __enter__(self) -> Self:
        """Return itself, to be ended at the end of the block."""
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
        """The program's process."""
        return self._program.pid

    @property
    def is_running(self) -> bool:
        """Whether the program has not ended."""
        return self._program.is_running

    @property
    def moment(self) -> int:
        """What has been written so far, as a mark for `since`."""
        return len(self._records)

    def since(self, moment: int) -> list[Record]:
        """Return what has been written since a mark was taken."""
        return self._records[moment:]

    def press(self, key: str) -> float:
        """Send a key; return when."""
        at = time.monotonic()
        self._program.press(key)
        return at

    def resize(self, lines: int) -> None:
        """Give the terminal another height, which has the program draw all anew."""
        self._program.resize(COLUMNS, lines)

    def draw(self) -> None:
        """Bring the screen up to date."""
        while self.draw_one() is not None:
            pass

    def draw_one(self) -> Record | None:
        """Draw what was written at once next; return it, or None if all is drawn."""
        if self._drawn == len(self._records):
            return None
        record = self._records[self._drawn]
        self._drawn += 1
        self.screen.feed(record.data)
        return record

    def wait_until(
        self, holds: Callable[[Emulator], bool], limit_s: float
    ) -> float | None:
        """Draw until something holds of the screen; return when it came to be so.

        None if it did not within the time limit, or before the program's end.
        """
        end = time.monotonic() + limit_s
        while True:
            # Asked first: all that was written by then is drawn below.
            is_over = self._program.is_read
            self._came.clear()
            while (record := self.draw_one()) is not None:
                if holds(self.screen):
                    return record.at
            left = end - time.monotonic()
            if left <= 0 or is_over:
                return None
            self._came.wait(min(left, 0.5))

    def wait_for_silence(self, silence_s: float, limit_s: float) -> None:
        """Wait until nothing has been written for some time."""
        end = time.monotonic() + limit_s
        while (left := end - time.monotonic()) > 0:
            self._came.clear()
            if not self._came.wait(min(silence_s, left)):
                return

    def end(self) -> None:
        """End the program, by force if it does not end when it is asked to."""
        self._program.end(signal.SIGTERM, signal.SIGKILL)

    def _keep(self, data: bytes) -> None:
        """Note what the program wrote and when, and answer what it asked."""
        self._records.append(Record(time.monotonic(), data))
        self._came.set()
        if b"\x1b" in data:
            self._answer(data)

    def _answer(self, data: bytes) -> None:
        for question, answer in _ANSWERS:
            for _ in question.findall(data):
                self._program.write(answer)

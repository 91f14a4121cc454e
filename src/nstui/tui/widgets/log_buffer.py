"""The lines of a log that are kept, and those among them that were searched for."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

from nstui.analysis.tree.filtering import find_all
from nstui.model.frozen import dataclass
from nstui.render.logs import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nstui.model.audit import LogLine, LogSource


KEPT_LINES = 10_000
KEPT_CHARACTERS = 16_000_000
"""How much of a log is kept; a line can have 16 KiB."""


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line that is safe to show."""

    source: LogSource
    time_ns: int | None
    text: str


class LogBuffer:
    """The newest lines, each with a number that it keeps: the first was 0.

    Attributes:
        first: The number of the oldest line that is kept.
        lines: What is kept.
        sources: Where lines were written to so far.

    """

    def __init__(
        self, lines: int = KEPT_LINES, characters: int = KEPT_CHARACTERS
    ) -> None:
        """Begin empty, and keep at most so much."""
        self.first = 0
        self.lines: list[KeptLine] = []
        self.sources: set[LogSource] = set()
        self._limit = lines
        self._room = characters

    def add(
        self, lines: Iterable[LogLine], skipped: int = 0
    ) -> tuple[Sequence[KeptLine], int]:
        """Take lines in; return them as they are kept, and how many others went.

        Args:
            lines: More than can be kept are not, as if they had gone at once.
            skipped: How many came before them that nobody has. What was kept goes,
                for nothing may be missing between two lines.

        """
        gone = len(self.lines) if skipped else 0
        self._room += sum(len(each.text) for each in self.lines[:gone])
        added = [
            KeptLine(each.source, each.time_ns, plain(each.text)) for each in lines
        ]
        self.sources.update(each.source for each in added)
        self._room -= sum(len(each.text) for each in added)
        self.lines += added
        while self._room < 0 or len(self.lines) - gone > self._limit:
            self._room += len(self.lines[gone].text)
            gone += 1
        del self.lines[:gone]
        self.first += gone + skipped
        return added, gone

    @property
    def last(self) -> int:
        """The number that the next line will have."""
        return self.first + len(self.lines)

    def line(self, number: int) -> KeptLine:
        """Return the line of a number, which must be kept."""
        return self.lines[number - self.first]


class LogSearch:
    """The numbers of the lines in which some words are.

    Attributes:
        words: What is searched for; empty: nothing.
        current: The number of the line that the user has gone to, if there is one.

    """

    def __init__(self) -> None:
        """Search for nothing."""
        self.words = ""
        self.current: int | None = None
        self._found: list[int] = []

    def seek(self, words: str, buffer: LogBuffer) -> None:
        """Search for other words, in all that is kept."""
        self.words = words
        self.current = None
        self._found = []
        self.extend(buffer.first, buffer.lines)

    def extend(self, first: int, lines: Sequence[KeptLine]) -> None:
        """Search lines that have been added, the first of which has a number."""
        if self.words:
            for number, line in enumerate(lines, start=first):
                if find_all(self.words, line.text):
                    self._found.append(number)

    def forget_before(self, first: int) -> None:
        """Drop what was found in lines that are no longer kept."""
        del self._found[: bisect_left(self._found, first)]
        if self.current is not None and self.current < first:
            self.current = None

    def go_near(self, number: int) -> int | None:
        """Go to the last line found that is not after another; or else to the first."""
        index = bisect_right(self._found, number) - 1
        return self._go(max(0, index))

    def step(self, by: int, here: int) -> int | None:
        """Go to the next line found, or to the one before; around the ends.

        Args:
            by: 1 or -1.
            here: Where to begin if no line has been gone to.

        """
        if not self._found:
            return None
        if self.current is not None:
            here = self.current
        if by > 0:
            index = bisect_right(self._found, here)
        else:
            index = bisect_left(self._found, here) - 1
        return self._go(index % len(self._found))

    @property
    def position(self) -> tuple[int, int]:
        """Which of the lines found is the current one, from 1; and how many there are.

        0 if there is no current one.
        """
        if self.current is None:
            return 0, len(self._found)
        return bisect_left(self._found, self.current) + 1, len(self._found)

    def _go(self, index: int) -> int | None:
        self.current = self._found[index] if self._found else None
        return self.current

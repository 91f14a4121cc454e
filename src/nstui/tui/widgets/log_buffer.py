"""The lines of a log that are kept, and the search in them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nstui.analysis.logs import KEY, LogKey, merge_lines
from nstui.analysis.tree.arrangement import find_all
from nstui.model.audit import LogSource
from nstui.model.frozen import dataclass
from nstui.render.logs import plain, restart_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from nstui.analysis.logs import PlacedLine
    from nstui.model.container import ContainerId


KEPT_LINES = 10_000
KEPT_CHARACTERS = 16_000_000
"""How much of a log is kept; a line can have 16 KiB."""


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line that is safe to show."""

    key: LogKey
    source: LogSource
    time_ns: int | None
    text: str

    @property
    def container(self) -> ContainerId:
        """The container that wrote it."""
        return self.key[1]


class LogBuffer:
    """The newest lines of a log; the first of all had the number 0.

    Lines that arrive late are put in their places, so that the numbers of those after
    them change.

    Attributes:
        first: The number of the oldest line that is kept.
        lines: The lines that are kept, in order.
        sources: The sources of all lines so far.

    """

    def __init__(
        self, lines: int = KEPT_LINES, characters: int = KEPT_CHARACTERS
    ) -> None:
        """Begin empty, and keep at most this many lines and characters."""
        self.first = 0
        self.lines: list[KeptLine] = []
        self.sources: set[LogSource] = set()
        self._limit = lines
        self._room = characters

    def add(
        self,
        lines: Sequence[PlacedLine],
        skipped: Mapping[ContainerId, int] | None = None,
    ) -> tuple[int, int]:
        """Add lines.

        Args:
            lines: The lines to add. Of too many lines the oldest are dropped.
            skipped: How many lines of a container are missing before these. If any
                are, its earlier lines are dropped, so that there is no gap.

        Returns:
            The number of the first line that has changed, and how many old lines were
            dropped.

        """
        has_gap = self._drop_before_gaps(skipped or {})
        newest = max((placed.key[0] for placed in lines), default=0)
        newest = max(newest, self.lines[-1].key[0] if self.lines else 0)
        added = [_kept(placed, newest) for placed in lines]
        self.sources.update(line.source for line in added)
        self._room -= sum(len(line.text) for line in added)
        start, tail = merge_lines(self.lines, added)
        changed = 0 if has_gap else self.first + start
        self.lines[start:] = tail
        dropped = 0
        while self._room < 0 or len(self.lines) - dropped > self._limit:
            self._room += len(self.lines[dropped].text)
            dropped += 1
        del self.lines[:dropped]
        self.first += dropped
        return changed, dropped

    def _drop_before_gaps(self, skipped: Mapping[ContainerId, int]) -> bool:
        """Drop the lines before those that are missing; return whether any were."""
        if not skipped:
            return False
        kept = [line for line in self.lines if line.container not in skipped]
        self._room += sum(len(line.text) for line in self.lines)
        self._room -= sum(len(line.text) for line in kept)
        self.first += len(self.lines) - len(kept) + sum(skipped.values())
        self.lines = kept
        return True

    @property
    def has_several_sources(self) -> bool:
        """Whether lines of several streams have been added."""
        return len(self.sources - {LogSource.MARK}) > 1

    @property
    def last(self) -> int:
        """The number that the next line will have."""
        return self.first + len(self.lines)

    def line(self, number: int) -> KeptLine:
        """Return the line with a number; it must be kept."""
        return self.lines[number - self.first]

    def number_of(self, key: LogKey) -> int:
        """Return the number of the line in a place, or of the one after that place."""
        return self.first + bisect_left(self.lines, key, key=KEY)


def _kept(placed: PlacedLine, newest_ns: int) -> KeptLine:
    line = placed.line
    if line.source is LogSource.MARK:
        text = restart_text(placed.key[0], newest_ns)
    else:
        text = plain(line.text)
    return KeptLine(placed.key, line.source, line.time_ns, text)


class LogSearch:
    """The numbers of the lines that match a text.

    Attributes:
        words: The text searched for; empty for no search.
        current: The number of the line that the user has gone to, if there is one.

    """

    def __init__(self, matches: Callable[[str, KeptLine], bool] | None = None) -> None:
        """Begin without a search.

        Args:
            matches: Returns whether a line matches a text; None for every line that
                contains it.

        """
        self.words = ""
        self.current: int | None = None
        self._matches = matches or contains
        self._found: list[int] = []

    def start(self, words: str, buffer: LogBuffer) -> None:
        """Search all lines of the buffer for another text."""
        self.words = words
        self.current = None
        self._found = []
        self.extend(buffer.first, buffer.lines)

    def extend(self, first: int, lines: Sequence[KeptLine]) -> None:
        """Search lines that were added; `first` is the number of the first."""
        if self.words:
            for number, line in enumerate(lines, start=first):
                if self._matches(self.words, line):
                    self._found.append(number)

    def forget_from(self, number: int) -> None:
        """Drop the matches in a line and in those after it."""
        del self._found[bisect_left(self._found, number) :]

    def forget_before(self, first: int) -> None:
        """Drop the matches in lines that are no longer kept."""
        del self._found[: bisect_left(self._found, first)]
        if self.current is not None and self.current < first:
            self.current = None

    @contextmanager
    def keeping_current(self, buffer: LogBuffer) -> Iterator[None]:
        """Return to the current match, unless it is dropped meanwhile.

        Its number may change with the lines of the buffer, and is lost with a search
        of all of them.
        """
        key = None if self.current is None else buffer.line(self.current).key
        yield
        if key is not None:
            number = buffer.number_of(key)
            is_kept = number < buffer.last and buffer.line(number).key == key
            self.current = number if is_kept else None

    def go_near(self, number: int) -> int | None:
        """Go to the last match at or before a line; else to the first match."""
        index = bisect_right(self._found, number) - 1
        return self._go(max(0, index))

    def step(self, by: int, here: int) -> int | None:
        """Go to the next match, or to the previous one, around the ends.

        Args:
            by: 1 for the next, -1 for the previous one.
            here: The line to start from if there is no current one.

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
        """The number of the current match, from 1, and of all matches.

        The first is 0 if there is no current match.
        """
        if self.current is None:
            return 0, len(self._found)
        return bisect_left(self._found, self.current) + 1, len(self._found)

    def _go(self, index: int) -> int | None:
        self.current = self._found[index] if self._found else None
        return self.current


def contains(words: str, line: KeptLine) -> bool:
    """Return whether the text of a line contains words."""
    return bool(find_all(words, line.text))


class LogFilter(LogSearch):
    """The search for the lines that are shown; without a text, all are.

    Attributes:
        names: The names of the containers, which are searched as well.

    """

    def __init__(self) -> None:
        """Begin without a filter."""
        super().__init__(self._has_name_or_text)
        self.names: Mapping[ContainerId, str] = {}

    def shows(self, line: KeptLine) -> bool:
        """Return whether a line is shown."""
        return not self.words or self._has_name_or_text(self.words, line)

    def _has_name_or_text(self, words: str, line: KeptLine) -> bool:
        name = self.names.get(line.container, "")
        return contains(words, line) or bool(find_all(words, name))

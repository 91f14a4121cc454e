"""A log laid out in rows of a certain width."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells

from nstui.analysis.tree.arrangement import find_all
from nstui.model.audit import LogSource
from nstui.model.frozen import dataclass
from nstui.render.logs import plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nstui.model.audit import LogLine


KEPT_LINES = 10_000
KEPT_CHARACTERS = 16_000_000
"""How much of a log is kept; a line can have 16 KiB."""

SIGNS = {LogSource.STDOUT: "  ", LogSource.STDERR: "▌ ", LogSource.ENGINE: "! "}
"""The signs before each line, if the lines are from different sources."""

_SIGN_WIDTH = 2
_TIME_WIDTH = len("11-24 15:30:05.123 ")
_MIN_TEXT_WIDTH = 10
"""The minimum width of a text in columns, even in a narrower terminal."""


@dataclass(frozen=True, slots=True)
class KeptLine:
    """A line that is safe to show."""

    source: LogSource
    time_ns: int | None
    text: str


class LogBuffer:
    """The newest lines of a log; each keeps its number, and the first was 0.

    Attributes:
        first: The number of the oldest line that is kept.
        lines: The lines that are kept.
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
        self, lines: Iterable[LogLine], skipped: int = 0
    ) -> tuple[Sequence[KeptLine], int]:
        """Add lines; return the kept form of each, and how many old lines were dropped.

        Args:
            lines: The lines to add. If they exceed the limit, the first are dropped.
            skipped: How many lines before them are missing. If any are, all earlier
                lines are dropped, so that there is no gap.

        """
        dropped = len(self.lines) if skipped else 0
        self._room += sum(len(line.text) for line in self.lines[:dropped])
        added = [
            KeptLine(line.source, line.time_ns, plain(line.text)) for line in lines
        ]
        self.sources.update(line.source for line in added)
        self._room -= sum(len(line.text) for line in added)
        self.lines += added
        while self._room < 0 or len(self.lines) - dropped > self._limit:
            self._room += len(self.lines[dropped].text)
            dropped += 1
        del self.lines[:dropped]
        self.first += dropped + skipped
        return added, dropped

    @property
    def last(self) -> int:
        """The number that the next line will have."""
        return self.first + len(self.lines)

    def line(self, number: int) -> KeptLine:
        """Return the line with a number; it must be kept."""
        return self.lines[number - self.first]


class LogSearch:
    """The numbers of the lines that contain the searched text.

    Attributes:
        words: The text searched for; empty for no search.
        current: The number of the line that the user has gone to, if there is one.

    """

    def __init__(self) -> None:
        """Begin without a search."""
        self.words = ""
        self.current: int | None = None
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
                if find_all(self.words, line.text):
                    self._found.append(number)

    def forget_before(self, first: int) -> None:
        """Drop the matches in lines that are no longer kept."""
        del self._found[: bisect_left(self._found, first)]
        if self.current is not None and self.current < first:
            self.current = None

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


def split_rows(text: str, width: int) -> list[str]:
    """Split a text into rows of at most this width; an empty one has one row."""
    return chop_cells(text, width) or [""]


def row_count(text: str, width: int) -> int:
    """Return how many rows a text takes."""
    if text.isascii():
        return max(1, -(-len(text) // width))
    if cell_len(text) <= width:
        return 1
    return len(split_rows(text, width))


class LogRows:
    """How many rows each line takes, for lines that come and go at the ends.

    The first line present has the index 0.
    """

    def __init__(self) -> None:
        """Begin without lines."""
        self._ends: list[int] = []
        self._base = 0

    @property
    def total(self) -> int:
        """The number of rows."""
        return self._ends[-1] - self._base if self._ends else 0

    def extend(self, heights: Iterable[int]) -> None:
        """Add lines at the end, given by how many rows each takes."""
        end = self._ends[-1] if self._ends else self._base
        for height in heights:
            end += height
            self._ends.append(end)

    def drop(self, lines: int) -> int:
        """Remove lines at the beginning; return how many rows they took."""
        if not lines:
            return 0
        before, self._base = self._base, self._ends[lines - 1]
        del self._ends[:lines]
        return self._base - before

    def at(self, row: int) -> tuple[int, int]:
        """Return the index of the line in a row, and which of its rows that is."""
        index = bisect_right(self._ends, self._base + row)
        return index, row - self.row_of(index)

    def row_of(self, index: int) -> int:
        """Return the first row of a line."""
        return self._ends[index - 1] - self._base if index else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRow:
    """One row of a log."""

    source: LogSource
    sign: str
    time: str
    text: str
    found: tuple[tuple[int, int], ...]
    """The start and end of each match in the text."""

    is_current: bool
    """Whether it belongs to the line of the current match."""

    is_continued: bool
    """Whether the line began in an earlier row."""

    @property
    def prefix(self) -> str:
        """What comes before the text."""
        return self.sign + self.time


class LogLayout:
    """Lays out the kept lines of a log.

    Attributes:
        buffer: The kept lines.
        search: The search in them.
        width: The columns of a row.
        wraps: Whether long lines are wrapped.
        has_times: Whether each line has its time before it.

    """

    def __init__(self) -> None:
        """Begin empty, with wrapping and without times."""
        self.buffer = LogBuffer()
        self.search = LogSearch()
        self.width = 0
        self.wraps = True
        self.has_times = False
        self._rows = LogRows()
        self._widest = 0

    @property
    def has_signs(self) -> bool:
        """Whether each line has the sign of its source before it."""
        return len(self.buffer.sources) > 1

    @property
    def height(self) -> int:
        """The number of rows."""
        return self._rows.total

    @property
    def widest(self) -> int:
        """The columns of the widest row; 0 if lines are wrapped."""
        return 0 if self.wraps else self._prefix_width() + self._widest

    def add(self, lines: Iterable[LogLine], skipped: int = 0) -> None:
        """Add lines at the end; see `LogBuffer.add`."""
        had_signs = self.has_signs
        added, dropped = self.buffer.add(lines, skipped)
        self.search.extend(self.buffer.last - len(added), added)
        self.search.forget_before(self.buffer.first)
        if had_signs != self.has_signs:
            # The signs take room from every line.
            self.rebuild()
        else:
            self._rows.extend(self._height(line) for line in added)
            self._rows.drop(dropped)

    def clear(self) -> None:
        """Drop all lines, but keep the searched text."""
        words = self.search.words
        self.buffer, self.search, self._rows = LogBuffer(), LogSearch(), LogRows()
        self.search.start(words, self.buffer)
        self._widest = 0

    def rebuild(self) -> None:
        """Compute the rows of all lines again."""
        self._rows, self._widest = LogRows(), 0
        self._rows.extend(self._height(line) for line in self.buffer.lines)

    def number_at(self, row: int) -> int:
        """Return the number of the line in a row, or of the nearest line."""
        index, _ = self._rows.at(max(0, min(row, self.height - 1)))
        return self.buffer.first + index

    def row_of(self, number: int) -> int:
        """Return the first row of a line, or of the oldest one if it is not kept."""
        return self._rows.row_of(max(0, number - self.buffer.first))

    def found_columns(self, number: int) -> tuple[int, int] | None:
        """Return the columns of the first match in a line that is not wrapped."""
        text = self.buffer.line(number).text
        for start, end in find_all(self.search.words, text):
            shift = self._prefix_width()
            return shift + cell_len(text[:start]), shift + cell_len(text[:end])
        return None

    def row(self, row: int) -> LogRow:
        """Return the content of a row."""
        index, part = self._rows.at(row)
        line = self.buffer.lines[index]
        parts = split_rows(line.text, self._text_width()) if self.wraps else [line.text]
        text = parts[part]
        before = sum(map(len, parts[:part]))
        spans = (
            (max(0, start - before), min(len(text), end - before))
            for start, end in find_all(self.search.words, line.text)
        )
        return LogRow(
            source=line.source,
            sign=self._sign(line, part),
            time=self._time(line, part),
            text=text,
            found=tuple((start, end) for start, end in spans if start < end),
            is_current=self.buffer.first + index == self.search.current,
            is_continued=part > 0,
        )

    def _height(self, line: KeptLine) -> int:
        """Return how many rows a line takes, and record its width."""
        if self.wraps:
            return row_count(line.text, self._text_width())
        self._widest = max(self._widest, cell_len(line.text))
        return 1

    def _text_width(self) -> int:
        return max(_MIN_TEXT_WIDTH, self.width - self._prefix_width())

    def _prefix_width(self) -> int:
        signs = _SIGN_WIDTH if self.has_signs else 0
        return signs + (_TIME_WIDTH if self.has_times else 0)

    def _sign(self, line: KeptLine, part: int) -> str:
        if not self.has_signs:
            return ""
        return SIGNS[line.source] if part == 0 else " " * _SIGN_WIDTH

    def _time(self, line: KeptLine, part: int) -> str:
        if not self.has_times:
            return ""
        text = log_time_text(line.time_ns) if part == 0 else ""
        return text.ljust(_TIME_WIDTH)


def log_time_text(time_ns: int | None) -> str:
    """Return a time in this machine's time zone, without its year."""
    if time_ns is None:
        return "?"
    seconds, rest = divmod(time_ns, 10**9)
    moment = datetime.fromtimestamp(seconds).astimezone()
    return f"{moment:%m-%d %H:%M:%S}.{rest // 10**6:03}"

"""A log laid out in rows of some width, and what is in each of them."""

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
"""In front of each line where not all are from one source."""

_SIGN_WIDTH = 2
_TIME_WIDTH = len("11-24 15:30:05.123 ")
_NARROWEST = 10
"""The columns that a text has at least, also where the terminal has fewer."""


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


def pieces(text: str, width: int) -> list[str]:
    """Cut a text into rows that are at most so wide; an empty one has one row."""
    return chop_cells(text, width) or [""]


def rows_of(text: str, width: int) -> int:
    """Return how many rows a text takes."""
    if text.isascii():
        return max(1, -(-len(text) // width))
    if cell_len(text) <= width:
        return 1
    return len(pieces(text, width))


class LogRows:
    """How many rows each of many lines takes, for lines that come and go at the ends.

    Lines have the index 0 for the first that is there.
    """

    def __init__(self) -> None:
        """Begin without lines."""
        self._ends: list[int] = []
        self._base = 0

    @property
    def total(self) -> int:
        """How many rows there are."""
        return self._ends[-1] - self._base if self._ends else 0

    def extend(self, heights: Iterable[int]) -> None:
        """Add lines at the end, by the rows that each takes."""
        end = self._ends[-1] if self._ends else self._base
        for height in heights:
            end += height
            self._ends.append(end)

    def drop(self, lines: int) -> int:
        """Take lines away at the beginning; return how many rows they took."""
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
    """Where in the text the words are that are searched for."""

    is_current: bool
    """Whether it is of the line found that the user has gone to."""

    is_continued: bool
    """Whether the line began in a row before."""

    @property
    def prefix(self) -> str:
        """What is in front of the text."""
        return self.sign + self.time


class LogLayout:
    """Lays out what is kept of a log.

    Attributes:
        buffer: What is kept.
        search: What was searched for in it.
        width: The columns of a row.
        wraps: Whether what is longer goes on in the next row.
        has_times: Whether each line says when it was written.

    """

    def __init__(self) -> None:
        """Begin empty, wrapping and without times."""
        self.buffer = LogBuffer()
        self.search = LogSearch()
        self.width = 0
        self.wraps = True
        self.has_times = False
        self._rows = LogRows()
        self._widest = 0

    @property
    def has_signs(self) -> bool:
        """Whether each line says from where it is."""
        return len(self.buffer.sources) > 1

    @property
    def height(self) -> int:
        """How many rows there are."""
        return self._rows.total

    @property
    def widest(self) -> int:
        """The columns of the widest row; 0 where lines are wrapped."""
        return 0 if self.wraps else self._prefix_width() + self._widest

    def add(self, lines: Iterable[LogLine], skipped: int = 0) -> None:
        """Add lines at the end; see `LogBuffer.add`."""
        had_signs = self.has_signs
        added, gone = self.buffer.add(lines, skipped)
        self.search.extend(self.buffer.last - len(added), added)
        self.search.forget_before(self.buffer.first)
        if had_signs != self.has_signs:
            # The signs take room from every line.
            self.rebuild()
        else:
            self._rows.extend(self._height(each) for each in added)
            self._rows.drop(gone)

    def clear(self) -> None:
        """Drop all lines, and go on searching for the same words."""
        words = self.search.words
        self.buffer, self.search, self._rows = LogBuffer(), LogSearch(), LogRows()
        self.search.seek(words, self.buffer)
        self._widest = 0

    def rebuild(self) -> None:
        """Find the rows of all lines anew."""
        self._rows, self._widest = LogRows(), 0
        self._rows.extend(self._height(each) for each in self.buffer.lines)

    def number_at(self, row: int) -> int:
        """Return the number of the line in a row, or in the nearest one there is."""
        index, _ = self._rows.at(max(0, min(row, self.height - 1)))
        return self.buffer.first + index

    def row_of(self, number: int) -> int:
        """Return the first row of a line, or of the oldest one if it is not kept."""
        return self._rows.row_of(max(0, number - self.buffer.first))

    def found_columns(self, number: int) -> tuple[int, int] | None:
        """Return the columns in which the words are first, in a line not wrapped."""
        text = self.buffer.line(number).text
        for start, end in find_all(self.search.words, text):
            shift = self._prefix_width()
            return shift + cell_len(text[:start]), shift + cell_len(text[:end])
        return None

    def row(self, row: int) -> LogRow:
        """Return what is in a row."""
        index, part = self._rows.at(row)
        line = self.buffer.lines[index]
        parts = pieces(line.text, self._text_width()) if self.wraps else [line.text]
        text = parts[part]
        before = sum(len(each) for each in parts[:part])
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
        """Return how many rows a line takes, and mind how wide it is."""
        if self.wraps:
            return rows_of(line.text, self._text_width())
        self._widest = max(self._widest, cell_len(line.text))
        return 1

    def _text_width(self) -> int:
        return max(_NARROWEST, self.width - self._prefix_width())

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
        words = log_time_text(line.time_ns) if part == 0 else ""
        return words.ljust(_TIME_WIDTH)


def log_time_text(time_ns: int | None) -> str:
    """Say a moment in this machine's time zone, without its year."""
    if time_ns is None:
        return "?"
    seconds, rest = divmod(time_ns, 10**9)
    moment = datetime.fromtimestamp(seconds).astimezone()
    return f"{moment:%m-%d %H:%M:%S}.{rest // 10**6:03}"

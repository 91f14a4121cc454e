"""A log laid out in rows of a certain width."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells

from nstui.analysis.tree.arrangement import find_all
from nstui.model.audit import LogSource
from nstui.model.frozen import dataclass
from nstui.render.logs import SIGNS, fit_name, log_time_text, saved_line
from nstui.tui.widgets.log_buffer import LogBuffer, LogFilter, LogSearch, contains

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from nstui.analysis.logs import LogKey, PlacedLine
    from nstui.model.container import ContainerId
    from nstui.tui.widgets.log_buffer import KeptLine


_SIGN_WIDTH = 2
_TIME_WIDTH = len("11-24 15:30:05.123 ")
_MIN_TEXT_WIDTH = 10
"""The minimum width of a text in columns, even in a narrower terminal."""

_MIN_NAME_WIDTH, _MAX_NAME_WIDTH = 6, 24
_NAME_SHARE = 4
"""Names take at most this fraction of the width."""


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

    The first line present has the index 0. A line that is hidden takes none.
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

    def truncate(self, index: int) -> None:
        """Remove a line and those after it."""
        del self._ends[index:]

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
    owner: int
    """Which container wrote it, counted from 0 in the order of the names."""

    name: str
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
        return self.name + self.sign + self.time


class LogPrefix:
    """What stands before the text of each line: a name, a sign and a time.

    Attributes:
        has_signs: Whether each line has the sign of its source.
        has_times: Whether each line has its time.
        names: The names of the containers; none if empty.

    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self.has_signs = False
        self.has_times = False
        self.names: Mapping[ContainerId, str] = {}
        self._owners: dict[ContainerId, int] = {}
        self._longest_name = 0

    def set_names(self, names: Mapping[ContainerId, str]) -> None:
        """Take other names, which must be safe to show."""
        self.names = names
        self._owners = {container: index for index, container in enumerate(names)}
        self._longest_name = max(map(len, names.values()), default=0)

    def width(self, columns: int) -> int:
        """Return the width of the prefix in rows of so many columns."""
        width = _SIGN_WIDTH if self.has_signs else 0
        width += _TIME_WIDTH if self.has_times else 0
        return width + (self._name_width(columns) + 1 if self._longest_name else 0)

    def owner(self, line: KeptLine) -> int:
        """Return which container wrote a line, counted in the order of the names."""
        return self._owners.get(line.container, 0)

    def name(self, line: KeptLine, columns: int, part: int) -> str:
        """Return the name in a row of a line; blank in those after the first."""
        if not self._longest_name:
            return ""
        name = self.names.get(line.container, "") if part == 0 else ""
        return fit_name(name, self._name_width(columns)) + " "

    def sign(self, line: KeptLine, part: int) -> str:
        """Return the sign of the source in a row of a line."""
        if not self.has_signs:
            return ""
        return SIGNS[line.source] if part == 0 else " " * _SIGN_WIDTH

    def time(self, line: KeptLine, part: int) -> str:
        """Return the time in a row of a line."""
        if not self.has_times:
            return ""
        text = log_time_text(line.time_ns) if part == 0 else ""
        return text.ljust(_TIME_WIDTH)

    def saved(self, line: KeptLine) -> str:
        """Return a line as it is saved, with its time."""
        name = self.names.get(line.container, "").ljust(self._longest_name)
        sign = SIGNS[line.source] if self.has_signs else ""
        return saved_line(line.time_ns, name, sign, line.text)

    def _name_width(self, columns: int) -> int:
        share = max(_MIN_NAME_WIDTH, columns // _NAME_SHARE)
        return min(self._longest_name, share, _MAX_NAME_WIDTH)


class LogLayout:
    """Lays out the kept lines of a log.

    Attributes:
        buffer: The kept lines.
        search: The search in the lines that are shown.
        only: The filter that chooses them.
        prefix: What stands before each line.
        width: The columns of a row.
        wraps: Whether long lines are wrapped.

    """

    def __init__(self) -> None:
        """Begin empty, with wrapping and without times."""
        self.buffer = LogBuffer()
        self.only = LogFilter()
        self.search = LogSearch(
            lambda words, line: contains(words, line) and self.only.shows(line)
        )
        self.prefix = LogPrefix()
        self.width = 0
        self.wraps = True
        self._rows = LogRows()
        self._widest = 0

    @property
    def height(self) -> int:
        """The number of rows."""
        return self._rows.total

    @property
    def widest(self) -> int:
        """The columns of the widest row; 0 if lines are wrapped."""
        return 0 if self.wraps else self.prefix.width(self.width) + self._widest

    def add(
        self,
        lines: Sequence[PlacedLine],
        skipped: Mapping[ContainerId, int] | None = None,
    ) -> None:
        """Add lines; see `LogBuffer.add`."""
        had_signs = self.prefix.has_signs
        with self.search.keeping_current(self.buffer):
            changed, dropped = self.buffer.add(lines, skipped)
            self.prefix.has_signs = self.buffer.has_several_sources
            if changed < self.buffer.first or had_signs != self.prefix.has_signs:
                # Signs take room from every line.
                self._lay_out_all()
            else:
                self._lay_out_from(changed, dropped)

    def _lay_out_from(self, changed: int, dropped: int) -> None:
        """Lay out the lines from a number on, and forget those that were dropped."""
        buffer = self.buffer
        tail = buffer.lines[changed - buffer.first :]
        for search in (self.only, self.search):
            search.forget_from(changed)
            search.extend(changed, tail)
            search.forget_before(buffer.first)
        self._rows.truncate(changed - buffer.first + dropped)
        self._rows.extend(self._height(line) for line in tail)
        self._rows.drop(dropped)

    def clear(self) -> None:
        """Drop all lines, but keep the searched text, and that of the filter."""
        self.search.current = None
        self.buffer = LogBuffer()
        self.prefix.has_signs = False
        self.rebuild()

    def rebuild(self) -> None:
        """Compute the rows of all lines again; the current match stays."""
        with self.search.keeping_current(self.buffer):
            self._lay_out_all()

    def _lay_out_all(self) -> None:
        self.only.start(self.only.words, self.buffer)
        self.search.start(self.search.words, self.buffer)
        self._rows, self._widest = LogRows(), 0
        self._rows.extend(self._height(line) for line in self.buffer.lines)

    def set_names(self, names: Mapping[ContainerId, str]) -> None:
        """Put other names before the lines; they must be safe to show."""
        self.prefix.set_names(names)
        self.only.names = names
        self.rebuild()

    def show_only(self, words: str) -> None:
        """Hide the lines that do not match; an empty text shows all."""
        self.only.words = words
        self.rebuild()
        current = self.search.current
        if current is not None and not self.only.shows(self.buffer.line(current)):
            self.search.current = None

    def key_at(self, row: int) -> LogKey | None:
        """Return the place of the line in a row, or of the nearest line."""
        return self.buffer.line(self.number_at(row)).key if self.height else None

    def row_of_key(self, key: LogKey | None) -> int:
        """Return the first row of the line in a place, or of the one after it."""
        return 0 if key is None else self.row_of(self.buffer.number_of(key))

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
            shift = self.prefix.width(self.width)
            return shift + cell_len(text[:start]), shift + cell_len(text[:end])
        return None

    def row(self, row: int) -> LogRow:
        """Return the content of a row."""
        index, part = self._rows.at(row)
        line = self.buffer.lines[index]
        wraps = self.wraps and line.source is not LogSource.MARK
        parts = split_rows(line.text, self._text_width()) if wraps else [line.text]
        text = parts[part]
        before = sum(map(len, parts[:part]))
        spans = (
            (max(0, start - before), min(len(text), end - before))
            for start, end in find_all(self.search.words or self.only.words, line.text)
        )
        return LogRow(
            source=line.source,
            owner=self.prefix.owner(line),
            name=self.prefix.name(line, self.width, part),
            sign=self.prefix.sign(line, part),
            time=self.prefix.time(line, part),
            text=text,
            found=tuple((start, end) for start, end in spans if start < end),
            is_current=self.buffer.first + index == self.search.current,
            is_continued=part > 0,
        )

    def saved_lines(self) -> tuple[str, ...]:
        """Return the lines that are shown, as they are saved."""
        shown = filter(self.only.shows, self.buffer.lines)
        return tuple(map(self.prefix.saved, shown))

    def _height(self, line: KeptLine) -> int:
        """Return how many rows a line takes, and record its width."""
        if not self.only.shows(line):
            return 0
        if self.wraps and line.source is not LogSource.MARK:
            return row_count(line.text, self._text_width())
        self._widest = max(self._widest, cell_len(line.text))
        return 1

    def _text_width(self) -> int:
        return max(_MIN_TEXT_WIDTH, self.width - self.prefix.width(self.width))

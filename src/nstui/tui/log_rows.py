"""Which rows of the screen a line takes."""

from __future__ import annotations

from bisect import bisect_right
from typing import TYPE_CHECKING

from rich.cells import cell_len, chop_cells

if TYPE_CHECKING:
    from collections.abc import Iterable


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


class Rows:
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

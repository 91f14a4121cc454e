"""Cells in columns: how every table of text is laid out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from nstui.render.text import Piece

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from nstui.render.text import Line


GAP = 2
"""The columns between two cells."""

BETWEEN = Piece(" " * GAP)


def fit(text: str, width: int) -> str:
    """Return a text in exactly so many columns, cut with an ellipsis if too long."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, max(0, width - 1)) + "…"[:width]


def widest(texts: Iterable[str]) -> int:
    """Return how many columns the widest of some texts takes; 0 if there is none."""
    return max((cell_len(text) for text in texts), default=0)


def column_widths(rows: Iterable[Sequence[Piece]]) -> list[int]:
    """Return how wide each column is; a row may have fewer cells than others."""
    rows = tuple(rows)
    count = max((len(row) for row in rows), default=0)
    return [
        widest(row[column].text for row in rows if column < len(row))
        for column in range(count)
    ]


def table_row(
    cells: Iterable[Piece], widths: Sequence[int], *, right: Collection[int] = ()
) -> Line:
    """Return cells side by side, each as wide as its column.

    Args:
        cells: From left to right.
        widths: Those of the first columns; cells that follow are as wide as their text.
        right: The columns whose texts end below each other.

    """
    pieces: list[Piece] = []
    for column, cell in enumerate(cells):
        text = cell.text
        if column < len(widths):
            is_right = column in right
            text = text.rjust(widths[column]) if is_right else fit(text, widths[column])
        pieces += (BETWEEN, Piece(text, cell.tone))
    return tuple(pieces[1:])

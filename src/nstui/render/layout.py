"""The layout of text: cells in columns, and sections of labelled rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from nstui.model.frozen import dataclass
from nstui.render.text import Piece, Tone, printable, words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from nstui.render.text import Line


GAP = 2
"""The columns between two cells."""

GAP_PIECE = Piece(" " * GAP)


def fit(text: str, width: int) -> str:
    """Return a text in exactly this many columns, cut with an ellipsis if too long."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, max(0, width - 1)) + "…"[:width]


def cut_end(text: str, width: int) -> str:
    """Return a text in at most this many columns, cut with an ellipsis if too long."""
    return fit(text, min(width, cell_len(text)))


def fit_ends(text: str, width: int) -> str:
    """Return a text in exactly this many columns; its middle is left out if too long.

    Names that begin alike often differ at their ends.
    """
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    if width <= 0:
        return ""
    end = (width - 1) // 2
    start = set_cell_size(text, width - 1 - end)
    return f"{start}…{set_cell_size(text[::-1], end)[::-1]}"


def widest(texts: Iterable[str]) -> int:
    """Return the width of the widest text in columns; 0 if there is none."""
    return max((cell_len(text) for text in texts), default=0)


def column_widths(rows: Iterable[Sequence[Piece]]) -> list[int]:
    """Return the width of each column; rows may have different numbers of cells."""
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
        cells: The cells from left to right.
        widths: The widths of the first columns; further cells are as wide as their
            text.
        right: The indexes of the columns that are aligned to the right.

    """
    pieces: list[Piece] = []
    for column, cell in enumerate(cells):
        text = cell.text
        if column < len(widths):
            is_right = column in right
            text = text.rjust(widths[column]) if is_right else fit(text, widths[column])
        pieces += (GAP_PIECE, Piece(text, cell.tone))
    return tuple(pieces[1:])


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A label and its value; an empty label continues the row above."""

    label: str
    value: Line


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a heading."""

    title: str
    rows: tuple[SectionRow, ...]


def text_row(label: str, text: str, tone: Tone = Tone.PLAIN) -> SectionRow:
    """Return a row of a label and a text, which may contain anything, in one tone."""
    return SectionRow(printable(label), (Piece(printable(text), tone),))


def note(text: str, tone: Tone = Tone.PLAIN) -> Section:
    """Return a sentence as a section without a title."""
    return Section("", (text_row("", text, tone),))


def with_rows(*sections: Section) -> tuple[Section, ...]:
    """Return the sections that have rows."""
    return tuple(section for section in sections if section.rows)


def titled_lines(title: str, lines: Iterable[Line]) -> Iterator[Line]:
    """Yield lines under a title, or nothing if there are no lines."""
    shown = tuple(lines)
    if shown:
        yield (Piece(title, Tone.STRONG),)
    yield from ((Piece(" " * GAP), *line) for line in shown)


def section_lines(
    section: Section, *, label_width: int = 0, tone: Tone = Tone.PLAIN
) -> Iterator[Line]:
    """Yield a section as lines of the command line, where values have no tones.

    Args:
        section: The section; it yields nothing if it has no rows.
        label_width: The minimum width of the labels in columns.
        tone: The tone of the labels.

    """
    lines = []
    for row in section.rows:
        label = f"{row.label:<{label_width}}{'':{GAP}}" if row.label else ""
        lines.append((Piece(label, tone), Piece(words_of(row.value))))
    yield from titled_lines(section.title.lower(), lines)

"""How text is laid out: cells in columns, and sections of labelled rows."""

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


@dataclass(frozen=True, slots=True)
class SectionRow:
    """A label and what it is; an empty label continues the one above."""

    label: str
    value: Line


@dataclass(frozen=True, slots=True)
class Section:
    """Rows under a heading."""

    title: str
    rows: tuple[SectionRow, ...]


def text_row(label: str, text: str, tone: Tone = Tone.PLAIN) -> SectionRow:
    """Return a row in one tone, of a label and a text that may hold anything."""
    return SectionRow(printable(label), (Piece(printable(text), tone),))


def note(text: str, tone: Tone = Tone.PLAIN) -> Section:
    """Return a sentence as a section of its own."""
    return Section("", (text_row("", text, tone),))


def with_rows(*sections: Section) -> tuple[Section, ...]:
    """Return the sections that have any rows."""
    return tuple(section for section in sections if section.rows)


def titled_lines(title: str, lines: Iterable[Line]) -> Iterator[Line]:
    """Yield lines under a title, and no title without any."""
    shown = tuple(lines)
    if shown:
        yield (Piece(title, Tone.STRONG),)
    yield from ((Piece(" " * GAP), *line) for line in shown)


def section_lines(
    section: Section, *, label_width: int = 0, tone: Tone = Tone.PLAIN
) -> Iterator[Line]:
    """Yield a section as text for the command line, where values have no tones.

    Args:
        section: What to print; nothing if it has no rows.
        label_width: The columns of each label, at least.
        tone: The tone of the labels.

    """
    lines = []
    for row in section.rows:
        label = f"{row.label:<{label_width}}{'':{GAP}}" if row.label else ""
        lines.append((Piece(label, tone), Piece(words_of(row.value))))
    yield from titled_lines(section.title.lower(), lines)

"""Sections: what the details show and what the command line prints as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.render.table import GAP
from nstui.render.text import Piece, Tone, printable, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.render.text import Line


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

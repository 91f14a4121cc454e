"""The help of a screen: its keys and signs by groups, in one or two columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.cells import cell_len

from nstui.model.frozen import dataclass
from nstui.render.text import Piece, Tone

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nstui.render.text import Line

INDENT = 2
GAP = 2
"""The columns between a key and its words, and at least between two columns."""

TWO_COLUMNS = 100
"""From this width on there are two columns."""

LEAST_WORDS = 12
"""Words are not wrapped to fewer columns."""


@dataclass(frozen=True, slots=True)
class HelpEntry:
    """A key or a sign, and what it does or means."""

    sign: Piece
    words: str


@dataclass(frozen=True, slots=True)
class HelpGroup:
    """Keys or signs under a heading."""

    title: str
    entries: tuple[HelpEntry, ...]


def help_lines(groups: Sequence[HelpGroup], width: int) -> tuple[Line, ...]:
    """Return groups as lines of at most a width; nothing is cut.

    Args:
        groups: The groups in their order: first down the left column, then the right.
        width: The number of columns of the terminal that they may use.

    """
    if width < TWO_COLUMNS:
        return _column(groups, width)
    column = (width - GAP) // 2
    pairs = [
        (_column(groups[:count], column), _column(groups[count:], column))
        for count in range(len(groups) + 1)
    ]
    left, right = min(pairs, key=lambda pair: max(map(len, pair)), default=((), ()))
    height = max(len(left), len(right))
    rows = zip(_filled(left, height), _filled(right, height), strict=True)
    return tuple(
        (*start, Piece(" " * (column + GAP - _width(start))), *end) if end else start
        for start, end in rows
    )


def _filled(lines: Sequence[Line], height: int) -> Sequence[Line]:
    return (*lines, *((),) * (height - len(lines)))


def _width(line: Line) -> int:
    return sum(cell_len(piece.text) for piece in line)


def _column(groups: Sequence[HelpGroup], width: int) -> tuple[Line, ...]:
    lines: list[Line] = []
    signs = (entry.sign.text for group in groups for entry in group.entries)
    longest = max(map(cell_len, signs), default=0)
    for group in groups:
        if lines:
            lines.append(())
        lines.append((Piece(group.title, Tone.STRONG),))
        for entry in group.entries:
            lines += _entry_lines(entry, longest, width)
    return tuple(lines)


def _entry_lines(entry: HelpEntry, longest: int, width: int) -> Iterator[Line]:
    start = INDENT + longest + GAP
    room = max(LEAST_WORDS, width - start)
    first, *further = textwrap.wrap(entry.words, room) or [""]
    gap = " " * (longest - cell_len(entry.sign.text) + GAP)
    yield Piece(" " * INDENT), entry.sign, Piece(gap + first)
    for words in further:
        yield (Piece(" " * start + words),)

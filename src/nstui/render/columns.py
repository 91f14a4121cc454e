"""How wide the cells of the tree are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size

from nstui.render.text import Piece, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.render.rows import Row

GAP = 2
LONGEST_NAME = 40
"""What a name may take where the terminal is narrower than three times that."""

NARROWEST = 8
"""A column that would be cut to less than this is left out."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The widths of the cells, in terminal columns; 0 leaves one out."""

    name: int
    """With everything in front of it: guides, fold mark and state sign."""

    state: int
    measure: int
    problem: int
    """With what else is shared: hardly a line has both."""

    image: int
    compose: int

    @property
    def before_measure(self) -> int:
        """How many columns are in front of what the tree is ordered by."""
        return self.name + GAP + (self.state + GAP if self.state else 0)


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row and how far it is indented."""

    row: Row
    indent: int
    """The columns in front of its name."""


def fit_columns(rows: Iterable[PlacedRow], width: int) -> Columns:
    """Return widths that give each row's name, state and problem what they need.

    Image and service share what is left, and go where it is too little.
    """
    rows = tuple(rows)
    names = [p.indent + cell_len(p.row.name.text) for p in rows if p.row.state.text]
    name = min(max(names, default=0), max(LONGEST_NAME, width // 3))
    state = _widest(p.row.state.text for p in rows)
    measure = _widest(p.row.measure.text for p in rows)
    problem = _widest(words_of(problem_cell(p.row)) for p in rows)
    image = _widest(p.row.image.text for p in rows)
    compose = _widest(p.row.compose.text for p in rows)
    left = width - name - sum(w + GAP for w in (state, measure, problem) if w)
    image, compose = _share(left, image, compose)
    return Columns(name, state, measure, problem, image, compose)


def problem_cell(row: Row) -> tuple[Piece, ...]:
    """Return what is wrong and what else is shared, side by side."""
    both = row.problem.text and row.shares.text
    return (row.problem, *((Piece(" " * GAP),) if both else ()), row.shares)


def _share(room: int, image: int, compose: int) -> tuple[int, int]:
    """Divide what is left: each gets what it wants, or at least about half."""
    if compose and image + compose + 2 * GAP > room:
        half = max(room // 2 - GAP, room - image - 2 * GAP)
        compose = _cut(compose, half)
    return _cut(image, room - GAP - (compose + GAP if compose else 0)), compose


def _cut(wanted: int, room: int) -> int:
    """Return the width of a column, or 0 if what is left of it says too little."""
    return wanted if wanted <= room else room if room >= NARROWEST else 0


def fit_image(image: str, width: int) -> str:
    """Return an image's name in so many columns; where it came from is cut first."""
    if cell_len(image) > width:
        image = image.rpartition("/")[2]
    return fit(image, width)


def fit(text: str, width: int) -> str:
    """Return a text in exactly so many columns, cut with an ellipsis if too long."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    return set_cell_size(text, max(0, width - 1)) + "…"[:width]


def _widest(texts: Iterable[str]) -> int:
    return max((cell_len(text) for text in texts), default=0)

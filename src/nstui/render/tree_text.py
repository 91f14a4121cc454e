"""The tree of groups as text, in columns as wide as there is room."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from nstui.analysis.tree.tree import RowKind, build_tree
from nstui.model.frozen import dataclass
from nstui.render.findings import (
    count_text,
    engine_text,
    finding_counts,
    namespaces_text,
)
from nstui.render.layout import BETWEEN, GAP, fit, widest
from nstui.render.rows import row_of, top_text
from nstui.render.terminal import STYLES, text_of
from nstui.render.text import Piece, Tone, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from rich.console import Console
    from rich.style import Style

    from nstui.analysis.report import Report
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.namespace import NamespaceKind
    from nstui.render.rows import RowText


LONGEST_NAME = 40
"""What a name may take where the terminal is narrower than three times that."""

NARROWEST = 8
"""A column that would be cut to less than this is left out."""

SIGN = 2
"""The columns of the sign in front of a name."""


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

    row: RowText
    indent: int
    """The columns in front of its name."""


def fit_columns(rows: Iterable[PlacedRow], width: int) -> Columns:
    """Return widths that give each row's name, state and problem what they need.

    Image and service share what is left, and go where it is too little.
    """
    rows = tuple(rows)
    names = [p.indent + cell_len(p.row.name.text) for p in rows if p.row.state.text]
    name = min(max(names, default=0), max(LONGEST_NAME, width // 3))
    state = widest(p.row.state.text for p in rows)
    measure = widest(p.row.measure.text for p in rows)
    problem = widest(words_of(problem_cell(p.row)) for p in rows)
    image = widest(p.row.image.text for p in rows)
    compose = widest(p.row.compose.text for p in rows)
    left = width - name - sum(w + GAP for w in (state, measure, problem) if w)
    image, compose = _share(left, image, compose)
    return Columns(name, state, measure, problem, image, compose)


def problem_cell(row: RowText) -> tuple[Piece, ...]:
    """Return what is wrong and what else is shared, side by side."""
    both = row.problem.text and row.shares.text
    return (row.problem, *((BETWEEN,) if both else ()), row.shares)


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


def draw_row(
    row: RowText,
    columns: Columns,
    *,
    taken: int,
    style_of: Callable[[Tone], Style | str],
    is_selected: bool = False,
) -> Text:
    """Return a row as one text.

    Args:
        row: What to draw. Without a state it stands for no container, and its name
            is a sentence that no column cuts.
        columns: The widths of the cells.
        taken: How many columns in front of it are in use.
        style_of: The style of each tone.
        is_selected: Whether to mark it as selected.

    """
    text = Text()

    def append(piece: Piece) -> None:
        text.append(piece.text, style_of(piece.tone))

    append(row.glyph)
    text.append(*(("✓", style_of(Tone.NOTICE)) if is_selected else (" ",)))
    if not row.state.text:
        append(row.name)
        measure = row.measure.text.lstrip()
        if measure:
            # It has a sum alone, beneath those of the lines that have both.
            place = columns.before_measure + len(row.measure.text) - len(measure)
            used = taken + cell_len(text.plain)
            text.append(" " * max(GAP, place - used))
            text.append(measure, style_of(row.measure.tone))
        if row.problem.text:
            text.append(" " * GAP)
            append(row.problem)
        return text
    room = max(1, columns.name - taken - SIGN)
    text.append(fit(row.name.text, room), style_of(row.name.tone))
    for pieces, width, cut in (
        ((row.state,), columns.state, fit),
        ((row.measure,), columns.measure, fit),
        (problem_cell(row), columns.problem, fit),
        ((row.image,), columns.image, fit_image),
        ((row.compose,), columns.compose, fit),
    ):
        if width:
            text.append(" " * GAP)
            *others, last = pieces
            for piece in others:
                append(piece)
            left = width - sum(cell_len(piece.text) for piece in others)
            text.append(cut(last.text, left), style_of(last.tone))
    return text


def print_tree(
    console: Console, report: Report, kind: NamespaceKind, *, unfold: bool
) -> None:
    """Print the tree of one kind of namespace, and a line that sums it up.

    Args:
        console: Where to.
        report: What to show.
        kind: Whose groups.
        unfold: Whether to list also those that share with nobody. Those of them that
            have a finding are always listed.

    """
    drawn = [
        (guide, _row_text(row, report))
        for top in build_tree(report, kind)
        for row, guide in _drawn(top, unfold=unfold)
    ]
    placed = [PlacedRow(row, len(guide) + SIGN) for guide, row in drawn]
    columns = fit_columns(placed, console.width)
    for guide, row in drawn:
        line = text_of((Piece(guide, Tone.MUTED),))
        line.append_text(
            draw_row(row, columns, taken=len(guide), style_of=STYLES.__getitem__)
        )
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    if drawn:
        console.print()
    summary = (
        engine_text(report.snapshot.engine),
        count_text(report, kind),
        namespaces_text(report),
        *finding_counts(report),
    )
    console.print(text_of(summary, " · "), soft_wrap=True)


def _drawn(
    row: TreeRow, before: str = "", own: str = "", *, unfold: bool
) -> Iterator[tuple[TreeRow, str]]:
    """Yield each line with the guide that leads to it."""
    yield row, before + own
    beneath = row.children
    if row.kind is RowKind.UNSHARED and not unfold:
        beneath = tuple(b for b in beneath if b.finding is not None)
    inherited = {"": "", "├─ ": "│  ", "└─ ": "   "}[own]
    for number, one in enumerate(beneath, start=1):
        guide = "└─ " if number == len(beneath) else "├─ "
        yield from _drawn(one, before + inherited, guide, unfold=unfold)


def _row_text(row: TreeRow, report: Report) -> RowText:
    text = row_of(row, report)
    if row.kind is not RowKind.UNSHARED:
        return text
    words = f"{top_text(row, report)} (--all lists them)"
    return replace(text, name=Piece(words, Tone.MUTED), problem=Piece(""))

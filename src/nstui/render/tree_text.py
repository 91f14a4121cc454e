"""The tree of groups as text, in columns that fit the available width."""

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
from nstui.render.layout import GAP, GAP_PIECE, fit, widest
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


MAX_NAME_WIDTH = 40
"""The maximum width of a name in a terminal narrower than three times that."""

MIN_COLUMN_WIDTH = 8
"""A column that would be narrower is left out."""

_FOLDS = frozenset({RowKind.UNSHARED, RowKind.PROJECT})
"""The rows below which only containers with a finding are listed, unless all are."""

SIGN = 2
"""The columns of the sign before a name."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The widths of the cells, in terminal columns; 0 leaves a cell out."""

    name: int
    """Includes everything before it: guides, fold mark and state sign."""

    state: int
    measure: int
    problem: int
    """Includes the other kinds that are shared: few rows have both."""

    image: int
    compose: int

    @property
    def before_measure(self) -> int:
        """The columns before the value that the tree is sorted by."""
        return self.name + GAP + (self.state + GAP if self.state else 0)


@dataclass(frozen=True, slots=True)
class PlacedRow:
    """A row and its indent."""

    row: RowText
    indent: int
    """The columns before its name."""


def fit_columns(rows: Iterable[PlacedRow], width: int) -> Columns:
    """Return widths that give each row's name, state and problem enough room.

    Image and service share the rest, and are left out if it is too little.
    """
    rows = tuple(rows)
    names = [p.indent + cell_len(p.row.name.text) for p in rows if p.row.state.text]
    name = min(max(names, default=0), max(MAX_NAME_WIDTH, width // 3))
    state = widest(p.row.state.text for p in rows)
    measure = widest(p.row.measure.text for p in rows)
    problem = widest(words_of(problem_cell(p.row)) for p in rows)
    image = widest(p.row.image.text for p in rows)
    compose = widest(p.row.compose.text for p in rows)
    remaining = width - name - sum(w + GAP for w in (state, measure, problem) if w)
    image, compose = _divide(remaining, image, compose)
    return Columns(name, state, measure, problem, image, compose)


def problem_cell(row: RowText) -> tuple[Piece, ...]:
    """Return the finding and the other shared kinds, side by side."""
    both = row.problem.text and row.shares.text
    return (row.problem, *((GAP_PIECE,) if both else ()), row.shares)


def _divide(room: int, image: int, compose: int) -> tuple[int, int]:
    """Divide the rest: each gets its full width, or at least about half."""
    if compose and image + compose + 2 * GAP > room:
        half = max(room // 2 - GAP, room - image - 2 * GAP)
        compose = _column_width(compose, half)
    return _column_width(image, room - GAP - (compose + GAP if compose else 0)), compose


def _column_width(wanted: int, room: int) -> int:
    """Return the width of a column, or 0 if the available width is too small."""
    return wanted if wanted <= room else room if room >= MIN_COLUMN_WIDTH else 0


def fit_image(image: str, width: int) -> str:
    """Return an image's name in this many columns; its registry is cut first."""
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
        row: The row. Without a state it stands for no container, and its name is a
            sentence that is not cut.
        columns: The widths of the cells.
        taken: How many columns before it are in use.
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
            # Only a sum, aligned with the sums of the rows that have both.
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
    """Print the tree of one kind of namespace, and a line of summary.

    Args:
        console: The console to print on.
        report: The report.
        kind: The kind of namespace that the groups share.
        unfold: Whether to list containers that share nothing, too. Those that have a
            finding are always listed.
    """
    drawn = [
        (guide, _row_text(row, report))
        for top in build_tree(report, kind)
        for row, guide in _with_guides(top, unfold=unfold)
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


def _with_guides(
    row: TreeRow, before: str = "", own: str = "", *, unfold: bool
) -> Iterator[tuple[TreeRow, str]]:
    """Yield each row with the guide that leads to it."""
    yield row, before + own
    children = row.children
    if row.kind in _FOLDS and not unfold:
        children = tuple(child for child in children if child.finding is not None)
    inherited = {"": "", "├─ ": "│  ", "└─ ": "   "}[own]
    for number, child in enumerate(children, start=1):
        guide = "└─ " if number == len(children) else "├─ "
        yield from _with_guides(child, before + inherited, guide, unfold=unfold)


def _row_text(row: TreeRow, report: Report) -> RowText:
    text = row_of(row, report)
    if row.kind is RowKind.PROJECT:
        # A row below it shows the same.
        return replace(text, problem=Piece(""))
    if row.kind is not RowKind.UNSHARED:
        return text
    sentence = f"{top_text(row, report)} (--all lists them)"
    return replace(text, name=Piece(sentence, Tone.MUTED), problem=Piece(""))

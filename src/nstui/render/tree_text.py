"""The tree of groups as text, in columns that fit the available width."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from rich.cells import cell_len

from nstui.analysis.tree.tree import RowKind, build_tree
from nstui.model.frozen import dataclass
from nstui.render.findings import (
    count_text,
    engine_text,
    namespaces_text,
)
from nstui.render.incidents import incident_counts
from nstui.render.layout import GAP, GAP_PIECE, fit, fit_ends, widest
from nstui.render.rows import row_of, top_text, with_columns
from nstui.render.text import Piece, Tone, words_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

    from rich.console import Console
    from rich.style import Style
    from rich.text import Text

    from nstui.analysis.report import Report
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.namespace import NamespaceKind
    from nstui.render.rows import RowText


SHORT_NAME = 16
"""Names are not made shorter than this for the sake of the words of states."""

SHORTEST_NAME = 8
"""Names are not made shorter than this for the sake of findings."""

MIN_WIDTHS: Mapping[str, int] = MappingProxyType(
    {"image": 12, "compose": 12, "problem": 3}
)
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
    has_running: bool = True
    """Whether the word for the usual state, which its sign also tells, is shown."""

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
    """Return widths that fit into a line of this width.

    If there is too little room, cells give way in this order: the image, the compose
    service, the word ``running``, the other shared kinds beside a finding, long names,
    the words of other states, the value that the tree is sorted by; last the findings.
    """
    rows = tuple(rows)
    widths = _wanted(rows)
    whole_name = widths["name"]
    has_running = True
    for column, least, is_gradual in _concessions(rows, width):
        excess = _total(widths) - width
        if excess <= 0:
            break
        wanted = widths[column]
        left = max(least, wanted - excess) if is_gradual else min(least, wanted)
        has_running = has_running and column != "state"
        is_useless = is_gradual and not least and left < MIN_WIDTHS.get(column, 0)
        widths[column] = 0 if is_useless else left
    # What gave way after the names may have made more room than was missing.
    spare = max(0, width - _total(widths))
    widths["name"] = min(whole_name, widths["name"] + spare)
    return Columns(**widths, has_running=has_running)


def _total(widths: Mapping[str, int]) -> int:
    """Return the width of a line with these columns."""
    return max(0, sum(width + GAP for width in widths.values() if width) - GAP)


def _wanted(rows: Iterable[PlacedRow]) -> dict[str, int]:
    """Return the widths of the columns that show every cell whole."""
    rows = tuple(rows)
    own = [p for p in rows if p.row.state.text]
    return {
        "name": max((p.indent + cell_len(p.row.name.text) for p in own), default=0),
        "state": widest(p.row.state.text for p in rows),
        "measure": widest(p.row.measure.text for p in rows),
        "problem": widest(words_of(problem_cell(p.row)) for p in own),
        "image": widest(p.row.image.text for p in rows),
        "compose": widest(p.row.compose.text for p in rows),
    }


def _concessions(
    rows: Iterable[PlacedRow], width: int
) -> Iterator[tuple[str, int, bool]]:
    """Yield what gives way, in this order.

    Each is a column, its least width, and whether it is reduced only as far as
    necessary.
    """
    rows = tuple(rows)
    own = [p for p in rows if p.row.state.text]
    finding = widest(p.row.problem.text for p in own)

    def name(length: int) -> int:
        lengths = (p.indent + min(length, cell_len(p.row.name.text)) for p in own)
        return min(max(lengths, default=0), width // 2)

    yield "image", 0, True
    yield "compose", 0, True
    yield "state", widest(_state(p.row, has_running=False).text for p in rows), False
    yield "problem", max(finding, widest(p.row.shares.text for p in own)), False
    yield "name", name(SHORT_NAME), True
    yield "state", 0, False
    yield "measure", 0, False
    yield "problem", finding, False
    yield "name", name(SHORTEST_NAME), True
    yield "problem", 0, True


def _state(row: RowText, *, has_running: bool) -> Piece:
    """Return a row's state, without the word for the usual one unless it is wanted."""
    is_left_out = row.state.tone is Tone.GOOD and not has_running
    return Piece("") if is_left_out else row.state


def problem_cell(row: RowText) -> tuple[Piece, ...]:
    """Return the finding and the other shared kinds, side by side."""
    both = row.problem.text and row.shares.text
    return (row.problem, *((GAP_PIECE,) if both else ()), row.shares)


def fit_image(image: str, width: int) -> str:
    """Return an image's name in this many columns; its registry is cut first."""
    if cell_len(image) > width:
        image = image.rpartition("/")[2]
    return fit(image, width)


def draw_row(  # noqa: PLR0913 - the last ones are named
    row: RowText,
    columns: Columns,
    *,
    taken: int,
    width: int,
    style_of: Callable[[Tone], Style | str],
    is_selected: bool = False,
) -> Text:
    """Return a row as one text.

    Args:
        row: The row. Without a state it stands for no container, and its name is a
            sentence that is cut only where the line ends.
        columns: The widths of the cells.
        taken: How many columns before it are in use.
        width: The columns of the whole line.
        style_of: The style of each tone.
        is_selected: Whether to mark it as selected.

    """
    from rich.text import Text  # noqa: PLC0415

    text = Text()
    pieces = row_pieces(row, columns, taken=taken, width=width, is_selected=is_selected)
    for piece in pieces:
        text.append(piece.text, style_of(piece.tone))
    return text


def row_pieces(
    row: RowText,
    columns: Columns,
    *,
    taken: int,
    width: int,
    is_selected: bool = False,
) -> Iterator[Piece]:
    """Yield the pieces of a row; the arguments are those of `draw_row`."""
    mark = Piece("✓", Tone.NOTICE) if is_selected else Piece(" ")
    is_sentence = not row.state.text
    cells = (
        _sentence(row, columns, taken, width)
        if is_sentence
        else _cells(row, columns, taken)
    )
    for piece in (row.glyph, mark, *cells):
        yield Piece(piece.text, Tone.MUTED) if row.is_context else piece


def _sentence(
    row: RowText, columns: Columns, taken: int, width: int
) -> Iterator[Piece]:
    """Yield the pieces of a row that stands for no container, after its sign."""
    # Only a sum, aligned with the sums of the rows that have both.
    measure = row.measure.text.lstrip()
    after = sum(GAP + cell_len(cell) for cell in (measure, row.problem.text) if cell)
    room = max(1, width - taken - SIGN - after)
    name = (
        row.name.text if cell_len(row.name.text) <= room else fit(row.name.text, room)
    )
    yield Piece(name, row.name.tone)
    if measure:
        place = columns.before_measure + len(row.measure.text) - len(measure)
        used = taken + SIGN + cell_len(name)
        most = max(GAP, width - used - after + GAP)
        yield Piece(" " * min(most, max(GAP, place - used)))
        yield Piece(measure, row.measure.tone)
    if row.problem.text:
        yield GAP_PIECE
        yield row.problem


def _cells(row: RowText, columns: Columns, taken: int) -> Iterator[Piece]:
    """Yield the cells of a container's row in their columns, after its sign."""
    room = max(1, columns.name - taken - SIGN)
    yield Piece(fit_ends(row.name.text, room), row.name.tone)
    for pieces, width, cut in (
        ((_state(row, has_running=columns.has_running),), columns.state, fit),
        ((row.measure,), columns.measure, fit),
        (problem_cell(row), columns.problem, fit),
        ((row.image,), columns.image, fit_image),
        ((row.compose,), columns.compose, fit),
    ):
        if width:
            yield GAP_PIECE
            left = width
            *others, last = pieces
            for piece in others:
                shown = (
                    piece.text
                    if cell_len(piece.text) <= left
                    else fit(piece.text, left)
                )
                yield Piece(shown, piece.tone)
                left -= cell_len(shown)
            yield Piece(cut(last.text, left), last.tone)


def print_tree(
    console: Console,
    report: Report,
    kind: NamespaceKind,
    *,
    unfold: bool,
    shown: Collection[str] | None = None,
) -> None:
    """Print the tree of one kind of namespace, and a line of summary.

    Args:
        console: The console to print on.
        report: The report.
        kind: The kind of namespace that the groups share.
        unfold: Whether to list containers that share nothing, too. Those that have a
            finding are always listed.
        shown: The optional columns to show; None for all.

    """
    from nstui.render.terminal import STYLES, text_of  # noqa: PLC0415

    drawn = [
        (guide, with_columns(_row_text(row, report), shown))
        for top in build_tree(report, kind)
        for row, guide in _with_guides(top, unfold=unfold)
    ]
    placed = [PlacedRow(row, len(guide) + SIGN) for guide, row in drawn]
    columns = fit_columns(placed, console.width)
    for guide, row in drawn:
        line = text_of((Piece(guide, Tone.MUTED),))
        line.append_text(
            draw_row(
                row,
                columns,
                taken=len(guide),
                width=console.width,
                style_of=STYLES.__getitem__,
            )
        )
        line.rstrip()
        console.print(line, no_wrap=True, overflow="ellipsis", crop=True)
    if drawn:
        console.print()
    summary = (
        engine_text(report.snapshot.engine),
        count_text(report, kind),
        namespaces_text(report),
        *incident_counts(report),
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

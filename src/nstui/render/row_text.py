"""Draws a line of the tree in columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.text import Text

from nstui.render.columns import GAP, Columns, fit, fit_image, problem_cell
from nstui.render.text import Tone

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.style import Style

    from nstui.render.rows import Row
    from nstui.render.text import Piece

SIGN = 2
"""The columns of the sign in front of a name."""


def draw_row(
    row: Row,
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

"""What a line is ordered by, as a cell."""

from __future__ import annotations

import pytest

from nstui.analysis.tree.tree import SortOrder, SortValue, UnknownValue
from nstui.render.rows import measure_cell
from nstui.render.text import Piece, Tone


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        (SortValue(SortOrder.AGE, 3), "a moment"),
        (SortValue(SortOrder.AGE, 3600.0 * 5), "     5 h"),
        (SortValue(SortOrder.AGE, None), "        "),
        (SortValue(SortOrder.CPU, 0.0), " 0.0%"),
        (SortValue(SortOrder.CPU, 3200.4), "3200%"),
        (SortValue(SortOrder.CPU, UnknownValue.AWAITED), "    …"),
        (SortValue(SortOrder.CPU, 2.25, 12.0), " 2.2%  Σ   12%"),
        (
            SortValue(SortOrder.CPU, UnknownValue.UNREAD, 12, is_partial=True),
            "    ?  ≥   12%",
        ),
        (SortValue(SortOrder.MEMORY, 161_200_000.0), "161 MB"),
        (SortValue(SortOrder.MEMORY, None, 1.24e9), "        Σ 1.2 GB"),
    ],
)
def test_a_cell_is_as_wide_whatever_the_number(measure: SortValue, text: str) -> None:
    assert measure_cell(measure).text == text


def test_what_could_not_be_read_stands_out() -> None:
    unread = measure_cell(SortValue(SortOrder.MEMORY, UnknownValue.UNREAD))
    assert unread == Piece("     ?", Tone.WARNING)
    assert measure_cell(SortValue(SortOrder.MEMORY, 5.0)).tone is Tone.PLAIN

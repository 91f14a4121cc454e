"""What a line is ordered by, as a cell."""

from __future__ import annotations

import pytest

from nstui.analysis.orders import Measure, Order, Unknown
from nstui.render.measure_words import measure_cell
from nstui.render.text import Piece, Tone


@pytest.mark.parametrize(
    ("measure", "text"),
    [
        (Measure(Order.AGE, 3), "a moment"),
        (Measure(Order.AGE, 3600.0 * 5), "     5 h"),
        (Measure(Order.AGE, None), "        "),
        (Measure(Order.CPU, 0.0), " 0.0%"),
        (Measure(Order.CPU, 3200.4), "3200%"),
        (Measure(Order.CPU, Unknown.AWAITED), "    …"),
        (Measure(Order.CPU, 2.25, 12.0), " 2.2%  Σ   12%"),
        (Measure(Order.CPU, Unknown.UNREAD, 12, is_partial=True), "    ?  ≥   12%"),
        (Measure(Order.MEMORY, 161_200_000.0), "161 MB"),
        (Measure(Order.MEMORY, None, 1.24e9), "        Σ 1.2 GB"),
    ],
)
def test_a_cell_is_as_wide_whatever_the_number(measure: Measure, text: str) -> None:
    assert measure_cell(measure).text == text


def test_what_could_not_be_read_stands_out() -> None:
    unread = measure_cell(Measure(Order.MEMORY, Unknown.UNREAD))
    assert unread == Piece("     ?", Tone.WARNING)
    assert measure_cell(Measure(Order.MEMORY, 5.0)).tone is Tone.PLAIN

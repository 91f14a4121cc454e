"""What a line of the tree is ordered by, as a cell."""

from __future__ import annotations

from nstui.analysis.ages import span_words
from nstui.analysis.orders import Measure, Order, Unknown
from nstui.render.text import Piece, Tone

_WIDTHS = {
    Order.AGE: len("a moment"),
    Order.CPU: len("1234%"),
    Order.MEMORY: len("999 MB"),
}
"""So wide at least, so that nothing moves when a number grows."""

_UNKNOWN = {Unknown.UNREAD: "?", Unknown.AWAITED: "…"}
SUM = "Σ"
AT_LEAST = "≥"
"""In the place of the sign of a sum that something is missing in."""


def measure_cell(measure: Measure) -> Piece:
    """Return a number, and the sum of a line with all beneath it."""
    own = _aligned(measure.order, measure.amount)
    is_known = measure.amount is not Unknown.UNREAD
    tone = Tone.PLAIN if is_known else Tone.WARNING
    if measure.total is None:
        return Piece(own, tone)
    sign = AT_LEAST if measure.is_partial else SUM
    return Piece(f"{own}  {sign} {_aligned(measure.order, measure.total)}", tone)


def _aligned(order: Order, amount: float | Unknown | None) -> str:
    if amount is None:
        words = ""
    elif isinstance(amount, Unknown):
        words = _UNKNOWN[amount]
    else:
        words = _words(order, amount)
    return words.rjust(_WIDTHS[order])


def _words(order: Order, amount: float) -> str:
    if order is Order.AGE:
        return span_words(amount)
    from nstui.render import amounts  # noqa: PLC0415 - rich, which few commands need

    if order is Order.CPU:
        return amounts.percent_words(amount)
    return amounts.short_size_words(int(amount))

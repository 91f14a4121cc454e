"""How long ago something was, in words that rarely change."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"))
_COARSE_S = 10
"""Under a minute the words change this often, in seconds."""


def age_words(since: datetime, now: datetime) -> str:
    """Return an age such as ``40 s``, ``3 min``, ``5 h`` or ``12 d``, rounded down."""
    return span_words((now - since).total_seconds())


def span_words(span_s: float) -> str:
    """Return a number of seconds in the same words."""
    seconds = max(0, int(span_s))
    for size, unit in _UNITS:
        if seconds >= size:
            return f"{seconds // size} {unit}"
    if seconds < _COARSE_S:
        return "a moment"
    return f"{seconds // _COARSE_S * _COARSE_S} s"

"""How much of something, in a few digits."""

from __future__ import annotations

from rich.filesize import decimal

_DECIMALS_BELOW = 9.95
"""From here on a number is rounded to 10 and needs no decimals."""


def percent_words(percent: float) -> str:
    """Return a share of one CPU, such as ``0.4%`` or ``180%``."""
    return f"{percent:.{int(percent < _DECIMALS_BELOW)}f}%"


def size_words(size: float) -> str:
    """Return a number of bytes, such as ``1.2 GB``."""
    return decimal(round(size))

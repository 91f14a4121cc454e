"""How much of something, in a few digits."""

from __future__ import annotations

from rich.filesize import decimal, pick_unit_and_suffix

_DECIMALS_BELOW = 9.95
"""From here on a number is rounded to 10 and needs no decimals."""


_UNITS = ["bytes", "kB", "MB", "GB", "TB"]
_KILO = 1000


def percent_words(percent: float) -> str:
    """Return a share of one CPU, such as ``0.4%`` or ``180%``."""
    return f"{percent:.{int(percent < _DECIMALS_BELOW)}f}%"


def size_words(size: float) -> str:
    """Return a number of bytes, such as ``1.2 GB``."""
    return decimal(round(size))


def short_size_words(size: int) -> str:
    """Return a number of bytes in at most three digits, such as ``161 MB``."""
    unit, suffix = pick_unit_and_suffix(size, _UNITS, _KILO)
    number = size / unit
    return f"{number:.{int(unit > 1 and number < _DECIMALS_BELOW)}f} {suffix}"

"""Durations as people write them: ``3s``, ``500ms``, ``2m``, ``1h30m``."""

from __future__ import annotations

import re

_UNITS_S = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_PART = r"(\d+(?:\.\d+)?)(ms|s|m|h|d)"
LONGEST_S = 7 * 86_400.0
"""The longest duration that is taken, in seconds: anything longer is a slip."""


def parse_duration(text: str) -> float:
    """Return a duration in seconds; a number without a unit means seconds.

    Raises:
        ValueError: it is no duration; the message says why, as the end of a sentence.

    """
    word = text.strip()
    if re.fullmatch(r"\d+(?:\.\d+)?", word, re.ASCII):
        word += "s"
    if not re.fullmatch(f"(?:{_PART})+", word, re.ASCII):
        raise ValueError(
            f"{text!r} is not a duration: write it like 3s, 500ms, 2m or 1h30m"
        )
    parts = re.findall(_PART, word, re.ASCII)
    seconds = sum(float(number) * _UNITS_S[unit] for number, unit in parts)
    if seconds > LONGEST_S:
        raise ValueError(f"{text!r} is longer than a week")
    return seconds

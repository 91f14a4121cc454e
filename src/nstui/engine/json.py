"""Parses the JSON of engines, whose numbers may be rounded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from typing import TypeGuard

from nstui.model.json import is_shallow

DEEPEST = 100
"""No inspect is nested deeper: it is kept, and written out again, which takes more of
the stack than to read it."""

_LARGEST_WHOLE = 1e30
"""A larger number with a point or an exponent counts nothing."""

_MOST_DIGITS = 300
"""A longer number is none that anything counts in; Python refuses the longest."""


def loads(body: bytes, most: int | None = None) -> object:
    """Read JSON in which no number is too long and every text is one.

    A number without a fraction is a whole one, however it is written: an engine takes
    no `4096.0` where it wrote `4.096e3`.

    Args:
        body: What an engine wrote.
        most: How deep it may be nested; None: as deep as it can be read.

    Raises:
        ValueError: it is no JSON.
        RecursionError: it is nested too deeply.

    """
    try:
        document: object = json.loads(body, parse_float=_float)
    except json.JSONDecodeError:
        raise
    except ValueError:
        # Not UTF-8, or a number of thousands of digits, which is as good as absent.
        document = json.loads(body, parse_float=_float, parse_int=_number)
    if b"\\ud" in body or b"\\uD" in body:
        document = _without_surrogates(document)
    if most is not None and _is_deep(document, body, most):
        raise RecursionError
    return document


def _is_deep(document: object, body: bytes, most: int) -> bool:
    """Tell whether a document is nested too deeply, though it could be read."""
    may_be_deep = body.count(b"[") + body.count(b"{") > most
    return may_be_deep and not is_shallow(document, most)


def _float(digits: str) -> float | int:
    number = float(digits)
    if not number.is_integer() or abs(number) >= _LARGEST_WHOLE:
        return number
    from decimal import Decimal  # noqa: PLC0415

    # Not by way of the float, which has only 53 bits.
    return int(Decimal(digits))


def _number(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MOST_DIGITS else None


def _without_surrogates(document: object) -> object:
    """Return a document in which every text can be written; halves of pairs cannot."""
    written = json.dumps(document, ensure_ascii=False)
    cleaned: object = json.loads(written.encode(errors="replace"))
    return cleaned


_EXACT_BELOW = 2**53
"""A floating-point number holds all whole numbers up to this one."""


def has_rounded(document: object) -> bool:
    """Tell whether a document holds a number that may have been rounded."""
    level = [document]
    while level:
        if any(_is_whole(one) and abs(one) >= _EXACT_BELOW for one in level):
            return True
        level = list(chain.from_iterable(map(_within, level)))
    return False


def with_exact_numbers(
    document: Mapping[str, object], newer: Mapping[str, object]
) -> dict[str, object]:
    """Return a document with those numbers of another that were rounded in it.

    Nothing else is taken from the other one, and nothing that would not be rounded to
    what stands in its place: the other one was read later.
    """
    return {key: _exact(value, newer.get(key)) for key, value in document.items()}


def _exact(value: object, newer: object) -> object:
    if isinstance(value, Mapping) and isinstance(newer, Mapping):
        return with_exact_numbers(value, newer)
    if isinstance(value, list) and isinstance(newer, list):
        missing = [None] * (len(value) - len(newer))
        pairs = zip(value, newer + missing, strict=False)
        return [_exact(one, other) for one, other in pairs]
    if _is_whole(value) and _is_whole(newer) and float(value) == float(newer):
        return newer
    return value


def _within(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)

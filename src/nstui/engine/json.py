"""Parses the JSON of engines, and restores integers that an engine has rounded."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import chain
from typing import TypeGuard

from nstui.model.json import is_shallow

MAX_INSPECT_DEPTH = 100
"""Maximum nesting depth of an inspect.

An inspect is stored and serialized again, which needs more stack than parsing it.
"""

_MAX_WHOLE = 1e30
"""Limit below which floating-point literals are converted to integers.

Larger numbers are no quantities that an engine uses.
"""

_MAX_DIGITS = 300
"""Maximum number of characters of an integer; longer ones are read as None.

No quantity is that long, and Python refuses to convert the longest.
"""


def loads(body: bytes, max_depth: int | None = None) -> object:
    """Parse the JSON document that an engine sent.

    A number without a fractional part becomes an int, however it is written, because an
    engine that wrote `4.096e3` does not accept `4096.0`. Integers that are too long
    become None, and lone surrogates in strings become question marks.

    Args:
        body: The document.
        max_depth: Maximum nesting depth; None means as deep as Python can parse.

    Raises:
        ValueError: The document is not JSON.
        RecursionError: The document is nested too deeply.

    """
    try:
        document: object = json.loads(body, parse_float=_parse_float)
    except json.JSONDecodeError:
        raise
    except ValueError:
        # The body is not UTF-8, or has an integer of thousands of digits, which is
        # treated as absent.
        document = json.loads(body, parse_float=_parse_float, parse_int=_parse_int)
    if b"\\ud" in body or b"\\uD" in body:
        document = _without_surrogates(document)
    if max_depth is not None and _is_too_deep(document, body, max_depth):
        raise RecursionError
    return document


def _is_too_deep(document: object, body: bytes, max_depth: int) -> bool:
    """Return whether a parsed document is nested deeper than *max_depth*."""
    may_be_deep = body.count(b"[") + body.count(b"{") > max_depth
    return may_be_deep and not is_shallow(document, max_depth)


def _parse_float(digits: str) -> float | int:
    number = float(digits)
    if not number.is_integer() or abs(number) >= _MAX_WHOLE:
        return number
    from decimal import Decimal  # noqa: PLC0415

    # The float would have a precision of 53 bits only.
    return int(Decimal(digits))


def _parse_int(digits: str) -> int | None:
    return int(digits) if len(digits) <= _MAX_DIGITS else None


def _without_surrogates(document: object) -> object:
    """Return a document without lone surrogates, which cannot be encoded as UTF-8."""
    written = json.dumps(document, ensure_ascii=False)
    cleaned: object = json.loads(written.encode(errors="replace"))
    return cleaned


_EXACT_BELOW = 2**53
"""Limit up to which floating-point numbers represent all integers exactly."""


def has_rounded(document: object) -> bool:
    """Return whether a document contains an integer that may have been rounded."""
    level = [document]
    while level:
        if any(_is_whole(one) and abs(one) >= _EXACT_BELOW for one in level):
            return True
        level = list(chain.from_iterable(map(_children, level)))
    return False


def with_exact_numbers(
    document: Mapping[str, object], newer: Mapping[str, object]
) -> dict[str, object]:
    """Return a copy of a document, with exact integers in place of rounded ones.

    The newer document was read later, so that its values may have changed. An integer
    is only taken from it if it rounds to the integer in the same place; everything else
    is taken from the first document.

    Args:
        document: A document whose integers may be rounded.
        newer: The same resource in an API version that does not round.

    """
    return {key: _exact_value(value, newer.get(key)) for key, value in document.items()}


def _exact_value(value: object, newer: object) -> object:
    if isinstance(value, Mapping) and isinstance(newer, Mapping):
        return with_exact_numbers(value, newer)
    if isinstance(value, list) and isinstance(newer, list):
        missing = [None] * (len(value) - len(newer))
        pairs = zip(value, newer + missing, strict=False)
        return [_exact_value(one, other) for one, other in pairs]
    if _is_whole(value) and _is_whole(newer) and float(value) == float(newer):
        return newer
    return value


def _children(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []


def _is_whole(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)

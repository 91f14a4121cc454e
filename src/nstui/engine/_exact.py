"""Whole numbers that an engine rounded, and where they are as they were."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import TypeGuard

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

"""Reading JSON from an engine in which any field may be null, absent or odd."""

from __future__ import annotations

from collections.abc import Mapping


def mapping(value: object) -> Mapping[str, object]:
    """Return a JSON object, or an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> tuple[object, ...]:
    """Return what a JSON array holds, or nothing for anything else."""
    return tuple(value) if isinstance(value, list | tuple) else ()


def texts(value: object) -> tuple[str, ...]:
    """Return the strings that a JSON array holds."""
    return tuple(item for item in items(value) if isinstance(item, str))


def strings(value: object) -> Mapping[str, str]:
    """Return those fields of a JSON object that are strings."""
    return {k: v for k, v in mapping(value).items() if isinstance(v, str)}


def text(raw: Mapping[str, object], *keys: str) -> str:
    """Return the first of some fields that is a string and not empty, or ``""``."""
    for key in keys:
        value = raw.get(key)
        if isinstance(value, str) and value:
            return value
    return ""


def number(raw: Mapping[str, object], key: str) -> int | None:
    """Return a field that is a whole number, or None."""
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value

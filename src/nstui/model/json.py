"""Reading JSON in which any field may be null, absent or odd."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def mapping(value: object) -> Mapping[str, object]:
    """Return a JSON object, or an empty one for anything else."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> tuple[object, ...]:
    """Return what a JSON array holds, or nothing for anything else."""
    return tuple(value) if isinstance(value, list | tuple) else ()


def texts_in(value: object) -> tuple[str, ...]:
    """Return the strings that a JSON array holds."""
    return tuple(item for item in items(value) if isinstance(item, str))


def inner(raw: Mapping[str, object], key: str) -> Mapping[str, object]:
    """Return a field that is an object, or an empty one."""
    return mapping(raw.get(key))


def objects(raw: Mapping[str, object], key: str) -> Iterator[Mapping[str, object]]:
    """Yield the items of a field that is an array; one that is no object is empty."""
    return map(mapping, items(raw.get(key)))


def texts(raw: Mapping[str, object], key: str) -> tuple[str, ...]:
    """Return the strings of a field that is an array."""
    return texts_in(raw.get(key))


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


def moderate(raw: Mapping[str, object], key: str, most: int) -> int | None:
    """Return a field that counts something: a whole number from 0 up to a limit."""
    value = number(raw, key)
    return value if value is not None and 0 <= value <= most else None


def number(raw: Mapping[str, object], key: str) -> int | None:
    """Return a field that is a whole number, or None."""
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value


def flag(raw: Mapping[str, object], key: str) -> bool | None:
    """Return a field that is a boolean, or None."""
    value = raw.get(key)
    return value if isinstance(value, bool) else None


def is_shallow(document: object, most: int) -> bool:
    """Tell whether arrays and objects are nested no deeper than some levels."""
    level: list[object] = [document]
    for _ in range(most):
        deeper: list[object] = []
        for value in level:
            if isinstance(value, dict):
                deeper += value.values()
            elif isinstance(value, list):
                deeper += value
        if not deeper:
            return True
        level = deeper
    return False

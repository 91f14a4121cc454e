"""Reads fields of JSON documents that may be null, missing or of an unexpected type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def mapping(value: object) -> Mapping[str, object]:
    """Return a JSON object as it is, or an empty mapping for any other value."""
    # Nearly all are dicts, and the test for any mapping takes several times as long.
    if isinstance(value, dict):
        return value
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> tuple[object, ...]:
    """Return the items of a JSON array, or an empty tuple for any other value."""
    return tuple(value) if isinstance(value, list | tuple) else ()


def texts_in(value: object) -> tuple[str, ...]:
    """Return the items of a JSON array that are strings; others are skipped."""
    return tuple(item for item in items(value) if isinstance(item, str))


def inner(raw: Mapping[str, object], key: str) -> Mapping[str, object]:
    """Return the object in a field, or an empty mapping for any other value."""
    return mapping(raw.get(key))


def objects(raw: Mapping[str, object], key: str) -> Iterator[Mapping[str, object]]:
    """Yield the items of the array in a field; non-objects become empty mappings."""
    return map(mapping, items(raw.get(key)))


def texts(raw: Mapping[str, object], key: str) -> tuple[str, ...]:
    """Return the strings in the array in a field; other items are skipped."""
    return texts_in(raw.get(key))


def strings(value: object) -> Mapping[str, str]:
    """Return the fields of a JSON object whose values are strings."""
    return {k: v for k, v in mapping(value).items() if isinstance(v, str)}


def text(raw: Mapping[str, object], *keys: str) -> str:
    """Return the first non-empty string in the given fields, or an empty string."""
    for key in keys:
        value = raw.get(key)
        if isinstance(value, str) and value:
            return value
    return ""


def moderate(raw: Mapping[str, object], key: str, maximum: int) -> int | None:
    """Return the integer in a field if it is between 0 and *maximum*, else None."""
    value = number(raw, key)
    return value if value is not None and 0 <= value <= maximum else None


def number(raw: Mapping[str, object], key: str) -> int | None:
    """Return the integer in a field, or None for any other value."""
    value = raw.get(key)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value


def flag(raw: Mapping[str, object], key: str) -> bool | None:
    """Return the boolean in a field, or None for any other value."""
    value = raw.get(key)
    return value if isinstance(value, bool) else None


def is_shallow(document: object, max_depth: int) -> bool:
    """Return whether arrays and objects are nested at most *max_depth* levels deep."""
    level: list[object] = [document]
    for _ in range(max_depth):
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

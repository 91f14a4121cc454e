"""The settings of a container as options, or as parts of the value of one option."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from nstui.model import json

Json = Mapping[str, object]
Setting = tuple[str, str | None]
"""An option, or a part of an option's value, with its value; None if it has none."""

Reader = Callable[[Json, str], Iterable[Setting]]
"""Reads the settings that a field of an object holds."""

Table = Mapping[str, Reader]
"""The readers of an object's fields, in the order in which settings are printed."""


def read_fields(fields: Json, table: Table) -> Iterator[Setting]:
    """Yield the settings in the fields that a table has readers for."""
    for key, read in table.items():
        yield from read(fields, key)


def as_words(settings: Iterable[Setting]) -> Iterator[str]:
    """Yield settings as the words of a command."""
    for name, found in settings:
        yield name
        if found is not None:
            yield found


def as_value(settings: Iterable[Setting]) -> str:
    """Return settings as one value, quoted as Go's ``encoding/csv`` reads it."""
    parts = [name if found is None else f"{name}={found}" for name, found in settings]
    return ",".join(
        '"{}"'.format(part.replace('"', '""')) if set(part) & set(',"\r\n') else part
        for part in parts
    )


def string(name: str, default: str = "") -> Reader:
    """Return a reader of a string, which is not printed if it is the default."""

    def read(fields: Json, key: str) -> Iterator[Setting]:
        if (found := json.text(fields, key)) not in {"", default}:
            yield name, found

    return read


def integer(name: str, *defaults: int) -> Reader:
    """Return a reader of an integer, which is not printed if it is a default."""

    def read(fields: Json, key: str) -> Iterator[Setting]:
        if (found := json.number(fields, key)) not in {None, *defaults}:
            yield name, str(found)

    return read


def boolean(name: str) -> Reader:
    """Return a reader of a boolean, which is printed only if it is true."""
    return lambda fields, key: [(name, None)] if json.flag(fields, key) else []


def value(name: str, value_of: Callable[[Json, str], str]) -> Reader:
    """Return a reader of a field that `value_of` turns into the text to print."""

    def read(fields: Json, key: str) -> Iterator[Setting]:
        if found := value_of(fields, key):
            yield name, found

    return read


def each_string(name: str) -> Reader:
    """Return a reader of a list of strings, which yields one setting for each."""
    return lambda fields, key: ((name, one) for one in json.texts(fields, key))


def pairs(name: str) -> Reader:
    """Return a reader of an object of strings, which yields one setting for each."""
    return lambda fields, key: (
        (name, f"{one}={value}") for one, value in json.strings(fields.get(key)).items()
    )


def each(name: str, value_of: Callable[[Json], str]) -> Reader:
    """Return a reader of a list of objects, which yields one setting for each."""
    return lambda fields, key: (
        (name, value_of(one)) for one in json.objects(fields, key)
    )


def inside(table: Table) -> Reader:
    """Return a reader of an object, which yields the settings of its fields."""
    return lambda fields, key: read_fields(json.inner(fields, key), table)

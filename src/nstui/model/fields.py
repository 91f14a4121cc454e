"""The fields of an engine's answer, any of which may be null, absent or odd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Fields:
    """A JSON object; what it does not have, or has in another form, is empty."""

    raw: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))

    def has(self, key: str) -> bool:
        """Tell whether there is such a field, be it null."""
        return key in self.raw

    def text(self, key: str) -> str:
        """Return a text, or an empty one."""
        value = self.raw.get(key)
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int | None:
        """Return a whole number, or None."""
        value = self.raw.get(key)
        if isinstance(value, bool) or not isinstance(value, int):
            return None
        return value

    def flag(self, key: str) -> bool | None:
        """Return whether something is so, or None."""
        value = self.raw.get(key)
        return value if isinstance(value, bool) else None

    def texts(self, key: str) -> tuple[str, ...]:
        """Return the texts of a list."""
        return tuple(one for one in self._list(key) if isinstance(one, str))

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        """Return the keys of an object with their texts."""
        raw = self.inner(key).raw
        return tuple((k, v) for k, v in raw.items() if isinstance(v, str))

    def keys(self, key: str) -> tuple[str, ...]:
        """Return the keys of an object."""
        return tuple(self.inner(key).raw)

    def inner(self, key: str) -> Fields:
        """Return an object, or an empty one."""
        return _fields(self.raw.get(key))

    def each(self, key: str) -> tuple[Fields, ...]:
        """Return the objects of a list."""
        return tuple(_fields(one) for one in self._list(key) if isinstance(one, dict))

    def lists(self, key: str) -> tuple[tuple[str, ...], ...]:
        """Return the texts of each list of a list."""
        return tuple(
            tuple(text for text in one if isinstance(text, str))
            for one in self._list(key)
            if isinstance(one, list)
        )

    def is_empty_list(self, key: str) -> bool:
        """Tell whether there is a list with nothing in it, which is not null."""
        return self.raw.get(key) == []

    def _list(self, key: str) -> list[object]:
        value = self.raw.get(key)
        return value if isinstance(value, list) else []


def _fields(value: object) -> Fields:
    return Fields(value) if isinstance(value, Mapping) else Fields()

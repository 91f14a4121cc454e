"""Decides whether what was recorded belongs to an engine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable


class OfEngine(Protocol):
    """A record of something at an engine."""

    @property
    def endpoint(self) -> str:
        """The address that the engine had."""

    @property
    def engine_id(self) -> str:
        """The id of the engine; empty if it was not known."""


def is_of_engine(record: OfEngine, endpoint: str, engine_id: str) -> bool:
    """Tell whether a record is of an engine.

    One engine may have many addresses, and an address may lead to another engine later:
    so the ids decide, and the addresses only where an id is missing.

    Args:
        record: The record.
        endpoint: The address of the engine.
        engine_id: The id of the engine; empty if it is not known.

    """
    if record.engine_id and engine_id:
        return record.engine_id == engine_id
    return record.endpoint == endpoint


def can_miss(
    record: OfEngine, endpoint: str, engine_id: str, *, has_part: bool = False
) -> bool:
    """Tell whether what a record is about is gone if an engine does not have it.

    Several engines may have one id, as those of cloned machines: then it may be at
    another one. So the address must be that of the record, unless the engine has some
    of what the record is about.

    Args:
        record: The record.
        endpoint: The address of the engine that was looked at.
        engine_id: The id of that engine; empty if it is not known.
        has_part: Whether it has a container of the record.

    """
    is_there = has_part or record.endpoint == endpoint
    return is_there and is_of_engine(record, endpoint, engine_id)


def shared_endpoints(records: Iterable[OfEngine]) -> frozenset[str]:
    """Return the addresses at which records are of different engines."""
    found: dict[str, set[str]] = {}
    for record in records:
        if record.engine_id:
            found.setdefault(record.endpoint, set()).add(record.engine_id)
    return frozenset(endpoint for endpoint, ids in found.items() if len(ids) > 1)

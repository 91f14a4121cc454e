"""Tickets: decisions of the guard in advance, each for one container."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from nstui.analysis.guarding.requests import Change

if TYPE_CHECKING:
    from nstui.analysis.guarding.requests import AskedChange


LEAST_DIGITS = 12
"""How much of an id names a container for a ticket: what docker shows. The engine takes
a shorter beginning for a name first, which may be that of another container."""


class Ticket(NamedTuple):
    """What is let through without a look, until it is used up or has expired."""

    container: str
    """The full id."""

    name: str
    changes: tuple[Change, ...]
    """What may be asked for."""

    expires: float
    """When it ends, in seconds since the epoch."""

    uses: int = 1
    """How many calls it lets through."""

    why: str = ""
    """The reason that was given; one line."""

    def to_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return self._asdict() | {"changes": [str(one) for one in self.changes]}

    @classmethod
    def from_json(cls, value: object) -> Ticket | None:
        """Return what `to_json` gave; None if it is nothing of the kind."""
        try:
            return _read(value)
        except (KeyError, OverflowError, TypeError, ValueError):
            return None


def _read(value: object) -> Ticket:
    if not isinstance(value, dict):
        raise TypeError
    texts = [value["container"], value["name"], value.get("why", "")]
    numbers = [value["expires"], value.get("uses", 1)]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    if any(isinstance(n, bool) or not isinstance(n, int | float) for n in numbers):
        raise TypeError
    container, name, why = texts
    changes = tuple(Change(one) for one in value["changes"])
    return Ticket(container, name, changes, float(numbers[0]), int(numbers[1]), why)


def matches(ticket: Ticket, asked: AskedChange, now: float) -> bool:
    """Tell whether a ticket lets a call through.

    The container may be named by its name, its id, or `LEAST_DIGITS` of its id or more.
    A beginning that several ids have is refused by the engine itself.

    Args:
        ticket: The ticket.
        asked: What the call asks for.
        now: The time, in seconds since the epoch.

    """
    if ticket.uses < 1 or now >= ticket.expires or asked.change not in ticket.changes:
        return False
    reference = asked.reference
    if not reference:
        return False
    is_named = reference.removeprefix("/") == ticket.name
    is_id = len(reference) >= LEAST_DIGITS and ticket.container.startswith(reference)
    return is_named or is_id

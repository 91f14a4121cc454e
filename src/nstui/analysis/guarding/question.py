"""What the guard's front asks its looker about one call, as one JSON object."""

from __future__ import annotations

from typing import NamedTuple

from nstui.analysis.guarding.requests import Asked, Change


class Call(NamedTuple):
    """A call that the guard saw a moment ago, harmless or not."""

    method: str
    uri: str
    user_agent: str
    ago: float
    """How many seconds before the question."""


class Question(NamedTuple):
    """One call to decide about."""

    asked: Asked
    recent: tuple[Call, ...] = ()
    """What the same client was seen to ask before, the oldest first; may be empty."""

    heals: bool = False
    """Whether a restart may be let through that a running watch heals."""

    def to_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return {
            "asked": self.asked._asdict() | {"change": str(self.asked.change)},
            "recent": [call._asdict() for call in self.recent],
            "heals": self.heals,
        }

    @classmethod
    def from_json(cls, value: object) -> Question | None:
        """Return what `to_json` gave; None if it is nothing of the kind."""
        try:
            return _read(value)
        except (KeyError, TypeError, ValueError):
            return None


def _read(value: object) -> Question:
    if not isinstance(value, dict):
        raise TypeError
    asked = dict(value["asked"])
    change = Change(asked.pop("change"))
    recent = tuple(Call(**call) for call in value["recent"])
    return Question(Asked(change, **asked), recent, value["heals"] is True)

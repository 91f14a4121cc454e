"""What the guard's front asks its looker about one call, as one JSON object."""

from __future__ import annotations

import re
from typing import NamedTuple

from nstui.analysis.guarding.requests import AskedChange, Change

MEMORY_S = 300.0
"""How long the front remembers a call, in seconds: compose ends a container as long as
its stop takes after it has read what it is about to change."""

MOST_CALLS = 500
"""How many calls the front remembers at most; the oldest are forgotten first."""

GRACE_S = 0.15
"""How many seconds after a call of compose the front asks about it: what compose asks
for at the same time has come in by then."""

_COMPOSE = re.compile(r"(docker-)?compose/")
_REMEMBERED = re.compile(
    r"POST .*/containers/(create\b|.+/(stop|kill|restart)\b)"
    r"|DELETE .*/containers/"
    r"|GET .*/(images/.+/json|containers/json\b.*config-hash)",
    re.DOTALL,
)


class Call(NamedTuple):
    """A call that the guard saw, harmless or not."""

    method: str
    uri: str
    user_agent: str
    ago: float
    """How many seconds before the call that is asked about; negative if after it."""


class Question(NamedTuple):
    """One call to decide about."""

    asked: AskedChange
    recent: tuple[Call, ...] = ()
    """What clients of the same name were seen to ask, the oldest first."""

    heals: bool = False
    """Whether a restart is let through that a running watch heals."""

    blind: tuple[Change, ...] = (Change.RM, Change.PRUNE)
    """What is denied if it cannot be told what it breaks."""

    def to_json(self) -> dict[str, object]:
        """Return it as a JSON object."""
        return {
            "asked": self.asked._asdict() | {"change": str(self.asked.change)},
            "recent": [call._asdict() for call in self.recent],
            "heals": self.heals,
            "blind": [str(change) for change in self.blind],
        }

    @classmethod
    def from_json(cls, value: object) -> Question | None:
        """Return what `to_json` gave; None if it is nothing of the kind."""
        try:
            return _read(value)
        except (AttributeError, KeyError, TypeError, ValueError):
            return None


def is_compose(user_agent: str) -> bool:
    """Tell whether a client calls itself compose, of any version."""
    return _COMPOSE.match(user_agent) is not None


def is_remembered(method: str, uri: str, user_agent: str) -> bool:
    """Tell whether the front remembers a call for later questions."""
    if not is_compose(user_agent):
        return False
    return _REMEMBERED.match(f"{method} {uri}") is not None


def _read(value: object) -> Question:
    if not isinstance(value, dict):
        raise TypeError
    recent = tuple(_call(**call) for call in value["recent"])
    blind = tuple(Change(one) for one in value["blind"])
    return Question(_asked(**value["asked"]), recent, value["heals"] is True, blind)


def _asked(change: str, reference: str | None, **how: object) -> AskedChange:
    asked = AskedChange(Change(change), reference, **how)  # type: ignore[arg-type]  # below
    texts: list[object] = [asked.user_agent, asked.signal or "", reference or ""]
    has_reference = reference is not None
    if has_reference is (asked.change is Change.PRUNE):
        raise ValueError
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    if not isinstance(asked.timeout, int | None):
        raise TypeError
    return asked._replace(force=bool(asked.force), volumes=bool(asked.volumes))


def _call(method: str, uri: str, user_agent: str, ago: float) -> Call:
    return Call(str(method), str(uri), str(user_agent), float(ago))

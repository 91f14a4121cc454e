"""What a standing watch remembers from one observation to the next.

`Schedule` is opaque to all but this package: start with `NEW_SCHEDULE` and pass on what
the functions of `deciding` return.
"""

from __future__ import annotations

from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.watching.happenings import Happenings
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nstui.analysis.report import FindingLog
    from nstui.analysis.watching.attempts import Attempts
    from nstui.model.container import ContainerId
    from nstui.model.finding import Incident
    from nstui.model.watch import Hold


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedRun:
    """A run of a container."""

    started_at: datetime
    """By the engine's clock."""

    since_s: float
    """When it began, by the steady clock, as well as that is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """An order that came to nothing without a person."""

    reason: str
    """As a sentence."""

    at_s: float
    there: frozenset[ContainerId]
    """The containers that ran: another one may be what was missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """An incident, from its beginning to its end; all times by the steady clock."""

    key: str
    incident: Incident
    """As it was last seen."""

    since: datetime
    since_s: float
    hit: tuple[str, ...] = ()
    """The names of all that it has hit, but for what an order brought about."""

    missing_s: float | None = None
    """Since when it is not seen; None if it is present."""

    told: frozenset[tuple[Hold, bool]] = frozenset()
    """Which reasons not to heal it were told, each with whether it was left to a
    person then."""

    hold: Hold | None = None
    """Why it is not healed, by the last verdict; None if it is, or is to be."""

    hold_s: float = 0.0
    """Since when that is the reason."""

    order: str = ""
    """The key of the order under way that heals it; empty if none is."""

    touched: frozenset[str] = frozenset()
    """The names of the containers that the order acts on."""

    done_at: datetime | None = None
    """When an order for it ended last, by the machine's clock: what was read before
    tells nothing of it. None if there was none."""

    done_s: float = 0.0
    is_healed: bool = False
    """Whether that order healed it."""

    is_shown: bool = False
    """Whether it was told what ``--dry-run`` would do."""

    refusal: Refusal | None = None
    tries: int = 0
    """How many orders in a row came to nothing by chance."""

    again_s: float = 0.0
    """When to try again after such an order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """The memory of a standing watch."""

    log: FindingLog | None = None
    """The findings of the last observation; None before the first."""

    happenings: Happenings = Happenings(lives=MappingProxyType({}))
    runs: Mapping[ContainerId, TrackedRun] = field(
        default_factory=lambda: MappingProxyType({})
    )
    tracked: Mapping[str, Tracked] = field(default_factory=lambda: MappingProxyType({}))
    attempts: Mapping[str, Attempts] = field(
        default_factory=lambda: MappingProxyType({})
    )
    own_until_s: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """Until when events about containers count as caused by a plan that has ended, by
    their names."""

    taken_at: datetime | None = None
    """When the last report was taken, by the machine's clock; None before the first."""

    running: frozenset[ContainerId] = frozenset()
    """The containers that ran at the last observation."""


NEW_SCHEDULE = Schedule()

"""What a standing watch is told, and what it decides."""

from __future__ import annotations

from dataclasses import field
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.watch import WatchMode

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerEvent, ContainerId
    from nstui.model.plan import Request
    from nstui.model.watch import Circuit, WatchedIncident, WatchEvent


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchLimits:
    """How often, and how soon, the watch acts; all in seconds but `budget`."""

    settle_s: float = 3.0
    """How long an owner must have run."""

    health_s: float = 300.0
    """How long an owner's health check may take to pass before that is told."""

    back_off_s: float = 10.0
    """The wait after the first attempt for a container that failed, or after the second
    one that did not; doubled after each."""

    longest_back_off_s: float = 600.0
    calm_s: float = 600.0
    """How long a container must be well for its back-off to begin anew."""

    budget: int = 5
    """How many attempts for a container are made within `budget_s`."""

    budget_s: float = 300.0
    circuit_s: float = 3600.0
    """How long an open circuit stays open by itself."""

    work_s: float = 60.0
    """How long after the last sign of it somebody counts as being at work."""

    parallel: int = 4
    """How many dependents are healed at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchChoice:
    """What a label or the configuration says about one container."""

    mode: WatchMode | None = None
    settle_s: float | None = None
    stop_timeout_s: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchOptions:
    """What the user has chosen, as it applies to all."""

    limits: WatchLimits = field(default_factory=WatchLimits)
    only: tuple[str, ...] = ()
    """Names, or labels (``key`` or ``key=value``); empty for all containers."""

    mode: WatchMode = WatchMode.HEAL
    by_name: Mapping[str, WatchChoice] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """The configuration's choices by the name of the container."""

    is_dry_run: bool = False
    is_read_only: bool = False
    is_second: bool = False
    """Whether another watch of this host acts."""

    untouchable: frozenset[str] = frozenset()
    """The names or ids of containers that are only told of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What is known at one moment."""

    report: Report
    events: tuple[ContainerEvent, ...]
    """The engine's events since the last observation, in order."""

    now: datetime
    """The time in UTC, for what is shown."""

    clock_s: float
    """A time in seconds that no change of the machine's clock moves."""

    acting: frozenset[str] = frozenset()
    """The keys of the incidents for which a plan is being carried out."""

    reset: frozenset[str] = frozenset()
    """The names of containers whose circuit a person closes."""

    protected: frozenset[ContainerId] = frozenset()
    """The containers that the watch runs in, and those that they have joined: it acts
    on none of them. See `nstui.analysis.own`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealOrder:
    """One incident to heal now, as one request."""

    key: str
    request: Request
    also: tuple[str, ...] = ()
    """The keys of further incidents of the same group that the same plan heals."""

    starts: frozenset[ContainerId] = frozenset()
    """The containers that do not run and that the plan may start."""

    spared: frozenset[ContainerId] = frozenset()
    """The containers that the plan must not touch; see `deciding.why_not`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What follows from an observation."""

    orders: tuple[HealOrder, ...] = ()
    events: tuple[WatchEvent, ...] = ()
    """What is to be told."""

    incidents: tuple[WatchedIncident, ...] = ()
    circuits: tuple[Circuit, ...] = ()
    look_in_s: float | None = None
    """When to observe again at the latest, in seconds; None: when there is news."""

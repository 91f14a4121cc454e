"""What a watch has done since it was started, as numbers."""

from __future__ import annotations

from dataclasses import field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.finding import IncidentCause
from nstui.model.frozen import dataclass
from nstui.model.watch import WatchEventKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.watch import WatchEvent


HEALED = "healed"
FAILED = "failed"
DRY_RUN = "dry-run"
"""A plan that would have been carried out without ``--dry-run``."""

OUTCOMES = (HEALED, FAILED, DRY_RUN)

BUCKETS_S = (1.0, 2.5, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0, 3600.0)
"""The upper bounds by which times until an incident was healed are counted."""


def _none_of(names: tuple[str, ...]) -> Mapping[str, int]:
    return MappingProxyType(dict.fromkeys(names, 0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What was counted; each number only grows."""

    incidents: Mapping[str, int] = field(
        default_factory=lambda: _none_of(tuple(cause.value for cause in IncidentCause))
    )
    """The incidents that began, by cause."""

    heals: Mapping[str, int] = field(default_factory=lambda: _none_of(OUTCOMES))
    """The plans, by outcome."""

    times: tuple[int, ...] = (0,) * (len(BUCKETS_S) + 1)
    """The healed incidents by the time that took: up to each of `BUCKETS_S`, and more
    than the last."""

    time_s: float = 0.0
    """The sum of these times, in seconds."""

    problems: int = 0
    """What of the watch itself failed, such as a notifier."""


def count_event(tally: Tally, event: WatchEvent) -> Tally:
    """Return the tally with one more event."""
    match event.kind:
        case WatchEventKind.FOUND:
            cause = event.cause or IncidentCause.OWN.value
            return replace(tally, incidents=_plus(tally.incidents, cause))
        case WatchEventKind.HEALED if event.is_dry_run:
            return replace(tally, heals=_plus(tally.heals, DRY_RUN))
        case WatchEventKind.HEALED:
            healed = replace(tally, heals=_plus(tally.heals, HEALED))
            return _timed(healed, event.waited_s)
        case WatchEventKind.FAILED:
            return replace(tally, heals=_plus(tally.heals, FAILED))
        case WatchEventKind.PROBLEM:
            return replace(tally, problems=tally.problems + 1)
        case _:
            return tally


def _plus(counts: Mapping[str, int], name: str) -> Mapping[str, int]:
    return MappingProxyType({**counts, name: counts.get(name, 0) + 1})


def _timed(tally: Tally, seconds: float | None) -> Tally:
    if seconds is None:
        return tally
    place = sum(bound < seconds for bound in BUCKETS_S)
    times = list(tally.times)
    times[place] += 1
    return replace(tally, times=tuple(times), time_s=tally.time_s + max(0.0, seconds))

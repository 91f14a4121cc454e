"""Changes that last: what comes and goes again at once is not told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.finding_changes import FindingChange
from nstui.model.finding import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from nstui.analysis.finding_changes import FindingLog, Key, Sighting
    from nstui.model.container import ContainerId

SETTLING = timedelta(seconds=5)
"""How long a change has to last. An owner that is restarted, or that compose makes
anew, is away for less, and nothing is wrong with it."""


@dataclass(frozen=True, slots=True)
class Lasting:
    """A change, and the look that saw it first."""

    change: FindingChange
    at: datetime


@dataclass(frozen=True, slots=True)
class Settled:
    """What has been told, what may have to be, and what is to be told now."""

    told: Mapping[Key, Sighting]
    """The findings that were told to be there, and not to have gone."""

    pending: Mapping[Key, Lasting]
    """How what is there differs from that; nobody knows yet whether it lasts."""

    changes: tuple[Lasting, ...]
    """What has lasted, gone or there: first what has gone, the worst first."""


def settle(
    known: Settled | None, log: FindingLog, at: datetime, settling: timedelta
) -> Settled:
    """Return what is to be told after a look.

    What was there at the first look nobody saw come: it is told at once. Where one
    error of a container takes the place of another it has been broken since the first:
    its owner may keep stopping and starting.

    Args:
        known: What the look before has left; None at the first look.
        log: The findings that are there.
        at: When that was.
        settling: How long a change has to last.

    """
    if known is None:
        changes = tuple(Lasting(change, at) for change in log.changes)
        return Settled(log.present, MappingProxyType({}), changes)
    pending = {}
    broken = _broken_since(known.pending)
    for key, change in _differences(known.told, log.present):
        since = at
        if key in known.pending:
            since = known.pending[key].at
        elif _is_new_error(change):
            since = broken.get(change.sighting.finding.container, at)
        pending[key] = Lasting(change, since)
    told = {key: _newest(one, log.present.get(key)) for key, one in known.told.items()}
    return ripen(Settled(told, pending, ()), at, settling)


def _broken_since(pending: Mapping[Key, Lasting]) -> dict[ContainerId, datetime]:
    """Return since when containers have had one error or another, not told yet."""
    found: dict[ContainerId, datetime] = {}
    for one in pending.values():
        if _is_new_error(one.change):
            container = one.change.sighting.finding.container
            found[container] = min(one.at, found.get(container, one.at))
    return found


def _is_new_error(change: FindingChange) -> bool:
    return change.has_appeared and change.sighting.finding.severity is Severity.ERROR


def ripen(known: Settled, now: datetime, settling: timedelta) -> Settled:
    """Return what is to be told after some time in which nothing was seen to change."""
    told = dict(known.told)
    pending = {}
    changes = []
    for key, one in known.pending.items():
        if now - one.at < settling:
            pending[key] = one
            continue
        changes.append(one)
        if one.change.has_appeared:
            told[key] = one.change.sighting
        else:
            del told[key]
    return Settled(told, pending, tuple(changes))


def _differences(
    told: Mapping[Key, Sighting], present: Mapping[Key, Sighting]
) -> Iterator[tuple[Key, FindingChange]]:
    for key, one in told.items():
        if key not in present:
            yield key, FindingChange(sighting=one, has_appeared=False)
    for key, one in present.items():
        if key not in told:
            yield key, FindingChange(sighting=one, has_appeared=True)


def _newest(told: Sighting, present: Sighting | None) -> Sighting:
    """Return a finding as it is now, which may have been away for a moment."""
    return told if present is None else replace(present, since=told.since)

"""Which findings appear and go while one host is looked at again and again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.model.finding import FindingCode
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.finding import Finding, Severity

Key = tuple["ContainerId", "FindingCode", "Severity"]
"""What makes a finding the same: its sentence may change, its container's name too."""

Seen = tuple["ContainerId", "datetime | None", str]
"""A container, its start, and what the kernel told of it."""

_BY_KERNEL = frozenset(
    {FindingCode.STALE_JOIN, FindingCode.NO_UPLINK, FindingCode.UNDECLARED_SHARE}
)
"""Findings that are not made where the kernel's word is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A finding that is there, as far as anybody could look."""

    finding: Finding
    name: str
    """The name of its container, the last one if that is gone."""

    since: datetime | None
    """When it was first seen; None if it was there at the first look."""

    started_at: datetime | None
    """The start of its container's run that it is about."""

    seen: frozenset[Seen]
    """What could be read of the container and of those it joined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChange:
    """A finding that has come or gone."""

    sighting: Sighting
    has_appeared: bool


@dataclass(frozen=True, slots=True)
class FindingLog:
    """The findings that are there after a look, and what that look has changed."""

    present: Mapping[Key, Sighting]
    changes: tuple[FindingChange, ...]
    """What has gone, then what has appeared, each the worst first."""


def follow_findings(known: FindingLog | None, now: Report) -> FindingLog:
    """Return what is there now and what has changed.

    A finding has gone only if that could be seen: where less can be looked at than
    when it was seen it stays, until its container is started anew or has gone.

    Args:
        known: What the look before has left; None at the first look.
        now: The report of this look.

    """
    before = {} if known is None else known.present
    since = None if known is None else now.snapshot.taken_at
    found = {}
    for finding in now.findings:
        key = (finding.container, finding.code, finding.severity)
        first = before[key].since if key in before else since
        found[key] = _sighting(now, finding, first)
    missing = {key: one for key, one in before.items() if key not in found}
    held = {key: one for key, one in missing.items() if not _could_look(one, now)}
    gone = [one for key, one in missing.items() if key not in held]
    found = {k: one for k, one in found.items() if k in before or not _due(one, held)}
    new = [one for key, one in found.items() if key not in before]
    changes = (
        *(FindingChange(sighting=one, has_appeared=False) for one in gone),
        *(FindingChange(sighting=one, has_appeared=True) for one in new),
    )
    return FindingLog(found | held, changes)


def _sighting(now: Report, finding: Finding, since: datetime | None) -> Sighting:
    container = finding.container
    by_kernel = finding.code in _BY_KERNEL
    return Sighting(
        finding=finding,
        name=now.graph.name(container),
        since=since,
        started_at=_started(now, container),
        seen=_seen(now, container) if by_kernel else frozenset(),
    )


def _could_look(one: Sighting, now: Report) -> bool:
    """Tell whether a finding that is no longer made would be, were it still so."""
    container = now.graph.containers.get(one.finding.container)
    if container is None or one.finding.code is FindingCode.UNREADABLE:
        return True
    hops = [now.graph.containers[hop] for hop in _hops(now, container.id)]
    if any(hop.inspection is None for hop in hops):
        return False
    if not container.state.has_process or _started(now, container.id) != one.started_at:
        return True
    running = {(h.id, _started(now, h.id)) for h in hops if h.state.has_process}
    lost = one.seen - _seen(now, container.id)
    return not any((hop, started) in running for hop, started, _ in lost)


def _due(one: Sighting, held: Mapping[Key, Sighting]) -> bool:
    """Tell whether one finding is due to another that cannot be looked at now."""
    return one.finding.code is FindingCode.NO_UPLINK and any(
        other.finding.container == one.finding.container for other in held.values()
    )


def _seen(now: Report, container: ContainerId) -> frozenset[Seen]:
    readings = now.snapshot.host.processes
    found: set[Seen] = set()
    for hop in _hops(now, container):
        if hop not in readings:
            continue
        told = [kind.value for kind in readings[hop].namespaces]
        if readings[hop].interfaces is not None:
            told.append("interfaces")
        found |= {(hop, _started(now, hop), word) for word in told}
    return frozenset(found)


def _hops(now: Report, container: ContainerId) -> frozenset[ContainerId]:
    """Return a container and all that it joined, directly or not."""
    chains = (now.graph.chain(container, kind) for kind in NamespaceKind)
    return frozenset(hop for chain in chains for hop in chain.hops)


def _started(now: Report, container: ContainerId) -> datetime | None:
    inspection = now.graph.containers[container].inspection
    return None if inspection is None else inspection.started_at

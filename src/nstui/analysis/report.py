"""A snapshot with everything derived from it, and the changes between two of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.findings.findings import find_findings
from nstui.analysis.findings.ignoring import REPORT_ALL, filter_findings
from nstui.analysis.graph.graph import Graph, all_hops
from nstui.analysis.graph.groups import find_groups
from nstui.model.finding import FindingCode, Severity
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from nstui.analysis.findings.ignoring import (
        FilteredFindings,
        IgnoredFinding,
        Reporting,
    )
    from nstui.model.container import ContainerId
    from nstui.model.finding import Finding, Group, Incident
    from nstui.model.snapshot import Snapshot


FindingKey = tuple["ContainerId", "FindingCode", "Severity"]
"""The identity of a finding; its sentence and its container's name may change."""

Seen = tuple["ContainerId", "datetime | None", str]
"""A container, the time of its start, and what could be read about it."""

_BY_KERNEL = frozenset(
    {FindingCode.STALE_JOIN, FindingCode.NO_UPLINK, FindingCode.UNDECLARED_SHARE}
)
"""Findings that cannot be made without reading the kernel."""

SETTLING = timedelta(seconds=5)
"""How long a change has to last before it is reported. An owner that is restarted, or
recreated by compose, is away for less than this."""


@dataclass(frozen=True)
class Report:
    """Everything derived from a snapshot, computed on first use and then kept.

    It has no slots, because the results are kept in its dictionary.
    """

    snapshot: Snapshot
    reporting: Reporting = REPORT_ALL
    """What the user wants reported of the findings."""

    def complete(self) -> Report:
        """Compute everything now, in the watcher's thread; return the report itself.

        The user interface then does not have to wait for it.
        """
        for name, value in vars(Report).items():
            if isinstance(value, cached_property):
                getattr(self, name)
        return self

    @cached_property
    def graph(self) -> Graph:
        """The dependencies between containers."""
        return Graph(self.snapshot.containers, self.snapshot.host)

    @cached_property
    def all_findings(self) -> tuple[Finding, ...]:
        """The findings, including those that are not reported, the worst first."""
        return find_findings(self.snapshot, self.graph)

    @cached_property
    def _filtered(self) -> FilteredFindings:
        return filter_findings(self.all_findings, self.graph.containers, self.reporting)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings that are reported, the worst first."""
        return self._filtered.reported

    @property
    def ignored(self) -> tuple[IgnoredFinding, ...]:
        """The findings that the user ignores, the worst first."""
        return self._filtered.ignored

    @property
    def lesser_findings(self) -> tuple[Finding, ...]:
        """The findings that are less severe than what is reported."""
        return self._filtered.lesser

    @cached_property
    def incidents(self) -> tuple[Incident, ...]:
        """The findings by their causes, the worst first."""
        if not self.findings:
            return ()
        from nstui.analysis.findings.incidents import find_incidents  # noqa: PLC0415

        return find_incidents(self.snapshot, self.graph, self.findings)

    @cached_property
    def without_network(self) -> frozenset[ContainerId]:
        """The running containers that are known to have lost their network."""
        if not self.all_findings:
            return frozenset()
        from nstui.analysis.findings.incident_words import (  # noqa: PLC0415
            find_without_network,
        )

        return find_without_network(self.snapshot, self.graph, self.all_findings)

    @cached_property
    def findings_by_container(self) -> Mapping[ContainerId, tuple[Finding, ...]]:
        """The reported findings of each container that has any, the worst first."""
        return _by_container(self.findings)

    @cached_property
    def all_by_container(self) -> Mapping[ContainerId, tuple[Finding, ...]]:
        """The same of all findings, including those that are not reported."""
        return _by_container(self.all_findings)

    @cached_property
    def _groups(self) -> dict[NamespaceKind, tuple[Group, ...]]:
        return {}

    def groups(self, kind: NamespaceKind = NamespaceKind.NET) -> tuple[Group, ...]:
        """Return the groups of one kind."""
        if kind not in self._groups:
            self._groups[kind] = find_groups(self.snapshot, self.graph, kind)
        return self._groups[kind]

    @cached_property
    def kinds(self) -> tuple[NamespaceKind, ...]:
        """The kinds that have something to show: ``uts`` only if it is shared.

        Docker cannot share it between containers; only Podman pods do.
        """
        return tuple(
            kind
            for kind in NamespaceKind
            if kind is not NamespaceKind.UTS or self.groups(kind)
        )

    @cached_property
    def _shared_kinds(self) -> Mapping[ContainerId, tuple[NamespaceKind, ...]]:
        found: dict[ContainerId, tuple[NamespaceKind, ...]] = {}
        for kind in NamespaceKind:
            for group in self.groups(kind):
                for member in group.members:
                    found[member] = (*found.get(member, ()), kind)
        return MappingProxyType(found)

    def shared_kinds(self, container: ContainerId) -> tuple[NamespaceKind, ...]:
        """Return the kinds in which a container is in a group."""
        return self._shared_kinds.get(container, ())

    def worst(self, container: ContainerId) -> Finding | None:
        """Return the worst reported finding of a container, if it has any."""
        findings = self.findings_by_container.get(container, ())
        return findings[0] if findings else None


def start_remedies(report: Report) -> Mapping[ContainerId, str]:
    """Return what repairs the containers with an owner that is gone, as clauses."""
    return MappingProxyType(
        {
            one.container: f"use {one.remedy}" if one.is_command else one.remedy
            for one in reversed(report.all_findings)
            if one.code is FindingCode.OWNER_GONE
        }
    )


def _by_container(
    findings: Iterable[Finding],
) -> Mapping[ContainerId, tuple[Finding, ...]]:
    found: dict[ContainerId, tuple[Finding, ...]] = {}
    for finding in findings:
        found[finding.container] = (*found.get(finding.container, ()), finding)
    return MappingProxyType(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedFinding:
    """A finding that holds as far as could be read."""

    finding: Finding
    name: str
    """The name of its container; the last one if the container is gone."""

    since: datetime | None
    """The time it was first seen; None if it was present at the first look."""

    started_at: datetime | None
    """The start of the container's run that the finding is about."""

    seen: frozenset[Seen]
    """The facts that could be read about its container and those that this joined."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingChange:
    """A finding that has appeared or gone."""

    tracked: TrackedFinding
    has_appeared: bool


@dataclass(frozen=True, slots=True)
class FindingLog:
    """The findings after a look, and what that look has changed."""

    present: Mapping[FindingKey, TrackedFinding]
    changes: tuple[FindingChange, ...]
    """Gone findings first, then new ones, each the worst first."""


def follow_findings(known: FindingLog | None, now: Report) -> FindingLog:
    """Return the present findings and what has changed.

    A finding counts as gone only if its absence could be observed. If less can be read
    than before, the finding is kept until its container is restarted or removed.

    Args:
        known: The result of the previous look; None at the first look.
        now: The report of this look.

    """
    before = {} if known is None else known.present
    since = None if known is None else now.snapshot.taken_at
    found = {}
    for finding in now.findings:
        key = (finding.container, finding.code, finding.severity)
        first = before[key].since if key in before else since
        found[key] = _track(now, finding, first)
    missing = {key: one for key, one in before.items() if key not in found}
    held = {key: one for key, one in missing.items() if not _was_readable(one, now)}
    gone = [one for key, one in missing.items() if key not in held]
    found = {
        k: one
        for k, one in found.items()
        if k in before or not _follows_from_unread(one, held)
    }
    new = [one for key, one in found.items() if key not in before]
    changes = (
        *(FindingChange(tracked=one, has_appeared=False) for one in gone),
        *(FindingChange(tracked=one, has_appeared=True) for one in new),
    )
    return FindingLog(found | held, changes)


def new_incidents(
    report: Report, changes: Iterable[FindingChange]
) -> tuple[Incident, ...]:
    """Return what has happened, from the findings that have appeared.

    Args:
        report: The latest report.
        changes: The changes, of which those that are gone are left out.

    """
    appeared = [change.tracked.finding for change in changes if change.has_appeared]
    here = [f for f in appeared if f.container in report.graph.containers]
    if not here:
        return ()
    from nstui.analysis.findings.incidents import find_incidents  # noqa: PLC0415

    here.sort(key=lambda finding: finding.severity.rank)
    return find_incidents(report.snapshot, report.graph, here)


def _track(now: Report, finding: Finding, since: datetime | None) -> TrackedFinding:
    container = finding.container
    by_kernel = finding.code in _BY_KERNEL
    return TrackedFinding(
        finding=finding,
        name=now.graph.name(container),
        since=since,
        started_at=_started(now, container),
        seen=_readable_facts(now, container) if by_kernel else frozenset(),
    )


def _was_readable(one: TrackedFinding, now: Report) -> bool:
    """Tell whether a missing finding would have been made if it still held."""
    container = now.graph.containers.get(one.finding.container)
    if container is None or one.finding.code is FindingCode.UNREADABLE:
        return True
    hops = [now.graph.containers[hop] for hop in all_hops(now.graph, container.id)]
    if any(hop.inspection is None for hop in hops):
        return False
    if not container.state.has_process or _started(now, container.id) != one.started_at:
        return True
    running = {(h.id, _started(now, h.id)) for h in hops if h.state.has_process}
    lost = one.seen - _readable_facts(now, container.id)
    return not any((hop, started) in running for hop, started, _ in lost)


def _follows_from_unread(
    one: TrackedFinding, held: Mapping[FindingKey, TrackedFinding]
) -> bool:
    """Tell whether a finding follows from another one that cannot be read now."""
    return one.finding.code is FindingCode.NO_UPLINK and any(
        other.finding.container == one.finding.container for other in held.values()
    )


def _readable_facts(now: Report, container: ContainerId) -> frozenset[Seen]:
    readings = now.snapshot.host.processes
    found: set[Seen] = set()
    for hop in all_hops(now.graph, container):
        if hop not in readings:
            continue
        told = [kind.value for kind in readings[hop].namespaces]
        if readings[hop].interfaces is not None:
            told.append("interfaces")
        found |= {(hop, _started(now, hop), word) for word in told}
    return frozenset(found)


def _started(now: Report, container: ContainerId) -> datetime | None:
    inspection = now.graph.containers[container].inspection
    return None if inspection is None else inspection.started_at


@dataclass(frozen=True, slots=True)
class PendingChange:
    """A change that is not reported yet, and when it was first seen."""

    change: FindingChange
    at: datetime


@dataclass(frozen=True, slots=True)
class ReportedFindings:
    """Which findings were reported, which changes wait, and what to report now."""

    told: Mapping[FindingKey, TrackedFinding]
    """The findings that were reported as present and not as gone."""

    pending: Mapping[FindingKey, PendingChange]
    """The differences to `told` that have not lasted long enough yet."""

    changes: tuple[PendingChange, ...]
    """The changes to report: gone findings first, then new ones, each the worst
    first."""


def settle_changes(
    known: ReportedFindings | None, log: FindingLog, at: datetime, settling: timedelta
) -> ReportedFindings:
    """Return what to report after a look.

    Findings of the first look are reported at once, since they may be old. If one error
    of a container replaces another, the time counts from the first one, because its
    owner may keep stopping and starting.

    Args:
        known: The result of the previous look; None at the first look.
        log: The present findings.
        at: The time of the look.
        settling: How long a change has to last.

    """
    if known is None:
        changes = tuple(PendingChange(change, at) for change in log.changes)
        return ReportedFindings(log.present, MappingProxyType({}), changes)
    pending = {}
    broken = _broken_since(known.pending)
    for key, change in _find_differences(known.told, log.present):
        since = at
        if key in known.pending:
            since = known.pending[key].at
        elif _is_new_error(change):
            since = broken.get(change.tracked.finding.container, at)
        pending[key] = PendingChange(change, since)
    told = {key: _updated(one, log.present.get(key)) for key, one in known.told.items()}
    return release_pending(ReportedFindings(told, pending, ()), at, settling)


def _broken_since(
    pending: Mapping[FindingKey, PendingChange],
) -> dict[ContainerId, datetime]:
    """Return when each container first had an error that is not reported yet."""
    found: dict[ContainerId, datetime] = {}
    for one in pending.values():
        if _is_new_error(one.change):
            container = one.change.tracked.finding.container
            found[container] = min(one.at, found.get(container, one.at))
    return found


def _is_new_error(change: FindingChange) -> bool:
    return change.has_appeared and change.tracked.finding.severity is Severity.ERROR


def release_pending(
    known: ReportedFindings, now: datetime, settling: timedelta
) -> ReportedFindings:
    """Return what to report at a time between two looks."""
    told = dict(known.told)
    pending = {}
    changes = []
    for key, one in known.pending.items():
        if now - one.at < settling:
            pending[key] = one
            continue
        changes.append(one)
        if one.change.has_appeared:
            told[key] = one.change.tracked
        else:
            del told[key]
    return ReportedFindings(told, pending, tuple(changes))


def _find_differences(
    told: Mapping[FindingKey, TrackedFinding],
    present: Mapping[FindingKey, TrackedFinding],
) -> Iterator[tuple[FindingKey, FindingChange]]:
    for key, one in told.items():
        if key not in present:
            yield key, FindingChange(tracked=one, has_appeared=False)
    for key, one in present.items():
        if key not in told:
            yield key, FindingChange(tracked=one, has_appeared=True)


def _updated(told: TrackedFinding, present: TrackedFinding | None) -> TrackedFinding:
    """Return a reported finding in its present form, if it is present."""
    return told if present is None else replace(present, since=told.since)

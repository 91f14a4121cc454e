"""Incidents: findings that have one cause, what happened, and one remedy.

A cause is only named if it was read. An owner *was restarted* if it was started after
the container that is no longer with it, and if that container is in nobody else's
namespace; a container has *only lo* if its interfaces were read. A finding that may be
a consequence, such as a failing health check without a network, is told as a guess.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.findings.incident_words import Gathered, incident_words, started
from nstui.analysis.findings.remedies import heal_remedy, joint_remedy
from nstui.analysis.plans.commands import (
    Remedy,
    after,
    commands,
    quoted_name,
    words_for,
)
from nstui.model.finding import Finding, FindingCode, Incident, IncidentCause, Severity
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.analysis.findings.incident_words import Key
    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.snapshot import Snapshot


_LOST = frozenset(
    {
        IncidentCause.OWNER_RESTARTED,
        IncidentCause.OWNER_REPLACED,
        IncidentCause.OWNER_ELSEWHERE,
        IncidentCause.OWNER_STOPPED,
        IncidentCause.OWNER_GONE,
        IncidentCause.NETWORK_GONE,
        IncidentCause.NO_UPLINK,
        IncidentCause.INTERRUPTED,
    }
)
"""The causes after which a health check may fail for want of a network."""


def find_incidents(
    snapshot: Snapshot, graph: Graph, findings: Iterable[Finding]
) -> tuple[Incident, ...]:
    """Return the incidents that some findings belong to, each finding to one.

    The worst come first, then those that concern the most containers.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        findings: Findings about containers of the snapshot, the worst first.

    """
    cut_off = _find_cut_off(snapshot, graph)
    groups: dict[Key, list[Finding]] = {}
    for finding in findings:
        groups.setdefault(_key(graph, finding, cut_off), []).append(finding)
    guesses = _take_guesses(groups)
    incidents = [
        _incident(snapshot, graph, Gathered(key, tuple(found), tuple(guesses[key])))
        for key, found in groups.items()
    ]
    causes = list(IncidentCause)
    incidents.sort(
        key=lambda one: (
            one.severity.rank,
            -len(one.containers),
            causes.index(one.cause),
            one.subject,
        )
    )
    return tuple(incidents)


def _find_cut_off(snapshot: Snapshot, graph: Graph) -> Mapping[str, ContainerId]:
    """Return what interrupted plans have left in a wrong state.

    For the id of each such container, and of one that a replacement has removed, this
    is the container that has the finding about it.
    """
    if not snapshot.unfinished:
        return {}
    from nstui.analysis.plans.interruptions import (  # noqa: PLC0415
        concerned,
        find_interruptions,
    )
    from nstui.analysis.plans.leftovers import REPLACING  # noqa: PLC0415

    found: dict[str, ContainerId] = {}
    for one in find_interruptions(snapshot, graph):
        found |= dict.fromkeys(concerned(one), one.container)
        step = one.record.current
        if step is not None and step.verb in REPLACING:
            found[step.container] = one.container
    return found


def _key(graph: Graph, finding: Finding, cut_off: Mapping[str, ContainerId]) -> Key:
    due_to = finding.owner or finding.gone
    if finding.code is FindingCode.INTERRUPTED:
        return IncidentCause.INTERRUPTED, finding.container, ""
    if due_to in cut_off and finding.kind is not None:
        return IncidentCause.INTERRUPTED, cut_off[due_to], ""
    cause, which, detail = _cause(graph, finding)
    return (
        (cause, which, detail) if which else (IncidentCause.OWN, finding.container, "")
    )


def _cause(graph: Graph, finding: Finding) -> Key:
    """Return the cause of a finding; without a container if it is the finding's own."""
    owner, detail = finding.owner or "", ""
    if owner and owner not in graph.containers:
        # It was found at an earlier look, and cannot be read now.
        return IncidentCause.OWN, "", ""
    match finding.code:
        case FindingCode.STALE_JOIN:
            cause = _event(graph, finding)
        case FindingCode.OWNER_STOPPED:
            cause = IncidentCause.OWNER_STOPPED
        case FindingCode.OWNER_GONE:
            # A job that has done its work is no news of its owner's.
            gone = finding.gone if finding.kind is not None else ""
            return IncidentCause.OWNER_GONE, gone, ""
        case FindingCode.NO_UPLINK if finding.network:
            return IncidentCause.NETWORK_GONE, finding.network, ""
        case FindingCode.NO_UPLINK:
            cause = IncidentCause.NO_UPLINK
        case FindingCode.RESTART_MISMATCH:
            cause = IncidentCause.RESTART_MISMATCH
            detail = finding.remedy.removesuffix(f" {graph.name(finding.container)}")
        case _:
            return IncidentCause.OWN, "", ""
    return cause, owner, detail


def _event(graph: Graph, finding: Finding) -> IncidentCause:
    """Return how a container came to be in another namespace than its owner."""
    container = graph.containers[finding.container]
    owner = graph.containers[finding.owner or finding.container]
    mine, theirs = started(container), started(owner)
    if mine is None or theirs is None or theirs <= mine:
        return IncidentCause.OWNER_ELSEWHERE
    shared = finding.kind and graph.presence.shared(container.id, finding.kind)
    if shared and shared.possible_owners:
        # It may have been in the namespace of one of these all the time.
        return IncidentCause.OWNER_ELSEWHERE
    if owner.created_at is not None and owner.created_at > mine:
        return IncidentCause.OWNER_REPLACED
    return IncidentCause.OWNER_RESTARTED


def _take_guesses(groups: dict[Key, list[Finding]]) -> dict[Key, list[Finding]]:
    """Move what may be a consequence of an incident to it; return it by incident."""
    homes: dict[ContainerId, Key] = {}
    for key, found in groups.items():
        for finding in found:
            if key[0] in _LOST and finding.kind is NamespaceKind.NET:
                homes.setdefault(finding.container, key)
    guesses: dict[Key, list[Finding]] = {key: [] for key in groups}
    for container, home in homes.items():
        own = (IncidentCause.OWN, container, "")
        found = groups.get(own, [])
        taken = [one for one in found if one.code is FindingCode.UNHEALTHY]
        guesses[home] += taken
        left = [one for one in found if one not in taken]
        if taken and left:
            groups[own] = left
        elif taken:
            del groups[own]
    return guesses


def _incident(snapshot: Snapshot, graph: Graph, gathered: Gathered) -> Incident:
    words = incident_words(snapshot, graph, gathered)
    remedy = _remedy(snapshot, graph, gathered)
    containers = tuple(sorted(gathered.containers, key=graph.name))
    return Incident(
        cause=gathered.key[0],
        severity=min((f.severity for f in gathered.findings), key=lambda one: one.rank),
        owner=gathered.owner,
        containers=containers,
        all_names=tuple(graph.name(c) for c in containers),
        findings=tuple(dict.fromkeys((*gathered.own, *gathered.findings))),
        perhaps=gathered.perhaps,
        subject=words.subject,
        event=words.event,
        since=words.since,
        effect=words.effect,
        glance=words.glance,
        remedy=remedy.text,
        is_command=remedy.is_command,
    )


_HEALED = frozenset(
    {
        IncidentCause.OWNER_RESTARTED,
        IncidentCause.OWNER_REPLACED,
        IncidentCause.OWNER_ELSEWHERE,
        IncidentCause.OWNER_STOPPED,
    }
)
"""The causes that healing the owner's dependents cures, if restarts do."""


def _remedy(snapshot: Snapshot, graph: Graph, gathered: Gathered) -> Remedy:
    cause, owner = gathered.key[0], gathered.owner
    if gathered.own:
        first = gathered.own[0]
        if first.is_command and cause is IncidentCause.INTERRUPTED:
            # What depends on a container that is replaced is not found by its name.
            several = dict.fromkeys((first.container, *gathered.containers))
            return commands(("nstui", "heal", *words_for(graph, several)))
        return Remedy(first.remedy, is_command=first.is_command)
    if cause is IncidentCause.NETWORK_GONE:
        owners = dict.fromkeys(f.owner or f.container for f in gathered.findings)
        heal = ("nstui", "heal", *words_for(graph, owners))
        return after(f"create the network {quoted_name(gathered.key[1])} again", heal)
    broken = [f for f in gathered.findings if f.severity is Severity.ERROR]
    if cause in _HEALED and owner is not None and broken:
        remedy = heal_remedy(snapshot, graph, owner, broken)
        if remedy is not None:
            return remedy
    return joint_remedy(graph, gathered.findings)

"""All findings of a host, and the remedies that managers require."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.findings.ends import (
    find_engine_words,
    find_exit,
    find_failed_start,
    find_restarting,
    find_unreadable,
)
from nstui.analysis.findings.joins import find_broken_join
from nstui.analysis.findings.networks import (
    find_no_uplink,
    find_restart_mismatch,
    find_undeclared_shares,
)
from nstui.analysis.graph.graph import all_hops
from nstui.analysis.managers import is_history, successor_of
from nstui.analysis.plans.commands import Remedy, after, command, commands, word_for
from nstui.model.container import ContainerId, ManagerKind
from nstui.model.finding import Finding, FindingCode, Severity
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container
    from nstui.model.outcome import Interruption
    from nstui.model.snapshot import Snapshot


_ONLY_LOOKED_AT = frozenset(
    {
        FindingCode.INTERRUPTED,
        FindingCode.OOM_KILLED,
        FindingCode.RESTARTING,
        FindingCode.UNDECLARED_SHARE,
        FindingCode.UNHEALTHY,
        FindingCode.UNREADABLE,
    }
)
"""Findings with remedies that change nothing, or that suit managers as well."""

_RESTARTED = frozenset({FindingCode.STALE_JOIN, FindingCode.NO_UPLINK})
"""Findings that a restart of the container itself cures if its owner is well."""

_ENDED = frozenset({FindingCode.EXITED, FindingCode.START_FAILED})
"""Findings about stopped containers."""

_KUBELET_REMEDY = (
    "fix what its log reports; its pod starts it again if its policy says so"
)
"""The remedy if the kubelet does the rest."""

_HEAL_PREFIX = "nstui heal "
"""The beginning of remedies that already respect managers."""


def find_managed_findings(
    snapshot: Snapshot, graph: Graph, findings: Iterable[Finding]
) -> list[Finding]:
    """Replace remedies by those that managers require.

    A container that its manager has replaced is history and has no findings. A restart
    policy is irrelevant for a container that the engine does not start.
    """
    if all(container.manager is None for container in graph.containers.values()):
        return list(findings)
    from nstui.analysis.plans.managed import why_left_alone  # noqa: PLC0415

    why = why_left_alone(snapshot, graph, command(snapshot.engine))
    return [
        _as_managed(graph, why, finding)
        for finding in findings
        if not is_history(graph, graph.containers[finding.container])
        and not _is_about_policy(graph, finding)
    ]


def _is_about_policy(graph: Graph, finding: Finding) -> bool:
    is_policy = finding.code is FindingCode.RESTART_MISMATCH
    return is_policy and any(_managed_in_chains(graph, finding.container))


def _as_managed(
    graph: Graph, why: Mapping[ContainerId, str], finding: Finding
) -> Finding:
    words = set(finding.remedy.split())
    managed = [
        container
        for container in _managed_in_chains(graph, finding.container)
        if word_for(container) in words
    ]
    if not managed or finding.code in _ONLY_LOOKED_AT:
        return finding
    if _is_kubelets(graph, finding):
        return replace(finding, remedy=_KUBELET_REMEDY, is_command=False)
    held = next((container for container in managed if container.id in why), None)
    if held is not None:
        sentence = f"{held.name} {why[held.id]}{_move_text(graph, finding, held)}"
        return replace(finding, remedy=sentence, is_command=False)
    remedy = _managed_remedy(finding, managed[0])
    return replace(finding, remedy=remedy.text, is_command=remedy.is_command)


def _is_kubelets(graph: Graph, finding: Finding) -> bool:
    """Tell whether the kubelet deals with the end of a container.

    Deleting the pod would end its healthy containers too, and a pod that a user created
    directly would not come back.
    """
    manager = graph.containers[finding.container].manager
    is_pods = manager is not None and manager.kind is ManagerKind.KUBERNETES
    is_sure = manager is not None and manager.is_proven
    return is_pods and is_sure and finding.code in _ENDED


def _move_text(graph: Graph, finding: Finding, held: Container) -> str:
    """Return how to move a container to the task that replaced its owner."""
    successor = successor_of(graph, held)
    if successor is None or held.id == finding.container:
        return ""
    subject = word_for(graph.containers[finding.container])
    return (
        f": {commands(('nstui', 'heal', '--onto', word_for(successor), subject)).text}"
    )


def _managed_remedy(finding: Finding, container: Container) -> Remedy:
    """Return the remedy for a container with a manager that can be asked."""
    from nstui.analysis.plans.managed import (  # noqa: PLC0415
        ManagerAction,
        manager_command,
    )

    manager = container.manager
    command = (
        None if manager is None else manager_command(manager, ManagerAction.RESTART)
    )
    if command is None or finding.remedy.startswith(_HEAL_PREFIX):
        return Remedy(finding.remedy, is_command=finding.is_command)
    if finding.code in _RESTARTED:
        return commands(command)
    return after("fix that", command)


def _managed_in_chains(graph: Graph, container: ContainerId) -> Iterator[Container]:
    """Yield the managed containers among a container and those it joined."""
    for hop in all_hops(graph, container):
        if graph.containers[hop].manager is not None:
            yield graph.containers[hop]


def find_findings(snapshot: Snapshot, graph: Graph) -> tuple[Finding, ...]:
    """Return the findings, the worst first, then by the container's name.

    They are kept with the graph, since a plan asks for them several times.
    """
    kept = graph.findings
    if kept is None or kept[0] is not snapshot:
        kept = graph.findings = snapshot, _find_all(snapshot, graph)
    return kept[1]


def _find_all(snapshot: Snapshot, graph: Graph) -> tuple[Finding, ...]:
    cut_off: tuple[Interruption, ...] = ()
    if snapshot.unfinished:
        from nstui.analysis.plans.interruptions import (  # noqa: PLC0415
            find_interruptions,
        )

        cut_off = find_interruptions(snapshot, graph)
    covered = frozenset[ContainerId]().union(*(one.covers for one in cut_off))
    found = [
        finding
        for container in snapshot.containers
        if container.id not in covered
        for finding in _find_of_container(snapshot, graph, container)
    ]
    found += (_interruption_finding(graph, one) for one in cut_off)
    found += find_undeclared_shares(snapshot, graph)
    found = find_managed_findings(snapshot, graph, found)
    codes = list(FindingCode)
    found.sort(
        key=lambda f: (f.severity.rank, graph.name(f.container), codes.index(f.code))
    )
    return tuple(found)


def _find_of_container(
    snapshot: Snapshot, graph: Graph, container: Container
) -> Iterator[Finding]:
    docker = command(snapshot.engine)
    joins = tuple(_broken_joins(snapshot, graph, container))
    yield from joins
    if not any(one.code is FindingCode.OWNER_GONE for one in joins):
        yield from _existing(
            find_failed_start(snapshot, graph, container),
            find_exit(snapshot, container),
        )
    if not joins:
        yield from _existing(find_no_uplink(snapshot, graph, container))
    yield from find_engine_words(container, docker)
    yield from _existing(
        find_restarting(snapshot, container),
        # In a glimpse no container is inspected yet, so this is not a finding.
        None if snapshot.is_glimpse else find_unreadable(container, docker),
        find_restart_mismatch(graph, container, docker),
    )


def _broken_joins(
    snapshot: Snapshot, graph: Graph, container: Container
) -> Iterator[Finding]:
    """Yield the findings about a container's joins, each once."""
    seen: set[FindingCode] = set()
    for kind in NamespaceKind:
        if graph.join(container.id, kind) is None:
            continue
        finding = find_broken_join(snapshot, graph, container, kind)
        if finding is not None and finding.code not in seen:
            seen.add(finding.code)
            yield finding


def _existing(*findings: Finding | None) -> Iterator[Finding]:
    return (finding for finding in findings if finding is not None)


def _interruption_finding(graph: Graph, cut_off: Interruption) -> Finding:
    name = word_for(graph.containers[cut_off.container])
    remedy = Remedy("decide which of them to keep, and remove the others")
    if cut_off.steps:
        remedy = commands(("nstui", "heal", name))
    return Finding(
        code=FindingCode.INTERRUPTED,
        severity=Severity.ERROR,
        container=cut_off.container,
        message=cut_off.message,
        remedy=remedy.text,
        is_command=remedy.is_command,
    )

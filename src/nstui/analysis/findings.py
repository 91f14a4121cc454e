"""What is wrong on a host, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.broken_joins import find_broken_join
from nstui.analysis.ends import find_exit, find_failed_start
from nstui.analysis.engine_words import (
    find_engine_words,
    find_restarting,
    find_unreadable,
)
from nstui.analysis.interruptions import find_interruptions
from nstui.analysis.managed_findings import find_managed
from nstui.analysis.notices import find_restart_mismatch, find_undeclared_shares
from nstui.analysis.remedies import Remedy, command, commands, word_for
from nstui.analysis.uplinks import find_no_uplink
from nstui.model.container import ContainerId
from nstui.model.finding import Finding, FindingCode, Severity
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container
    from nstui.model.interruption import Interruption
    from nstui.model.snapshot import Snapshot


def find_findings(snapshot: Snapshot, graph: Graph) -> tuple[Finding, ...]:
    """Return what is wrong, the worst first, then by the container's name."""
    cut_off = find_interruptions(snapshot, graph)
    covered = frozenset[ContainerId]().union(*(one.covers for one in cut_off))
    found = [
        finding
        for container in snapshot.containers
        if container.id not in covered
        for finding in _of_container(snapshot, graph, container)
    ]
    found += (_interrupted(graph, one) for one in cut_off)
    found += find_undeclared_shares(snapshot, graph)
    found = find_managed(snapshot, graph, found)
    codes = list(FindingCode)
    found.sort(
        key=lambda f: (f.severity.rank, graph.name(f.container), codes.index(f.code))
    )
    return tuple(found)


def _of_container(
    snapshot: Snapshot, graph: Graph, container: Container
) -> Iterator[Finding]:
    docker = command(snapshot.engine)
    joins = tuple(_broken_joins(snapshot, graph, container))
    yield from joins
    if not any(one.code is FindingCode.OWNER_GONE for one in joins):
        yield from _some(
            find_failed_start(snapshot, graph, container),
            find_exit(snapshot, container),
        )
    if not joins:
        yield from _some(find_no_uplink(snapshot, graph, container))
    yield from find_engine_words(container, docker)
    yield from _some(
        find_restarting(snapshot, container),
        # At a glimpse nobody has been inspected yet, and nothing is wrong with that.
        None if snapshot.is_glimpse else find_unreadable(container, docker),
        find_restart_mismatch(graph, container, docker),
    )


def _broken_joins(
    snapshot: Snapshot, graph: Graph, container: Container
) -> Iterator[Finding]:
    """Yield what is wrong with the joins of a container, each thing once."""
    seen: set[FindingCode] = set()
    for kind in NamespaceKind:
        finding = find_broken_join(snapshot, graph, container, kind)
        if finding is not None and finding.code not in seen:
            seen.add(finding.code)
            yield finding


def _some(*findings: Finding | None) -> Iterator[Finding]:
    return (finding for finding in findings if finding is not None)


def _interrupted(graph: Graph, cut_off: Interruption) -> Finding:
    name = word_for(graph.containers[cut_off.container])
    cure = Remedy("decide which of them to keep, and remove the others")
    if cut_off.steps:
        cure = commands(("nstui", "heal", name))
    return Finding(
        code=FindingCode.INTERRUPTED,
        severity=Severity.ERROR,
        container=cut_off.container,
        message=cut_off.message,
        remedy=cure.text,
        is_command=cure.is_command,
    )

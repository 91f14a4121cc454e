"""Finds the container that nstui runs in, which a standing watch must not act on.

A watch that stops its own container never starts it again, and one that restarts the
container whose network it is in cuts itself off in the middle of a plan.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import SHORT_ID_LENGTH
from nstui.model.namespace import NamespaceKind, NamespacesRead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.own import OwnProcess
    from nstui.model.snapshot import Snapshot


def protected_containers(report: Report, own: OwnProcess) -> frozenset[ContainerId]:
    """Return the containers that a watch must not act on, since it runs in them.

    These are its own container and those that this one has joined. The kernel tells
    which container is its own. Where it does not, all are included that it may be: that
    is a guess, but one by which nothing is done.

    Args:
        report: A report on the host.
        own: What is known about nstui's own process.

    """
    snapshot, graph = report.snapshot, report.graph
    inside = {*_known(snapshot, graph, own)} or {*_possible(graph, own)}
    return frozenset(_with_owners(graph, inside))


def _known(snapshot: Snapshot, graph: Graph, own: OwnProcess) -> Iterator[ContainerId]:
    """Yield the containers that nstui certainly runs in."""
    yield from (each for each in own.cgroups if each in graph.containers)
    if snapshot.namespaces_read is NamespacesRead.DECLARED:
        # The engine's pids may be those of another machine.
        return
    machine = snapshot.host.own.get(NamespaceKind.UTS)
    for container in snapshot.containers:
        # Without a namespace that was read: in a cgroup namespace of its own, nstui
        # cannot confirm the process of the very container that it runs in.
        uts = snapshot.namespace(container.id, NamespaceKind.UTS)
        is_inside = uts is not None and uts == own.uts and machine not in {None, uts}
        if is_inside or container.pid in own.pids:
            yield container.id


def _possible(graph: Graph, own: OwnProcess) -> Iterator[ContainerId]:
    """Yield the containers that nstui may run in.

    The files in ``/etc`` and the host name are those of the container that has the
    network; nstui may be in any that has joined it.
    """
    owners = [each for each in own.files if each in graph.containers]
    if not owners and len(own.hostname) == SHORT_ID_LENGTH:
        owners = [*graph.beginning_with(own.hostname)]
    for owner in owners:
        yield owner
        yield from graph.dependents(owner)


def _with_owners(
    graph: Graph, containers: Iterable[ContainerId]
) -> Iterator[ContainerId]:
    """Yield containers and all that they have joined, directly or through others."""
    for container in containers:
        for kind in NamespaceKind:
            yield from graph.chain(container, kind).hops

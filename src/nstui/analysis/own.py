"""Finds the container that nstui runs in, which it must not end.

An nstui that stops its own container is cut off in the middle of a plan and never
starts it again; a watch that restarts the container whose network it is in may be cut
off from its engine.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import SHORT_ID_LENGTH
from nstui.model.namespace import NamespaceKind, NamespacesRead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.own import OwnProcess
    from nstui.model.snapshot import Snapshot


def protected_containers(
    snapshot: Snapshot, graph: Graph, own: OwnProcess
) -> frozenset[ContainerId]:
    """Return the containers that a watch must not act on, since it runs in them.

    These are its own container and those that this one has joined. The kernel tells
    which container is its own. Where it does not, all are included that it may be: that
    is a guess, but one by which nothing is done.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        own: What is known about nstui's own process.

    """
    inside = {*_known(snapshot, graph, own)} or {*_possible(graph, own)}
    return frozenset(_with_owners(graph, inside))


def own_containers(
    snapshot: Snapshot, graph: Graph, own: OwnProcess
) -> Mapping[ContainerId, str]:
    """Return the containers with which nstui ends, or may end.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        own: What is known about nstui's own process.

    Returns:
        For each container what it is to nstui, as a sentence without its name in
        front. Those that own the pid namespace of its own container are included, but
        not the owners of its network, without which nstui goes on.

    """
    inside = dict.fromkeys(
        _known(snapshot, graph, own), "is the container in which this nstui runs"
    ) or dict.fromkeys(
        _possible(graph, own), "may be the container in which this nstui runs"
    )
    hops = (h for c in inside for h in graph.chain(c, NamespaceKind.PID).hops)
    owners = dict.fromkeys(hops, "has the pid namespace in which this nstui runs")
    return owners | inside


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

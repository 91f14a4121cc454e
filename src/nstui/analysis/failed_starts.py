"""Why the engine refused to start a container, and whether that is still so."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nstui.analysis.startable import HALF_REMOVED
from nstui.model.container import ContainerState
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import ShareKind

if TYPE_CHECKING:
    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId

_NEED = re.compile(
    r"non.running container|container \S+ is not running|No such container"
    r"|wait until the container is running"
    r"|/proc/\d+/ns/\w+: no such file"
)
"""What the engine says, or the runtime, if another container was not there that was to
be joined or linked to; see ``daemon/container_operations.go`` of Docker 20.10 to 29."""

_PORT = re.compile(r"Bind for \S*:(\d+) failed: port is already allocated")
"""What the engine's own allocator of ports says: another container has the port. Of one
that a program of the host holds nothing here would tell that it is free again."""


def start_error(container: Container) -> str:
    """Return why the last start of a container failed that does not run; or nothing.

    The engine keeps in the same place why a removal failed, which is no failed start.
    """
    if container.inspection is None or container.state.has_process:
        return ""
    return "" if container.state in HALF_REMOVED else container.inspection.start_error


def is_about_a_need(error: str) -> bool:
    """Tell whether a start was refused because of what the container joined."""
    return _NEED.search(error) is not None


def is_cause_gone(graph: Graph, container: ContainerId) -> bool:
    """Tell whether what a container's last start failed for is known to be mended.

    That is known if what it joined runs now, or no container has its port any more. Of
    several that want one port only the first can have it.
    Of everything else, such as a program that is not in the image, nothing is known
    until somebody tries.
    """
    error = start_error(graph.containers[container])
    port = _PORT.search(error)
    if port is not None:
        taken = {p.host_port for c in graph.containers.values() for p in c.ports}
        return int(port[1]) not in taken and container == _first_for(graph, port[0])
    return is_about_a_need(error)


def _first_for(graph: Graph, refusal: str) -> ContainerId:
    """Return the first of those that were refused for one port of one address.

    Those that the engine starts by itself come before what somebody tried once.
    """
    wanting = (
        container
        for container in graph.containers.values()
        if (wanted := _PORT.search(start_error(container))) and wanted[0] == refusal
    )
    return min(wanting, key=lambda one: (_is_lost(one, graph), not _restarts(one))).id


def _is_lost(container: Container, graph: Graph) -> bool:
    """Tell whether a container joined one that is gone, so that it can never start."""
    joins = (graph.join(container.id, kind) for kind in NamespaceKind)
    return any(join is not None and join.target is None for join in joins)


def _restarts(container: Container) -> bool:
    policy = (
        "no" if container.inspection is None else container.inspection.restart_policy
    )
    return policy not in {"", "no"}


def may_start(
    graph: Graph, container: ContainerId, passed: frozenset[ContainerId] = frozenset()
) -> bool:
    """Tell whether nothing is known that keeps a container from being started.

    What it needs runs, or may be started before it.

    Args:
        graph: Who needs whom.
        container: Whom to start.
        passed: Those that need it, and so on.

    """
    subject = graph.containers[container]
    if subject.state.has_process:
        return True
    if subject.state not in {ContainerState.CREATED, ContainerState.EXITED}:
        return False
    if start_error(subject) and not is_cause_gone(graph, container):
        return False
    passed |= {container}
    return all(
        need.target is not None
        and need.target not in passed
        and may_start(graph, need.target, passed)
        for need in graph.dependencies(container)
        if need.kind is not ShareKind.VOLUMES_FROM
    )

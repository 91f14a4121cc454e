"""What has to run so that a container can be started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import ContainerId
from nstui.model.plan import ShareKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.analysis.graph import Graph


def find_needs(
    graph: Graph, container: ContainerId, heirs: Mapping[ContainerId, ContainerId]
) -> Iterator[ContainerId]:
    """Yield whom a container itself needs, or will once it is recreated.

    Args:
        graph: Who depends on whom.
        container: Who is to run.
        heirs: Who takes the place of each one that is gone.

    """
    for dependency in graph.dependencies(container):
        if dependency.kind is ShareKind.VOLUMES_FROM:
            continue
        if dependency.target is not None:
            yield dependency.target
        else:
            heir = heirs.get(ContainerId(dependency.reference))
            if heir is not None:
                yield heir


def find_stopped_needs(
    graph: Graph,
    containers: Iterable[ContainerId],
    heirs: Mapping[ContainerId, ContainerId],
) -> tuple[ContainerId, ...]:
    """Return those that do not run and that some need, directly or through others."""
    found: dict[ContainerId, None] = {}
    queue = list(containers)
    for container in queue:
        for need in find_needs(graph, container, heirs):
            if need not in found and not graph.containers[need].state.has_process:
                found[need] = None
                queue.append(need)
    return tuple(found)

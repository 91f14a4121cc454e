"""Which containers must not be acted on by two plans at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import all_hops

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import ContainerId


def group_around(
    graph: Graph, containers: Iterable[ContainerId]
) -> frozenset[ContainerId]:
    """Return containers with all that they depend on, and all that depends on those."""
    found = {*containers}
    for container in tuple(found):
        if container in graph.containers:
            found.update(all_hops(graph, container))
    for container in tuple(found):
        if container in graph.containers:
            found.update(graph.dependents(container))
    return frozenset(found)

"""The containers that no two plans must act on at the same time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import all_hops

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.plan import Plan


def acted_on(plan: Plan) -> dict[ContainerId, str]:
    """Return the containers that a plan acts on or is about, with their names."""
    return {
        **{target.id: target.name for target in plan.targets},
        **{step.container: step.name for step in plan.steps},
    }


def owners_beside(plan: Plan, graph: Graph) -> dict[ContainerId, str]:
    """Return what the containers of a plan have joined and it does not act on itself.

    Whoever acts on one of these acts on the same group.
    """
    own = acted_on(plan)
    return {
        hop: graph.name(hop)
        for container in own
        if container in graph.containers
        for hop in all_hops(graph, container)
        if hop not in own
    }


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

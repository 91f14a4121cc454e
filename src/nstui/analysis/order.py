"""In which order containers are acted on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import ContainerState

if TYPE_CHECKING:
    from collections.abc import Collection

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId


def dependents_first(
    graph: Graph, containers: Collection[ContainerId]
) -> tuple[ContainerId, ...]:
    """Order containers so that each comes after all that depend on it."""
    ordered: dict[ContainerId, None] = {}
    entered: set[ContainerId] = set()
    wanted = set(containers)

    def visit(container: ContainerId) -> None:
        if container in entered:
            return
        entered.add(container)
        users = {d.container for d in graph.users(container)} & wanted
        for user in sorted(users, key=lambda c: (graph.name(c), c)):
            visit(user)
        ordered[container] = None

    for container in containers:
        visit(container)
    return tuple(ordered)


def owners_first(
    graph: Graph, containers: Collection[ContainerId]
) -> tuple[ContainerId, ...]:
    """Order containers so that each comes after all that it depends on."""
    ordered: dict[ContainerId, None] = {}
    entered: set[ContainerId] = set()
    wanted = set(containers)

    def visit(container: ContainerId) -> None:
        if container in entered:
            return
        entered.add(container)
        for dependency in graph.dependencies(container):
            if dependency.target is not None and dependency.target in wanted:
                visit(dependency.target)
        ordered[container] = None

    for container in sorted(wanted, key=lambda c: (graph.name(c), c)):
        visit(container)
    return tuple(ordered)


def is_up(container: Container) -> bool:
    """Tell whether a container runs, or will again by itself in a moment."""
    return container.state.has_process or container.state is ContainerState.RESTARTING


def removes_itself(container: Container) -> bool:
    """Tell whether the engine removes a container when it stops."""
    return container.inspection is not None and container.inspection.removes_itself

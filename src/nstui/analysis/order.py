"""In which order containers are acted on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import ContainerState
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import ShareKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from nstui.analysis.graph import Dependency, Graph
    from nstui.model.container import Container, ContainerId


def dependents_first(
    graph: Graph, containers: Collection[ContainerId]
) -> tuple[ContainerId, ...]:
    """Order containers so that each comes after all that depend on it."""

    def users(container: ContainerId) -> list[ContainerId]:
        found = {d.container for d in graph.users(container) if _is_needed(d)}
        guests = {d.container for d in graph.residents(container)}
        found |= {guest for guest in guests if not _needs(graph, container, guest)}
        return sorted(found, key=lambda c: (graph.name(c), c))

    return _each_after(containers, users)


def owners_first(
    graph: Graph, containers: Collection[ContainerId]
) -> tuple[ContainerId, ...]:
    """Order containers so that each comes after all that it depends on."""

    def needed(container: ContainerId) -> list[ContainerId]:
        found = (d.target for d in graph.dependencies(container) if _is_needed(d))
        homes = {graph.presence.owner(container, kind) for kind in NamespaceKind}
        hosts = sorted(homes - {None, container}, key=str)
        free = [host for host in hosts if host and not _needs(graph, host, container)]
        return [*(target for target in found if target is not None), *free]

    by_name = sorted(containers, key=lambda c: (graph.name(c), c))
    return _each_after(by_name, needed)


def _needs(graph: Graph, container: ContainerId, other: ContainerId) -> bool:
    """Tell whether a container declares that it needs another."""
    found = graph.dependencies(container)
    return any(d.target == other for d in found if _is_needed(d))


def _each_after(
    containers: Collection[ContainerId],
    before: Callable[[ContainerId], Iterable[ContainerId]],
) -> tuple[ContainerId, ...]:
    """Order containers so that each comes after those that must come before it.

    That holds as well where the way from one to the other leads through a third.
    """
    ordered: dict[ContainerId, None] = {}
    entered: set[ContainerId] = set()
    wanted = set(containers)

    def visit(container: ContainerId) -> None:
        if container in entered:
            return
        entered.add(container)
        for other in before(container):
            visit(other)
        if container in wanted:
            ordered[container] = None

    for container in containers:
        visit(container)
    return tuple(ordered)


def _is_needed(dependency: Dependency) -> bool:
    """Tell whether a container needs another to run; volumes can go in a circle."""
    return dependency.kind is not ShareKind.VOLUMES_FROM


def needed_among(
    graph: Graph, container: ContainerId, others: Collection[ContainerId]
) -> tuple[ContainerId, ...]:
    """Return which of some others a container needs to run, directly or not."""
    found: dict[ContainerId, None] = {}
    left = [container]
    while left:
        for dependency in graph.dependencies(left.pop()):
            target = dependency.target
            if target is not None and _is_needed(dependency) and target not in found:
                found[target] = None
                left.append(target)
    return tuple(sorted(c for c in found if c in others and c != container))


def is_up(container: Container) -> bool:
    """Tell whether a container runs, or will again by itself in a moment."""
    return container.state.has_process or container.state is ContainerState.RESTARTING


def removes_itself(container: Container) -> bool:
    """Tell whether the engine removes a container when it stops."""
    return container.inspection is not None and container.inspection.removes_itself

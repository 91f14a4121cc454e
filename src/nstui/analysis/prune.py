"""What a prune removes, and what it leaves alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.managers import management_words
from nstui.analysis.order import is_up
from nstui.model.container import ContainerState
from nstui.model.plan import Kept, ShareKind

if TYPE_CHECKING:
    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.snapshot import Snapshot

_PRUNED_STATES = frozenset(
    {ContainerState.CREATED, ContainerState.EXITED, ContainerState.DEAD}
)
"""As ``docker container prune``."""


def find_prunable(snapshot: Snapshot, graph: Graph) -> tuple[ContainerId, ...]:
    """Return the containers that are not running, nobody's, and not depended on.

    Somebody who is not running either still counts: it could be started again, after
    what it depends on. Once it has gone, a further prune takes its owner too.
    """
    return tuple(
        container.id
        for container in _by_name(snapshot)
        if _is_stopped(container)
        and container.manager is None
        and not _needed_by(graph, container)
    )


def find_kept(snapshot: Snapshot, graph: Graph) -> tuple[Kept, ...]:
    """Return the containers that are not running and are left alone nevertheless.

    Others depend on them, or something else manages them.
    """
    return tuple(
        Kept(container.id, container.name, needed_by, _managed_by(container))
        for container in _by_name(snapshot)
        if _is_stopped(container)
        and ((needed_by := _needed_by(graph, container)) or container.manager)
    )


def _by_name(snapshot: Snapshot) -> list[Container]:
    return sorted(snapshot.containers, key=lambda container: container.name)


def _is_stopped(container: Container) -> bool:
    return container.state in _PRUNED_STATES and not is_up(container)


def _managed_by(container: Container) -> str:
    return "" if container.manager is None else management_words(container.manager)


def _needed_by(graph: Graph, container: Container) -> tuple[str, ...]:
    users = {
        dependency.container
        for dependency in graph.users(container.id)
        if dependency.kind is not ShareKind.VOLUMES_FROM
        and dependency.container != container.id
    }
    return tuple(sorted(graph.name(user) for user in users))

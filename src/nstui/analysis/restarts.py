"""What becomes of restarts, tried out one after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.groups import uses_host
from nstui.analysis.order import removes_itself
from nstui.analysis.startable import why_unstartable
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import ShareKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from nstui.analysis.graph import Graph
    from nstui.model.container import ContainerId


def find_obstacles(
    graph: Graph, order: Iterable[ContainerId], up: Collection[ContainerId]
) -> Iterator[str]:
    """Yield why containers could not be restarted one after the other.

    The engine stops each first and only then finds out, so that a restart would leave
    it stopped. What a restart ends besides does not run when the next one needs it.

    Args:
        graph: Who needs whom.
        order: Whom to restart, or start.
        up: Those that run before.

    """
    ended: dict[ContainerId, str] = {}
    up = set(up)
    for container in order:
        name = graph.name(container)
        ended.update(dict.fromkeys(_ended_with(graph, container, up), name))
        up -= ended.keys()
        subject = graph.containers[container]
        if container in ended and removes_itself(subject):
            yield f"{name} ends with {ended[container]} and then removes itself"
            continue
        found = list(why_unstartable(graph, container, up, ended))
        yield from found
        if not found:
            up.add(container)
            ended.pop(container, None)


def _ended_with(
    graph: Graph, container: ContainerId, up: Collection[ContainerId]
) -> tuple[ContainerId, ...]:
    """Return who runs in the pid namespace that ends when a container is stopped."""
    has_joined = graph.join(container, NamespaceKind.PID) is not None
    if has_joined or uses_host(graph.containers[container], NamespaceKind.PID):
        return ()
    return tuple(c for c in graph.dependents(container, (ShareKind.PID,)) if c in up)

"""Why the engine would refuse an action, or fail half way through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.groups import uses_host
from nstui.analysis.order import (
    dependents_first,
    is_up,
    owners_first,
    removes_itself,
)
from nstui.analysis.startable import HALF_REMOVED, why_unstartable
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Action, ShareKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.plan import Request


def find_objections(
    graph: Graph, request: Request, acted_on: Collection[ContainerId]
) -> tuple[str, ...]:
    """Return each reason as a sentence that says what to do instead."""
    containers = [graph.containers[c] for c in dependents_first(graph, acted_on)]
    found = [
        objection
        for container in containers
        for objection in _of_state(request, container)
    ]
    if request.action is Action.RESTART:
        found += _of_restarts(graph, owners_first(graph, acted_on))
    return tuple(found)


def _of_state(request: Request, container: Container) -> Iterator[str]:
    """Yield why the engine would not do this to a container as it is."""
    name, state, action = container.name, container.state, request.action
    if action is Action.RESTART and state in HALF_REMOVED:
        yield f"{name} is {state}: it cannot be started any more"
    elif action is Action.KILL and not state.has_process:
        yield f"{name} is {state}: it has no process to kill"
    elif action is Action.RM and is_up(container) and not _ends_first(request):
        yield f"{name} is {state}: stop it first, or use --force"


def _ends_first(request: Request) -> bool:
    return request.force or request.stop_first


def _of_restarts(graph: Graph, order: Collection[ContainerId]) -> Iterator[str]:
    """Yield why a container could not be started again once it is stopped.

    The engine stops it first and only then finds out, so that a restart would leave
    it stopped. What a restart ends besides does not run when the next one needs it.
    """
    ended: dict[ContainerId, str] = {}
    up = {c.id for c in graph.containers.values() if c.state.has_process}
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

"""Why the engine would refuse an action, or fail half way through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.order import (
    dependents_first,
    is_up,
    owners_first,
)
from nstui.analysis.restarts import find_obstacles
from nstui.analysis.startable import HALF_REMOVED
from nstui.model.plan import Action

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
        up = {c.id for c in graph.containers.values() if c.state.has_process}
        found += find_obstacles(graph, owners_first(graph, acted_on), up)
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

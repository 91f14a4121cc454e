"""Why the engine would refuse an action, or fail half way through it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.order import is_up
from nstui.model.container import short_id
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
    containers = [graph.containers[c] for c in acted_on]
    return tuple(
        objection
        for container in containers
        for objection in _of(graph, request, container, acted_on)
    )


def _of(
    graph: Graph,
    request: Request,
    container: Container,
    acted_on: Collection[ContainerId],
) -> Iterator[str]:
    if request.action is Action.RM and is_up(container):
        if not (request.force or request.stop_first):
            yield (
                f"{container.name} is {container.state}: stop it first, or use --force"
            )
    elif request.action is Action.KILL and not container.state.has_process:
        yield f"{container.name} is {container.state}: it has no process to kill"
    elif request.action is Action.RESTART:
        yield from _unstartable(graph, container, acted_on)


def _unstartable(
    graph: Graph, container: Container, acted_on: Collection[ContainerId]
) -> Iterator[str]:
    """Yield why a container could not be started again once it is stopped.

    The engine stops it first and only then finds out, so that a restart would leave
    it stopped.
    """
    for dependency in graph.dependencies(container.id):
        if dependency.kind is ShareKind.VOLUMES_FROM:
            continue
        if dependency.target is None:
            gone = short_id(dependency.reference)
            yield f"{container.name} could not start: {gone} no longer exists"
            continue
        needed = graph.containers[dependency.target]
        if not needed.state.has_process and needed.id not in acted_on:
            yield (
                f"{container.name} could not start: {needed.name} is not running;"
                f" start it first"
            )

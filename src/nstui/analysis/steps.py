"""The steps of an action on some containers, in the order of the least harm."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.graph import JOIN_KINDS
from nstui.analysis.order import (
    dependents_first,
    is_up,
    needed_among,
    owners_first,
    removes_itself,
)
from nstui.analysis.trial import with_trials
from nstui.model.plan import Action, Step, Verb

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.plan import Request


def make_steps(
    graph: Graph, request: Request, acted_on: Collection[ContainerId]
) -> tuple[Step, ...]:
    """Return the steps; none for a container that is already as it is wanted.

    Dependents are stopped, killed and removed before what they depend on, and
    restarted after it. Everything is stopped before anything is removed, so that a
    plan that fails half way has most likely removed nothing yet.
    """
    if request.action is Action.RESTART:
        order = owners_first(graph, acted_on)
        return _restarts(graph, request, [graph.containers[c] for c in order])
    containers = [graph.containers[c] for c in dependents_first(graph, acted_on)]
    if request.action is Action.STOP:
        return _stops(request, containers)
    if request.action is Action.KILL:
        return _kills(request, containers)
    stops = _stops(request, containers) if request.stop_first else ()
    return stops + _removals(request, containers, stops)


def _stops(request: Request, containers: Iterable[Container]) -> tuple[Step, ...]:
    return tuple(
        Step(
            verb=Verb.STOP,
            container=container.id,
            name=container.name,
            timeout=request.timeout,
            removes=removes_itself(container),
        )
        for container in containers
        if is_up(container)
    )


def _kills(request: Request, containers: Iterable[Container]) -> tuple[Step, ...]:
    return tuple(
        Step(
            verb=Verb.KILL,
            container=container.id,
            name=container.name,
            signal=request.signal,
            removes=removes_itself(container),
        )
        for container in containers
    )


def _removals(
    request: Request, containers: Iterable[Container], stops: Iterable[Step]
) -> tuple[Step, ...]:
    """Return the removals, but for what removes itself when it is stopped."""
    gone = {step.container for step in stops if step.removes}
    return tuple(
        Step(
            verb=Verb.RM,
            container=container.id,
            name=container.name,
            force=request.force,
            volumes=request.volumes,
            removes=True,
        )
        for container in containers
        if container.id not in gone
    )


def _restarts(
    graph: Graph, request: Request, containers: list[Container]
) -> tuple[Step, ...]:
    """Return the restarts, each awaited if another one after it joined that one."""
    steps: list[Step] = []
    ids = {container.id for container in containers}
    for container in containers:
        needs = needed_among(graph, container.id, ids)
        steps.append(
            Step(
                verb=Verb.RESTART,
                container=container.id,
                name=container.name,
                timeout=request.timeout,
                needs=needs,
            )
        )
        joined = {
            d.container for d in graph.users(container.id) if d.kind in JOIN_KINDS
        }
        if joined & ids:
            steps.append(
                Step(
                    verb=Verb.WAIT,
                    container=container.id,
                    name=container.name,
                    timeout=request.wait_s,
                    needs=needs,
                    health=container.health,
                )
            )
    return with_trials(steps, graph)

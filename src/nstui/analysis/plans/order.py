"""The order in which containers are acted on, and the resulting steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import JOIN_KINDS, start_needs
from nstui.analysis.startable import with_trials
from nstui.model.container import ContainerState
from nstui.model.namespace import NamespaceKind
from nstui.model.step import Action, ShareKind, Step, Verb

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.plan import Request


_OWNERS_FIRST = frozenset({Action.RESTART, Action.START, Action.UNPAUSE})


def dependents_first(
    graph: Graph, containers: Collection[ContainerId]
) -> tuple[ContainerId, ...]:
    """Order containers so that each comes after all its dependents."""

    def users(container: ContainerId) -> list[ContainerId]:
        declared = graph.users(container)
        found = {d.container for d in declared if d.kind is not ShareKind.VOLUMES_FROM}
        guests = {d.container for d in graph.residents(container)}
        found |= {guest for guest in guests if not _needs(graph, container, guest)}
        return sorted(found, key=lambda c: (graph.name(c), c))

    return _each_after(containers, users)


def owners_first(
    graph: Graph, containers: Collection[ContainerId]
) -> tuple[ContainerId, ...]:
    """Order containers so that each comes after all that it depends on."""

    def needed(container: ContainerId) -> list[ContainerId]:
        found = (d.target for d in start_needs(graph, container))
        homes = {graph.presence.owner(container, kind) for kind in NamespaceKind}
        hosts = sorted(homes - {None, container}, key=str)
        free = [host for host in hosts if host and not _needs(graph, host, container)]
        return [*(target for target in found if target is not None), *free]

    by_name = sorted(containers, key=lambda c: (graph.name(c), c))
    return _each_after(by_name, needed)


def _needs(graph: Graph, container: ContainerId, other: ContainerId) -> bool:
    """Tell whether a container declares that it needs another."""
    return any(need.target == other for need in start_needs(graph, container))


def _each_after(
    containers: Collection[ContainerId],
    before: Callable[[ContainerId], Iterable[ContainerId]],
) -> tuple[ContainerId, ...]:
    """Order containers so that each comes after those that must come before it.

    This includes indirect requirements that lead through containers not given.
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


def needed_among(
    graph: Graph, container: ContainerId, others: Collection[ContainerId]
) -> tuple[ContainerId, ...]:
    """Return which of some containers another one needs to run, directly or not."""
    found: dict[ContainerId, None] = {}
    left = [container]
    while left:
        for need in start_needs(graph, left.pop()):
            target = need.target
            if target is not None and target not in found:
                found[target] = None
                left.append(target)
    return tuple(sorted(c for c in found if c in others and c != container))


def is_up(container: Container) -> bool:
    """Tell whether a container runs, or is about to be restarted by the engine."""
    return container.state.has_process or container.state is ContainerState.RESTARTING


def is_paused(container: Container) -> bool:
    """Tell whether the processes of a container are paused."""
    return container.state is ContainerState.PAUSED


def removes_itself(container: Container) -> bool:
    """Tell whether the engine removes a container when it stops."""
    return container.inspection is not None and container.inspection.removes_itself


def make_steps(
    graph: Graph, request: Request, acted_on: Collection[ContainerId]
) -> tuple[Step, ...]:
    """Return the steps; containers that are already in the wanted state need none.

    Dependents are stopped, paused, killed and removed before what they depend on, and
    started, unpaused and restarted after it. Everything is stopped before anything is
    removed, so that a plan that fails half way has most likely removed nothing.
    """
    if request.action in _OWNERS_FIRST:
        order = owners_first(graph, acted_on)
        return _in_turn(graph, request, [graph.containers[c] for c in order])
    containers = [graph.containers[c] for c in dependents_first(graph, acted_on)]
    if request.action is Action.PAUSE:
        return _freezes(Verb.PAUSE, containers)
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
            signal=request.signal,
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
    """Return the removals, except of containers that remove themselves when stopped."""
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


def _in_turn(
    graph: Graph, request: Request, containers: list[Container]
) -> tuple[Step, ...]:
    """Return the steps of an action that owners come first in."""
    if request.action is Action.UNPAUSE:
        return _freezes(Verb.UNPAUSE, containers)
    if request.action is Action.RESTART:
        return _starts(graph, request, Verb.RESTART, containers)
    down = [container for container in containers if not is_up(container)]
    return _starts(graph, request, Verb.START, down)


def _freezes(verb: Verb, containers: Iterable[Container]) -> tuple[Step, ...]:
    """Return the pauses of what runs, or the unpauses of what is paused."""
    is_pause = verb is Verb.PAUSE
    wanted = ContainerState.RUNNING if is_pause else ContainerState.PAUSED
    return tuple(
        Step(verb=verb, container=container.id, name=container.name)
        for container in containers
        if container.state is wanted
    )


def _starts(
    graph: Graph, request: Request, verb: Verb, containers: list[Container]
) -> tuple[Step, ...]:
    """Return starts or restarts, each with a wait if a later one joined it."""
    steps: list[Step] = []
    ids = {container.id for container in containers}
    for container in containers:
        needs = needed_among(graph, container.id, ids)
        steps.append(
            Step(
                verb=verb,
                container=container.id,
                name=container.name,
                timeout=request.timeout,
                signal=request.signal,
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

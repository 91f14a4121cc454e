"""From a request to a plan: what would happen, in which order, and what forbids it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.effects import find_effects
from nstui.model.container import ContainerState
from nstui.model.plan import Plan, Policy, Step, Target, Verb

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.plan import Effect, Request
    from nstui.model.snapshot import Snapshot


def make_plan(snapshot: Snapshot, graph: Graph, request: Request) -> Plan:
    """Return the plan for a request; every target must be in the snapshot.

    Equal snapshots and requests give equal plans.
    """
    acted_on = _acted_on(snapshot, graph, request)
    order = _dependents_first(graph, acted_on)
    steps = _removal([graph.containers[c] for c in order], request)
    return Plan(
        request=request,
        targets=tuple(_target(graph.containers[c]) for c in request.targets),
        effects=find_effects(snapshot, graph, request.action, acted_on),
        steps=steps,
        dark_ports=tuple(
            sorted({p for c in acted_on for p in graph.containers[c].ports})
        ),
        uncertain=tuple(
            container.name
            for container in snapshot.containers
            if container.inspection is None and container.id not in acted_on
        ),
        objections=tuple(
            objection
            for c in order
            for objection in _objections(graph.containers[c], request)
        ),
    )


def with_policy(request: Request, policy: Policy) -> Request:
    """Return the same request under another policy."""
    return replace(request, policy=policy)


def _acted_on(
    snapshot: Snapshot, graph: Graph, request: Request
) -> tuple[ContainerId, ...]:
    """Return the targets, and with them all who would be harmed if that is wanted."""
    acted_on = request.targets
    while request.policy is Policy.WITH_DEPENDENTS:
        effects = find_effects(snapshot, graph, request.action, acted_on)
        harmed = _containers(effect for effect in effects if effect.harms)
        if not harmed:
            break
        acted_on += harmed
    return acted_on


def _containers(effects: Iterator[Effect]) -> tuple[ContainerId, ...]:
    return tuple(dict.fromkeys(effect.container for effect in effects))


def _dependents_first(
    graph: Graph, containers: Collection[ContainerId]
) -> tuple[ContainerId, ...]:
    """Order containers so that each comes after all that depend on it."""
    ordered: dict[ContainerId, None] = {}
    entered: set[ContainerId] = set()

    def visit(container: ContainerId) -> None:
        if container in entered:
            return
        entered.add(container)
        users = {d.container for d in graph.users(container)} & set(containers)
        for user in sorted(users, key=lambda c: (graph.name(c), c)):
            visit(user)
        ordered[container] = None

    for container in containers:
        visit(container)
    return tuple(ordered)


def _removal(containers: Iterable[Container], request: Request) -> tuple[Step, ...]:
    """Return the steps of a removal: everything is stopped before anything is removed.

    So a plan that fails half way has most likely removed nothing yet.
    """
    containers = tuple(containers)
    stops = tuple(
        Step(verb=Verb.STOP, container=container.id, name=container.name)
        for container in containers
        if request.stop_first and _is_up(container)
    )
    removals = tuple(
        Step(
            verb=Verb.RM,
            container=container.id,
            name=container.name,
            force=request.force,
            volumes=request.volumes,
        )
        for container in containers
    )
    return stops + removals


def _objections(container: Container, request: Request) -> Iterator[str]:
    if _is_up(container) and not (request.force or request.stop_first):
        yield f"{container.name} is {container.state}: stop it first, or use --force"


def _is_up(container: Container) -> bool:
    """Tell whether the engine refuses to remove a container as it is."""
    return container.state.has_process or container.state is ContainerState.RESTARTING


def _target(container: Container) -> Target:
    return Target(
        id=container.id,
        name=container.name,
        image=container.image,
        state=container.state,
    )

"""From a request to a plan: what would happen, in which order, and what forbids it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.effects import find_effects
from nstui.analysis.managed import through_managers
from nstui.analysis.objections import find_objections
from nstui.analysis.podman import find_refusals
from nstui.analysis.prune import find_kept, find_prunable
from nstui.analysis.reach import find_acted_on, harm_of
from nstui.analysis.recovery import find_recovery
from nstui.analysis.remedies import command
from nstui.analysis.steps import make_steps
from nstui.model.plan import Action, Plan, Policy, Target

if TYPE_CHECKING:
    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId, PublishedPort
    from nstui.model.plan import Request
    from nstui.model.snapshot import Snapshot


def make_plan(snapshot: Snapshot, graph: Graph, request: Request) -> Plan:
    """Return the plan for a request; every target must be in the snapshot.

    Equal snapshots and requests give equal plans.
    """
    is_prune = request.action is Action.PRUNE
    targets = find_prunable(snapshot, graph) if is_prune else request.targets
    acted_on = find_acted_on(snapshot, graph, replace(request, targets=targets))
    effects = find_effects(snapshot, graph, harm_of(request.action), acted_on)
    steps = make_steps(graph, request, acted_on)
    plan = Plan(
        request=request,
        targets=tuple(_target(graph.containers[c]) for c in targets),
        effects=effects,
        steps=steps,
        dark_ports=_dark_ports(graph, request, acted_on),
        uncertain=tuple(
            sorted(
                container.name
                for container in snapshot.containers
                if container.inspection is None and container.id not in acted_on
            )
        ),
        program=command(snapshot.engine),
        recovery=find_recovery(snapshot, graph, request, effects),
        kept=find_kept(snapshot, graph) if is_prune else (),
        objections=(
            *find_objections(graph, request, acted_on),
            *find_refusals(snapshot.engine, graph, steps, request.policy),
        ),
    )
    return through_managers(plan, snapshot, graph)


def with_policy(request: Request, policy: Policy) -> Request:
    """Return the same request under another policy."""
    return replace(request, policy=policy)


def _dark_ports(
    graph: Graph, request: Request, acted_on: tuple[ContainerId, ...]
) -> tuple[PublishedPort, ...]:
    """Return the ports that lead nowhere; after a restart they soon lead in again."""
    if request.action is Action.RESTART:
        return ()
    return tuple(sorted({p for c in acted_on for p in graph.containers[c].ports}))


def _target(container: Container) -> Target:
    return Target(
        id=container.id,
        name=container.name,
        image=container.image,
        state=container.state,
    )

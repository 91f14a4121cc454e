"""From a request to a plan: what would happen, in which order, and what forbids it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.effects import find_effects
from nstui.analysis.findings import command
from nstui.analysis.objections import find_objections
from nstui.analysis.prune import find_kept, find_prunable
from nstui.analysis.steps import make_recovery, make_steps
from nstui.model.plan import Action, EffectLater, Plan, Policy, Target

if TYPE_CHECKING:
    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId, PublishedPort
    from nstui.model.plan import Effect, Request
    from nstui.model.snapshot import Snapshot


def make_plan(snapshot: Snapshot, graph: Graph, request: Request) -> Plan:
    """Return the plan for a request; every target must be in the snapshot.

    Equal snapshots and requests give equal plans.
    """
    is_prune = request.action is Action.PRUNE
    targets = find_prunable(snapshot, graph) if is_prune else request.targets
    acted_on = _acted_on(snapshot, graph, replace(request, targets=targets))
    effects = find_effects(snapshot, graph, _harm_of(request.action), acted_on)
    return Plan(
        request=request,
        targets=tuple(_target(graph.containers[c]) for c in targets),
        effects=effects,
        steps=make_steps(graph, request, acted_on),
        dark_ports=_dark_ports(graph, request, acted_on),
        uncertain=tuple(
            sorted(
                container.name
                for container in snapshot.containers
                if container.inspection is None and container.id not in acted_on
            )
        ),
        program=command(snapshot.engine),
        recovery=make_recovery(graph, request, effects),
        kept=find_kept(snapshot, graph) if is_prune else (),
        objections=find_objections(graph, request, acted_on),
    )


def with_policy(request: Request, policy: Policy) -> Request:
    """Return the same request under another policy."""
    return replace(request, policy=policy)


def _harm_of(action: Action) -> Action:
    """Return the action whose effects an action has: a prune removes."""
    return Action.RM if action is Action.PRUNE else action


def _acted_on(
    snapshot: Snapshot, graph: Graph, request: Request
) -> tuple[ContainerId, ...]:
    """Return the targets, and with them all who would be harmed if that is wanted."""
    acted_on = request.targets
    while request.policy is Policy.WITH_DEPENDENTS:
        action = _harm_of(request.action)
        effects = find_effects(snapshot, graph, action, acted_on)
        lost = {e.container for e in effects if _is_lost(request, e)}
        wanted = (e.container for e in effects if _belongs(request, e))
        more = dict.fromkeys(c for c in wanted if c not in {*lost, *acted_on})
        if not more:
            break
        acted_on += tuple(more)
    return acted_on


def _dark_ports(
    graph: Graph, request: Request, acted_on: tuple[ContainerId, ...]
) -> tuple[PublishedPort, ...]:
    """Return the ports that lead nowhere; after a restart they soon lead in again."""
    if request.action is Action.RESTART:
        return ()
    return tuple(sorted({p for c in acted_on for p in graph.containers[c].ports}))


def _belongs(request: Request, effect: Effect) -> bool:
    """Tell whether acting on the dependents too means this one.

    A restart takes along also those who lost their owner's namespace before.
    """
    is_left_out = (
        request.action is Action.RESTART and effect.later is EffectLater.RESTART_REJOINS
    )
    return effect.harms or is_left_out


def _is_lost(request: Request, effect: Effect) -> bool:
    """Tell whether acting on a dependent too does not save it from harm.

    A restart of its owner can be the end of one that removes itself.
    """
    is_barred = effect.later is EffectLater.MUST_BE_RECREATED
    return request.action is Action.RESTART and is_barred


def _target(container: Container) -> Target:
    return Target(
        id=container.id,
        name=container.name,
        image=container.image,
        state=container.state,
    )

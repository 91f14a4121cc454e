"""From a request to a plan: what would happen, in which order, and what forbids it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.effects import find_effects
from nstui.analysis.managed import through_managers
from nstui.analysis.objections import find_objections
from nstui.analysis.podman import find_refusals
from nstui.analysis.prune import find_kept, find_prunable
from nstui.analysis.reach import effects_of, ended_by, find_acted_on
from nstui.analysis.recovery import find_recovery
from nstui.analysis.remedies import command
from nstui.analysis.sight import find_blind_spots, find_unplaced
from nstui.analysis.signals import SignalEnd
from nstui.analysis.steps import make_steps
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Action, Plan, Policy, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    effects = effects_of(snapshot, graph, request, acted_on)
    ended = ended_by(graph, request, acted_on)
    steps = make_steps(graph, request, acted_on)
    plan = Plan(
        request=request,
        targets=tuple(_target(graph.containers[c]) for c in targets),
        effects=effects,
        steps=steps,
        dark_ports=_dark_ports(graph, request, ended),
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
        notes=tuple(_notes(snapshot, graph, request, acted_on)),
        namespaces_read=snapshot.namespaces_read,
        blind_spots=find_blind_spots(snapshot, graph, ended),
        unplaced=find_unplaced(snapshot, graph, ended, acted_on),
    )
    return through_managers(plan, snapshot, graph)


def with_policy(request: Request, policy: Policy) -> Request:
    """Return the same request under another policy."""
    return replace(request, policy=policy)


def _notes(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    acted_on: tuple[ContainerId, ...],
) -> Iterator[str]:
    """Yield what a restart moves, and what a signal may end that others depend on."""
    if request.action is Action.RESTART:
        yield from _moves(graph, acted_on)
    perhaps = ended_by(graph, request, acted_on, SignalEnd.MAY_END)
    found = find_effects(snapshot, graph, request.action, perhaps)
    # Nobody is named that is most likely not harmed: as the first process of a
    # container a program without a handler for it ignores such a signal.
    if any(effect.harms for effect in found):
        names = ", ".join(graph.name(container) for container in perhaps)
        yield f"{request.signal} may end {names}, if its program ends on that signal"


def _moves(graph: Graph, acted_on: tuple[ContainerId, ...]) -> Iterator[str]:
    """Yield who comes out of a restart in another namespace than that it is in."""
    for container in acted_on:
        for kind in NamespaceKind:
            join = graph.join(container, kind)
            host = graph.presence.owner(container, kind)
            if join is None or join.target is None or host is None:
                continue
            leads_there = host in graph.chain(container, kind).hops
            if not leads_there and join.target not in _together(graph, host, kind):
                yield (
                    f"{graph.name(container)} is in the {kind} namespace of"
                    f" {graph.name(host)} now, and joins {graph.name(join.target)}"
                    " when it is restarted"
                )


def _together(graph: Graph, host: ContainerId, kind: NamespaceKind) -> set[ContainerId]:
    household = graph.presence.household(host, kind)
    return set() if household is None else set(household.members)


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

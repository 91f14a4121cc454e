"""The plan for a request: its effects, its steps, and what prevents it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.plans.commands import command
from nstui.analysis.plans.effects import find_effects
from nstui.analysis.plans.managed import find_refusals, through_managers
from nstui.analysis.plans.order import make_steps
from nstui.analysis.plans.preconditions import (
    NO_REMEDIES,
    find_blind_spots,
    find_refused_targets,
    find_unplaced,
    find_unsupported,
)
from nstui.analysis.plans.starting import pause_notes, start_notes
from nstui.analysis.plans.targets import (
    effects_of,
    ended_by,
    expand_targets,
    find_kept,
    find_prunable,
    find_recovery,
)
from nstui.analysis.signals import SignalEnd
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Plan, Policy, Target
from nstui.model.step import Action

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import ContainerId, PublishedPort
    from nstui.model.plan import Request
    from nstui.model.snapshot import Snapshot


def make_plan(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    remedies: Mapping[ContainerId, str] = NO_REMEDIES,
) -> Plan:
    """Return the plan for a request; every target must be in the snapshot.

    Equal snapshots and requests give equal plans.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        request: The request.
        remedies: ``start`` only: what repairs containers that cannot start, as far as
            it is known.

    """
    is_prune = request.action is Action.PRUNE
    targets = find_prunable(snapshot, graph) if is_prune else request.targets
    acted_on = expand_targets(snapshot, graph, replace(request, targets=targets))
    effects = effects_of(snapshot, graph, request, acted_on)
    ended = ended_by(graph, request, acted_on)
    steps = make_steps(graph, request, acted_on)
    objections = (
        *find_refused_targets(graph, request, acted_on, remedies),
        *find_unsupported(snapshot.engine, request),
        *find_refusals(snapshot.engine, graph, steps, request.policy),
    )
    # What a start needs first is of no use if it is refused.
    is_refused = request.action.ends_nothing and bool(objections)
    plan = Plan(
        request=request,
        targets=tuple(Target.of(graph.containers[c]) for c in targets),
        effects=effects,
        steps=steps,
        dark_ports=_dark_ports(graph, request, ended),
        uncertain=_uncertain(snapshot, request, acted_on),
        program=command(snapshot.engine),
        recovery=find_recovery(snapshot, graph, request, effects),
        kept=find_kept(snapshot, graph) if is_prune else (),
        objections=objections,
        notes=() if is_refused else tuple(_notes(snapshot, graph, request, acted_on)),
        namespaces_read=snapshot.namespaces_read,
        blind_spots=find_blind_spots(snapshot, graph, ended),
        unplaced=find_unplaced(snapshot, graph, ended, acted_on),
    )
    return through_managers(plan, snapshot, graph)


def with_policy(request: Request, policy: Policy) -> Request:
    """Return the same request under another policy."""
    return replace(request, policy=policy)


def _uncertain(
    snapshot: Snapshot, request: Request, acted_on: Collection[ContainerId]
) -> tuple[str, ...]:
    """Return the names of containers that may be dependents, and may be harmed."""
    if request.action.ends_nothing:
        return ()
    return tuple(
        sorted(
            container.name
            for container in snapshot.containers
            if container.inspection is None and container.id not in acted_on
        )
    )


def _notes(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    acted_on: tuple[ContainerId, ...],
) -> Iterator[str]:
    """Yield what else to know: what moves, what is needed, and what goes on."""
    if request.action is Action.RESTART:
        yield from _moved_names(graph, acted_on)
    elif request.action is Action.START:
        yield from start_notes(graph, request, acted_on)
    elif request.action is Action.PAUSE:
        yield from pause_notes(graph, acted_on)
    perhaps = ended_by(graph, request, acted_on, SignalEnd.MAY_END)
    found = find_effects(snapshot, graph, request.action, perhaps)
    # Dependents are not named, since they are most likely not harmed: a first process
    # without a handler for such a signal ignores it.
    if any(effect.harms for effect in found):
        names = ", ".join(graph.name(container) for container in perhaps)
        yield f"{request.signal} may end {names}, if its program ends on that signal"


def _moved_names(graph: Graph, acted_on: tuple[ContainerId, ...]) -> Iterator[str]:
    """Yield a sentence for each container that a restart moves to another namespace."""
    for container in acted_on:
        for kind in NamespaceKind:
            join = graph.join(container, kind)
            host = graph.presence.owner(container, kind)
            if join is None or join.target is None or host is None:
                continue
            leads_there = host in graph.chain(container, kind).hops
            if not leads_there and join.target not in _sharing(graph, host, kind):
                yield (
                    f"{graph.name(container)} is in the {kind} namespace of"
                    f" {graph.name(host)} now, and joins {graph.name(join.target)}"
                    " when it is restarted"
                )


def _sharing(graph: Graph, host: ContainerId, kind: NamespaceKind) -> set[ContainerId]:
    shared = graph.presence.shared(host, kind)
    return set() if shared is None else set(shared.members)


def _dark_ports(
    graph: Graph, request: Request, acted_on: tuple[ContainerId, ...]
) -> tuple[PublishedPort, ...]:
    """Return the published ports that will lead nowhere.

    A restart returns none, since its ports soon work again.
    """
    if request.action is Action.RESTART:
        return ()
    return tuple(sorted({p for c in acted_on for p in graph.containers[c].ports}))

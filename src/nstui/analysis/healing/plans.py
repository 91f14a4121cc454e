"""The plan that heals groups of containers independently of each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.findings.networks import aliases_of, made_for
from nstui.analysis.graph.graph import JOIN_KINDS, running
from nstui.analysis.healing.broken import find_broken
from nstui.analysis.healing.owners import find_choices
from nstui.analysis.healing.recomposing import RecreationMethod, choose_method
from nstui.analysis.healing.scope import find_scope
from nstui.analysis.healing.unhealable import find_managed
from nstui.analysis.plans.commands import command
from nstui.analysis.plans.managed import through_managers
from nstui.analysis.plans.order import needed_among, owners_first, removes_itself
from nstui.analysis.plans.preconditions import find_blind_spots, restart_blockers
from nstui.analysis.startable import with_trials
from nstui.model.healing import Cost, Recreation, Unhealed
from nstui.model.plan import Layer, Plan, Target
from nstui.model.step import Step, Verb

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.healing.scope import Scope
    from nstui.model.container import ContainerId
    from nstui.model.plan import Request
    from nstui.model.snapshot import Snapshot
    from nstui.model.step import Effect


_FREE = Cost()

_DECIDE_LAYER = (
    "it would lose its changes outside volumes; --keep-changes commits them to an"
    " image first, --drop-changes discards them"
)


def make_whole_plan(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    costs: Mapping[ContainerId, Cost],
    left: tuple[Unhealed, ...] = (),
) -> Plan:
    """Return the plan that heals the named containers, or all, without leaving any out.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        request: The containers to heal and the decisions of the user.
        costs: What recreating each container requires, as far as it is known.
        left: The containers that are left alone, and why.

    """
    scope = find_scope(snapshot, graph, request, left)
    order = owners_first(scope.afterwards, scope.acted_on)
    idle = scope.recreated.keys() - scope.to_run
    up = running(graph)
    plan = Plan(
        request=request,
        targets=tuple(Target.of(graph.containers[c]) for c in scope.healed),
        effects=scope.effects,
        steps=(
            *_connections(snapshot, graph, scope),
            *with_trials(change_steps(scope, request, order, costs), scope.afterwards),
        ),
        dark_ports=(),
        uncertain=(),
        program=command(snapshot.engine),
        recreations=tuple(
            recreation_of(scope, request, c, costs.get(c, _FREE))
            for c in order
            if c in scope.recreated
        ),
        choices=tuple(find_choices(scope.successions, graph)),
        unhealed=scope.unhealed,
        notes=scope.notes,
        namespaces_read=snapshot.namespaces_read,
        blind_spots=find_blind_spots(
            snapshot, graph, scope.restarted | scope.recreated.keys()
        ),
        objections=tuple(
            restart_blockers(scope.afterwards, [c for c in order if c not in idle], up)
        ),
    )
    return through_managers(plan, snapshot, graph)


def recreation_of(
    scope: Scope, request: Request, container: ContainerId, cost: Cost
) -> Recreation:
    """Return how a container is recreated, and what that costs."""
    is_lost = cost.changes is None or bool(cost.changes)
    graph = scope.afterwards
    owners = (d.target for d in graph.dependencies(container) if d.kind in JOIN_KINDS)
    way = _recreation_method(scope, request, container, cost)
    return Recreation(
        container=container,
        name=graph.name(container),
        owner=next((graph.name(o) for o in owners if o is not None), ""),
        left_out=() if way.by_compose else cost.left_out,
        changes=cost.changes,
        is_one_way=removes_itself(graph.containers[container]),
        loses_layer=is_lost and request.layer is Layer.ASK,
        compose_refused=way.refused,
        compose_changes=way.changes,
    )


def _connections(snapshot: Snapshot, graph: Graph, scope: Scope) -> Iterator[Step]:
    for subject in graph.containers.values():
        if subject.id in scope.connected:
            yield Step(
                verb=Verb.CONNECT,
                container=subject.id,
                name=subject.name,
                network=made_for(snapshot.engine, subject),
                aliases=aliases_of(subject),
            )


def change_steps(
    scope: Scope,
    request: Request,
    order: Iterable[ContainerId],
    costs: Mapping[ContainerId, Cost],
) -> Iterator[Step]:
    """Yield the steps that recreate, start and restart containers, in this order."""
    for container in order:
        if container in scope.recreated:
            yield _replacement(scope, request, container, costs.get(container, _FREE))
            continue
        verb = Verb.START if container in scope.started else Verb.RESTART
        subject = scope.afterwards.containers[container]
        yield Step(
            verb=verb,
            container=container,
            name=subject.name,
            timeout=request.timeout if verb is Verb.RESTART else None,
            needs=needs_of(scope, container),
        )
        if _is_joined(scope, container):
            yield Step(
                verb=Verb.WAIT,
                container=container,
                name=subject.name,
                timeout=request.wait_s,
                needs=needs_of(scope, container),
                health=subject.health,
            )


def needs_of(scope: Scope, container: ContainerId) -> tuple[ContainerId, ...]:
    """Return the containers of earlier steps that the steps of a container need."""
    return needed_among(scope.afterwards, container, scope.acted_on)


def _is_joined(scope: Scope, container: ContainerId) -> bool:
    """Tell whether a container that is acted on joins another one."""
    return any(
        d.kind in JOIN_KINDS and d.container in scope.acted_on
        for d in scope.afterwards.users(container)
    )


def _replacement(
    scope: Scope, request: Request, container: ContainerId, cost: Cost
) -> Step:
    """Return the step that replaces a container, preferably by compose."""
    subject = scope.afterwards.containers[container]
    way = _recreation_method(scope, request, container, cost)
    if way.by_compose:
        return Step(
            verb=Verb.COMPOSE,
            container=container,
            name=subject.name,
            timeout=request.timeout,
            command=cost.compose or (),
            changes=way.changes,
            joins=scope.recreated[container],
            files=cost.files,
            as_before=not way.changes,
            removes=True,
            needs=needs_of(scope, container),
        )
    keeps_layer = _keeps_layer(request, cost)
    return Step(
        verb=Verb.RECREATE,
        container=container,
        name=subject.name,
        timeout=request.timeout,
        joins=scope.recreated[container],
        onto=_new_owner(scope, request, container),
        starts=container in scope.to_run,
        keeps_layer=keeps_layer,
        files=() if keeps_layer else cost.files,
        removes=True,
        needs=needs_of(scope, container),
    )


def _recreation_method(
    scope: Scope, request: Request, container: ContainerId, cost: Cost
) -> RecreationMethod:
    return choose_method(
        cost,
        request,
        starts=container in scope.to_run,
        keeps_layer=_keeps_layer(request, cost),
    )


def _keeps_layer(request: Request, cost: Cost) -> bool:
    return request.layer is Layer.KEEP and cost.changes != ()


def _new_owner(scope: Scope, request: Request, container: ContainerId) -> str:
    """Return the name of the replacement for the container that one joined."""
    if container in scope.moved and request.onto is not None:
        return scope.afterwards.name(request.onto)
    gone = [s for s in scope.successions if container in s.joined_by]
    replacements = {s.successor for s in gone}
    replacement = replacements.pop() if len(replacements) == 1 else None
    return "" if replacement is None else scope.afterwards.name(replacement)


def make_heal_plan(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    costs: Mapping[ContainerId, Cost],
) -> Plan:
    """Return the plan that heals the named containers, or all.

    Groups that the engine would refuse are left out, and so are, if nobody is to be
    asked, those that need a decision. If nothing remains to be healed the complete plan
    is returned, which says why it must not be carried out.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        request: The containers to heal and the decisions of the user.
        costs: What recreating each container requires, as far as it is known.

    """
    known = tuple(_find_unknown_costs(snapshot, graph, request, costs))
    whole = plan = make_whole_plan(snapshot, graph, request, costs, known)
    left = dict.fromkeys(known)
    while True:
        alone = {one.container for one in left}
        found = _find_blocked(snapshot, graph, plan, tuple(left))
        more = [one for one in found if one.container not in alone]
        if not more:
            break
        left |= dict.fromkeys(more)
        plan = make_whole_plan(snapshot, graph, request, costs, tuple(left))
    return plan if plan.steps else whole


def _find_unknown_costs(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    costs: Mapping[ContainerId, Cost],
) -> Iterator[Unhealed]:
    """Yield containers with unknown recreation costs, and those broken with them."""
    broken = find_broken(snapshot, graph, request.targets)
    for container, cost in costs.items():
        is_choice = not cost.problem
        if cost.problem:
            reason = f"what recreating it needs is unknown: {cost.problem}"
        elif request.layer is Layer.KEEP and cost.files and cost.changes != ():
            # No image can be made without these files, and secrets must not be in one.
            files = ", ".join(cost.files)
            reason = (
                f"--keep-changes would make {files}, which compose put there, part of"
                " an image; --drop-changes discards its changes and keeps those files"
            )
        else:
            continue
        yield Unhealed(container, graph.name(container), reason, is_choice)
        for dependent in graph.dependents(container):
            if dependent in broken:
                yield Unhealed(
                    dependent,
                    graph.name(dependent),
                    f"it needs {graph.name(container)}: {reason}",
                    is_choice,
                )


def _find_blocked(
    snapshot: Snapshot, graph: Graph, plan: Plan, left: tuple[Unhealed, ...]
) -> Iterator[Unhealed]:
    """Yield the containers that prevent a plan, and those that need them."""
    for steps in _group_steps(plan.steps):
        found = dict(_problems(snapshot, graph, plan, steps, left))
        targets = {target.id for target in plan.targets}
        for step in steps:
            cause = next((c for c in (step.container, *step.needs) if c in found), None)
            if cause is None or step.container not in targets:
                continue
            reason, is_decision = found[cause]
            if cause != step.container:
                reason = f"it needs {graph.name(cause)}: {reason}"
            yield Unhealed(step.container, step.name, reason, is_decision)


def _problems(
    snapshot: Snapshot,
    graph: Graph,
    plan: Plan,
    steps: tuple[Step, ...],
    left: tuple[Unhealed, ...],
) -> Iterator[tuple[ContainerId, tuple[str, bool]]]:
    """Yield the reasons not to act on a container, and whether each is a decision.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        plan: The plan.
        steps: The steps of one group.
        left: The containers that the plan leaves alone.

    """
    group = {step.container for step in steps}
    if plan.request.asks_nobody:
        yield from _decisions(graph, plan, group)
    if plan.managed:
        for container, why in find_managed(snapshot, graph, group, {}).items():
            yield container, (why, True)
    if not plan.objections:
        return
    scope = find_scope(snapshot, graph, plan.request, left)
    idle = scope.recreated.keys() - scope.to_run
    order = [c for c in owners_first(scope.afterwards, group) if c not in idle]
    up = running(graph)
    obstacles = "; ".join(restart_blockers(scope.afterwards, order, up))
    if obstacles:
        yield from ((container, (obstacles, False)) for container in group)


def _decisions(
    graph: Graph, plan: Plan, group: Collection[ContainerId]
) -> Iterator[tuple[ContainerId, tuple[str, bool]]]:
    """Yield the questions for the user about some containers."""
    for one in plan.losing:
        if one.container in group:
            yield one.container, (_DECIDE_LAYER, True)
    for effect in () if plan.is_permitted else plan.harmed:
        for container in {*group} & {effect.via, *_joined_by_harmed(graph, effect)}:
            yield container, (_harm_text(effect), True)


def _joined_by_harmed(graph: Graph, effect: Effect) -> Iterator[ContainerId]:
    """Yield the containers that a harmed one joined, directly or not."""
    for container in graph.containers:
        if effect.container in graph.dependents(container):
            yield container


def _harm_text(effect: Effect) -> str:
    return (
        f"healing it would harm {effect.name}, which is not broken; --with-dependents"
        " includes it, --break-dependents accepts the harm"
    )


def _group_steps(steps: Iterable[Step]) -> tuple[tuple[Step, ...], ...]:
    """Group the steps that need each other, directly or not."""
    groups: list[tuple[set[ContainerId], list[Step]]] = []
    for step in steps:
        needed = {step.container, *step.needs}
        together = [one for one in groups if not one[0].isdisjoint(needed)]
        ids = needed.union(*(one[0] for one in together))
        joined = [each for one in together for each in one[1]]
        groups = [one for one in groups if one not in together]
        groups.append((ids, [*joined, step]))
    return tuple(tuple(found) for _, found in groups)

"""From what is broken to the plan that heals it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.graph import JOIN_KINDS
from nstui.analysis.healing.scope import find_scope
from nstui.analysis.healing.successors import find_choices
from nstui.analysis.managed import through_managers
from nstui.analysis.order import needed_among, owners_first, removes_itself
from nstui.analysis.recomposing import Way, choose_way
from nstui.analysis.remedies import command
from nstui.analysis.restarts import find_obstacles
from nstui.analysis.sight import find_blind_spots
from nstui.analysis.trial import with_trials
from nstui.analysis.uplinks import aliases_of, made_for
from nstui.model.healing import Cost, Layer, Recreation
from nstui.model.plan import Plan, Step, Target, Verb

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.analysis.graph import Graph
    from nstui.analysis.healing.scope import Scope
    from nstui.model.container import ContainerId
    from nstui.model.healing import Unhealed
    from nstui.model.plan import Request
    from nstui.model.snapshot import Snapshot

_FREE = Cost()


def make_whole_plan(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    costs: Mapping[ContainerId, Cost],
    left: tuple[Unhealed, ...] = (),
) -> Plan:
    """Return the plan that heals those that are named, or everybody, all or nothing.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        request: Whom to heal, and what the user decided.
        costs: What is known of each container that has to be recreated.
        left: Those that are left alone, and why.

    """
    scope = find_scope(snapshot, graph, request, left)
    order = owners_first(scope.afterwards, scope.acted_on)
    idle = scope.recreated.keys() - scope.to_run
    up = {c.id for c in graph.containers.values() if c.state.has_process}
    plan = Plan(
        request=request,
        targets=tuple(_target(graph, c) for c in scope.mended),
        effects=scope.effects,
        steps=(
            *_connections(snapshot, graph, scope),
            *with_trials(_steps(scope, request, order, costs), scope.afterwards),
        ),
        dark_ports=(),
        uncertain=(),
        program=command(snapshot.engine),
        recreations=tuple(
            _recreation(scope, request, c, costs.get(c, _FREE))
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
            find_obstacles(scope.afterwards, [c for c in order if c not in idle], up)
        ),
    )
    return through_managers(plan, snapshot, graph)


def _target(graph: Graph, container: ContainerId) -> Target:
    subject = graph.containers[container]
    return Target(
        id=subject.id, name=subject.name, image=subject.image, state=subject.state
    )


def _recreation(
    scope: Scope, request: Request, container: ContainerId, cost: Cost
) -> Recreation:
    is_lost = cost.changes is None or bool(cost.changes)
    graph = scope.afterwards
    owners = (d.target for d in graph.dependencies(container) if d.kind in JOIN_KINDS)
    way = _way(scope, request, container, cost)
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


def _steps(
    scope: Scope,
    request: Request,
    order: Iterable[ContainerId],
    costs: Mapping[ContainerId, Cost],
) -> Iterator[Step]:
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
            needs=_needs(scope, container),
        )
        if _is_joined(scope, container):
            yield Step(
                verb=Verb.WAIT,
                container=container,
                name=subject.name,
                timeout=request.wait_s,
                needs=_needs(scope, container),
                health=subject.health,
            )


def _needs(scope: Scope, container: ContainerId) -> tuple[ContainerId, ...]:
    return needed_among(scope.afterwards, container, scope.acted_on)


def _is_joined(scope: Scope, container: ContainerId) -> bool:
    """Tell whether somebody who is acted on joins a container."""
    return any(
        d.kind in JOIN_KINDS and d.container in scope.acted_on
        for d in scope.afterwards.users(container)
    )


def _replacement(
    scope: Scope, request: Request, container: ContainerId, cost: Cost
) -> Step:
    """Return the step that replaces a container; compose's own way comes first."""
    subject = scope.afterwards.containers[container]
    way = _way(scope, request, container, cost)
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
            needs=_needs(scope, container),
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
        needs=_needs(scope, container),
    )


def _way(scope: Scope, request: Request, container: ContainerId, cost: Cost) -> Way:
    return choose_way(
        cost,
        request,
        starts=container in scope.to_run,
        keeps_layer=_keeps_layer(request, cost),
    )


def _keeps_layer(request: Request, cost: Cost) -> bool:
    return request.layer is Layer.KEEP and cost.changes != ()


def _new_owner(scope: Scope, request: Request, container: ContainerId) -> str:
    """Return the name of the one that takes the place of what a container joined."""
    if container in scope.moved and request.onto is not None:
        return scope.afterwards.name(request.onto)
    gone = [s for s in scope.successions if container in s.joined_by]
    heirs = {s.successor for s in gone}
    heir = heirs.pop() if len(heirs) == 1 else None
    return "" if heir is None else scope.afterwards.name(heir)

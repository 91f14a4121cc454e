"""Healing by group: what cannot be healed keeps nothing else from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.healing.barred import find_managed
from nstui.analysis.healing.broken import find_broken
from nstui.analysis.healing.plans import make_whole_plan
from nstui.analysis.healing.scope import find_scope
from nstui.analysis.order import owners_first
from nstui.analysis.restarts import find_obstacles
from nstui.model.healing import Layer, Unhealed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.analysis.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.healing import Cost
    from nstui.model.plan import Effect, Plan, Request, Step
    from nstui.model.snapshot import Snapshot

_DECIDE_LAYER = (
    "it would lose what it wrote outside its volumes; --keep-changes makes that an"
    " image first, --drop-changes gives it up"
)


def make_heal_plan(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    costs: Mapping[ContainerId, Cost],
) -> Plan:
    """Return the plan that heals those that are named, or everybody.

    What the engine would refuse is left alone, and so is, if nobody is to be asked,
    what needs a decision. Where nothing else is left to be healed the plan is the whole
    one, which says why it must not be carried out.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        request: Whom to heal, and what the user decided.
        costs: What is known of each container that has to be recreated.

    """
    known = tuple(_unknown(snapshot, graph, request, costs))
    whole = plan = make_whole_plan(snapshot, graph, request, costs, known)
    left = dict.fromkeys(known)
    while True:
        alone = {one.container for one in left}
        found = _to_leave(snapshot, graph, plan, tuple(left))
        more = [one for one in found if one.container not in alone]
        if not more:
            break
        left |= dict.fromkeys(more)
        plan = make_whole_plan(snapshot, graph, request, costs, tuple(left))
    return plan if plan.steps else whole


def _unknown(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    costs: Mapping[ContainerId, Cost],
) -> Iterator[Unhealed]:
    """Yield those of whom nothing could be found out, and what is broken with them."""
    broken = find_broken(snapshot, graph, request.targets)
    for container, cost in costs.items():
        is_choice = not cost.problem
        if cost.problem:
            reason = f"what recreating it takes cannot be found out: {cost.problem}"
        elif request.layer is Layer.KEEP and cost.files and cost.changes != ():
            # No image can be made without them, and secrets are for none.
            files = ", ".join(cost.files)
            reason = (
                f"--keep-changes would make {files}, which compose put there, a part of"
                " an image; --drop-changes gives up what it wrote and keeps those files"
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


def _to_leave(
    snapshot: Snapshot, graph: Graph, plan: Plan, left: tuple[Unhealed, ...]
) -> Iterator[Unhealed]:
    """Yield those that keep a plan from being carried out, and what needs them."""
    for steps in _groups(plan.steps):
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
    """Yield what speaks against acting on a container, and whether it is a decision.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        plan: The plan.
        steps: Those of one group.
        left: Those that the plan leaves alone.

    """
    mine = {step.container for step in steps}
    if plan.request.asks_nobody:
        yield from _decisions(graph, plan, mine)
    if plan.managed:
        for container, why in find_managed(snapshot, graph, mine, {}).items():
            yield container, (why, True)
    if not plan.objections:
        return
    scope = find_scope(snapshot, graph, plan.request, left)
    idle = scope.recreated.keys() - scope.to_run
    order = [c for c in owners_first(scope.afterwards, mine) if c not in idle]
    up = {c.id for c in graph.containers.values() if c.state.has_process}
    obstacles = "; ".join(find_obstacles(scope.afterwards, order, up))
    if obstacles:
        yield from ((container, (obstacles, False)) for container in mine)


def _decisions(
    graph: Graph, plan: Plan, mine: Collection[ContainerId]
) -> Iterator[tuple[ContainerId, tuple[str, bool]]]:
    """Yield what a user would be asked about some containers."""
    for one in plan.losing:
        if one.container in mine:
            yield one.container, (_DECIDE_LAYER, True)
    for effect in () if plan.is_permitted else plan.harmed:
        for container in {*mine} & {effect.via, *_above(graph, effect)}:
            yield container, (_harm_words(effect), True)


def _above(graph: Graph, effect: Effect) -> Iterator[ContainerId]:
    """Yield whom one that would be harmed joined, directly or not."""
    for container in graph.containers:
        if effect.container in graph.dependents(container):
            yield container


def _harm_words(effect: Effect) -> str:
    return (
        f"healing it would harm {effect.name}, which is well; --with-dependents takes"
        " that along, --break-dependents accepts the harm"
    )


def _groups(steps: Iterable[Step]) -> tuple[tuple[Step, ...], ...]:
    """Return steps together that need each other, directly or not."""
    groups: list[tuple[set[ContainerId], list[Step]]] = []
    for step in steps:
        mine = {step.container, *step.needs}
        together = [one for one in groups if not one[0].isdisjoint(mine)]
        ids = mine.union(*(one[0] for one in together))
        joined = [each for one in together for each in one[1]]
        groups = [one for one in groups if one not in together]
        groups.append((ids, [*joined, step]))
    return tuple(tuple(found) for _, found in groups)

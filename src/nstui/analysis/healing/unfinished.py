"""Plans that were cut off come first: nothing else is healed beside them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.interruptions import concerned, find_interruptions
from nstui.analysis.remedies import command
from nstui.model.healing import Unhealed
from nstui.model.plan import Plan, Target

if TYPE_CHECKING:
    from nstui.analysis.graph import Graph
    from nstui.model.interruption import Interruption
    from nstui.model.plan import Request
    from nstui.model.snapshot import Snapshot


def make_finish_plan(snapshot: Snapshot, graph: Graph, request: Request) -> Plan | None:
    """Return the plan that finishes or undoes what was cut off; None if nothing was.

    What is broken besides is seen once that is done, so it is for a plan of its own.

    Args:
        snapshot: What is the case, with the records of plans that were cut off.
        graph: Who depends on whom.
        request: The containers that are to be healed; all if it names none.

    """
    found = find_interruptions(snapshot, graph)
    wanted = [
        one
        for one in found
        if one.record.id not in request.passed_over and _is_wanted(graph, one, request)
    ]
    if not any(one.steps for one in wanted):
        return None
    return Plan(
        request=request,
        targets=tuple(_target(graph, one) for one in wanted if one.steps),
        effects=(),
        steps=tuple(step for one in wanted for step in one.steps),
        dark_ports=(),
        uncertain=(),
        program=command(snapshot.engine),
        unhealed=tuple(
            Unhealed(one.container, graph.name(one.container), one.message)
            for one in wanted
            if not one.steps
        ),
        interruptions=tuple(one for one in wanted if one.steps),
        objections=(),
    )


def request_after(graph: Graph, plan: Plan) -> Request | None:
    """Return the request for what is broken still once what was cut off is finished.

    None if the plan was no such plan, or if none of the containers that it named is
    left.

    Args:
        graph: What there is after the plan was carried out.
        plan: What was carried out.

    """
    if not plan.interruptions:
        return None
    if not plan.request.targets:
        return plan.request
    made = (graph.resolve(step.name) for step in plan.steps)
    kept = (c for c in plan.request.targets if c in graph.containers)
    targets = dict.fromkeys([*kept, *(c for c in made if c is not None)])
    return replace(plan.request, targets=tuple(targets)) if targets else None


def request_beside(plan: Plan) -> Request | None:
    """Return the request for what is broken besides what was cut off; None if nothing.

    It serves to tell what will follow before that is finished.
    """
    if not plan.interruptions:
        return None
    records = tuple(one.record.id for one in plan.interruptions)
    return replace(plan.request, passed_over=plan.request.passed_over + records)


def without_cut_off(graph: Graph, plan: Plan, beside: Plan) -> Plan:
    """Return what is to be done besides, without those that will be finished first.

    What becomes of them and of those that joined them is seen only then.

    Args:
        graph: What there is before anything is done.
        plan: What finishes or undoes what was cut off.
        beside: What heals the rest, as planned before that.

    """
    first = {c for one in plan.interruptions for c in concerned(one)}
    joined = {
        c for one in first if one in graph.containers for c in graph.dependents(one)
    }
    later = first | joined
    return replace(
        beside,
        targets=tuple(one for one in beside.targets if one.id not in later),
        steps=tuple(one for one in beside.steps if one.container not in later),
        unhealed=tuple(one for one in beside.unhealed if one.container not in later),
    )


def _is_wanted(graph: Graph, cut_off: Interruption, request: Request) -> bool:
    """Tell whether a request names a container that was cut off, or who joined it."""
    mine = {cut_off.container, *concerned(cut_off)}
    joined = {c for one in mine for c in graph.dependents(one)}
    return not request.targets or not (mine | joined).isdisjoint(request.targets)


def _target(graph: Graph, cut_off: Interruption) -> Target:
    subject = graph.containers[cut_off.container]
    return Target(
        id=subject.id, name=subject.name, image=subject.image, state=subject.state
    )

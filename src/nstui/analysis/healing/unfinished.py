"""The plan that finishes interrupted plans, which comes before all other healing."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.plans.commands import command
from nstui.analysis.plans.interruptions import concerned, find_interruptions
from nstui.model.healing import Unhealed
from nstui.model.plan import Plan, Target

if TYPE_CHECKING:
    from nstui.analysis.graph.graph import Graph
    from nstui.model.outcome import Interruption
    from nstui.model.plan import Request
    from nstui.model.snapshot import Snapshot


def make_finish_plan(snapshot: Snapshot, graph: Graph, request: Request) -> Plan | None:
    """Return the plan that finishes or undoes interrupted plans; None if there is none.

    Other problems can only be seen afterwards and are left to a plan of their own.

    Args:
        snapshot: The state of the host, with the records of interrupted plans.
        graph: The dependencies.
        request: The containers to heal; all if it names none.

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
        targets=tuple(
            Target.of(graph.containers[one.container]) for one in wanted if one.steps
        ),
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
    """Return the request for what is still broken after interrupted plans are finished.

    Returns None if the plan finished nothing, or if none of the named containers is
    left.

    Args:
        graph: The dependencies after the plan was carried out.
        plan: The plan that was carried out.

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
    """Return the request for everything else that is broken.

    It serves to announce what will follow. It is None if there is nothing to finish.
    """
    if not plan.interruptions:
        return None
    records = tuple(one.record.id for one in plan.interruptions)
    return replace(plan.request, passed_over=plan.request.passed_over + records)


def without_cut_off(graph: Graph, plan: Plan, beside: Plan) -> Plan:
    """Return a plan without the containers that are finished first.

    What happens to them and to the containers that joined them is known only then.

    Args:
        graph: The dependencies before anything is done.
        plan: The plan that finishes or undoes what was interrupted.
        beside: The plan that heals the rest, made before anything is done.

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
    """Tell whether a request concerns a container of an interrupted plan."""
    mine = {cut_off.container, *concerned(cut_off)}
    joined = {c for one in mine for c in graph.dependents(one)}
    return not request.targets or not (mine | joined).isdisjoint(request.targets)

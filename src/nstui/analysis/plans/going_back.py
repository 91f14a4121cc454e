"""What a plan has left that was cut off, if it is one that goes back as a whole."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.plans.leftovers import REPLACING, find_replaced, leftover_text
from nstui.analysis.plans.order import is_paused, is_up
from nstui.model.outcome import Interruption, old_name
from nstui.model.step import Step, Verb

if TYPE_CHECKING:
    from collections.abc import Collection

    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.plans.leftovers import Leftover
    from nstui.model.container import ContainerId
    from nstui.model.outcome import PlanRecord


def find_recreation(
    graph: Graph, record: PlanRecord, later: Collection[ContainerId]
) -> Interruption | None:
    """Return what is left of a plan that goes back as a whole; None if nothing is.

    It is finished if only old containers were still to be removed, and otherwise
    undone.
    """
    steps = [step for step in record.steps if step.container not in later]
    verified = max(n for n, s in enumerate(record.steps, start=1) if not s.is_old)
    if record.done >= verified:
        return _old_ones(graph, record, [step for step in steps if step.is_old])
    begun = {step.container for step in record.steps[: record.begun]}
    left = {
        step: find_replaced(graph, step, record.made)
        for step in steps
        if step.container in begun
        if step.verb in REPLACING or _is_unpaused(record, step)
    }
    changed = {
        step: one for step, one in left.items() if _is_changed(record, step, one)
    }
    both = (c for one in changed.values() for c in (one.new, one.old))
    covers = [c for c in both if c is not None]
    # All that a way back has removed before it was cut off itself may be gone.
    near = (graph.containers.get(step.container) for step in record.steps)
    subject = next((c for c in (*covers, *near) if c is not None), None)
    if not changed or subject is None:
        return None
    said = (f"{step.name}: {leftover_text(step, one)}" for step, one in changed.items())
    name = next(iter(changed)).name
    undo = Step(verb=Verb.UNDO, container=subject.id, name=name, record=record.id)
    return Interruption(
        record=record,
        container=subject.id,
        message=f"nstui recreate was cut off; {'; '.join(said)}",
        steps=(undo,),
        covers=frozenset(c.id for c in covers),
    )


def _old_ones(
    graph: Graph, record: PlanRecord, removals: list[Step]
) -> Interruption | None:
    """Return the old containers that a plan was still to remove."""
    left = [
        step
        for step in removals
        if step.container in graph.containers
        and graph.name(step.container) == old_name(step.name, step.container)
    ]
    if not left:
        return None
    names = ", ".join(graph.name(step.container) for step in left)
    return Interruption(
        record=record,
        container=left[0].container,
        message=f"nstui recreate was cut off before it removed the old {names}",
        steps=tuple(replace(step, record=record.id) for step in left),
        covers=frozenset(step.container for step in left),
    )


def _is_unpaused(record: PlanRecord, step: Step) -> bool:
    """Tell whether a step lets a container run that was paused before the plan."""
    return step.verb is Verb.RESTART and step.container in record.paused


def _is_changed(record: PlanRecord, step: Step, left: Leftover) -> bool:
    """Tell whether a container is not as it was before the plan."""
    if left.old is None:
        return left.new is not None or step.removes
    ran = step.container in record.running
    is_down = ran and not is_up(left.old)
    goes_on = step.container in record.paused and not is_paused(left.old)
    is_other = left.new is not None or left.old.name != step.name
    return is_other or is_down or goes_on

"""What a replacement that was cut off has left: two containers, and what to do.

They are found by id and by name.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.plans.order import is_paused, is_up
from nstui.model.container import short_id
from nstui.model.frozen import dataclass
from nstui.model.outcome import Interruption, new_name, old_name
from nstui.model.step import Step, Verb

if TYPE_CHECKING:
    from collections.abc import Collection

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.outcome import PlanRecord


REPLACING = frozenset({Verb.RECREATE, Verb.COMPOSE, Verb.RESTORE})
"""The steps that put one container in the place of another."""


@dataclass(frozen=True, slots=True)
class Leftover:
    """The two containers of an interrupted replacement, as far as they exist."""

    old: Container | None
    new: Container | None
    other: Container | None = None
    """A third container that has taken the name."""


def find_leftover(graph: Graph, record: PlanRecord, step: Step) -> Leftover:
    """Return the containers of a replacement, found by id and by temporary names."""
    if step.verb is Verb.COMPOSE:
        return _by_compose(graph, step)
    new = None if record.new is None else graph.containers.get(record.new)
    return _with_other(graph, step, new)


def find_replaced(graph: Graph, step: Step, made: Collection[ContainerId]) -> Leftover:
    """Return the containers of any replacement of a plan, in progress or done.

    Args:
        graph: The dependencies.
        step: The step that replaces a container.
        made: The new containers of the plan.

    """
    if step.verb is Verb.COMPOSE:
        left = _by_compose(graph, step)
        # A restoration that was cut off has left this.
        restored = _named(graph, new_name(step.name, step.container))
        return left if restored is None else replace(left, new=restored)
    holder = _named(graph, step.name)
    is_new = holder is not None and holder.id in made
    return _with_other(graph, step, holder if is_new else None)


def _by_compose(graph: Graph, step: Step) -> Leftover:
    old, holder = graph.containers.get(step.container), _named(graph, step.name)
    # Compose v2 first gives this name to the new one, v1 finally to the old one.
    aside = _named(graph, f"{short_id(step.container)}_{step.name}")
    new = next((c for c in (aside, holder) if c is not None and c != old), None)
    return Leftover(old, new)


def _with_other(graph: Graph, step: Step, known: Container | None) -> Leftover:
    old, holder = graph.containers.get(step.container), _named(graph, step.name)
    new = known or _named(graph, new_name(step.name, step.container))
    is_other = holder is not None and holder not in (old, new)
    return Leftover(old, new, holder if is_other else None)


def leftover_text(step: Step, left: Leftover) -> str:
    """Return what is left of a replacement, as the end of a sentence."""
    if left.old is None and left.new is None:
        return "the old container is gone"
    words = []
    if left.old is not None:
        words.append(f"the old container is {left.old.name}, {left.old.state}")
    if left.new is not None:
        words.append(f"the new one is {left.new.name}, {left.new.state}")
    else:
        words.append("there is no new one")
    if left.other is not None:
        words.append(f"{step.name} is another container now")
    return "; ".join(words)


def _named(graph: Graph, name: str) -> Container | None:
    """Return the container with exactly this name."""
    found = graph.resolve(name)
    container = None if found is None else graph.containers[found]
    return container if container is not None and container.name == name else None


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

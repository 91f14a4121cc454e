"""Whether what the next step of a plan relies on is still the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.order import is_up
from nstui.model.plan import Verb

if TYPE_CHECKING:
    from nstui.analysis.graph import Graph
    from nstui.model.plan import Plan, Step


def what_changed(plan: Plan, step: Step, graph: Graph) -> str | None:
    """Return why a step must not be taken, as a sentence; None if it may be.

    Args:
        plan: The plan, which was right when its first step was taken.
        step: The step that is next.
        graph: What holds now.

    """
    container = graph.containers.get(step.container)
    if container is None:
        return f"{step.name} is no longer there"
    shown = {s.container for s in plan.steps} | {e.container for e in plan.effects}
    new = [d for d in graph.users(step.container) if d.container not in shown]
    if new:
        names = ", ".join(sorted({graph.name(d.container) for d in new}))
        return f"{names} has come to depend on {step.name}"
    if step.verb is Verb.RM and is_up(container) and not step.force:
        return f"{step.name} was started again"
    if step.verb is Verb.KILL and not container.state.has_process:
        return f"{step.name} is {container.state} already"
    return None

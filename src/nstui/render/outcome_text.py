"""What has come of a plan that was carried out, as lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.failure_words import failed_words, go_on_words
from nstui.model.plan import Verb
from nstui.render.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.outcome import Outcome
    from nstui.model.plan import Plan


def failure_lines(plan: Plan, outcome: Outcome) -> Iterator[str]:
    """Yield what failed, what was left alone for that, and what was not come to."""
    for failure in outcome.failed:
        yield printable(f"failed: {failed_words(failure)}")
    for left in outcome.left:
        said = f"left alone: {left.step.name}: it needs {left.needed}"
        yield printable(f"{said}; {left.now}" if left.now else said)
    names = ", ".join(_not_begun(plan, outcome))
    if names:
        yield printable(f"not begun: {names}")


def help_line(plan: Plan, outcome: Outcome) -> str:
    """Return what takes the steps that were not taken; "" if that is no help."""
    return printable(go_on_words(plan, outcome))


def healed_names(plan: Plan, outcome: Outcome) -> tuple[str, ...]:
    """Return the names of those that a plan was to heal, and whose steps were done."""
    done = {step.container for step in outcome.done}
    done -= {failure.step.container for failure in outcome.failed}
    return tuple(target.name for target in plan.targets if target.id in done)


def result_lines(plan: Plan, outcome: Outcome) -> Iterator[str]:
    """Yield all that there is to say of a plan of which something failed."""
    healed = healed_names(plan, outcome)
    if healed:
        yield printable(f"healed: {', '.join(healed)}")
    yield from failure_lines(plan, outcome)
    for unhealed in plan.unhealed:
        yield printable(f"not healed: {unhealed.name}: {unhealed.reason}")
    for line in (*outcome.remarks, help_line(plan, outcome)):
        if line:
            yield printable(line)


def _not_begun(plan: Plan, outcome: Outcome) -> Iterator[str]:
    known = {step.container for step in outcome.done}
    known |= {failure.step.container for failure in outcome.failed}
    known |= {left.step.container for left in outcome.left}
    for step in plan.steps:
        if step.container not in known and step.verb is not Verb.WAIT:
            yield step.name

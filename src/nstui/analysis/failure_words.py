"""What failed, what was done before, and what helps, in a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.commands import command_line, step_words
from nstui.model.outcome import Aftermath
from nstui.model.plan import Verb

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.model.outcome import Failure, LeftAlone, Outcome
    from nstui.model.plan import Plan, Step

_SINGLE = frozenset(
    {Verb.START, Verb.STOP, Verb.RESTART, Verb.KILL, Verb.RM, Verb.CONNECT}
)
"""The steps of one request each, whose failure may have left all as it was."""

_STARTING = frozenset({Verb.START, Verb.RESTART})


def failure_words(plan: Plan, outcome: Outcome) -> str:
    """Say what failed, and what is the case now as far as it was seen."""
    said = [failed_words(failure) for failure in outcome.failed]
    said += [left_words(one) for one in outcome.left]
    said.append(_before(plan, outcome))
    if outcome.done or outcome.left or len(outcome.failed) > 1:
        said.append(go_on_words(plan, outcome))
    return "; ".join(words for words in said if words)


def failed_words(failure: Failure) -> str:
    """Return one failure as a sentence."""
    step = step_words(failure.step)
    match failure.aftermath:
        case Aftermath.OUTDATED:
            return f"stopped: {failure.reason}"
        case Aftermath.UNKNOWN:
            return f"{failure.reason}, and may still {step}"
        case Aftermath.UNDONE:
            return failure.reason
        case _:
            return f"could not {step}: {failure.reason}"


def left_words(left: LeftAlone) -> str:
    """Return what was not done because of a failure, as a sentence."""
    said = f"did not {step_words(left.step)}, which needs {left.needed}"
    return f"{said}; {left.now}" if left.now else said


def go_on_words(plan: Plan, outcome: Outcome) -> str:
    """Return what takes the steps that were not taken; "" if there is no telling."""
    if _is_unknown(outcome):
        return ""
    left = command_line(_to_be_done(plan, outcome), plan.program)
    return f"to go on, mend that, then: {left}" if left else ""


def so_far_words(plan: Plan, outcome: Outcome) -> str:
    """Say which steps were taken, and which were not."""
    if not outcome.done:
        return "nothing was done"
    said = f"done: {_list(outcome.done)}"
    left = _left_of(plan, outcome)
    return f"{said}; not done: {_list(left)}" if left else said


def _before(plan: Plan, outcome: Outcome) -> str:
    """Say what was done before or besides what failed."""
    if outcome.done:
        return so_far_words(plan, outcome)
    if _is_unknown(outcome):
        return "nothing else was done"
    untouched = {Aftermath.NOT_ASKED, Aftermath.OUTDATED, Aftermath.UNCHANGED}
    is_seen = all(
        failure.aftermath in untouched
        and (failure.step.verb in _SINGLE or failure.aftermath is Aftermath.NOT_ASKED)
        for failure in outcome.failed
    )
    return "nothing was done" if is_seen else ""


def _is_unknown(outcome: Outcome) -> bool:
    return any(one.aftermath is Aftermath.UNKNOWN for one in outcome.failed)


def _left_of(plan: Plan, outcome: Outcome) -> tuple[Step, ...]:
    """Return the steps that were not taken, but for those that may have been."""
    gone = {Aftermath.UNKNOWN, Aftermath.UNDONE}
    taken = [*outcome.done, *(f.step for f in outcome.failed if f.aftermath in gone)]
    return tuple(step for step in plan.steps if step not in taken)


def _to_be_done(plan: Plan, outcome: Outcome) -> tuple[Step, ...]:
    """Return the steps to be taken yet, with the starts that have not lasted.

    What needs one that has ended again cannot be started without it.
    """
    left = {*_left_of(plan, outcome)}
    left |= {
        one.step
        for one in outcome.failed
        if one.aftermath is Aftermath.UNDONE and one.step.verb in _STARTING
    }
    return tuple(step for step in plan.steps if step in left)


def _list(steps: Iterable[Step]) -> str:
    return ", ".join(step_words(step) for step in steps)

"""What healing does and leaves undone, and what has come of a plan, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.healing.recomposing import method_text
from nstui.analysis.plans.commands import failed_text, go_on_text
from nstui.model.step import Verb
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.healing import OwnerChoice, Recreation, Unhealed
    from nstui.model.outcome import Outcome
    from nstui.model.plan import Plan


SHOWN_PATHS = 3
"""More paths than these are counted, not named."""


def heal_lines(plan: Plan) -> Iterator[tuple[Piece, ...]]:
    """Yield what was cut off, what is recreated and its cost, and what stays broken."""
    for cut_off in plan.interruptions:
        yield (Piece(printable(cut_off.message), Tone.WARNING),)
    composed = {step.container for step in plan.steps if step.command}
    kept = {step.container for step in plan.steps if step.keeps_layer}
    for recreation in plan.recreations:
        how = " with compose" if recreation.container in composed else ""
        yield (
            Piece("recreates "),
            Piece(printable(recreation.name), Tone.STRONG),
            Piece(printable(f" on {recreation.owner}{how}")),
        )
        for line in (
            *_compose_lines(recreation, is_used=recreation.container in composed),
            *_costs(recreation, is_kept=recreation.container in kept),
        ):
            yield (Piece(f"  {line}", Tone.WARNING),)
    for unhealed in plan.unhealed:
        yield (Piece(unhealed_line(unhealed), Tone.WARNING),)


def unhealed_line(unhealed: Unhealed) -> str:
    """Return who stays broken, and why."""
    return printable(f"not healed: {unhealed.name}: {unhealed.reason}")


def losing_text(recreation: Recreation) -> str:
    """Return what a container would lose, with the first few paths."""
    changes = recreation.changes
    if changes is None:
        return printable(
            f"what {recreation.name} wrote outside its volumes could not be read"
        )
    shown = ", ".join(changes[:SHOWN_PATHS])
    more = ", …" if len(changes) > SHOWN_PATHS else ""
    count = plural(len(changes), "path")
    return printable(
        f"{recreation.name} wrote {count} outside its volumes: {shown}{more}"
    )


def candidate_lines(choice: OwnerChoice) -> tuple[str, ...]:
    """Return each one that could be chosen, with what speaks for it."""
    reasons = choice.why or ("",) * len(choice.candidates)
    return tuple(
        printable(f"{name}: {why}" if why else name)
        for (_, name), why in zip(choice.candidates, reasons, strict=True)
    )


def choice_title(choice: OwnerChoice) -> str:
    """Return the question whom some shall join."""
    names = ", ".join(choice.needed_by)
    return printable(f"{choice.gone_name} is gone: whom shall {names} join?")


def _compose_lines(recreation: Recreation, *, is_used: bool) -> Iterator[str]:
    """Yield what compose changes, or why it is not used; at most one line."""
    changes = recreation.compose_changes
    if recreation.compose_refused:
        yield printable(f"not with compose: {recreation.compose_refused}")
    elif changes and is_used:
        yield printable(f"compose {method_text(changes, 'changes')}")
    elif changes:
        would = method_text(changes)
        yield printable(f"not with compose, which {would}; --compose has it do so")


def _costs(recreation: Recreation, *, is_kept: bool) -> Iterator[str]:
    if recreation.left_out:
        yield printable(f"leaves out: {', '.join(recreation.left_out)}")
    if recreation.changes is None or recreation.changes:
        fate = "; that becomes an image first" if is_kept else ""
        yield losing_text(recreation) + fate
    if recreation.is_one_way:
        yield "removes itself when it is stopped: it cannot be put back"


def failure_lines(plan: Plan, outcome: Outcome) -> Iterator[str]:
    """Yield what failed, what was left alone for that, and what was not come to."""
    for failure in outcome.failed:
        yield printable(f"failed: {failed_text(failure)}")
    for left in outcome.left:
        said = f"left alone: {left.step.name}: it needs {left.needed}"
        yield printable(f"{said}; {left.now}" if left.now else said)
    names = ", ".join(_not_begun(plan, outcome))
    if names:
        yield printable(f"not begun: {names}")


def help_line(plan: Plan, outcome: Outcome) -> str:
    """Return what takes the steps that were not taken; "" if that is no help."""
    return printable(go_on_text(plan, outcome))


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

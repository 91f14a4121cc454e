"""The text of the prompt before an action: what would break, and the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.render.plan_text import (
    action_word,
    confirmation_phrase,
    dark_ports_line,
    heal_lines,
    impossible_text,
    kept_line,
    note_lines,
    outsider_lines,
    plan_command,
    recovery_command,
    target_names,
    target_text,
    uncertain_line,
    wait_lines,
    way_back_line,
    without_options,
)
from nstui.render.prompt_text import along_line, effect_lines
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.plan import Plan
    from nstui.render.text import Line


def offer_lines(plan: Plan, default: Plan) -> Iterator[Line]:
    """Yield what breaks, then the ports, then the rest.

    Args:
        plan: What the action would do to the targets alone.
        default: The plan that is carried out unless the user accepts the harm.

    """
    target = (Piece(target_text(plan), Tone.MUTED),)
    if plan.is_permitted:
        yield target
    yield from effect_lines(plan.effects)
    for line in (*outsider_lines(plan), uncertain_line(plan), *note_lines(plan)):
        if line is not None:
            yield (Piece(line, Tone.WARNING),)
    yield from map(without_options, heal_lines(plan))
    for line, tone in (
        (along_line(plan), Tone.PLAIN),
        (dark_ports_line(plan), Tone.WARNING),
        (way_back_line(plan), Tone.WARNING),
    ):
        if line is not None:
            yield (Piece(line, tone),)
    for kept in plan.kept:
        yield (Piece(kept_line(kept), Tone.MUTED),)
    # A container that is restarted alone is not waited for.
    for line in wait_lines(default):
        yield (Piece(line, Tone.MUTED),)
    if not plan.is_permitted:
        yield target
    if plan.recovery:
        back = Piece(recovery_command(plan))
        yield (Piece("to bring them back: ", Tone.MUTED), back)


def command_lines(plan: Plan, with_dependents: Plan, anyway: Plan) -> Iterator[Line]:
    """Yield the commands of what can be chosen.

    Args:
        plan: What the action would do to the targets alone.
        with_dependents: The same with the dependents.
        anyway: The same with the harm accepted.

    """
    alone = Piece(_commands(anyway), Tone.NOTICE)
    if plan.is_permitted:
        yield (alone,)
        return
    named = printable(target_names(plan))
    yield (Piece(f"only {named}: ", Tone.MUTED), alone)
    if with_dependents.is_permitted:
        together = _commands(with_dependents)
        whose = "its" if len(plan.targets) == 1 else "their"
        words = f"{named} and {whose} dependents: "
        yield (Piece(words, Tone.MUTED), Piece(together, Tone.NOTICE))


def _commands(plan: Plan) -> str:
    return plan_command(plan) if plan.is_possible else impossible_text(plan)


def name_question(plan: Plan, *, is_only: bool) -> str:
    """Return what asks for the name that permits an action.

    Args:
        plan: What the action would do to the targets alone.
        is_only: Whether something else can be chosen without the name.

    """
    verb = action_word(plan.request.action)
    it = "it" if len(plan.targets) == 1 else "them"
    only = " only" if is_only else ""
    return f"type {printable(confirmation_phrase(plan))} to {verb}{only} {it}"

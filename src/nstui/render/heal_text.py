"""What healing does and what it leaves undone, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.recomposing import in_words
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.healing import OwnerChoice, Recreation, Unhealed
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


def losing_words(recreation: Recreation) -> str:
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
        yield printable(f"compose {in_words(changes, 'changes')}")
    elif changes:
        would = in_words(changes)
        yield printable(f"not with compose, which {would}; --compose has it do so")


def _costs(recreation: Recreation, *, is_kept: bool) -> Iterator[str]:
    if recreation.left_out:
        yield printable(f"leaves out: {', '.join(recreation.left_out)}")
    if recreation.changes is None or recreation.changes:
        fate = "; that becomes an image first" if is_kept else ""
        yield losing_words(recreation) + fate
    if recreation.is_one_way:
        yield "removes itself when it is stopped: it cannot be put back"

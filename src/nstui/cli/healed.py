"""What has come of healing: the lists at its end, and the exit code."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from nstui.cli.exits import ExitCode
from nstui.render.heal_text import unhealed_line
from nstui.render.outcome_text import failure_lines, healed_names, help_line
from nstui.render.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.model.outcome import Outcome
    from nstui.model.plan import Plan


@dataclass(frozen=True, slots=True)
class Result:
    """A plan that was carried out, as far as it could be."""

    plan: Plan
    outcome: Outcome


def planned_code(plan: Plan) -> ExitCode:
    """Return the exit code that carrying out a plan would have, as far as planned."""
    if plan.losing or not plan.is_permitted:
        return ExitCode.REFUSED
    return ExitCode.FAILED if plan.objections else _unhealed_code(plan)


def worst_code(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the exit code of several plans: a failure says more than a refusal."""
    found = set(codes)
    worst_first = (ExitCode.FAILED, ExitCode.REFUSED)
    return next((code for code in worst_first if code in found), ExitCode.DONE)


def conclude(results: Iterable[Result], plan: Plan, broken: Iterable[str]) -> ExitCode:
    """List what was healed, what failed and what was left alone; return the exit code.

    Where all went well nothing is listed: each was named when it was done.

    Args:
        results: What was carried out, in order.
        plan: The last plan that was made.
        broken: The names of those that it was to heal and that are broken still.

    """
    done = list(results)
    failed = {name for result in done for name in _failed_names(result.outcome)}
    still = [name for name in broken if name not in failed]
    lines = [line for r in done for line in failure_lines(r.plan, r.outcome)]
    lines += [unhealed_line(unhealed) for unhealed in plan.unhealed]
    lines += [printable(f"still broken: {name}: see nstui check") for name in still]
    lines += [words for r in done if (words := help_line(r.plan, r.outcome))]
    healed = [n for r in done for n in healed_names(r.plan, r.outcome)]
    well = [name for name in dict.fromkeys(healed) if name not in {*failed, *still}]
    if lines and well:
        lines.insert(0, printable(f"healed: {', '.join(well)}"))
    for line in lines:
        click.echo(line, err=True)
    return ExitCode.FAILED if failed or still else _unhealed_code(plan)


def _unhealed_code(plan: Plan) -> ExitCode:
    if not plan.unhealed:
        return ExitCode.DONE
    is_undecided = all(unhealed.needs_decision for unhealed in plan.unhealed)
    return ExitCode.REFUSED if is_undecided else ExitCode.FAILED


def _failed_names(outcome: Outcome) -> Iterator[str]:
    yield from (failure.step.name for failure in outcome.failed)
    yield from (left.step.name for left in outcome.left)

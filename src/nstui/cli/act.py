"""The command ``nstui rm``: shows the plan, asks, and carries it out."""

from __future__ import annotations

import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from nstui.analysis.lookup import find_containers
from nstui.analysis.plans import with_policy
from nstui.cli.exits import ExitCode
from nstui.cli.wiring import wire
from nstui.errors import ReadOnly
from nstui.model.plan import Action, Policy, Request, Verb
from nstui.render.document import dump, plan_document
from nstui.render.plan_text import (
    command_line,
    dark_ports_line,
    effect_line,
    title,
    uncertain_line,
)
from nstui.render.text import printable
from nstui.service.executor import refuse_unless_permitted

if TYPE_CHECKING:
    from nstui.cli.wiring import Settings
    from nstui.model.plan import Plan
    from nstui.service.executor import Executor, Progress

DEPENDENTS_TOO = "dependents"
"""What to type at the prompt to remove the dependents as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveOptions:
    """The options of ``nstui rm``."""

    policy: Policy
    force: bool
    volumes: bool
    dry_run: bool
    as_json: bool
    yes: bool


def remove(settings: Settings, names: tuple[str, ...], options: RemoveOptions) -> int:
    """Remove the named containers if the plan permits it; return the exit code.

    Raises:
        UnknownContainer: a name means no container.
        AmbiguousContainer: a name means several.
        WouldBreakDependents: refused, with the plan.
        ActionImpossible: the engine would refuse.
        PlanOutdated: something changed before it was done.
        ReadOnly: nstui was told to change nothing.

    """
    host = wire(settings)
    report = host.observer.look()
    request = Request(
        action=Action.RM,
        targets=find_containers(report.graph, names),
        policy=options.policy,
        force=options.force,
        volumes=options.volumes,
    )
    plan = host.executor.plan(request)
    if options.as_json:
        click.echo(dump(plan_document(plan)))
    if options.dry_run:
        if not options.as_json:
            _print_plan(plan, err=False)
        return ExitCode.DONE
    if settings.read_only:
        raise ReadOnly("refused: nstui was started with --read-only")
    agreed = _agree(plan, host.executor, options)
    if agreed is None:
        click.echo("nothing was removed", err=True)
        return ExitCode.FAILED if plan.is_permitted else ExitCode.REFUSED
    if options.as_json:
        host.executor.carry_out(agreed)
    else:
        host.executor.carry_out(agreed, _print_progress)
    return ExitCode.DONE


def _agree(plan: Plan, executor: Executor, options: RemoveOptions) -> Plan | None:
    """Return the plan that may be carried out, or None if the user keeps it all."""
    can_ask = sys.stdin.isatty() and sys.stderr.isatty() and not options.yes
    if plan.is_permitted or not can_ask:
        if not plan.is_permitted:
            _print_plan(plan, err=True)
        refuse_unless_permitted(plan)
        if not can_ask:
            return plan
        _print_plan(plan, err=True)
        return plan if _ask("Remove? [y/N]").casefold() in {"y", "yes"} else None
    return _ask_about_harm(plan, executor)


def _ask_about_harm(plan: Plan, executor: Executor) -> Plan | None:
    names = printable(" ".join(target.name for target in plan.targets))
    too = executor.plan(with_policy(plan.request, Policy.WITH_DEPENDENTS))
    anyway = executor.plan(with_policy(plan.request, Policy.BREAK_DEPENDENTS))
    _print_plan(plan, err=True)
    refuse_unless_permitted(anyway)
    click.echo(f"the dependents too: {command_line(too.steps)}", err=True)
    answer = _ask(
        f"Press enter to keep {names}, type '{DEPENDENTS_TOO}' to remove the dependents"
        f" too,\nor type '{names}' to remove it anyway"
    )
    chosen = {names: anyway, DEPENDENTS_TOO: too}.get(answer)
    if chosen is not None:
        refuse_unless_permitted(chosen)
    return chosen


def _ask(question: str) -> str:
    """Return what is answered on the terminal; without enter that is nothing.

    click's own prompt takes the end of the input for an interruption.
    """
    click.echo(f"{question}: ", nl=False, err=True)
    answer = sys.stdin.readline()
    if answer.endswith("\n"):
        return answer.strip()
    click.echo(err=True)
    return ""


def _print_plan(plan: Plan, *, err: bool) -> None:
    lines = [title(plan)]
    lines += [f"  {effect_line(effect)}" for effect in plan.effects]
    lines += [line for line in (dark_ports_line(plan), uncertain_line(plan)) if line]
    lines += [f"the engine would refuse: {o}" for o in plan.objections]
    lines.append(command_line(plan.steps))
    click.echo("\n".join(printable(line) for line in lines), err=err)


def _print_progress(progress: Progress) -> None:
    """Print the name of what was removed, as docker does.

    That nobody reads it any more does not stop a plan half way.
    """
    if progress.is_done and progress.step.verb is Verb.RM:
        with suppress(BrokenPipeError):
            click.echo(printable(progress.step.name))

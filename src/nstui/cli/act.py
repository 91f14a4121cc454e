"""Runs an action from the command line: shows its plan, asks, and carries it out."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import TYPE_CHECKING, TypedDict, Unpack

import click

from nstui.analysis.graph.graph import find_containers
from nstui.analysis.plans.commands import step_text
from nstui.analysis.plans.permission import refuse_unless_permitted
from nstui.analysis.plans.plans import with_policy
from nstui.cli.exits import ExitCode, ending_in_order
from nstui.cli.options import misuse
from nstui.cli.wiring import wire
from nstui.errors import ReadOnly, StepFailed
from nstui.model.frozen import dataclass
from nstui.model.plan import Policy, Request
from nstui.model.step import Action, Verb
from nstui.render.document import dump
from nstui.render.plan_document import plan_document
from nstui.render.plan_text import (
    action_word,
    confirmation_phrase,
    dark_ports_line,
    effect_line,
    heal_lines,
    kept_line,
    managed_lines,
    note_lines,
    nothing_line,
    objection_lines,
    outsider_lines,
    plan_command,
    recovery_command,
    shown_effects,
    target_names,
    target_text,
    title,
    uncertain_line,
    wait_lines,
    way_back_line,
)
from nstui.render.text import printable, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.cli.options import TermOptions
    from nstui.cli.settings import Settings
    from nstui.model.image import PullProgress
    from nstui.model.outcome import Outcome
    from nstui.model.plan import Plan
    from nstui.model.step import Step
    from nstui.service.executor import Executor
    from nstui.service.host import Host
    from nstui.service.results import Progress

DEPENDENTS_TOO = "dependents"
"""The answer at the prompt that acts on the dependents as well."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionTerms:
    """The options common to all actions."""

    policy: Policy
    dry_run: bool
    as_json: bool
    yes: bool


class ActionOptions(TypedDict, total=False):
    """The options that only some actions have, named as in `Request`."""

    force: bool
    volumes: bool
    timeout: int | None
    signal: str | None
    wait_s: int


def terms_of(options: TermOptions) -> ActionTerms:
    """Return the terms that the options of a command express.

    Raises:
        click.UsageError: the options contradict each other.

    """
    if options["with_dependents"] and options["break_dependents"]:
        raise misuse("give either --with-dependents or --break-dependents, not both")
    policy = Policy.PROTECT
    if options["with_dependents"]:
        policy = Policy.WITH_DEPENDENTS
    elif options["break_dependents"]:
        policy = Policy.BREAK_DEPENDENTS
    return ActionTerms(
        policy=policy,
        dry_run=options["dry_run"],
        as_json=options["as_json"],
        yes=options["yes"],
    )


def act(
    settings: Settings,
    action: str,
    names: tuple[str, ...],
    options: TermOptions,
    **how: Unpack[ActionOptions],
) -> int:
    """Carry out an action if its plan permits it and return the exit code.

    Args:
        settings: The global options, which select the host.
        action: The value of an `Action`.
        names: The targets, as they were typed.
        options: The options common to all actions.
        how: The options that only some actions have.

    Raises:
        click.UsageError: the options contradict each other.
        UnknownContainer: no container matches a name.
        AmbiguousContainer: several containers match a name.
        WouldBreakDependents: dependents would be harmed; the error has the plan.
        ActionImpossible: the engine would refuse a step.
        PlanOutdated: a container changed, so that the plan no longer held.
        StepFailed: a step failed.
        ReadOnly: ``--read-only`` was given.

    """
    terms = terms_of(options)
    host = wire(settings)
    targets = find_containers(host.observer.look().graph, names)
    plan = host.executor.plan(
        Request(action=Action(action), targets=targets, policy=terms.policy, **how)
    )
    return finish(settings, host, plan, terms)


def finish(settings: Settings, host: Host, plan: Plan, terms: ActionTerms) -> int:
    """Print a plan, or carry it out if it is permitted; return the exit code.

    Raises:
        NstuiError: as for `act`.

    """
    if terms.dry_run:
        if terms.as_json:
            click.echo(dump(plan_document(plan)))
        else:
            print_plan(plan, err=False)
        return planned_code(plan)
    if settings.read_only:
        if terms.as_json:
            click.echo(dump(plan_document(plan)))
        raise ReadOnly
    if plan.request.action.ends_nothing and not can_be_asked(terms):
        # Nobody is asked, so that the plan is not printed.
        tell(plan.notes if plan.is_possible else ())
    try:
        carried = agree_and_carry_out(plan, host.executor, terms)
    except StepFailed as error:
        tell_remarks(error.outcome)
        raise
    if carried is None:
        return kept_code(plan)
    agreed, outcome = carried
    if not agreed.steps and not terms.as_json:
        click.echo(nothing_line(agreed), err=True)
    tell_remarks(outcome)
    if agreed.breaks and agreed.recovery:
        back = recovery_command(agreed)
        click.echo(f"to bring back what depends on it: {back}", err=True)
    return ExitCode.DONE


def agree_and_carry_out(
    plan: Plan, executor: Executor, terms: ActionTerms
) -> tuple[Plan, Outcome] | None:
    """Ask the user about a plan and carry it out; then print both as JSON, if asked.

    Returns:
        The plan that was carried out and its outcome; None if nothing was done.

    Raises:
        StepFailed: a step failed; the error has the outcome of the others.

    """
    agreed: Plan | None = None
    outcome: Outcome | None = None
    try:
        agreed = _agree(plan, executor, terms)
        if agreed is None:
            click.echo("nothing was changed", err=True)
            return None
        with ending_in_order(executor.stop_soon):
            if terms.as_json:
                outcome = executor.carry_out(agreed)
            else:
                outcome = executor.carry_out(agreed, _print_progress)
    except StepFailed as error:
        outcome = error.outcome
        raise
    finally:
        if terms.as_json:
            click.echo(dump(plan_document(plan if agreed is None else agreed, outcome)))
    return agreed, outcome


def planned_code(plan: Plan) -> ExitCode:
    """Return the exit code to expect from carrying out a plan."""
    if plan.losing or plan.managed or not plan.is_permitted:
        return ExitCode.REFUSED
    if plan.objections:
        return ExitCode.FAILED
    if plan.restoration is not None and plan.restoration.undecided:
        return ExitCode.REFUSED
    return unhealed_code(plan)


def unhealed_code(plan: Plan) -> ExitCode:
    """Return the exit code for what a plan leaves broken."""
    if not plan.unhealed:
        return ExitCode.DONE
    is_undecided = all(unhealed.needs_decision for unhealed in plan.unhealed)
    return ExitCode.REFUSED if is_undecided else ExitCode.FAILED


def tell_remarks(outcome: Outcome) -> None:
    """Print the remarks of an outcome on stderr."""
    tell(outcome.remarks)


def tell(sentences: Iterable[str]) -> None:
    """Print sentences on stderr."""
    for sentence in sentences:
        click.echo(printable(sentence), err=True)


def kept_code(plan: Plan) -> ExitCode:
    """Return the exit code for a plan that the user declined."""
    return ExitCode.FAILED if plan.is_permitted else ExitCode.REFUSED


def can_be_asked(terms: ActionTerms) -> bool:
    """Tell whether to ask: only on a terminal and without ``--yes``."""
    return sys.stdin.isatty() and sys.stderr.isatty() and not terms.yes


def _agree(plan: Plan, executor: Executor, terms: ActionTerms) -> Plan | None:
    """Print a plan and ask the user; return the plan to carry out, None for none."""
    can_ask = can_be_asked(terms)
    if plan.is_permitted or not can_ask:
        if plan.losing or not plan.is_permitted:
            print_plan(plan, err=True)
        _refuse_unless_permitted(plan, executor)
        if not can_ask or not plan.steps:
            return plan
        print_plan(plan, err=True)
        verb = action_word(plan.request.action).capitalize()
        return plan if ask(f"{verb}? [y/N]").casefold() in {"y", "yes"} else None
    return _ask_about_harm(plan, executor)


def _refuse_unless_permitted(plan: Plan, executor: Executor) -> None:
    """Raise an error that names the alternatives if a plan is not permitted."""
    too = None
    if not plan.is_permitted and plan.request.policy is Policy.PROTECT:
        too = executor.plan(with_policy(plan.request, Policy.WITH_DEPENDENTS))
    refuse_unless_permitted(plan, too)


def _ask_about_harm(plan: Plan, executor: Executor) -> Plan | None:
    verb = action_word(plan.request.action)
    phrase = printable(confirmation_phrase(plan))
    too, anyway = executor.plans(
        with_policy(plan.request, policy)
        for policy in (Policy.WITH_DEPENDENTS, Policy.BREAK_DEPENDENTS)
    )
    print_plan(plan, err=True)
    only, both = _targets_words(plan)
    if not anyway.is_possible:
        return _ask_about_one(too if too.is_possible else anyway, phrase)
    ways = {phrase: anyway}
    also = ""
    # Acting on the dependents too is no help if one of them could not start again.
    if too.is_possible and too.is_permitted:
        ways[DEPENDENTS_TOO] = too
        also = f", type '{DEPENDENTS_TOO}' to {verb} {both},\nor"
        line = plan_command(too)
        click.echo(f"{both}: {line}", err=True)
    answer = ask(
        f"Press enter to change nothing{also or ', or'} type '{phrase}' to {verb} only"
        f" {only}"
    )
    chosen = ways.get(answer)
    if chosen is not None:
        refuse_unless_permitted(chosen)
    return chosen


def _targets_words(plan: Plan) -> tuple[str, str]:
    """Return the names of the targets, and that with their dependents."""
    named = printable(target_names(plan))
    whose = "its" if len(plan.targets) == 1 else "their"
    return named, f"{named} and {whose} dependents"


def _ask_about_one(plan: Plan, phrase: str) -> Plan | None:
    """Ask about the plan under the only policy that makes one possible."""
    refuse_unless_permitted(plan)
    verb = action_word(plan.request.action)
    only, both = _targets_words(plan)
    word, how = phrase, f"{verb} only {only}"
    if plan.request.policy is Policy.WITH_DEPENDENTS:
        word, how = DEPENDENTS_TOO, f"{verb} {both}"
    click.echo(f"{how}: {plan_command(plan)}", err=True)
    answer = ask(f"Press enter to change nothing, or type '{word}' to {how}")
    return plan if answer == word else None


def ask(question: str) -> str:
    """Ask a question on stderr and return the answer; empty unless enter ends it.

    `click.prompt` is not used, because it takes the end of input for an interruption.
    """
    click.echo(f"{question}: ", nl=False, err=True)
    answer = sys.stdin.readline()
    if answer.endswith("\n"):
        return answer.strip()
    click.echo(err=True)
    return ""


def print_plan(plan: Plan, *, err: bool) -> None:
    """Print what a plan does, to stderr if `err` is set, otherwise to stdout."""
    is_something = plan.steps or not plan.is_possible
    lines = [title(plan) if is_something else nothing_line(plan)]
    lines += [f"  {target_text(plan)}"] if plan.restoration is not None else []
    lines += [kept_line(kept) for kept in plan.kept]
    lines += [f"  {effect_line(effect)}" for effect in shown_effects(plan)]
    lines += [f"  {line}" for line in outsider_lines(plan)]
    lines += [line for line in (dark_ports_line(plan), uncertain_line(plan)) if line]
    lines += [*note_lines(plan), *filter(None, [way_back_line(plan)])]
    lines += [f"  {words_of(line)}" for line in heal_lines(plan)]
    lines += managed_lines(plan)
    lines += [f"  {line}" for line in wait_lines(plan)]
    lines += objection_lines(plan)
    if plan.steps:
        lines.append(plan_command(plan))
    click.echo("\n".join(printable(line) for line in lines), err=err)


def _print_progress(progress: Progress) -> None:
    """Print the name of the container when its step is done, as docker does.

    A closed output does not stop a plan half way.
    """
    step = progress.step
    if progress.has_failed:
        return
    if progress.pull is not None:
        _print_pull(step, progress.pull)
        return
    # The output is a closed pipe or a terminal that is gone.
    with suppress(OSError):
        if progress.total > 1 and not progress.is_done and sys.stderr.isatty():
            click.echo(
                f"{progress.number}/{progress.total} {printable(step_text(step))}",
                err=True,
            )
        is_named = step.verb not in {Verb.WAIT, Verb.PULL} and not step.is_old
        if progress.is_done and is_named:
            click.echo(printable(step.name))


def _print_pull(step: Step, pull: PullProgress) -> None:
    """Print how far a pull has got, over what was printed of it before."""
    if not sys.stderr.isatty():
        return
    from nstui.render.pulling import pull_text  # noqa: PLC0415

    end = "\n" if pull.layers and pull.done == pull.layers else ""
    # The terminal may be gone.
    with suppress(OSError):
        click.echo(f"\r{pull_text(step, pull)}\x1b[K{end}", nl=False, err=True)

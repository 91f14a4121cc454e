"""The command ``nstui heal``, its summary and its exit code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from nstui.analysis.graph.graph import find_container, find_containers
from nstui.analysis.healing.broken import find_broken
from nstui.analysis.plans.interruptions import request_beside, without_cut_off
from nstui.analysis.text import on_host
from nstui.cli.act import (
    agree_and_carry_out,
    ask,
    can_be_asked,
    kept_code,
    planned_code,
    print_plan,
    tell_remarks,
    terms_of,
    unhealed_code,
)
from nstui.cli.exits import ExitCode
from nstui.cli.options import TermOptions
from nstui.cli.wiring import wire
from nstui.errors import NstuiError, ReadOnly, StepFailed
from nstui.model.frozen import dataclass
from nstui.model.plan import Layer, Request
from nstui.model.step import Action
from nstui.render.document import dump
from nstui.render.plan_document import plan_document
from nstui.render.plan_text import (
    candidate_lines,
    choice_title,
    failure_lines,
    healed_names,
    help_line,
    losing_text,
    nothing_line,
    unhealed_lines,
)
from nstui.render.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.cli.act import ActionTerms
    from nstui.cli.settings import Settings
    from nstui.model.container import ContainerId
    from nstui.model.healing import OwnerChoice
    from nstui.model.outcome import Outcome
    from nstui.model.plan import Plan
    from nstui.service.executor import Executor
    from nstui.service.host import Host


@dataclass(frozen=True, slots=True)
class Result:
    """A plan that was carried out as far as possible, with its outcome."""

    plan: Plan
    outcome: Outcome


def _worst_code(codes: Iterable[ExitCode]) -> ExitCode:
    """Return the joint exit code of several plans; a failure outranks a refusal."""
    found = set(codes)
    worst_first = (ExitCode.FAILED, ExitCode.REFUSED)
    return next((code for code in worst_first if code in found), ExitCode.DONE)


def conclude(results: Iterable[Result], plan: Plan, broken: Iterable[str]) -> ExitCode:
    """Print what was healed, what failed and what was left alone.

    Prints nothing if everything succeeded: each container was named when it was done.

    Args:
        results: The plans that were carried out, in order.
        plan: The last plan that was made.
        broken: The names of containers that it was to heal and that are still broken.

    Returns:
        The exit code.

    """
    done = list(results)
    failed = {name for result in done for name in _failed_names(result.outcome)}
    still = [name for name in broken if name not in failed]
    lines = [line for r in done for line in failure_lines(r.plan, r.outcome)]
    lines += unhealed_lines(plan)
    lines += [
        printable(on_host(f"still broken: {name}: see nstui check", plan.options))
        for name in still
    ]
    lines += [words for r in done if (words := help_line(r.plan, r.outcome))]
    healed = [n for r in done for n in healed_names(r.plan, r.outcome)]
    well = [name for name in dict.fromkeys(healed) if name not in {*failed, *still}]
    if lines and well:
        lines.insert(0, printable(f"healed: {', '.join(well)}"))
    for line in lines:
        click.echo(line, err=True)
    return ExitCode.FAILED if failed or still else unhealed_code(plan)


def _failed_names(outcome: Outcome) -> Iterator[str]:
    yield from (failure.step.name for failure in outcome.failed)
    yield from (left.step.name for left in outcome.left)


LAYERS = {"keep": Layer.KEEP, "drop": Layer.DROP}
"""The answers to the question about writable layers, and their meanings."""


class HealOptions(TermOptions):
    """The options of healing, as click passes them."""

    onto: str | None
    keep_changes: bool
    drop_changes: bool
    with_compose: bool
    timeout: int | None
    wait_s: int


def heal_containers(
    settings: Settings, names: tuple[str, ...], options: HealOptions
) -> int:
    """Heal the named containers, or all broken ones, and return the exit code."""
    layer = Layer.ASK
    if options["keep_changes"] or options["drop_changes"]:
        layer = Layer.KEEP if options["keep_changes"] else Layer.DROP
    terms = terms_of(options)
    host = wire(settings)
    graph = host.observer.look().graph
    onto = options["onto"]
    request = Request(
        action=Action.HEAL,
        targets=find_containers(graph, names),
        timeout=options["timeout"],
        wait_s=options["wait_s"],
        layer=layer,
        compose=options["with_compose"],
        onto=None if onto is None else find_container(graph, onto).id,
        policy=terms.policy,
    )
    return _heal(settings, host, request, terms)


def _heal(settings: Settings, host: Host, request: Request, terms: ActionTerms) -> int:
    """Finish interrupted plans and heal what is still broken; return the exit code."""
    request = replace(request, asks_nobody=not can_be_asked(terms))
    results: list[Result] = []
    while True:
        plan = host.executor.plan(request)
        if terms.dry_run:
            return _print_planned(host, plan, terms)
        plan = _with_decisions(settings, host, plan, terms)
        if not plan.steps and plan.is_possible:
            if terms.as_json:
                click.echo(dump(plan_document(plan)))
            elif not results:
                click.echo(nothing_line(plan))
            return conclude(results, plan, ())
        result = _carry_out(plan, host.executor, terms)
        if result is None:
            return kept_code(plan)
        results.append(result)
        left = _request_after(host, result)
        if left is None:
            return conclude(results, result.plan, _still_broken(host, result.plan))
        request = left


def _print_planned(host: Host, plan: Plan, terms: ActionTerms) -> int:
    """Print a plan and the one that would follow; return their joint exit code."""
    plans = [plan]
    request = request_beside(plan)
    if request is not None:
        beside = host.executor.plan(request)
        beside = without_cut_off(host.observer.look().graph, plan, beside)
        plans += [beside] if beside.steps or beside.unhealed else []
    for one in plans:
        if terms.as_json:
            click.echo(dump(plan_document(one)))
        else:
            print_plan(one, err=False)
    return _worst_code(planned_code(one) for one in plans)


def _with_decisions(
    settings: Settings, host: Host, plan: Plan, terms: ActionTerms
) -> Plan:
    """Return the plan that results from the user's decisions, if any can be asked for.

    Raises:
        ReadOnly: the plan changes something, and ``--read-only`` was given.

    """
    if settings.read_only and plan.steps:
        if terms.as_json:
            click.echo(dump(plan_document(plan)))
        raise ReadOnly
    return _ask_decisions(plan, host.executor) if can_be_asked(terms) else plan


def _request_after(host: Host, result: Result) -> Request | None:
    """Return the request for what is still broken after finishing interrupted plans.

    Plans that could not be finished are passed over, so that the rest can be healed.
    Returns None if no request follows or if the host cannot be read.
    """
    try:
        left = host.executor.request_after(result.plan)
    except NstuiError:
        return None
    if left is None:
        return None
    return replace(left, passed_over=left.passed_over + result.outcome.unfinished)


def _carry_out(plan: Plan, executor: Executor, terms: ActionTerms) -> Result | None:
    """Ask the user about a plan and carry it out; return None if nothing was done."""
    try:
        carried = agree_and_carry_out(plan, executor, terms)
    except StepFailed as error:
        tell_remarks(error.outcome)
        return Result(plan, error.outcome)
    if carried is None:
        return None
    tell_remarks(carried[1])
    return Result(*carried)


def _ask_decisions(plan: Plan, executor: Executor) -> Plan:
    """Ask for the decisions that a plan needs; return the plan that results."""
    chosen = {c.gone: choose_owner(c) for c in plan.choices}
    answers = tuple((gone, new) for gone, new in chosen.items() if new is not None)
    if answers:
        plan = executor.plan(replace(plan.request, chosen=answers))
    if plan.losing:
        for recreation in plan.losing:
            click.echo(losing_text(recreation), err=True)
        answer = ask(
            "Recreating loses that. Press enter to change nothing, type 'keep' to"
            " commit\nit to an image first, or 'drop' to discard it"
        )
        if answer in LAYERS:
            plan = executor.plan(replace(plan.request, layer=LAYERS[answer]))
    return plan


def choose_owner(choice: OwnerChoice) -> ContainerId | None:
    """Ask for the replacement of an owner that is gone; return None to choose none."""
    click.echo(choice_title(choice), err=True)
    for number, line in enumerate(candidate_lines(choice), start=1):
        click.echo(f"  {number}  {line}", err=True)
    answer = ask("A number, or enter to leave them as they are")
    for number, (container, name) in enumerate(choice.candidates, start=1):
        if answer in {str(number), name}:
            return container
    return None


def _still_broken(host: Host, plan: Plan) -> tuple[str, ...]:
    """Return the names of containers that a plan did not heal although it should.

    The result is empty if the host cannot be read.
    """
    try:
        report = host.observer.look_afresh()
    except NstuiError:
        # The outcome of each step is known nevertheless.
        return ()
    healed = {target.name for target in plan.targets}
    broken = find_broken(report.snapshot, report.graph, plan.request.targets)
    return tuple(n for c in broken if (n := report.graph.name(c)) in healed)

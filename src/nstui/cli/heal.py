"""Healing from the command line: asks what must be decided, then carries it out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

import click

from nstui.analysis.healing import find_broken, request_beside, without_cut_off
from nstui.analysis.lookup import find_container, find_containers
from nstui.cli.act import (
    agree_and_carry_out,
    ask,
    can_be_asked,
    kept_code,
    print_plan,
    tell_remarks,
)
from nstui.cli.completion import complete_names
from nstui.cli.healed import Result, conclude, planned_code, worst_code
from nstui.cli.options import (
    TermOptions,
    stop_timeout_option,
    term_options,
    terms_of,
    wait_option,
)
from nstui.cli.wiring import wire
from nstui.errors import NstuiError, ReadOnly, StepFailed
from nstui.model.healing import Layer
from nstui.model.plan import Action, Request
from nstui.render.document import dump, plan_document
from nstui.render.heal_text import candidate_lines, choice_title, losing_words
from nstui.render.plan_text import nothing_line

if TYPE_CHECKING:
    from nstui.cli.act import Terms
    from nstui.cli.wiring import Settings
    from nstui.model.container import ContainerId
    from nstui.model.healing import OwnerChoice
    from nstui.model.plan import Plan
    from nstui.service.connection import Connection
    from nstui.service.executor import Executor

LAYERS = {"keep": Layer.KEEP, "drop": Layer.DROP}
"""What to type at the prompt, and what it means."""


@click.command()
@click.argument("names", metavar="[NAME...]", nargs=-1, shell_complete=complete_names)
@click.option(
    "--onto",
    metavar="NAME",
    shell_complete=complete_names,
    help="The new owner of those whose owner is gone, or of those that are named.",
)
@click.option(
    "--keep-changes",
    is_flag=True,
    help="Make what a container wrote outside its volumes an image first.",
)
@click.option("--drop-changes", is_flag=True, help="Give up what it wrote there.")
@click.option(
    "--compose",
    "with_compose",
    is_flag=True,
    help="Let compose make containers as its project says now, changes included.",
)
@stop_timeout_option
@wait_option
@term_options
@click.pass_obj
def heal(  # noqa: PLR0913 - one for each option
    settings: Settings,
    *,
    names: tuple[str, ...],
    onto: str | None,
    keep_changes: bool,
    drop_changes: bool,
    with_compose: bool,
    timeout: int | None,
    wait_s: int,
    **options: Unpack[TermOptions],
) -> int:
    """Bring back together what an action has torn apart.

    Stopped owners are started, those left in an old namespace are restarted, and those
    whose owner is gone are recreated on the one that took its place. Without a name
    all that is broken is healed; what is well is not touched.
    """
    if keep_changes and drop_changes:
        raise click.UsageError("give either --keep-changes or --drop-changes, not both")
    if with_compose and (onto or keep_changes):
        other = "--onto" if onto else "--keep-changes"
        raise click.UsageError(f"compose cannot be told what {other} says")
    layer = Layer.KEEP if keep_changes else Layer.DROP if drop_changes else Layer.ASK
    request = Request(
        action=Action.HEAL,
        targets=(),
        timeout=timeout,
        wait_s=wait_s,
        layer=layer,
        compose=with_compose,
    )
    terms = terms_of(options)
    host = wire(settings)
    graph = host.observer.look().graph
    request = replace(
        request,
        targets=find_containers(graph, names),
        onto=None if onto is None else find_container(graph, onto).id,
        policy=terms.policy,
    )
    return _heal(settings, host, request, terms)


def _heal(settings: Settings, host: Connection, request: Request, terms: Terms) -> int:
    """Heal; what was cut off earlier comes first, and then what is broken still."""
    request = replace(request, asks_nobody=not can_be_asked(terms))
    results: list[Result] = []
    while True:
        plan = host.executor.plan(request)
        if terms.dry_run:
            return _planned(host, plan, terms)
        if terms.as_json:
            click.echo(dump(plan_document(plan)))
        plan = _decided(settings, host, plan, terms)
        if not plan.steps and plan.is_possible:
            if not terms.as_json and not results:
                click.echo(nothing_line(plan))
            return conclude(results, plan, ())
        result = _carried_out(plan, host.executor, terms)
        if result is None:
            return kept_code(plan)
        results.append(result)
        left = _request_after(host, result)
        if left is None:
            return conclude(results, result.plan, _still_broken(host, result.plan))
        request = left


def _planned(host: Connection, plan: Plan, terms: Terms) -> int:
    """Print what would be done, and what after that; return the exit code of it all."""
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
    return worst_code(planned_code(one) for one in plans)


def _decided(settings: Settings, host: Connection, plan: Plan, terms: Terms) -> Plan:
    """Return the plan that follows from what the user decides, if it may be asked."""
    if settings.read_only and plan.steps:
        raise ReadOnly("refused: nstui was started with --read-only")
    return _settle(plan, host.executor) if can_be_asked(terms) else plan


def _request_after(host: Connection, result: Result) -> Request | None:
    """Return the request for what is broken still once what was cut off is finished.

    What could not be finished does not keep the rest from being healed.
    """
    try:
        left = host.executor.request_after(result.plan)
    except NstuiError:
        return None
    if left is None:
        return None
    return replace(left, passed_over=left.passed_over + result.outcome.unfinished)


def _carried_out(plan: Plan, executor: Executor, terms: Terms) -> Result | None:
    """Ask about a plan and carry it out; None if it is not to be carried out."""
    try:
        carried = agree_and_carry_out(plan, executor, terms)
    except StepFailed as error:
        tell_remarks(error.outcome)
        return Result(plan, error.outcome)
    if carried is None:
        return None
    tell_remarks(carried[1])
    return Result(*carried)


def _settle(plan: Plan, executor: Executor) -> Plan:
    """Ask what the user has to decide; return the plan that follows from it."""
    chosen = {c.gone: _choose(c) for c in plan.choices}
    answers = tuple((gone, new) for gone, new in chosen.items() if new is not None)
    if answers:
        plan = executor.plan(replace(plan.request, chosen=answers))
    if plan.losing:
        for recreation in plan.losing:
            click.echo(losing_words(recreation), err=True)
        answer = ask(
            "Recreating loses that. Press enter to change nothing, type 'keep' to make"
            "\nit an image first, or 'drop' to give it up"
        )
        if answer in LAYERS:
            plan = executor.plan(replace(plan.request, layer=LAYERS[answer]))
    return plan


def _choose(choice: OwnerChoice) -> ContainerId | None:
    """Ask who takes the place of one that is gone; None leaves it as it is."""
    click.echo(choice_title(choice), err=True)
    for number, line in enumerate(candidate_lines(choice), start=1):
        click.echo(f"  {number}  {line}", err=True)
    answer = ask("A number, or enter to leave them as they are")
    for number, (container, name) in enumerate(choice.candidates, start=1):
        if answer in {str(number), name}:
            return container
    return None


def _still_broken(host: Connection, plan: Plan) -> tuple[str, ...]:
    """Return the names of those that a plan was to heal and that are broken still."""
    try:
        report = host.observer.look_afresh()
    except NstuiError:
        # What came of each step is known all the same.
        return ()
    healed = {target.name for target in plan.targets}
    broken = find_broken(report.snapshot, report.graph, plan.request.targets)
    return tuple(n for c in broken if (n := report.graph.name(c)) in healed)

"""Healing from the command line: asks what must be decided, then carries it out."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Unpack

import click

from nstui.analysis.healing import find_broken
from nstui.analysis.lookup import find_container, find_containers
from nstui.cli.act import agree_and_carry_out, ask, can_be_asked, kept_code, print_plan
from nstui.cli.completion import complete_names
from nstui.cli.exits import ExitCode
from nstui.cli.options import (
    TermOptions,
    stop_timeout_option,
    term_options,
    terms_of,
    wait_option,
)
from nstui.cli.wiring import wire
from nstui.errors import ReadOnly
from nstui.model.healing import Layer
from nstui.model.plan import Action, Request
from nstui.render.document import dump, plan_document
from nstui.render.heal_text import choice_title, losing_words, unhealed_line
from nstui.render.plan_text import nothing_line
from nstui.render.text import printable

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
    help="The new owner of those whose owner is gone.",
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


def _heal(
    settings: Settings,
    host: Connection,
    request: Request,
    terms: Terms,
    *,
    has_finished: bool = False,
) -> int:
    """Heal; what was cut off earlier comes first, and then what is broken still.

    Args:
        settings: What was given before the command's name.
        host: The host.
        request: What to heal.
        terms: What may happen, and who is asked.
        has_finished: Whether what was cut off has been finished by this command.

    """
    plan = host.executor.plan(request)
    if terms.as_json:
        click.echo(dump(plan_document(plan)))
    if terms.dry_run:
        if not terms.as_json:
            print_plan(plan, err=False)
        return ExitCode.DONE
    if settings.read_only and plan.steps:
        raise ReadOnly("refused: nstui was started with --read-only")
    if can_be_asked(terms):
        plan = _settle(plan, host.executor)
    if not plan.steps and not plan.objections:
        if not terms.as_json and not has_finished:
            click.echo(nothing_line(plan))
        return _conclude(plan, ())
    agreed = agree_and_carry_out(plan, host.executor, terms)
    if agreed is None:
        return kept_code(plan)
    left = host.executor.request_after(agreed)
    if left is not None:
        return _heal(settings, host, left, terms, has_finished=True)
    return _conclude(agreed, _still_broken(host, agreed))


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
    for number, (_, name) in enumerate(choice.candidates, start=1):
        click.echo(f"  {number}  {printable(name)}", err=True)
    answer = ask("A number, or enter to leave them as they are")
    for number, (container, name) in enumerate(choice.candidates, start=1):
        if answer in {str(number), name}:
            return container
    return None


def _still_broken(host: Connection, plan: Plan) -> tuple[str, ...]:
    """Return the names of those that a plan was to heal and that are broken still."""
    report = host.observer.look_afresh()
    healed = {target.name for target in plan.targets}
    broken = find_broken(report.snapshot, report.graph)
    return tuple(n for c in broken if (n := report.graph.name(c)) in healed)


def _conclude(plan: Plan, broken: tuple[str, ...]) -> int:
    """Say what is broken still; return the exit code."""
    for unhealed in plan.unhealed:
        click.echo(unhealed_line(unhealed), err=True)
    for name in broken:
        click.echo(printable(f"still broken: {name}: see nstui check"), err=True)
    return ExitCode.FAILED if plan.unhealed or broken else ExitCode.DONE

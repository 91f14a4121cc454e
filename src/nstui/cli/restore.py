"""The command ``nstui removed restore``."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING, TypedDict

import click

from nstui.analysis.graph.graph import find_container, find_removed
from nstui.analysis.text import on_host, shell_word
from nstui.cli.act import (
    ActionTerms,
    agree_and_carry_out,
    ask,
    can_be_asked,
    kept_code,
    planned_code,
    print_plan,
    tell_remarks,
)
from nstui.cli.exits import ExitCode
from nstui.cli.heal import choose_owner
from nstui.cli.removed import warn_damaged
from nstui.cli.wiring import connect_audit_log, wire
from nstui.errors import ReadOnly, StepFailed, UnknownContainer
from nstui.model.container import short_id
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from nstui.render.document import dump
from nstui.render.plan_document import plan_document
from nstui.render.restoration_text import image_question, local_time
from nstui.render.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from nstui.cli.settings import Settings
    from nstui.model.audit import RemovedContainer
    from nstui.model.plan import Plan
    from nstui.service.executor import Executor
    from nstui.service.host import Host


class RestoreOptions(TypedDict):
    """The options of the command, as click passes them."""

    at: str
    onto: str | None
    image: str
    dry_run: bool
    as_json: bool
    yes: bool


def restore_container(settings: Settings, name: str, options: RestoreOptions) -> int:
    """Bring back a removed container and return the exit code.

    Raises:
        UnknownContainer: no removed container, or no new owner, is called like that.
        AmbiguousContainer: several ids begin like that.
        AuditFailed: the kept inspects cannot be read, or no record can be kept.
        DecisionMissing: only the user can decide what the plan leaves open.
        ActionImpossible: the engine would refuse.
        ManagedElsewhere: a manager creates such containers itself.
        StepFailed: it failed, and nothing is left of it.
        ReadOnly: ``--read-only`` was given.

    """
    terms = ActionTerms(
        policy=Policy.PROTECT,
        dry_run=options["dry_run"],
        as_json=options["as_json"],
        yes=options["yes"],
    )
    host = wire(settings)
    removed = _find(host, settings, name, options["at"])
    onto = options["onto"]
    graph = host.observer.look().graph
    plan = host.executor.plan(
        Request(
            action=Action.RESTORE,
            targets=(removed.id,),
            onto=None if onto is None else find_container(graph, onto).id,
            image=options["image"],
        )
    )
    if terms.dry_run:
        if terms.as_json:
            click.echo(dump(plan_document(plan)))
        else:
            print_plan(plan, err=False)
        return planned_code(plan)
    if settings.read_only:
        raise ReadOnly
    if can_be_asked(terms) and plan.is_possible:
        plan = _ask_decisions(plan, host.executor)
    try:
        carried = agree_and_carry_out(plan, host.executor, terms)
    except StepFailed as error:
        tell_remarks(error.outcome)
        raise
    if carried is None:
        return kept_code(plan)
    tell_remarks(carried[1])
    return ExitCode.DONE


def _find(host: Host, settings: Settings, text: str, at: str) -> RemovedContainer:
    """Return the newest record of this engine with a name, an id or its beginning."""
    warn_damaged(host.executor.damaged())
    kept = host.executor.removed()
    records = [record for record in kept if _is_of(record, at)]
    if at and kept and not records:
        said = f"nothing was removed at {at!r}: see nstui removed"
        raise UnknownContainer(on_host(said, host.options))
    try:
        found = find_removed(records, text)
    except UnknownContainer as unknown:
        said = _why_unknown(host, settings, text, at, kept)
        if not said:
            raise
        raise UnknownContainer(on_host(said, host.options)) from unknown
    others = [one for one in records if one.name == found.name and one != found]
    if others and found.name == text.removeprefix("/"):
        _tell_others(found, others)
    return found


def _is_of(record: RemovedContainer, at: str) -> bool:
    """Tell whether a container was removed at a time, of which the end may lack."""
    universal = record.removed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return local_time(record.removed_at).startswith(at) or universal.startswith(at)


def _why_unknown(
    host: Host,
    settings: Settings,
    text: str,
    at: str,
    kept: Sequence[RemovedContainer],
) -> str:
    """Return when or where a container was removed instead; empty if that is unknown.

    Args:
        host: The host.
        settings: The global options, which select the audit log.
        text: The name or the id of the container.
        at: The time that was given; empty for none.
        kept: The records of this engine.

    """
    if at and any(text in {one.name, one.id} for one in kept):
        return f"{text!r} was not removed at {at!r}: see nstui removed"
    elsewhere = dict.fromkeys(
        one.endpoint
        for one in connect_audit_log(settings).removed()
        if text in {one.name, one.id}
    )
    others = ", ".join(one for one in elsewhere if one != host.endpoint)
    if others:
        return f"{text!r} was removed on {others}: name that with --host"
    if not elsewhere:
        return ""
    return (
        f"{text!r} was removed on another engine, which was at {host.endpoint} before"
        f" this one: nstui removed show --as-run {shell_word(text) or 'NAME'} prints"
        " what makes it again"
    )


def _tell_others(found: RemovedContainer, others: Iterable[RemovedContainer]) -> None:
    """Print that others with the same name were removed too, and how to choose them."""
    shown = ", ".join(
        f"{short_id(one.id)} of {local_time(one.removed_at)}" for one in others
    )
    when = local_time(found.removed_at)
    click.echo(
        printable(
            f"nstui: this is the {found.name} that was removed last, at {when}; for"
            f" others give their id: {shown}"
        ),
        err=True,
    )


def _ask_decisions(plan: Plan, executor: Executor) -> Plan:
    """Ask for the decisions that a plan needs; return the plan that results."""
    chosen = {choice.gone: choose_owner(choice) for choice in plan.choices}
    answers = tuple((gone, new) for gone, new in chosen.items() if new is not None)
    if answers:
        plan = executor.plan(replace(plan.request, chosen=answers))
    other = "" if plan.restoration is None else plan.restoration.other_image
    if other:
        answer = ask(f"{image_question(other)} [y/N]")
        if answer.casefold() in {"y", "yes"}:
            plan = executor.plan(replace(plan.request, image=other))
    return plan

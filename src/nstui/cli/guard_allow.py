"""The command ``nstui guard allow``."""

from __future__ import annotations

import time

import click

from nstui.analysis.graph.graph import find_container
from nstui.analysis.guarding.requests import Change
from nstui.analysis.guarding.tickets import Ticket
from nstui.analysis.watching.durations import parse_duration
from nstui.cli.exits import ExitCode
from nstui.cli.guard_wiring import engine_socket, guard_places
from nstui.cli.settings import Settings
from nstui.cli.wiring import wire
from nstui.errors import GuardFailed, ReadOnly, UsageProblem
from nstui.guard.asking import NoAnswer, ask_control
from nstui.render.text import printable

ANSWER_S = 5.0
CHANGES = (Change.RM, Change.STOP, Change.KILL, Change.RESTART)


def allow_container(settings: Settings, name: str, *, lasts: str, why: str) -> ExitCode:
    """Have the guard let one change of a container through; return the exit code.

    Args:
        settings: The global options.
        name: The container's name, its id, or the beginning of that.
        lasts: How long, as it was typed.
        why: The reason; may be empty.

    Raises:
        UsageProblem: the duration makes no sense.
        UnknownContainer: there is no such container.
        GuardFailed: the guard does not take it.

    """
    if settings.read_only:
        raise ReadOnly
    try:
        lasts_s = parse_duration(lasts)
    except ValueError as problem:
        raise UsageProblem(f"--for: {problem}") from problem
    if not lasts_s:
        raise UsageProblem("--for: a ticket that is over at once allows nothing")
    engine = Settings(host=f"unix://{engine_socket(settings)}")
    container = find_container(wire(engine).observer.look().graph, name)
    ticket = Ticket(
        container.id,
        container.name,
        CHANGES,
        time.time() + lasts_s,
        why=" ".join(printable(why).split()),
    )
    question = {"do": "ticket", "ticket": ticket.to_json()}
    try:
        answer = ask_control(guard_places().control_socket, question, ANSWER_S)
    except NoAnswer as problem:
        raise GuardFailed(f"the guard does not answer: {problem}") from problem
    if answer.get("ok") is not True:
        raise GuardFailed(f"the guard took no ticket: {answer.get('error')}")
    shown = printable(container.name)
    click.echo(
        f"the next removal, stop, kill or restart of {shown} is let through, if it"
        f" comes within {lasts}"
    )
    return ExitCode.DONE

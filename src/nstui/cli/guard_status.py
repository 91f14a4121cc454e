"""The commands ``nstui guard status`` and ``nstui guard check``."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from nstui.analysis.guarding.engine_config import PLUGIN, UnusableConfig, plugins_of
from nstui.analysis.guarding.sight import HourCounts, ObservedGuard, count_decisions
from nstui.analysis.guarding.units import SERVICE_UNIT, SOCKET_UNIT, unit_paths
from nstui.cli.exits import ExitCode, complain
from nstui.cli.guard_wiring import engine_socket, guard_places
from nstui.errors import GuardFailed
from nstui.guard.asking import NoAnswer, ask_control, ask_front, ping_front
from nstui.guard.decisions import read_decisions
from nstui.guard.machine import Machine
from nstui.model.json import flag, inner, text, texts
from nstui.render.document import dump
from nstui.render.guard_text import sight_document, sight_lines

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.analysis.guarding.installation import MachineFacts
    from nstui.analysis.guarding.places import Places
    from nstui.cli.settings import Settings

QUESTIONS = 50
"""How often the guard is asked to see how long an answer takes."""

ANSWER_S = 5.0
HOUR_S = 3600.0
RESTART_S = 10.0
PAUSE_S = 0.1


def print_guard(settings: Settings, *, as_json: bool) -> ExitCode:
    """Print how the guard is; return done if all is well."""
    sight = _see(settings)
    if as_json:
        click.echo(dump(sight_document(sight)))
    else:
        for line in sight_lines(sight):
            click.echo(line)
    return ExitCode.DONE if sight.is_well else ExitCode.FAILED


def _see(settings: Settings) -> ObservedGuard:
    places = guard_places()
    facts = Machine(places, engine_socket(settings), unit_paths(places)).look()
    is_named, config_problem = _named(facts)
    told = _told(places)
    found = inner(told, "settings")
    hour = _last_hour(told)
    is_barred = not facts.is_root and bool(facts.front_problem)
    return ObservedGuard(
        config=facts.config.path,
        is_named=is_named,
        config_problem=config_problem,
        has_settings=facts.settings.content is not None,
        has_units=any(file.content is not None for file in facts.units),
        problem=facts.front_problem,
        engine_problem=facts.engine.problem,
        is_asked=None if is_barred else facts.is_asked,
        is_barred=is_barred,
        mode=text(found, "mode"),
        heals_instead=flag(found, "heal_instead") or False,
        hour=hour,
        problems=texts(told, "problems"),
        latency_ms=_latency(places) if not facts.front_problem else (),
    )


def _named(facts: MachineFacts) -> tuple[bool, str]:
    """Return whether the engine's file names the guard, and why it was not read."""
    if facts.config.is_unread:
        return False, facts.config.problem
    try:
        return PLUGIN in plugins_of(facts.config.content or b""), ""
    except UnusableConfig as problem:
        return False, str(problem)


def _told(places: Places) -> dict[str, object]:
    try:
        return dict(ask_control(places.control_socket, {"do": "status"}, ANSWER_S))
    except NoAnswer:
        return {}


def _last_hour(told: Mapping[str, object]) -> HourCounts | None:
    file = text(told, "decisions")
    if not file:
        return None
    return count_decisions(read_decisions(Path(file), time.time() - HOUR_S))


def _latency(places: Places) -> tuple[float, ...]:
    """Return how many milliseconds some answers took, the shortest first."""
    taken = []
    with suppress(NoAnswer):
        for _ in range(QUESTIONS):
            begun = time.perf_counter()
            ask_front(places.plugin_socket, "GET", "/_ping", ANSWER_S)
            taken.append((time.perf_counter() - begun) * 1000)
    return tuple(sorted(taken))


def check_guard() -> ExitCode:
    """Restart a guard that does not answer; return done if it answers then."""
    places = guard_places()
    problem = _problem(places)
    if not problem:
        return ExitCode.DONE
    if not Path(places.units, SERVICE_UNIT).exists():
        complain(f"the guard does not answer, and has no unit: {problem}")
        return ExitCode.FAILED
    complain(f"the guard does not answer, so it is restarted: {problem}")
    machine = Machine(places, "", ())
    with suppress(GuardFailed):
        machine.systemctl(("kill", "--signal=SIGKILL", SERVICE_UNIT))
    # Its socket may be what is missing.
    with suppress(GuardFailed):
        machine.systemctl(("restart", SOCKET_UNIT, SERVICE_UNIT))
    deadline = time.monotonic() + RESTART_S
    while problem := _problem(places):
        if time.monotonic() > deadline:
            complain(f"the guard does not answer after that either: {problem}")
            return ExitCode.FAILED
        time.sleep(PAUSE_S)
    return ExitCode.DONE


def _problem(places: Places) -> str:
    try:
        ping_front(places.plugin_socket, ANSWER_S)
    except NoAnswer as problem:
        return str(problem)
    return ""

"""The commands ``nstui guard install`` and ``nstui guard uninstall``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from nstui.analysis.guarding.engine_command import DEFAULT_CONFIG, DEFAULT_PIDFILE
from nstui.analysis.guarding.installation import Wanted
from nstui.analysis.guarding.installing import settings_content
from nstui.analysis.guarding.settings import DEFAULTS, read_settings
from nstui.analysis.guarding.units import Engine, unit_files, unit_paths
from nstui.cli.exits import ExitCode, complain
from nstui.cli.guard_wiring import PROGRAM, engine_socket, guard_places
from nstui.errors import GuardFailed, ReadOnly
from nstui.guard.asking import listens
from nstui.guard.engine_process import process_name, unit_of
from nstui.guard.machine import Machine
from nstui.render.guard_text import by_hand_lines, dry_run_lines, stays_text, step_text
from nstui.service import guard_install

if TYPE_CHECKING:
    from nstui.analysis.guarding.installation import InstallStep, MachineFacts
    from nstui.analysis.guarding.places import Places
    from nstui.cli.options import GuardFlags
    from nstui.cli.settings import Settings


def install_guard(settings: Settings, flags: GuardFlags) -> ExitCode:
    """Install the guard, or print what that would do; return the exit code.

    Raises:
        GuardFailed: it is not installed; everything is as it was.

    """
    if settings.read_only:
        raise ReadOnly
    socket, places = engine_socket(settings), guard_places()
    machine = _machine(places, socket)
    facts = machine.look()
    wanted = _wanted(places, socket, facts, flags)
    steps = guard_install.plan_install(facts, wanted)
    if flags["dry_run"]:
        _print_plan(steps)
        return ExitCode.DONE
    guard_install.install(machine, facts, steps, _tell)
    state = "is installed" if steps else "is installed already, nothing was changed"
    click.echo(f"the guard {state}; mode {read_settings(wanted.settings)[0].mode}")
    return ExitCode.DONE


def uninstall_guard(settings: Settings, *, dry_run: bool) -> ExitCode:
    """Take the guard out, or print what that would do; return the exit code."""
    if settings.read_only:
        raise ReadOnly
    machine = _machine(guard_places(), engine_socket(settings))
    facts = machine.look()
    try:
        steps = guard_install.plan_uninstall(facts)
        if steps and (stays := stays_text(facts)):
            complain(stays)
        if dry_run:
            _print_plan(steps)
            return ExitCode.DONE
        guard_install.uninstall(machine, facts, steps, _tell)
    except GuardFailed as error:
        complain(str(error))
        for line in by_hand_lines(facts):
            click.echo(line, err=True)
        return ExitCode.FAILED
    state = "is uninstalled" if steps else "is not installed, nothing was changed"
    click.echo(f"the guard {state}")
    if listens(guard_places().plugin_socket):
        complain("the guard itself still runs, and nobody asks it: end it")
    if facts.engine.pid is None:
        click.echo("nstui: the engine does not run, or runs elsewhere", err=True)
    return ExitCode.DONE


def _machine(places: Places, socket: str) -> Machine:
    return Machine(places, socket, unit_paths(places))


def _wanted(
    places: Places, socket: str, facts: MachineFacts, flags: GuardFlags
) -> Wanted:
    given: dict[str, object] = {
        "engine": f"unix://{socket}",
        "engine_config": facts.config.path,
    }
    if flags["mode"] is not None:
        given["mode"] = flags["mode"]
    if flags["heal_instead"] is not None:
        given["heal_instead"] = flags["heal_instead"]
    has_units = facts.has_systemd and not flags["no_units"]
    files = unit_files(places, _engine(facts), PROGRAM)
    if not has_units:
        files = {places.rescue: files[places.rescue]}
    return Wanted(
        settings=settings_content(facts.settings.content, given, DEFAULTS.to_json()),
        files=files,
        has_units=has_units,
    )


def _engine(facts: MachineFacts) -> Engine:
    pid, command = facts.engine.pid, facts.engine.command
    if pid is None or command is None:
        return Engine(DEFAULT_CONFIG, DEFAULT_PIDFILE, "", "")
    return Engine(facts.config.path, command.pidfile, unit_of(pid), process_name(pid))


def _print_plan(steps: tuple[InstallStep, ...]) -> None:
    for line in dry_run_lines(steps):
        click.echo(line)
    if not steps:
        click.echo("nothing would be done")


def _tell(step: InstallStep) -> None:
    click.echo(step_text(step))

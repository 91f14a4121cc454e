"""The commands ``nstui watch --status`` and ``nstui watch --reset``."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from nstui.analysis.text import on_host
from nstui.analysis.watching.status import WatchLife, see_watch
from nstui.cli.exits import ExitCode, complain
from nstui.cli.hosts import one_host
from nstui.cli.wiring import find_watch
from nstui.render.text import printable
from nstui.render.watch_status import watch_document, watch_lines, watch_sentence
from nstui.service.observer import now_utc

if TYPE_CHECKING:
    from nstui.analysis.watching.status import ObservedWatch
    from nstui.cli.settings import Settings
    from nstui.model.host_options import HostOptions
    from nstui.ports import WatchView


ANSWER_S = 10.0
"""How many seconds a watch may take until it has taken a request."""

PAUSE_S = 0.05
NO_FOLDER = "you have no home folder, where a watch would write what it does"
IN_DEMO = "the demo has no watch: nothing runs there"


def print_status(settings: Settings, *, as_json: bool) -> ExitCode:
    """Print what the watch of the host does.

    Args:
        settings: The global options, which select the host.
        as_json: Whether to print JSON.

    Returns:
        Done if a watch runs, sees its engine, and has given up on nothing.

    """
    found = _find(settings)
    if found is None:
        return ExitCode.FAILED
    view, options = found
    now = now_utc()
    sight = see_watch(view.read(), now)
    if as_json:
        _print_json(sight)
    else:
        _print_text(sight, options)
    return ExitCode.DONE if sight.is_well else ExitCode.FAILED


def _find(settings: Settings) -> tuple[WatchView, HostOptions] | None:
    """Return what reads the watch, with the options for its host, or say why none."""
    if settings.demo:
        complain(IN_DEMO)
        return None
    endpoint, options = one_host(settings)
    view = find_watch(endpoint)
    if view is None:
        complain(NO_FOLDER)
        return None
    return view, options


def _print_json(sight: ObservedWatch) -> None:
    from nstui.audit.watch_document import encode_status  # noqa: PLC0415
    from nstui.render.document import dump  # noqa: PLC0415

    status = sight.reading.status
    written = None if status is None else encode_status(status)
    click.echo(dump(watch_document(sight, written, now_utc())))


def _print_text(sight: ObservedWatch, options: HostOptions) -> None:
    from nstui.render.terminal import console_on, text_of  # noqa: PLC0415

    console = console_on(sys.stdout)
    for line in watch_lines(sight, now_utc(), options):
        console.print(text_of(line), soft_wrap=True)


def reset_circuit(settings: Settings, name: str) -> ExitCode:
    """Ask the watch to close the circuit of a container; return once it has.

    Args:
        settings: The global options, which select the host.
        name: The name of the container, or the beginning of its id.

    """
    found = _find(settings)
    if found is None:
        return ExitCode.FAILED
    view, options = found
    sight = see_watch(view.read(), now_utc())
    if sight.life is not WatchLife.RUNNING:
        complain(watch_sentence(sight, now_utc()))
        return ExitCode.FAILED
    circuit = sight.circuit_of(name)
    if circuit is None:
        complain(f"the watch has no open circuit of {name!r}{_open_circuits(sight)}")
        return ExitCode.FAILED
    view.request_reset(circuit.name)
    if not _wait(view, circuit.name):
        taken = (
            "has taken the request, but the circuit is still open"
            if view.has_taken_requests()
            else "has not taken the request yet"
        )
        asked = on_host("nstui watch --status", options)
        complain(f"after {ANSWER_S:g} s the watch {taken}: {asked} tells")
        return ExitCode.FAILED
    click.echo(f"the circuit of {printable(circuit.name)} is closed")
    return ExitCode.DONE


def _open_circuits(sight: ObservedWatch) -> str:
    names = ", ".join(circuit.name for circuit in sight.circuits)
    return f"; open are those of {names}" if names else "; none is open"


def _wait(view: WatchView, name: str) -> bool:
    """Wait until the watch has closed a circuit; return whether it has, in time."""
    deadline = time.monotonic() + ANSWER_S
    while time.monotonic() < deadline:
        time.sleep(PAUSE_S)
        sight = see_watch(view.read(), now_utc())
        is_open = sight.present is None or sight.circuit_of(name) is not None
        if view.has_taken_requests() and not is_open:
            return True
    return False

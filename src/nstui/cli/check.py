"""The health glance, once or for as long as somebody reads it."""

from __future__ import annotations

import queue
import select
import sys
from typing import TYPE_CHECKING

import click

from nstui.analysis.finding_changes import finding_changes
from nstui.cli.exits import ExitCode
from nstui.cli.options import json_option
from nstui.cli.wiring import wire
from nstui.errors import NstuiError
from nstui.model.finding import Severity
from nstui.render.document import change_document, check_document, dump, dump_line
from nstui.render.text import printable
from nstui.render.watch_text import change_line, first_line
from nstui.service.watcher import Watcher

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.cli.wiring import Settings
    from nstui.service.connection import Connection

LISTENING_S = 1.0
"""How often to see whether anybody reads what is written, in seconds."""


@click.command()
@json_option
@click.option(
    "--watch",
    is_flag=True,
    help="Print a line whenever a finding appears or goes, until interrupted.",
)
@click.pass_obj
def check(settings: Settings, *, as_json: bool, watch: bool) -> int:
    """Print what is wrong; exit 1 if anything is worse than a notice.

    With --watch nothing ends it but an interruption, or that nobody reads it any more.
    """
    host = wire(settings)
    report = host.observer.look()
    if watch:
        return _watch(settings, host, report, as_json=as_json)
    if as_json:
        click.echo(dump(check_document(report)))
    else:
        from nstui.render.check_text import print_check  # noqa: PLC0415 - not for JSON
        from nstui.render.terminal import console_on  # noqa: PLC0415 - as above

        print_check(console_on(sys.stdout), report)
    is_bad = any(f.severity is not Severity.NOTICE for f in report.findings)
    return ExitCode.FAILED if is_bad else ExitCode.DONE


def _watch(
    settings: Settings, host: Connection, first: Report, *, as_json: bool
) -> int:
    """Print every change until nobody reads it any more."""
    seen: queue.SimpleQueue[Report | NstuiError] = queue.SimpleQueue()
    watcher = Watcher(
        host.observer,
        host.engine,
        interval=settings.interval,
        on_report=seen.put,
        on_failure=seen.put,
    )
    if not as_json and not first.findings:
        _print(first_line(first))
    _print_changes(None, first, as_json=as_json)
    watcher.start()
    try:
        _follow(seen, first, as_json=as_json)
    finally:
        watcher.stop()
    return ExitCode.DONE


def _follow(
    seen: queue.SimpleQueue[Report | NstuiError], last: Report, *, as_json: bool
) -> None:
    is_lost = False
    while _is_read():
        try:
            news = seen.get(timeout=LISTENING_S)
        except queue.Empty:
            continue
        if isinstance(news, NstuiError):
            if not is_lost:
                click.echo(printable(f"nstui: could not look: {news}"), err=True)
            is_lost = True
            continue
        if is_lost:
            click.echo("nstui: the engine answers again", err=True)
        is_lost = False
        _print_changes(last, news, as_json=as_json)
        last = news


def _print_changes(then: Report | None, now: Report, *, as_json: bool) -> None:
    at = now.snapshot.taken_at
    for change in finding_changes(then, now):
        if as_json:
            _print(dump_line(change_document(change, at)))
        else:
            _print(change_line(change, at))


def _print(line: str) -> None:
    """Print a line so that whoever waits for it has it at once."""
    click.echo(line)
    sys.stdout.flush()


def _is_read() -> bool:
    """Tell whether somebody could still read what is written to stdout."""
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), 0)
    except (OSError, ValueError):
        # A stream without a descriptor, as in a test, is read by who made it.
        return True
    return not any(state & select.POLLERR for _, state in poll.poll(0))

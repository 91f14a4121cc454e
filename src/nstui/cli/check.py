"""The health glance, once or for as long as somebody reads it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from nstui.cli.exits import ExitCode
from nstui.cli.options import json_option
from nstui.cli.watch import watch_findings
from nstui.cli.wiring import wire
from nstui.model.finding import Severity
from nstui.render.document import check_document, dump

if TYPE_CHECKING:
    from nstui.cli.wiring import Settings


@click.command()
@json_option
@click.option(
    "--watch",
    is_flag=True,
    help="Print a line whenever a finding appears or goes, and that lasts; with --json"
    " an object.",
)
@click.pass_obj
def check(settings: Settings, *, as_json: bool, watch: bool) -> int:
    """Print what is wrong; exit 1 if anything is worse than a notice.

    With --watch it goes on, and tells of what changes and lasts for five seconds. It
    ends when it is interrupted, and exits 130, or when nobody reads it any more, and
    exits 1. An engine that does not answer is told on stderr: what was wrong has not
    gone then.
    """
    host = wire(settings)
    report = host.observer.look()
    if watch:
        return watch_findings(host, report, interval=settings.interval, as_json=as_json)
    if as_json:
        click.echo(dump(check_document(report)))
    else:
        from nstui.render.check_text import print_check  # noqa: PLC0415 - not for JSON
        from nstui.render.terminal import console_on  # noqa: PLC0415 - as above

        print_check(console_on(sys.stdout), report)
    is_bad = any(f.severity is not Severity.NOTICE for f in report.findings)
    return ExitCode.FAILED if is_bad else ExitCode.DONE

"""The command ``nstui check`` without ``--watch``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from nstui.cli.exits import ExitCode
from nstui.cli.wiring import wire
from nstui.model.finding import Severity
from nstui.render.text import words_of

if TYPE_CHECKING:
    from nstui.cli.settings import Settings


STYLED = frozenset({"FORCE_COLOR", "TTY_COMPATIBLE"})
"""The environment variables that make rich style output to more than a terminal."""


def print_findings(settings: Settings, *, as_json: bool) -> ExitCode:
    """Print the findings and return the exit code."""
    observer = wire(settings).observer
    from nstui.render.findings import check_lines  # noqa: PLC0415

    report = observer.look()
    if as_json:
        from nstui.render.document import check_document, dump  # noqa: PLC0415

        click.echo(dump(check_document(report)))
    elif _is_plain():
        for line in check_lines(report):
            # click would write UTF-8 even to a stdout that only accepts ASCII.
            sys.stdout.write(f"{words_of(line.pieces)}\n")
    else:
        from nstui.render.terminal import console_on, print_check  # noqa: PLC0415

        print_check(console_on(sys.stdout), report)
    is_bad = any(f.severity is not Severity.NOTICE for f in report.findings)
    return ExitCode.FAILED if is_bad else ExitCode.DONE


def _is_plain() -> bool:
    """Tell whether the output needs neither colours nor line breaks.

    In that case rich would print the same, and need not be imported.
    """
    return not (sys.stdout.isatty() or STYLED & os.environ.keys())

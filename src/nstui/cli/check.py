"""The command ``nstui check`` without ``--watch``."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from nstui.analysis.findings.ignoring import Reporting
from nstui.cli.config import configured
from nstui.cli.exits import ExitCode
from nstui.cli.wiring import wire
from nstui.errors import EngineUnreachable
from nstui.model.finding import FindingCode, Severity
from nstui.render.text import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.findings.ignoring import IgnoreRule
    from nstui.analysis.report import Report
    from nstui.cli.settings import Settings
    from nstui.render.findings import CheckLine


STYLED = frozenset({"FORCE_COLOR", "TTY_COMPATIBLE"})
"""The environment variables that make rich style output to more than a terminal."""

_HEALED = frozenset({FindingCode.START_FAILED, FindingCode.INTERRUPTED})
"""The findings that healing may repair beside those about a join or a network."""


def print_findings(
    settings: Settings,
    *,
    as_json: bool,
    is_short: bool = False,
    ignore: tuple[IgnoreRule, ...] = (),
    severity: str | None = None,
) -> ExitCode:
    """Print what is wrong and return the exit code.

    Args:
        settings: The global options, which select the host.
        as_json: Whether to print JSON.
        is_short: Whether to print one line for a prompt or a status bar.
        ignore: What is ignored, beside what the configuration says.
        severity: The least severity that is printed, and fails; None to print all, and
            fail for what is worse than a notice.

    """
    reporting = reporting_of(ignore, severity)
    observer = wire(settings, reporting, has_particulars=False).observer
    from nstui.analysis.certainty import blind_spots  # noqa: PLC0415
    from nstui.render.findings import check_lines  # noqa: PLC0415
    from nstui.render.incidents import short_text  # noqa: PLC0415

    report = observer.look()
    if as_json:
        from nstui.render.document import check_document, dump  # noqa: PLC0415

        click.echo(dump(check_document(report)))
    elif is_short:
        click.echo(short_text(report, is_sure=not blind_spots(report)))
    else:
        write_lines(check_lines(report, healing_hint(report)))
    return outcome_of(report, severity)


def write_lines(lines: Iterable[CheckLine]) -> None:
    """Write lines of findings to stdout."""
    if _is_plain():
        for line in lines:
            # click would write UTF-8 even to a stdout that only accepts ASCII.
            sys.stdout.write(f"{words_of(line.pieces)}\n")
        return
    from nstui.render.terminal import console_on, print_check_lines  # noqa: PLC0415

    print_check_lines(console_on(sys.stdout), lines)


def reporting_of(ignore: tuple[IgnoreRule, ...], severity: str | None) -> Reporting:
    """Return what is reported by the options and the configuration.

    Args:
        ignore: What is ignored, beside what the configuration says.
        severity: The least severity that is reported; None for all.

    """
    least = Severity(severity or Severity.NOTICE)
    return Reporting(rules=(*ignore, *configured().rules), least=least)


def outcome_of(report: Report, severity: str | None) -> ExitCode:
    """Return the exit code of a check.

    Args:
        report: What was found.
        severity: The least severity that fails; None for what is worse than a notice.

    """
    failing = Severity(severity or Severity.WARNING)
    is_bad = any(f.severity.rank <= failing.rank for f in report.findings)
    return ExitCode.FAILED if is_bad else ExitCode.DONE


def healing_hint(report: Report) -> str:
    """Return what one command would heal; empty if there is nothing to heal."""
    if not any(f.kind is not None or f.code in _HEALED for f in report.findings):
        return ""
    from nstui.analysis.healing.outlook import find_outlook  # noqa: PLC0415
    from nstui.render.incidents import outlook_text  # noqa: PLC0415

    return outlook_text(report, find_outlook(report))


def _is_plain() -> bool:
    """Tell whether the output needs neither colours nor line breaks.

    In that case rich would print the same, and need not be imported.
    """
    return not (sys.stdout.isatty() or STYLED & os.environ.keys())


def print_metrics(
    settings: Settings,
    *,
    ignore: tuple[IgnoreRule, ...] = (),
    severity: str | None = None,
) -> ExitCode:
    """Print the metrics of one look and return the exit code.

    Args:
        settings: The global options, which select the host.
        ignore: What is ignored, beside what the configuration says.
        severity: The least severity that is counted, and fails; None to count all, and
            fail for what is worse than a notice.

    Raises:
        UsageProblem: the library for metrics is not installed.
        EngineUnreachable: nobody answers, which the metrics say as well.

    """
    from nstui.telling.opening import need_metrics  # noqa: PLC0415

    need_metrics()
    from nstui.telling.once import report_text, unreachable_text  # noqa: PLC0415

    try:
        report = wire(
            settings, reporting_of(ignore, severity), has_particulars=False
        ).observer.look()
    except EngineUnreachable:
        sys.stdout.write(unreachable_text())
        raise
    sys.stdout.write(report_text(report))
    return outcome_of(report, severity)

"""The command ``nstui check --metrics``."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from nstui.cli.check import outcome_of, reporting_of
from nstui.cli.wiring import wire
from nstui.errors import EngineUnreachable
from nstui.telling.opening import need_metrics

if TYPE_CHECKING:
    from nstui.analysis.findings.ignoring import IgnoreRule
    from nstui.cli.exits import ExitCode
    from nstui.cli.settings import Settings


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

"""The command ``nstui check`` for several hosts."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import click

from nstui.cli.check import healing_hint, outcome_of, reporting_of, write_lines
from nstui.cli.exits import ExitCode, complain, exit_code_for, worst_code
from nstui.cli.wiring import choices_of
from nstui.errors import NstuiError
from nstui.render.document import check_document, dump
from nstui.render.hosts import HostLook, host_fields, hosts_lines, short_hosts_text
from nstui.service.ask_hosts import ask_hosts
from nstui.telling.opening import need_metrics

if TYPE_CHECKING:
    from nstui.analysis.findings.ignoring import IgnoreRule, Reporting
    from nstui.analysis.report import Report
    from nstui.cli.hosts import ChosenHost
    from nstui.cli.settings import Settings
    from nstui.service.host import Host


def print_hosts(  # noqa: PLR0913 - one for each option
    settings: Settings,
    chosen: tuple[ChosenHost, ...],
    *,
    as_json: bool,
    is_short: bool,
    ignore: tuple[IgnoreRule, ...] = (),
    severity: str | None = None,
) -> ExitCode:
    """Print what is wrong on each host, and return the worst exit code.

    Args:
        settings: The global options.
        chosen: The hosts.
        as_json: Whether to print JSON.
        is_short: Whether to print one line for a prompt or a status bar.
        ignore: What is ignored, beside what the configuration says.
        severity: The least severity that is printed, and fails; None to print all, and
            fail for what is worse than a notice.

    """
    answers = _look(settings, chosen, reporting_of(ignore, severity))
    looks = [
        _with_hint(host_look(one, answer))
        for one, answer in zip(chosen, answers, strict=True)
    ]
    if as_json:
        click.echo(dump([_fields(one) for one in looks]))
    elif is_short:
        click.echo(short_hosts_text(looks))
    else:
        write_lines(hosts_lines(looks))
    return _worst(answers, severity)


def print_hosts_metrics(
    settings: Settings,
    chosen: tuple[ChosenHost, ...],
    *,
    ignore: tuple[IgnoreRule, ...] = (),
    severity: str | None = None,
) -> ExitCode:
    """Print the metrics of each host, and return the worst exit code.

    Why a host could not be looked at is said on stderr. Arguments as above.
    """
    need_metrics()
    from nstui.telling.once import hosts_text  # noqa: PLC0415

    answers = _look(settings, chosen, reporting_of(ignore, severity))
    looks = list(map(host_look, chosen, answers))
    sys.stdout.write(hosts_text({one.name: one.report for one in looks}))
    for one in looks:
        if one.report is None:
            complain(f"{one.name}: {one.problem}")
    return _worst(answers, severity)


def host_look(chosen: ChosenHost, answer: Report | NstuiError) -> HostLook:
    """Return what a look has found, or why there was none, under the host's name."""
    report, problem = (
        (None, str(answer)) if isinstance(answer, NstuiError) else (answer, "")
    )
    return HostLook(
        name=chosen.name,
        also=chosen.also,
        options=chosen.options,
        report=report,
        problem=problem,
    )


def _with_hint(look: HostLook) -> HostLook:
    if look.report is None:
        return look
    return replace(look, hint=healing_hint(look.report))


def _fields(look: HostLook) -> dict[str, object]:
    return host_fields(look, {} if look.report is None else check_document(look.report))


def _look(
    settings: Settings, chosen: tuple[ChosenHost, ...], reporting: Reporting
) -> tuple[Report | NstuiError, ...]:
    choices = choices_of(chosen, settings, reporting, has_particulars=False)
    return ask_hosts(choices, _report_on)


def _report_on(host: Host) -> Report:
    return host.observer.look()


def _worst(answers: tuple[Report | NstuiError, ...], severity: str | None) -> ExitCode:
    return worst_code(
        exit_code_for(answer)
        if isinstance(answer, NstuiError)
        else outcome_of(answer, severity)
        for answer in answers
    )

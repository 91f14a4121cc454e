"""The command ``nstui check --watch``."""

from __future__ import annotations

import gc
import queue
import select
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from nstui.analysis.certainty import blind_spots
from nstui.analysis.findings.ignoring import Reporting
from nstui.analysis.report import (
    SETTLING,
    follow_findings,
    new_incidents,
    release_pending,
    settle_changes,
)
from nstui.cli.config import preferences, read_config
from nstui.cli.exits import ExitCode, complain
from nstui.cli.wiring import wire
from nstui.errors import InternalFault, NstuiError
from nstui.model.finding import Severity
from nstui.render.document import change_document, dump_line
from nstui.render.findings import (
    appeared_line,
    first_line,
    gone_line,
    no_events_text,
)
from nstui.render.text import printable
from nstui.service.observer import now_utc
from nstui.service.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nstui.analysis.findings.ignoring import IgnoreRule
    from nstui.analysis.report import (
        FindingLog,
        PendingChange,
        Report,
        ReportedFindings,
    )
    from nstui.cli.settings import Settings
    from nstui.model.finding import FindingCode


LISTENING_S = 1.0
"""Seconds between two checks whether stdout still has a reader."""


def watch_findings(
    settings: Settings,
    *,
    as_json: bool,
    ignore: tuple[IgnoreRule, ...] = (),
    severity: str | None = None,
) -> int:
    """Print lasting changes until stdout is closed: incidents, or findings as JSON.

    Args:
        settings: The global options, which select the host.
        as_json: Whether to print each change as a line of JSON.
        ignore: What is ignored, beside what the configuration says.
        severity: The least severity that is printed; None to print all.

    Returns:
        The exit code.

    """
    gc.freeze()
    gc.enable()
    preferred = preferences(settings, read_config())
    for problem in preferred.problems:
        complain(problem)
    reporting = Reporting(
        rules=(*ignore, *(preferred.choices.ignore or ())),
        least=Severity(severity or Severity.NOTICE),
    )
    host = wire(settings, reporting, has_particulars=False)
    first = host.observer.look()
    # With room for one entry, the watcher waits for a reader slower than the engine.
    news: queue.Queue[Report | NstuiError] = queue.Queue(maxsize=1)
    watcher = Watcher(
        host.observer,
        host.engine,
        interval=preferred.choices.interval,
        on_report=news.put,
        on_failure=news.put,
    )
    printer = ChangePrinter(as_json=as_json)
    printer.tell(first)
    watcher.start()
    try:
        while _is_read():
            with suppress(queue.Empty):
                printer.tell(news.get(timeout=LISTENING_S))
            printer.tell_what_lasts()
            printer.tell_deafness(watcher.stream_problem, watcher.every_s)
    finally:
        watcher.stop()
        # The watcher may be waiting for room in the queue.
        with suppress(queue.Empty):
            news.get_nowait()
    # The exit code of every command with an output that was closed early.
    return ExitCode.FAILED


class ChangePrinter:
    """Prints the changes between looks, and the problems of looking."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._known: FindingLog | None = None
        self._settled: ReportedFindings | None = None
        self._report: Report | None = None
        self._blind: tuple[str, ...] = ()
        self._failure_type: type[NstuiError] | None = None
        self._lacks_events = False

    def tell(self, news: Report | NstuiError) -> None:
        """Print what is new in a report, or that the look failed."""
        if isinstance(news, NstuiError):
            if self._failure_type is not type(news):
                is_own = isinstance(news, InternalFault)
                _say(str(news) if is_own else f"could not read the engine: {news}")
            self._failure_type = type(news)
            return
        if self._failure_type is InternalFault:
            _say("nstui works again")
        elif self._failure_type is not None:
            _say("the engine answers again")
        self._failure_type = None
        self._tell_blind_spots(news)
        self._tell_changes(news)

    def tell_what_lasts(self) -> None:
        """Print the changes that have lasted long enough."""
        # While looks fail, a change may have been reversed unnoticed.
        if self._settled is not None and self._failure_type is None:
            self._print(release_pending(self._settled, now_utc(), SETTLING))

    def tell_deafness(self, because: str, every_s: float) -> None:
        """Print, once for each change, whether the engine's events arrive.

        Args:
            because: Why they do not arrive; empty if they do.
            every_s: Seconds between the looks that are taken instead.

        """
        if because and not self._lacks_events:
            _say(no_events_text(because, every_s))
        if self._lacks_events and not because:
            _say("the engine sends events again")
        self._lacks_events = bool(because)

    def _tell_blind_spots(self, report: Report) -> None:
        blind = blind_spots(report)
        for sentence in blind:
            if sentence not in self._blind:
                _say(sentence)
        self._blind = blind

    def _tell_changes(self, report: Report) -> None:
        is_first = self._known is None
        self._report = report
        self._known = follow_findings(self._known, report)
        at = report.snapshot.taken_at
        # echo flushes, so that a waiting reader gets each line at once.
        if is_first and not self._known.present and not self._as_json:
            click.echo(first_line(report))
        self._print(settle_changes(self._settled, self._known, at, SETTLING))

    def _print(self, settled: ReportedFindings) -> None:
        self._settled = settled
        if self._as_json:
            for lasting in settled.changes:
                click.echo(dump_line(change_document(lasting.change, lasting.at)))
        elif self._report is not None:
            for line in _change_lines(self._report, settled.changes):
                click.echo(line)


def _change_lines(report: Report, changes: Sequence[PendingChange]) -> Iterator[str]:
    """Yield a line for what has gone, by its code, and for each new incident.

    The time of a line is that of its first change.
    """
    gone: dict[tuple[FindingCode, Severity], list[PendingChange]] = {}
    for lasting in changes:
        if not lasting.change.has_appeared:
            finding = lasting.change.tracked.finding
            gone.setdefault((finding.code, finding.severity), []).append(lasting)
    for together in gone.values():
        yield gone_line([one.change for one in together], min(o.at for o in together))
    times = {one.change.tracked.finding: one.at for one in changes}
    for incident in new_incidents(report, [one.change for one in changes]):
        found = (*incident.findings, *incident.perhaps)
        yield appeared_line(incident, min(times[finding] for finding in found))


def _say(sentence: str) -> None:
    """Print a sentence that is not a finding on stderr, in one line."""
    click.echo(f"nstui: {printable(' '.join(sentence.split()))}", err=True)


def _is_read() -> bool:
    """Tell whether stdout may still have a reader."""
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), 0)
    except (OSError, ValueError):
        # A stream without a descriptor, as in a test, has its creator as the reader.
        return True
    # poll reports a closed pipe or terminal even if no event is requested.
    return not any(
        state & (select.POLLERR | select.POLLHUP) for _, state in poll.poll(0)
    )

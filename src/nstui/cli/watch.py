"""The health glance for as long as somebody reads it."""

from __future__ import annotations

import gc
import queue
import select
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from nstui.analysis.report import (
    SETTLING,
    follow_findings,
    release_pending,
    settle_changes,
)
from nstui.cli.exits import ExitCode
from nstui.cli.wiring import wire
from nstui.errors import InternalFault, NstuiError
from nstui.render.document import change_document, dump_line
from nstui.render.findings import blind_spots, change_line, deaf_text, first_line
from nstui.render.text import printable
from nstui.service.observer import now_utc
from nstui.service.watcher import Watcher

if TYPE_CHECKING:
    from nstui.analysis.report import FindingLog, Report, ReportedFindings
    from nstui.cli.settings import Settings


LISTENING_S = 1.0
"""How often to see whether anybody reads what is written, in seconds."""


def watch_findings(settings: Settings, *, as_json: bool) -> int:
    """Print what changes and lasts until nobody reads it; return the exit code.

    Args:
        settings: Which host.
        as_json: Whether each line is a document.

    """
    gc.freeze()
    gc.enable()
    host = wire(settings)
    first = host.observer.look()
    # With room for one the watcher waits for a reader who is slower than the engine.
    news: queue.Queue[Report | NstuiError] = queue.Queue(maxsize=1)
    watcher = Watcher(
        host.observer,
        host.engine,
        interval=settings.interval,
        on_report=news.put,
        on_failure=news.put,
    )
    teller = ChangePrinter(as_json=as_json)
    teller.tell(first)
    watcher.start()
    try:
        while _is_read():
            with suppress(queue.Empty):
                teller.tell(news.get(timeout=LISTENING_S))
            teller.tell_what_lasts()
            teller.tell_deafness(watcher.stream_problem, watcher.every_s)
    finally:
        watcher.stop()
        # It may be waiting to be heard.
        with suppress(queue.Empty):
            news.get_nowait()
    # As with every command whose reader has seen enough.
    return ExitCode.FAILED


class ChangePrinter:
    """Prints what has changed from look to look, and what could not be looked at."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json
        self._known: FindingLog | None = None
        self._settled: ReportedFindings | None = None
        self._blind: tuple[str, ...] = ()
        self._lost: type[NstuiError] | None = None
        self._is_deaf = False

    def tell(self, news: Report | NstuiError) -> None:
        """Print what is new of a look, or that there was none."""
        if isinstance(news, NstuiError):
            if self._lost is not type(news):
                is_own = isinstance(news, InternalFault)
                _say(str(news) if is_own else f"could not look: {news}")
            self._lost = type(news)
            return
        if self._lost is InternalFault:
            _say("nstui could look again")
        elif self._lost is not None:
            _say("the engine answers again")
        self._lost = None
        self._tell_blind_spots(news)
        self._tell_changes(news)

    def tell_what_lasts(self) -> None:
        """Print what has changed and has not changed back for long enough."""
        # While nobody answers, nobody knows whether it has.
        if self._settled is not None and self._lost is None:
            self._print(release_pending(self._settled, now_utc(), SETTLING))

    def tell_deafness(self, because: str, every_s: float) -> None:
        """Say, once, that events are not heard, or that they are again.

        Args:
            because: Why they are not; empty if they are.
            every_s: How often is looked instead.

        """
        if because and not self._is_deaf:
            _say(deaf_text(because, every_s))
        if self._is_deaf and not because:
            _say("events are heard again")
        self._is_deaf = bool(because)

    def _tell_blind_spots(self, report: Report) -> None:
        blind = blind_spots(report)
        for sentence in blind:
            if sentence not in self._blind:
                _say(sentence)
        self._blind = blind

    def _tell_changes(self, report: Report) -> None:
        is_first = self._known is None
        self._known = follow_findings(self._known, report)
        at = report.snapshot.taken_at
        # echo flushes: whoever waits for a line has it at once.
        if is_first and not self._known.present and not self._as_json:
            click.echo(first_line(report))
        self._print(settle_changes(self._settled, self._known, at, SETTLING))

    def _print(self, settled: ReportedFindings) -> None:
        self._settled = settled
        for lasting in settled.changes:
            if self._as_json:
                click.echo(dump_line(change_document(lasting.change, lasting.at)))
            else:
                click.echo(change_line(lasting.change, lasting.at))


def _say(sentence: str) -> None:
    """Say on stderr what is no finding, in one line."""
    click.echo(f"nstui: {printable(' '.join(sentence.split()))}", err=True)


def _is_read() -> bool:
    """Tell whether somebody could still read what is written to stdout."""
    poll = select.poll()
    try:
        poll.register(sys.stdout.fileno(), 0)
    except (OSError, ValueError):
        # A stream without a descriptor, as in a test, is read by who made it.
        return True
    # These are told without being asked for: a closed pipe, or a terminal that is gone.
    return not any(
        state & (select.POLLERR | select.POLLHUP) for _, state in poll.poll(0)
    )

"""Several hosts, each watched by itself, of which only a summary is kept."""

from __future__ import annotations

import threading
from datetime import datetime  # noqa: TC003 - the default of a field has its type
from typing import TYPE_CHECKING

from nstui.analysis.host_summary import (
    HostSummary,
    arranged,
    summarize,
    with_problem,
)
from nstui.errors import InternalFault, NstuiError
from nstui.model.frozen import dataclass
from nstui.service.observer import now_utc
from nstui.service.watcher import Watcher, aside_pause_s

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.analysis.report import Report
    from nstui.service.host import Host
    from nstui.service.host_choice import HostChoice

    OnReport = Callable[[Report], object]
    OnFailure = Callable[[NstuiError], object]


PATIENCE_S = 2.0
"""How many seconds an engine may take to answer before the list says so."""

LATE = "the engine does not answer"


@dataclass(frozen=True, slots=True)
class SeveralHosts:
    """The hosts that the text UI was started with, and those that it can open."""

    choices: tuple[HostChoice, ...]
    """At least one; the names differ."""

    contexts: Callable[[], tuple[HostChoice, ...]] | None = None
    """Returns the contexts that can be opened besides; it may block, and raises
    `NstuiError` if they cannot be read. None if there are none."""

    clock: Callable[[], datetime] = now_utc
    """Returns the time from which the age of a look is counted, in UTC."""


class ListedHost:
    """A host of a list: connected and watched in threads that nothing waits for.

    While it is open, everything that is seen is passed on to a screen, and seen as soon
    as if it were the only host. A host that hangs holds up nobody else.
    """

    def __init__(
        self,
        choice: HostChoice,
        on_change: Callable[[], object],
        *,
        interval: float | None = None,
        host: Host | None = None,
    ) -> None:
        """Store what to watch; nothing is connected before `start`.

        Args:
            choice: The host, and how to connect to it.
            on_change: Called from any thread after the summary has changed.
            interval: As for `Watcher`, while the host is open.
            host: The host if it is connected already.

        """
        self.name = choice.name
        self.summary = HostSummary(name=choice.name)
        """What was seen last."""

        self._choice = choice
        self._on_change = on_change
        self._interval = interval
        self._host = host
        self._watcher: Watcher | None = None
        self._last_error: NstuiError | None = None
        self._opened_by: object = None
        self._lock = threading.Lock()
        self._again = threading.Event()
        self._is_started = self._is_stopped = False

    @property
    def host(self) -> Host | None:
        """The host; None as long as it is not connected."""
        return self._host if self._watcher is not None else None

    @property
    def watcher(self) -> Watcher | None:
        """What watches the host; None as long as it is not connected."""
        return self._watcher

    @property
    def seen(self) -> HostSummary:
        """What was seen last, with a problem if the engine now takes long to answer."""
        watcher, summary = self._watcher, self.summary
        is_late = watcher is not None and watcher.waiting_s >= PATIENCE_S
        return with_problem(summary, LATE) if is_late else summary

    def start(self) -> None:
        """Connect and watch from now on; do nothing if that was begun already."""
        if self._is_started:
            return
        self._is_started = True
        if self._host is not None:
            self._watch(self._host)
        else:
            threading.Thread(target=self._connect, name="connect", daemon=True).start()

    def stop(self) -> None:
        """Stop watching, without waiting for anything."""
        with self._lock:
            self._is_stopped = True
            watcher = self._watcher
        self._again.set()
        if watcher is not None:
            watcher.stop()

    def refresh(self) -> None:
        """Look at once, or try again to connect."""
        self._again.set()
        if self._watcher is not None:
            self._watcher.refresh()

    def open(self, who: object, on_report: OnReport, on_failure: OnFailure) -> None:
        """Pass what is seen on to a screen until `leave` is called.

        Args:
            who: Who opens the host.
            on_report: Called from any thread with each report.
            on_failure: Called from any thread with the error of each look that failed,
                and at once if the last one has.

        """

        def follow(report: Report) -> None:
            self._see(report)
            on_report(report)

        def fail(error: NstuiError) -> None:
            self._fail(error)
            on_failure(error)

        self._opened_by = who
        if self._last_error is not None:
            on_failure(self._last_error)
        if self._watcher is not None:
            self._watcher.hand_over(follow, fail, is_aside=False)

    def leave(self, who: object) -> None:
        """Pass nothing on any more, unless somebody else has opened the host since.

        Args:
            who: Who opened it.

        """
        if self._opened_by is who and self._watcher is not None:
            self._opened_by = None
            self._watcher.hand_over(self._see, self._fail, is_aside=True)

    def _connect(self) -> None:
        failures = 0
        while not self._is_stopped:
            self._again.clear()
            try:
                host = self._choice.connect()
            except NstuiError as error:
                failure = error
            except Exception as error:  # noqa: BLE001 - it is shown as the host's
                failure = InternalFault.of(error)
            else:
                self._watch(host)
                return
            failures += 1
            self._fail(failure)
            self._again.wait(aside_pause_s(failures))

    def _watch(self, host: Host) -> None:
        watcher = Watcher(
            host.observer,
            host.engine,
            interval=self._interval,
            on_report=self._see,
            on_failure=self._fail,
        )
        watcher.hand_over(self._see, self._fail, is_aside=True)
        with self._lock:
            if self._is_stopped:
                host.engine.close()
                return
            self._host, self._watcher = host, watcher
        watcher.start()

    def _see(self, report: Report) -> None:
        self._last_error = None
        self._change(summarize(self.name, report))

    def _fail(self, error: NstuiError) -> None:
        self._last_error = error
        self._change(with_problem(self.summary, str(error)))

    def _change(self, summary: HostSummary) -> None:
        if not self._is_stopped:
            self.summary = summary
            self._on_change()


class ListedHosts:
    """The hosts of a list, in the order in which they are shown.

    Attributes:
        by_name: The hosts by their names.
        clock: Returns the time from which the age of a look is counted, in UTC.

    """

    def __init__(
        self,
        several: SeveralHosts,
        on_change: Callable[[], object],
        *,
        interval: float | None = None,
    ) -> None:
        """List the hosts that the text UI was started with; connect nothing yet.

        Args:
            several: The hosts.
            on_change: As for `ListedHost`.
            interval: As for `ListedHost`.

        """
        self.clock = several.clock
        self._on_change = on_change
        self._interval = interval
        self.by_name = {one.name: self.prepare(one) for one in several.choices}
        self._order = tuple(self.by_name)

    def start(self) -> None:
        """Connect and watch every host."""
        for listed in self.by_name.values():
            listed.start()

    def stop(self) -> None:
        """Stop watching, without waiting for any host."""
        for listed in self.by_name.values():
            listed.stop()

    def refresh(self) -> None:
        """Look at every host now."""
        for listed in self.by_name.values():
            listed.refresh()

    def arrange(self, held: str | None) -> tuple[HostSummary, ...]:
        """Return what is known of each host, in the order to show it.

        Args:
            held: The host that keeps its place; None if any may move.

        """
        seen = [listed.seen for listed in self.by_name.values()]
        # Until the list is used, the order does not depend on who answers first.
        before = tuple(self.by_name) if held is None else self._order
        summaries = arranged(seen, before, held)
        self._order = tuple(one.name for one in summaries)
        return summaries

    def next_connected(self, name: str, by: int) -> ListedHost | None:
        """Return the nearest other host that is connected, around the end of the list.

        Args:
            name: The host to start from.
            by: 1 for those after it, -1 for those before.

        """
        place, count = self._order.index(name), len(self._order)
        others = (self._order[(place + by * far) % count] for far in range(1, count))
        found = (self.by_name[other] for other in others)
        return next((one for one in found if one.host is not None), None)

    def prepare(self, choice: HostChoice, host: Host | None = None) -> ListedHost:
        """Return what watches a host; `add` puts it into the list.

        Args:
            choice: The host, and how to connect to it.
            host: The host if it is connected already.

        """
        return ListedHost(choice, self._on_change, interval=self._interval, host=host)

    def add(self, listed: ListedHost) -> None:
        """Watch a host in place of the one with its name, or else as the last one."""
        before = self.by_name.get(listed.name)
        if before is not None and before is not listed:
            before.stop()
        self.by_name[listed.name] = listed
        if listed.name not in self._order:
            self._order = (*self._order, listed.name)
        listed.start()

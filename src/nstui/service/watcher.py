"""Keeps looking at a host: when the engine says so, and now and then anyway."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from nstui.errors import EngineUnreachable, NstuiError, Unreachable
from nstui.service.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.analysis.report import Report
    from nstui.ports import ContainerEngine, ContainerEvent
    from nstui.service.observer import Observer

CALM_INTERVAL_S = 30.0
"""How often to look while events are heard, for what no event tells."""

DEAF_INTERVAL_S = 2.0
"""How often to look while they are not."""

EARLIER_NS = 5_000_000_000
"""From how long ago on events are wanted at first: a look may have begun before."""

LONGEST_SHOWING_S = 1.0
"""How long the first look may take to be shown before the next one begins."""

RETRY_S = 1.0
"""The first pause after a failure; it doubles with each further one."""

LONGEST_RETRY_S = 8.0


class Watcher:
    """Calls back with each new report, or with what kept it from one.

    Events ask for looks. While they are heard nobody is asked otherwise but now and
    then; while they are not, the engine is asked again and again.

    Its two threads are daemons that nothing waits for: an engine that hangs holds up
    neither the screen nor the end of the program.
    """

    def __init__(  # noqa: PLR0913 - one thing to watch, and whom to tell of what
        self,
        observer: Observer,
        engine: ContainerEngine,
        *,
        interval: float | None,
        on_report: Callable[[Report], object],
        on_failure: Callable[[NstuiError], object],
        first: Callable[[], Report] | None = None,
    ) -> None:
        """Take what to watch and whom to tell; the calls come from a thread.

        Args:
            observer: Makes the reports.
            engine: Tells when something has happened.
            interval: Seconds between looks when no event asks for one; None:
                seldom while events are heard, often while they are not.
            on_report: Told of every look that succeeded.
            on_failure: Told of every look that failed.
            first: A quick look to begin with; the next waits for `go_on`.

        """
        self._observer = observer
        self._engine = engine
        self._interval = interval
        self._on_report = on_report
        self._on_failure = on_failure
        self._first = first
        self._goes_on = threading.Event()
        self._pace = Pace()
        self._hears = False
        self._wake = threading.Event()
        self._at_once = threading.Event()
        self._stopped = threading.Event()
        self._awake = threading.Event()
        self._awake.set()
        self._waiting_since: float | None = None

    def start(self) -> None:
        """Begin to watch."""
        for target in (self._listen, self._look_again_and_again):
            threading.Thread(target=target, name=target.__name__, daemon=True).start()

    def stop(self) -> None:
        """Tell the threads to end, without waiting for them."""
        self._stopped.set()
        self._goes_on.set()
        self._awake.set()
        self._wake_at_once()
        self._engine.close()

    def rest(self) -> None:
        """Look no more until `rise`: nobody sees it."""
        self._awake.clear()

    def rise(self) -> None:
        """Look again, now and as before."""
        self._awake.set()
        self.refresh()

    def refresh(self) -> None:
        """Look again now, with nothing remembered."""
        self._observer.forget()
        self._wake_at_once()

    def go_on(self) -> None:
        """Look whole, now that the quick first look has been shown."""
        self._goes_on.set()

    @property
    def waiting_s(self) -> float:
        """For how many seconds the engine has owed an answer; 0 if it owes none."""
        since = self._waiting_since
        return 0.0 if since is None else time.monotonic() - since

    def _look_again_and_again(self) -> None:
        failures = 0
        if self._first is not None and self._look(self._first):
            # What is shown first shall not be held up by what follows.
            self._goes_on.wait(LONGEST_SHOWING_S)
        while not self._stopped.is_set():
            self._awake.wait()
            self._wake.clear()
            self._at_once.clear()
            self._pace.look()
            failures = 0 if self._look(self._observer.look) else failures + 1
            if self._wake.wait(self._pause_s(failures)):
                self._gather()

    def _pause_s(self, failures: int) -> float:
        if failures:
            return float(min(LONGEST_RETRY_S, RETRY_S * 2 ** (failures - 1)))
        if self._interval is not None:
            return self._interval
        return CALM_INTERVAL_S if self._hears else DEAF_INTERVAL_S

    def _gather(self) -> None:
        """Wait for more events, unless somebody wants to see at once."""
        while (wait_s := self._pace.wait_s()) > 0:
            if self._at_once.wait(wait_s):
                return

    def _wake_at_once(self) -> None:
        self._at_once.set()
        self._wake.set()

    def _look(self, look: Callable[[], Report]) -> bool:
        if self._waiting_since is None:
            self._waiting_since = time.monotonic()
        try:
            report = look()
        except NstuiError as error:
            if not _is_silence(error):
                self._waiting_since = None
            if not self._stopped.is_set():
                self._on_failure(error)
            return False
        self._waiting_since = None
        if not self._stopped.is_set():
            self._on_report(report)
        return True

    def _listen(self) -> None:
        """Hear every event; ask again when the stream ends."""
        since_ns = time.time_ns() - EARLIER_NS
        pause = RETRY_S
        is_again = False
        while not self._stopped.is_set():
            try:
                events = self._engine.events(since_ns=since_ns)
                self._hears = True
                pause = RETRY_S
                if is_again:
                    # What was missed meanwhile may concern any container.
                    self.refresh()
                for event in events:
                    since_ns = event.time_ns + 1
                    self._take(event)
            except NstuiError:
                # The looks say the same to the user, and more.
                pause = min(LONGEST_RETRY_S, pause * 2)
            if self._hears:
                self._hears = False
                self._wake_at_once()
            is_again = True
            if self._stopped.wait(pause):
                return

    def _take(self, event: ContainerEvent) -> None:
        # Who links to a renamed container is described by its name.
        is_rename = event.action == "rename"
        self._observer.forget(None if is_rename else (event.container,))
        self._pace.hear()
        self._wake.set()


def _is_silence(error: NstuiError) -> bool:
    return (
        isinstance(error, EngineUnreachable) and error.reason is Unreachable.TIMED_OUT
    )

"""Keeps looking at a host: when the engine says so, and now and then anyway."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from nstui.errors import EngineUnreachable, InternalFault, NstuiError, Unreachable
from nstui.service.hearing import Hearing, pause_s
from nstui.service.pace import Pace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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

ENDED = "the engine ends the stream"
"""Why events are not heard where nobody says why."""


class Watcher:
    """Calls back with each new report, or with what kept it from one.

    Events ask for looks. While they are heard nobody is asked otherwise but now and
    then; while they are not, the engine is asked again and again.

    Its two threads are daemons that nothing waits for: an engine that hangs holds up
    neither the screen nor the end of the program. Whatever goes wrong, they go on: a
    mistake of nstui's own is told as one, and tried again as any failure is.
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
            on_failure: Told of every look that failed, and of every mistake of
                nstui's own.
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
        self._hearing = Hearing()
        self._is_answered = False
        self._wake = threading.Event()
        self._at_once = threading.Event()
        self._stopped = threading.Event()
        self._awake = threading.Event()
        self._awake.set()
        self._waiting_since: float | None = None

    def start(self) -> None:
        """Begin to watch."""
        for work in (self._listen, self._look_again_and_again):
            threading.Thread(
                target=self._persist, args=(work,), name=work.__name__, daemon=True
            ).start()

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

    @property
    def deaf_because(self) -> str:
        """Why the engine's events are not heard; empty if they are."""
        return self._hearing.deaf_because

    @property
    def every_s(self) -> float:
        """How often it looks now if nothing asks for it."""
        return self._pause_s(0)

    def _persist(self, work: Callable[[], None]) -> None:
        """Do what ends only when it is told to, and begin it anew if it fails."""
        failures = 0
        while not self._stopped.is_set():
            try:
                work()
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                failures += 1
                self._tell(InternalFault.of(error))
                self._stopped.wait(pause_s(failures))

    def _tell(self, error: NstuiError) -> None:
        if self._stopped.is_set():
            return
        try:
            self._on_failure(error)
        except Exception as problem:  # noqa: BLE001 - nobody is left to be told
            kind, trace = type(problem), problem.__traceback__
            thread = threading.current_thread()
            # As Python itself tells of what ends a thread; this one goes on.
            threading.excepthook(
                threading.ExceptHookArgs((kind, problem, trace, thread))
            )

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
            return pause_s(failures)
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
            self._is_answered = False
            self._tell(error)
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            self._waiting_since = None
            self._tell(InternalFault.of(error))
            return False
        self._waiting_since = None
        self._is_answered = True
        return self._show(report)

    def _show(self, report: Report) -> bool:
        if self._stopped.is_set():
            return True
        try:
            self._on_report(report)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is told
            self._tell(InternalFault.of(error))
            return False
        return True

    def _listen(self) -> None:
        """Hear every event; ask again when the stream ends."""
        since_ns = time.time_ns() - EARLIER_NS
        is_again = False
        while not self._stopped.is_set():
            reason = ENDED
            try:
                for event in self._hear(since_ns, is_again=is_again):
                    since_ns = event.time_ns + 1
                    self._take(event)
            except NstuiError as error:
                reason = str(error)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is told
                fault = InternalFault.of(error)
                reason = str(fault)
                # An event that cannot be understood must not be the next one again.
                since_ns = time.time_ns()
                self._tell(fault)
            if self._hears:
                self._hears = False
                self._wake_at_once()
            is_again = True
            pause = self._hearing.end(reason, is_answered=self._is_answered)
            if self._stopped.wait(pause):
                return

    def _hear(self, since_ns: int, *, is_again: bool) -> Iterator[ContainerEvent]:
        events = self._engine.events(since_ns=since_ns)
        self._hears = True
        self._hearing.begin()
        if is_again:
            # What was missed meanwhile may concern any container.
            self.refresh()
        yield from events

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

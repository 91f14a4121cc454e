"""Makes new reports on a host: when the engine sends events, and periodically."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from nstui.errors import EngineUnreachable, InternalFault, NstuiError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerEvent
    from nstui.ports import ContainerEngine
    from nstui.service.observer import Observer


RETRY_S = 1.0
"""Seconds to wait after the first failure; doubled after each further one."""

LONGEST_RETRY_S = 8.0

MAX_FAILED_STREAMS = 2
"""The number of failed event streams in a row that is reported as a problem. A single
one ends whenever the engine is restarted."""

LIMITS_S = (0.05, 0.25, 1.0, 3.0)
"""The longest waits in seconds before looking: for the first events, the next, and so
on. The first event after a calm is not waited with, unless it is one of `PRELUDES`."""

PRELUDES = frozenset({"connect", "create", "kill"})
"""The events that are soon followed by one that matters more, such as a start."""

QUIET_SHARE = 0.25
"""The share of the limit after which a wait ends early if no further event comes."""

CALM_S = 1.0
"""Seconds without an event after which the limits begin with the first again."""

CONNECTED_INTERVAL_S = 30.0
"""Seconds between looks while events arrive, for changes without an event."""

DISCONNECTED_INTERVAL_S = 2.0
"""Seconds between looks while no events arrive."""

ASIDE_LIMITS_S = (2.0, 5.0, 15.0)
"""As `LIMITS_S`, for a host that is one of many in a list. Its first event is waited
with, too."""

ASIDE_LONGEST_RETRY_S = 30.0
"""As `LONGEST_RETRY_S`, for such a host."""

LOOKBACK_NS = 5_000_000_000
"""How far back the first stream begins, in nanoseconds, since a look may have begun
before it."""

LONGEST_SHOWING_S = 1.0
"""Seconds to wait for the glimpse to be shown before the first whole look begins."""

ENDED = "the engine ends the stream"
"""The problem of a stream that ended without an error."""


def pause_s(failures: int) -> float:
    """Return the seconds to wait after a number of failures in a row, at least 1."""
    return float(min(LONGEST_RETRY_S, RETRY_S * 2 ** min(failures - 1, 8)))


def aside_pause_s(failures: int) -> float:
    """Return the seconds to wait as `pause_s` does, for a host in a list."""
    return float(min(ASIDE_LONGEST_RETRY_S, RETRY_S * 2 ** min(failures - 1, 8)))


class StreamFailures:
    """Counts the event streams that ended early although the engine answers.

    `begin` and `end` are called from one thread; the rest may be read from any.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with no failures; `clock` returns a time in seconds."""
        self._clock = clock
        self._began: float | None = None
        self._failures = 0
        self._unanswered = 0
        self._reason = ""

    def begin(self) -> None:
        """Note that a stream has begun."""
        self._began = self._clock()

    def end(self, reason: str, *, is_answered: bool) -> float:
        """Note that a stream has ended, or did not begin; return the seconds to wait.

        Args:
            reason: Why it ended, as the end of a sentence.
            is_answered: Whether the engine answers other requests. If not, the stream
                is not to blame, and no failure is counted.

        """
        if self._is_stable():
            self._failures = self._unanswered = 0
        self._began = None
        self._failures += 1
        self._unanswered = self._unanswered + 1 if is_answered else 0
        self._reason = reason
        return pause_s(self._failures)

    @property
    def failures(self) -> int:
        """How many streams in a row have ended early."""
        return self._failures

    @property
    def stream_problem(self) -> str:
        """Why no events arrive; empty if they do, or if it is not known yet."""
        if self._unanswered < MAX_FAILED_STREAMS or self._is_stable():
            return ""
        return self._reason

    def _is_stable(self) -> bool:
        """Tell whether the current stream has been open for a while."""
        began = self._began
        return began is not None and self._clock() - began >= LONGEST_RETRY_S


class Debouncer:
    """Delays looks so that one covers many events, but a single event is seen at once.

    A restart makes eight events, and a hundred starts make hundreds. `note_event` may
    be called from another thread than the other methods.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin without events; `clock` returns a time in seconds."""
        self._clock = clock
        self.is_patient = False
        """Whether also the first event after a calm is waited with, and longer."""

        self._looks = 0
        self._since: float | None = None
        """The time of the first event since the last look; None if there was none."""

        self._is_prelude = False
        """Whether all events since the last look were preludes."""

        self._last = clock() - CALM_S

    def note_event(self, action: str) -> None:
        """Note an event of the engine."""
        now = self._clock()
        is_prelude = action in PRELUDES
        if now - self._last >= CALM_S:
            self._looks = 0
        self._is_prelude = is_prelude and (self._since is None or self._is_prelude)
        if self._since is None:
            self._since = now
        self._last = now

    def note_look(self) -> None:
        """Note that a look begins, which covers all events so far."""
        if self._since is not None:
            self._looks += 1
        self._since = None

    def wait_s(self) -> float:
        """Return the seconds that the next look should still wait; 0 for none."""
        since = self._since
        is_calm = self._looks == 0 and not self._is_prelude
        if since is None or (is_calm and not self.is_patient):
            return 0.0
        limits = ASIDE_LIMITS_S if self.is_patient else LIMITS_S
        limit = limits[min(self._looks, len(limits) - 1)]
        quiet = max(limits[0], limit * QUIET_SHARE)
        return max(0.0, min(since + limit, self._last + quiet) - self._clock())

    def gather(self, at_once: threading.Event) -> None:
        """Wait for more events; return at once when `at_once` is set."""
        while (wait_s := self.wait_s()) > 0:
            if at_once.wait(wait_s):
                return


class LookRunner:
    """Makes one look at a time, and passes its report or its error to a callback.

    `run` is called from one thread. The rest may be used from any.
    """

    def __init__(
        self,
        on_report: Callable[[Report], object],
        on_failure: Callable[[NstuiError], object],
        stopped: threading.Event,
    ) -> None:
        """Begin without a look; nothing is passed on once `stopped` is set."""
        self.on_report = on_report
        self.on_failure = on_failure
        self._stopped = stopped
        self._waiting_since: float | None = None
        self.is_answered = False
        """Whether the engine has answered the last look."""

    @property
    def waiting_s(self) -> float:
        """The seconds since a request that the engine has not answered; 0 for none."""
        since = self._waiting_since
        return 0.0 if since is None else time.monotonic() - since

    def run(self, look: Callable[[], Report]) -> bool:
        """Make a look, and pass on what comes of it; return whether nothing failed."""
        if self._waiting_since is None:
            self._waiting_since = time.monotonic()
        try:
            report = look()
            # The engine has answered; the rest is computed here.
            self._waiting_since = None
            report.complete()
        except NstuiError as error:
            if not _is_timeout(error):
                self._waiting_since = None
            self.is_answered = False
            self.pass_failure(error)
            return False
        except Exception as error:  # noqa: BLE001 - every error is reported
            self._waiting_since = None
            self.pass_failure(InternalFault.of(error))
            return False
        self.is_answered = True
        return self._pass_report(report)

    def _pass_report(self, report: Report) -> bool:
        if self._stopped.is_set():
            return True
        try:
            self.on_report(report)
        except Exception as error:  # noqa: BLE001 - every error is reported
            self.pass_failure(InternalFault.of(error))
            return False
        return True

    def pass_failure(self, error: NstuiError) -> None:
        """Pass an error on; one of the callback itself is reported as Python does."""
        if self._stopped.is_set():
            return
        try:
            self.on_failure(error)
        except Exception as problem:  # noqa: BLE001 - the callback itself failed
            kind, trace = type(problem), problem.__traceback__
            thread = threading.current_thread()
            # Report it as Python does for an exception that ends a thread.
            threading.excepthook(
                threading.ExceptHookArgs((kind, problem, trace, thread))
            )


def _is_timeout(error: NstuiError) -> bool:
    return (
        isinstance(error, EngineUnreachable) and error.reason is Unreachable.TIMED_OUT
    )


class Watcher:
    """Looks at a host in a thread, and passes each report or error to a callback.

    An event of the engine causes a look. While events arrive, further looks are rare;
    while they do not, the host is looked at periodically.

    The two threads are daemons that nothing waits for: an engine that hangs blocks
    neither the screen nor the end of the program. They continue after every error: an
    unexpected exception is reported as `InternalFault`, and retried as any failure is.
    """

    def __init__(  # noqa: PLR0913 - what to watch, how often, and the callbacks
        self,
        observer: Observer,
        engine: ContainerEngine,
        *,
        interval: float | None,
        on_report: Callable[[Report], object],
        on_failure: Callable[[NstuiError], object],
        on_event: Callable[[ContainerEvent], object] | None = None,
        first: Callable[[], Report] | None = None,
    ) -> None:
        """Store what to watch; nothing is read before `start`.

        The callbacks are called from the watcher's threads.

        Args:
            observer: Makes the reports.
            engine: Sends the events.
            interval: Seconds between looks without an event; None:
                `CONNECTED_INTERVAL_S` or `DISCONNECTED_INTERVAL_S`.
            on_report: Called with the report of every look that succeeded.
            on_failure: Called with the error of every look that failed, and with
                unexpected exceptions as `InternalFault`.
            on_event: Called with every event of the engine, before the look that it
                causes; None if only the looks matter.
            first: A quick first look; the next one waits for `proceed`.

        """
        self._observer = observer
        self._engine = engine
        self._interval = interval
        self._on_event = on_event
        self._first = first
        self._may_proceed = threading.Event()
        self._debouncer = Debouncer()
        self._is_aside = False
        self._is_connected = False
        self._streams = StreamFailures()
        self._wake = threading.Event()
        self._at_once = threading.Event()
        self._stopped = threading.Event()
        self._is_running = threading.Event()
        self._is_running.set()
        self._looks = LookRunner(on_report, on_failure, self._stopped)

    def start(self) -> None:
        """Start the threads."""
        for work in (self._listen, self._look_repeatedly):
            threading.Thread(
                target=self._run_until_stopped,
                args=(work,),
                name=work.__name__,
                daemon=True,
            ).start()

    def stop(self) -> None:
        """Tell the threads to end, without waiting for them."""
        self._stopped.set()
        self._may_proceed.set()
        self._is_running.set()
        self._wake_at_once()
        self._engine.close()

    def pause(self) -> None:
        """Stop looking until `resume` is called."""
        self._is_running.clear()

    def resume(self) -> None:
        """Look at once, and continue after `pause`."""
        self._is_running.set()
        self.refresh()

    def hand_over(
        self,
        on_report: Callable[[Report], object],
        on_failure: Callable[[NstuiError], object],
        *,
        is_aside: bool,
    ) -> None:
        """Pass what is seen from now on to other callbacks.

        Args:
            on_report: As for `__init__`.
            on_failure: As for `__init__`.
            is_aside: Whether the host is only one of many in a list, where a change may
                be seen some seconds later. If not, the host is looked at at once.

        """
        self._looks.on_report, self._looks.on_failure = on_report, on_failure
        self._is_aside = self._debouncer.is_patient = is_aside
        if not is_aside:
            self._wake_at_once()

    def refresh(self) -> None:
        """Look at once, without using anything cached."""
        self._observer.forget()
        self._wake_at_once()

    def proceed(self) -> None:
        """Begin the first whole look, since the quick one has been shown."""
        self._may_proceed.set()

    @property
    def waiting_s(self) -> float:
        """The seconds since a request that the engine has not answered; 0 for none."""
        return self._looks.waiting_s

    @property
    def is_connected(self) -> bool:
        """Whether events arrive, so that nothing cached is older than its last one."""
        return self._is_connected

    @property
    def stream_problem(self) -> str:
        """Why no events arrive from the engine; empty if they do."""
        return self._streams.stream_problem

    @property
    def every_s(self) -> float:
        """The seconds between looks without an event, as things are now."""
        return self._pause_s(0)

    def _run_until_stopped(self, work: Callable[[], None]) -> None:
        """Call `work` until the watcher is stopped, also if it raises."""
        failures = 0
        while not self._stopped.is_set():
            try:
                work()
            except Exception as error:  # noqa: BLE001 - every error is reported
                failures += 1
                self._looks.pass_failure(InternalFault.of(error))
                self._stopped.wait(pause_s(failures))

    def _look_repeatedly(self) -> None:
        failures = 0
        if self._first is not None and self._looks.run(self._first):
            # The whole look must not delay that the quick one is shown.
            self._may_proceed.wait(LONGEST_SHOWING_S)
        while not self._stopped.is_set():
            self._is_running.wait()
            self._wake.clear()
            self._at_once.clear()
            self._debouncer.note_look()
            failures = 0 if self._looks.run(self._observer.look) else failures + 1
            if self._wake.wait(self._pause_s(failures)):
                self._debouncer.gather(self._at_once)

    def _pause_s(self, failures: int) -> float:
        if failures:
            return aside_pause_s(failures) if self._is_aside else pause_s(failures)
        if self._is_aside:
            return CONNECTED_INTERVAL_S
        if self._interval is not None:
            return self._interval
        return CONNECTED_INTERVAL_S if self._is_connected else DISCONNECTED_INTERVAL_S

    def _wake_at_once(self) -> None:
        self._at_once.set()
        self._wake.set()

    def _listen(self) -> None:
        """Handle every event; open a new stream when one ends."""
        since_ns = time.time_ns() - LOOKBACK_NS
        is_again = False
        while not self._stopped.is_set():
            reason = ENDED
            try:
                for event in self._events(since_ns, is_again=is_again):
                    since_ns = event.time_ns + 1
                    self._handle(event)
            except NstuiError as error:
                reason = str(error)
            except Exception as error:  # noqa: BLE001 - every error is reported
                fault = InternalFault.of(error)
                reason = str(fault)
                # Skip the event that could not be handled, or it would come again.
                since_ns = time.time_ns()
                self._looks.pass_failure(fault)
            if self._is_connected:
                self._is_connected = False
                self._wake_at_once()
            is_again = True
            pause = self._streams.end(reason, is_answered=self._looks.is_answered)
            if self._is_aside:
                pause = max(pause, aside_pause_s(self._streams.failures))
            if self._stopped.wait(pause):
                return

    def _events(self, since_ns: int, *, is_again: bool) -> Iterator[ContainerEvent]:
        events = self._engine.events(since_ns=since_ns)
        if is_again:
            # The events missed meanwhile may concern any container.
            self._observer.forget()
        self._is_connected = True
        self._streams.begin()
        if is_again:
            self._wake_at_once()
        yield from events

    def _handle(self, event: ContainerEvent) -> None:
        if self._on_event is not None:
            self._on_event(event)
        # The inspections of other containers name the renamed one in their links.
        is_rename = event.action == "rename"
        self._observer.forget(None if is_rename else (event.container,))
        self._debouncer.note_event(event.action)
        if self._debouncer.wait_s() == 0:
            self._at_once.set()
        self._wake.set()

"""Keeps the report on a host current: by the engine's events, and periodically."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from nstui.errors import EngineUnreachable, InternalFault, NstuiError, Unreachable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.analysis.report import Report
    from nstui.ports import ContainerEngine, ContainerEvent
    from nstui.service.observer import Observer


RETRY_S = 1.0
"""The first pause after a failure; it doubles with each further one."""

LONGEST_RETRY_S = 8.0

TRIES = 2
"""After so many streams in a row that failed events count as not heard: one ends when
an engine is restarted."""

LIMITS_S = (0.05, 0.25, 1.0, 3.0)
"""The longest wait for the first look that events ask for, the next, and so on."""

QUIET_SHARE = 0.25
"""The share of its limit after which a wait is over if nothing more has happened."""

CALM_S = 1.0
"""After so long without an event the next one is a first one again."""

CONNECTED_INTERVAL_S = 30.0
"""How often to look while events arrive, for changes without an event."""

DISCONNECTED_INTERVAL_S = 2.0
"""How often to look while no events arrive."""

EARLIER_NS = 5_000_000_000
"""From how long ago on events are wanted at first: a look may have begun before."""

LONGEST_SHOWING_S = 1.0
"""How long the first look may take to be shown before the next one begins."""

ENDED = "the engine ends the stream"
"""Why no events arrive, if the engine gives no reason."""


def pause_s(failures: int) -> float:
    """Return how long to wait after so many failures in a row, at least one."""
    return float(min(LONGEST_RETRY_S, RETRY_S * 2 ** min(failures - 1, 8)))


class StreamFailures:
    """Counts the streams of events that ended early although the engine answers.

    One thread tells it of streams; others may ask how it is.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take what tells the time, in seconds."""
        self._clock = clock
        self._began: float | None = None
        self._failures = 0
        self._unanswered = 0
        self._reason = ""

    def begin(self) -> None:
        """Note that a stream has begun."""
        self._began = self._clock()

    def end(self, reason: str, *, is_answered: bool) -> float:
        """Note that it has ended, or did not begin; return how long to wait now.

        Args:
            reason: Why, as the end of a sentence.
            is_answered: Whether the engine answers otherwise: where it does not,
                something else is the matter.

        """
        if self._lasts():
            self._failures = self._unanswered = 0
        self._began = None
        self._failures += 1
        self._unanswered = self._unanswered + 1 if is_answered else 0
        self._reason = reason
        return pause_s(self._failures)

    @property
    def stream_problem(self) -> str:
        """Why no events arrive; empty if they do, or that is not known yet."""
        if self._unanswered < TRIES or self._lasts():
            return ""
        return self._reason

    def _lasts(self) -> bool:
        """Tell whether there is a stream that has not ended soon."""
        began = self._began
        return began is not None and self._clock() - began >= LONGEST_RETRY_S


class Debouncer:
    """Gathers events: one alone is seen at once, a storm of them in few looks.

    A restart alone makes eight events, and a hundred starts make hundreds. `note_event`
    may be called from another thread than the rest.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take what tells the time, in seconds from any moment on."""
        self._clock = clock
        self._looks = 0
        self._since: float | None = None
        """When the first event came that no look has seen."""

        self._last = clock() - CALM_S

    def note_event(self) -> None:
        """Note an event."""
        now = self._clock()
        if now - self._last >= CALM_S:
            self._looks = 0
        if self._since is None:
            self._since = now
        self._last = now

    def note_look(self) -> None:
        """Note that a look begins: it sees all events so far."""
        if self._since is not None:
            self._looks += 1
        self._since = None

    def wait_s(self) -> float:
        """Return for how many seconds a look should still wait; 0 if for none."""
        since = self._since
        if since is None:
            return 0.0
        limit = LIMITS_S[min(self._looks, len(LIMITS_S) - 1)]
        quiet = max(LIMITS_S[0], limit * QUIET_SHARE)
        return max(0.0, min(since + limit, self._last + quiet) - self._clock())

    def gather(self, at_once: threading.Event) -> None:
        """Wait for more events, unless somebody wants to see at once."""
        while (wait_s := self.wait_s()) > 0:
            if at_once.wait(wait_s):
                return


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
            first: A quick look to begin with; the next waits for `proceed`.

        """
        self._observer = observer
        self._engine = engine
        self._interval = interval
        self._on_report = on_report
        self._on_failure = on_failure
        self._first = first
        self._may_proceed = threading.Event()
        self._debouncer = Debouncer()
        self._is_connected = False
        self._streams = StreamFailures()
        self._is_answered = False
        self._wake = threading.Event()
        self._at_once = threading.Event()
        self._stopped = threading.Event()
        self._is_running = threading.Event()
        self._is_running.set()
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
        self._may_proceed.set()
        self._is_running.set()
        self._wake_at_once()
        self._engine.close()

    def pause(self) -> None:
        """Stop looking until `resume` is called."""
        self._is_running.clear()

    def resume(self) -> None:
        """Look again, at once and as before."""
        self._is_running.set()
        self.refresh()

    def refresh(self) -> None:
        """Look again now, with nothing remembered."""
        self._observer.forget()
        self._wake_at_once()

    def proceed(self) -> None:
        """Begin the first whole look: the quick one has been shown."""
        self._may_proceed.set()

    @property
    def waiting_s(self) -> float:
        """For how many seconds the engine has owed an answer; 0 if it owes none."""
        since = self._waiting_since
        return 0.0 if since is None else time.monotonic() - since

    @property
    def stream_problem(self) -> str:
        """Why no events arrive from the engine; empty if they do."""
        return self._streams.stream_problem

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
            self._may_proceed.wait(LONGEST_SHOWING_S)
        while not self._stopped.is_set():
            self._is_running.wait()
            self._wake.clear()
            self._at_once.clear()
            self._debouncer.note_look()
            failures = 0 if self._look(self._observer.look) else failures + 1
            if self._wake.wait(self._pause_s(failures)):
                self._debouncer.gather(self._at_once)

    def _pause_s(self, failures: int) -> float:
        if failures:
            return pause_s(failures)
        if self._interval is not None:
            return self._interval
        return CONNECTED_INTERVAL_S if self._is_connected else DISCONNECTED_INTERVAL_S

    def _wake_at_once(self) -> None:
        self._at_once.set()
        self._wake.set()

    def _look(self, look: Callable[[], Report]) -> bool:
        if self._waiting_since is None:
            self._waiting_since = time.monotonic()
        try:
            report = look()
            # It has answered; what follows is nstui's own time.
            self._waiting_since = None
            report.complete()
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
                for event in self._events(since_ns, is_again=is_again):
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
            if self._is_connected:
                self._is_connected = False
                self._wake_at_once()
            is_again = True
            pause = self._streams.end(reason, is_answered=self._is_answered)
            if self._stopped.wait(pause):
                return

    def _events(self, since_ns: int, *, is_again: bool) -> Iterator[ContainerEvent]:
        events = self._engine.events(since_ns=since_ns)
        self._is_connected = True
        self._streams.begin()
        if is_again:
            # What was missed meanwhile may concern any container.
            self.refresh()
        yield from events

    def _take(self, event: ContainerEvent) -> None:
        # Who links to a renamed container is described by its name.
        is_rename = event.action == "rename"
        self._observer.forget(None if is_rename else (event.container,))
        self._debouncer.note_event()
        self._wake.set()


def _is_silence(error: NstuiError) -> bool:
    return (
        isinstance(error, EngineUnreachable) and error.reason is Unreachable.TIMED_OUT
    )

"""Tells people and other programs what a standing watch does, through its sinks.

What goes wrong while a host is watched is told once when it begins and when it ends.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from nstui.errors import InternalFault
from nstui.model.watch import Hold, WatchEvent, WatchEventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from nstui.errors import NstuiError
    from nstui.model.watch import WatchStatus
    from nstui.ports import WatchSink

    Told = tuple[WatchEvent, ...]


CLOSING_S = 0.6
"""How many seconds the end of the watch waits for the sinks."""

_COUNTED = frozenset({WatchEventKind.HEALED, WatchEventKind.FAILED})


class SinkNotifier:
    """Tells the sinks, and remembers what was done; used from one thread."""

    def __init__(
        self,
        sinks: Iterable[WatchSink],
        wall: Callable[[], datetime],
        take_problem: Callable[[str], object],
    ) -> None:
        """Begin without anything told.

        Args:
            sinks: Who is told.
            wall: Returns the time, in UTC.
            take_problem: Called with the sentence about a sink that fails, once each.

        """
        self._sinks = tuple(sinks)
        self._wall = wall
        self._take_problem = take_problem
        self._broken: set[int] = set()
        self.has_news = True
        """Whether anything was told, or has changed, since the last status."""

        self.last: WatchEvent | None = None
        """What was done last: `HEALED` or `FAILED`; None if nothing yet."""

        self.counts: Counter[WatchEventKind] = Counter()
        """How often each of these was told, but for dry runs."""

    def tell(self, events: Iterable[WatchEvent]) -> None:
        """Tell of some events."""
        for event in events:
            self.has_news = True
            if event.kind in _COUNTED and not event.is_dry_run:
                self.counts[event.kind] += 1
                self.last = event
            for sink in self._sinks:
                self._ask(sink, partial(sink.take, event))

    def tell_one(self, kind: WatchEventKind, sentence: str) -> None:
        """Tell of something that happens now."""
        self.tell((WatchEvent(kind=kind, at=self._wall(), message=sentence),))

    def tell_problems(self, sentences: Iterable[str]) -> None:
        """Tell of what fails in the watch itself."""
        for sentence in sentences:
            self.tell_one(WatchEventKind.PROBLEM, sentence)

    def update(self, status: WatchStatus) -> None:
        """Tell what the watch is doing."""
        self.has_news = False
        for sink in self._sinks:
            self._ask(sink, partial(sink.update, status))

    def change_sinks(self, sinks: Iterable[WatchSink]) -> None:
        """Tell others from now on; close those that are not among them."""
        before, self._sinks = self._sinks, tuple(sinks)
        _close(sink for sink in before if sink not in self._sinks)
        self._broken.clear()

    def close(self) -> None:
        """Close all sinks, waiting only a moment for those that are slow."""
        _close(self._sinks)

    def _ask(self, sink: WatchSink, ask: Callable[[], object]) -> None:
        """Call a sink, which must not be the reason why nothing is healed."""
        try:
            ask()
        except Exception as error:  # noqa: BLE001 - it goes on, and says so
            if id(sink) not in self._broken:
                self._broken.add(id(sink))
                self._take_problem(str(InternalFault.of(error)))


def _close(sinks: Iterable[WatchSink]) -> None:
    """Close sinks at the same time, so that a slow one does not hold up the end."""
    threads = [
        threading.Thread(target=sink.close, name="close", daemon=True) for sink in sinks
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + CLOSING_S
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))


LEAST_JUMP_S = 5.0
"""By how many seconds the clock must have been set to be worth a line."""


class Troubles:
    """Remembers what is wrong at present."""

    def __init__(
        self, wall: Callable[[], datetime], clock: Callable[[], float]
    ) -> None:
        """Begin without troubles.

        Args:
            wall: Returns the time, in UTC.
            clock: Returns seconds that no change of the machine's clock moves.

        """
        self._wall = wall
        self._clock = clock
        self._offset_s = self._offset()
        self._failure: NstuiError | None = None
        self._lacks_events = self._was_second = False
        self._fault = ""
        self._lock_problem = self._audit_problem = self._status_problem = ""

    @property
    def is_lost(self) -> bool:
        """Whether the last look failed."""
        return self._failure is not None

    @property
    def problem(self) -> str:
        """Why the last look failed; empty if it did not."""
        return "" if self._failure is None else str(self._failure)

    def failed(self, error: NstuiError) -> Told:
        """Note that a look failed."""
        before, self._failure = self._failure, error
        if type(before) is type(error):
            return ()
        if isinstance(error, InternalFault):
            return self._told(WatchEventKind.PROBLEM, str(error))
        said = f"the engine could not be read, and nothing is healed: {error}"
        return self._told(WatchEventKind.ENGINE_LOST, said)

    def looked(self) -> Told:
        """Note that a look succeeded."""
        before, self._failure = self._failure, None
        if before is None:
            return ()
        if isinstance(before, InternalFault):
            return self._told(WatchEventKind.PROBLEM, "nstui works again")
        return self._told(WatchEventKind.ENGINE_BACK, "the engine answers again")

    def deaf(self, because: str, every_s: float) -> Told:
        """Note whether events arrive.

        Args:
            because: Why they do not; empty if they do.
            every_s: Seconds between the looks that are taken instead.

        """
        before, self._lacks_events = self._lacks_events, bool(because)
        if because and not before:
            said = (
                f"no events from the engine: reading it every {every_s:g} s instead"
                f" ({because})"
            )
            return self._told(WatchEventKind.EVENTS_LOST, said)
        if before and not because:
            said = "the engine sends events again"
            return self._told(WatchEventKind.EVENTS_BACK, said)
        return ()

    def clock_moved(self) -> Told:
        """Tell if the clock of the machine was set."""
        before, now = self._offset_s, self._offset()
        if abs(now - before) < LEAST_JUMP_S:
            return ()
        self._offset_s = now
        way = "forward" if now > before else "back"
        said = (
            f"the clock of this machine was set {way} by {abs(now - before):.0f} s;"
            " no wait is longer or shorter for that"
        )
        return self._told(WatchEventKind.PROBLEM, said)

    def locked(self, problem: str, *, is_second: bool) -> Told:
        """Note whether this watch acts.

        Args:
            problem: Why that cannot be told; empty if it can.
            is_second: Whether it does not act.

        """
        before, self._was_second = self._was_second, is_second
        if problem and problem != self._lock_problem:
            self._lock_problem = problem
            said = (
                "nothing is healed, since another watch of this host could act:"
                f" {problem}"
            )
            return self._told(WatchEventKind.PROBLEM, said)
        had_problem = bool(self._lock_problem)
        self._lock_problem = problem
        if problem:
            return ()
        if is_second and (had_problem or not before):
            said = "another watch of this host acts: this one waits until that ends"
            return self._told(WatchEventKind.WAITING, said, Hold.OTHER_WATCH)
        if before and not is_second:
            said = "no other watch of this host acts any more: this one does now"
            return self._told(WatchEventKind.STARTED, said)
        return ()

    def erred(self, fault: InternalFault | None) -> Told:
        """Note whether the watch itself made a mistake.

        Args:
            fault: The mistake; None if it made none.

        """
        before, self._fault = self._fault, "" if fault is None else str(fault)
        if fault is None or before == self._fault:
            return ()
        return self._told(WatchEventKind.PROBLEM, self._fault)

    def recorded(self, problem: str) -> Told:
        """Note whether what is done can be written down.

        Args:
            problem: Why not; empty if it can, or if it was not tried.

        """
        before, self._audit_problem = self._audit_problem, problem
        if problem and not before:
            return self._told(
                WatchEventKind.PROBLEM, f"nothing can be healed: {problem}"
            )
        if before and not problem:
            said = "what is done can be written down again"
            return self._told(WatchEventKind.PROBLEM, said)
        return ()

    def shown(self, problem: str) -> Told:
        """Note whether other programs can see what the watch does.

        Args:
            problem: Why not; empty if they can.

        """
        before, self._status_problem = self._status_problem, problem
        if problem and not before:
            said = f"nstui watch --status cannot show what this watch does: {problem}"
            return self._told(WatchEventKind.PROBLEM, said)
        if before and not problem:
            said = "nstui watch --status can show again what this watch does"
            return self._told(WatchEventKind.PROBLEM, said)
        return ()

    def _offset(self) -> float:
        return self._wall().timestamp() - self._clock()

    def _told(
        self, kind: WatchEventKind, sentence: str, hold: Hold | None = None
    ) -> Told:
        return (WatchEvent(kind=kind, at=self._wall(), message=sentence, hold=hold),)

"""What goes wrong while a host is watched, each told once when it begins and ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.errors import InternalFault
from nstui.model.watch import Hold, WatchEvent, WatchEventKind

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nstui.errors import NstuiError

    Told = tuple[WatchEvent, ...]


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

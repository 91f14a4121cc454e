"""What a standing watch remembers: what was decided, what is due, and whether it acts.

All of it is used from one thread.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.watching.deciding import decide_next, note_begun, note_outcome
from nstui.analysis.watching.decisions import Decision, Observation
from nstui.analysis.watching.schedule import NEW_SCHEDULE
from nstui.errors import NstuiError
from nstui.model.watch import Hold

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from nstui.analysis.report import Report
    from nstui.analysis.watching.deciding import Healing
    from nstui.analysis.watching.decisions import WatchOptions
    from nstui.model.container import ContainerEvent, ContainerId
    from nstui.model.watch import WatchStatus
    from nstui.ports import WatchState
    from nstui.service.watch_orders import OrderBegun
    from nstui.service.watch_telling import Told, Troubles


AHEAD_S = 0.7
"""How long before something is due everything is read again, so that healing need not
wait for that."""

FRESH_S = 2.0
"""For how many seconds what was read then may be relied on; events drop what has
changed since."""

_ENDING = frozenset({Hold.SETTLING, Hold.BACK_OFF})
"""The holds that end at a known time, with nothing to be seen."""


class Agenda:
    """Remembers what is due; all times are those of a steady clock, in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Begin with nothing due."""
        self._clock = clock
        self._decide_s: float | None = None
        self._read_s: float | None = None
        """When everything is to be read again, since something is due soon after."""

        self._fresh_until_s = float("-inf")

    @property
    def is_fresh(self) -> bool:
        """Whether everything was read again a moment ago."""
        return self._clock() <= self._fresh_until_s

    @property
    def must_decide(self) -> bool:
        """Whether it is time to decide."""
        return self._decide_s is not None and self._clock() >= self._decide_s

    def wait_s(self, at_most: float) -> float:
        """Return for how long nothing is due."""
        due = (self._decide_s, self._read_s)
        waits = [max(0.0, at - self._clock()) for at in due if at is not None]
        return min([at_most, *waits])

    def decide_now(self) -> None:
        """Let it be decided as soon as possible."""
        self._decide_s = self._clock()

    def begin_deciding(self) -> None:
        """Note that what was due is being decided."""
        self._decide_s = None

    def plan(self, decision: Decision) -> None:
        """Note when it is to be decided again, and what is to be read before that."""
        if decision.look_in_s is not None:
            self._decide_s = self._clock() + decision.look_in_s
        due, self._read_s = self._decide_s, None
        soon = any(one.hold in _ENDING for one in decision.incidents)
        if due is not None and soon and self._fresh_until_s < due:
            self._read_s = max(self._clock(), due - AHEAD_S)

    def take_reading(self) -> bool:
        """Return whether everything is to be read now; it counts as read then."""
        if self._read_s is None or self._clock() < self._read_s:
            return False
        self._read_s = None
        self._fresh_until_s = self._clock() + FRESH_S
        return True


class WatchMemory:
    """What has happened, what was decided about it, and what was done."""

    def __init__(
        self, wall: Callable[[], datetime], clock: Callable[[], float]
    ) -> None:
        """Begin without anything.

        Args:
            wall: Returns the time, in UTC.
            clock: Returns seconds that no change of the machine's clock moves.

        """
        self._wall = wall
        self._clock = clock
        self._schedule = NEW_SCHEDULE
        self.decision = Decision()
        """What was decided last."""

        self._events: list[ContainerEvent] = []
        """The events since then."""

        self._past_events: frozenset[ContainerEvent] = frozenset()
        self._resets: frozenset[str] = frozenset()

    def recall(self, events: Collection[ContainerEvent]) -> None:
        """Take the events of the time before the watch, as the engine remembers them.

        They are not taken again if they are sent once more.
        """
        self._past_events = frozenset(events)
        self._events += events

    def take_event(self, event: ContainerEvent) -> None:
        """Take an event that was sent."""
        if event not in self._past_events:
            self._events.append(event)

    def reset(self, names: frozenset[str]) -> None:
        """Close the circuits of containers when it is decided next."""
        self._resets |= names

    def decide(
        self,
        report: Report,
        options: WatchOptions,
        *,
        acting: frozenset[str],
        protected: frozenset[ContainerId],
    ) -> Decision:
        """Decide what is to be done about a report.

        Args:
            report: The latest one.
            options: What the watch is to do.
            acting: The keys of the orders that are under way, or wait for their turn.
            protected: The containers that must not be acted on.

        """
        observation = Observation(
            report=report,
            events=tuple(self._events),
            now=self._wall(),
            clock_s=self._clock(),
            acting=acting,
            reset=self._resets,
            protected=protected,
        )
        self._events.clear()
        self._resets = frozenset()
        self._schedule, self.decision = decide_next(
            self._schedule, observation, options
        )
        return self.decision

    def note_begun(self, begun: OrderBegun, *, is_dry_run: bool) -> Told:
        """Note that an order is about to be carried out; return what is to be told."""
        self._schedule, events = note_begun(
            self._schedule,
            begun.key,
            begun.plan,
            now=self._wall(),
            clock_s=self._clock(),
            steps=begun.steps,
            is_dry_run=is_dry_run,
        )
        return events

    def note_outcome(self, healing: Healing, *, is_dry_run: bool) -> Told:
        """Note what has come of an order; return what is to be told."""
        self._schedule, events = note_outcome(
            self._schedule,
            healing,
            now=self._wall(),
            clock_s=self._clock(),
            is_dry_run=is_dry_run,
        )
        return events


class Role:
    """Whether this watch acts, or another one of the same host."""

    def __init__(self, state: WatchState | None, troubles: Troubles) -> None:
        """Begin as the watch that acts.

        Args:
            state: Where the watch leaves what it does, and who acts; None if it acts
                on nothing.
            troubles: Remembers what of that fails.

        """
        self._state = state
        self._troubles = troubles
        self.is_second = False
        """Whether another watch acts, or may."""

    def find(self) -> Told:
        """Find out which watch acts; return what is to be told of that."""
        if self._state is None:
            return ()
        problem, is_free = "", False
        try:
            is_free = self._state.acquire()
        except (OSError, NstuiError) as error:
            problem = str(error)
        self.is_second = not is_free
        return self._troubles.locked(problem, is_second=self.is_second)

    def take_resets(self) -> frozenset[str]:
        """Return the names of the containers whose circuit is to be closed, once."""
        if self._state is None or self.is_second:
            return frozenset()
        return self._state.take_resets()

    def show(self, status: WatchStatus) -> Told:
        """Show other programs what the watch that acts does; return what is to be told.

        Another watch shows nothing.
        """
        if self._state is None or self.is_second:
            return ()
        problem = ""
        try:
            self._state.write(status)
        except (OSError, NstuiError) as error:
            problem = str(error)
        return self._troubles.shown(problem)

    def leave(self) -> None:
        """Let another watch act."""
        if self._state is not None:
            self._state.release()

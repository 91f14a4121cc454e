"""When a standing watch reads everything again and decides anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.watch import Hold

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.analysis.watching.decisions import Decision


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

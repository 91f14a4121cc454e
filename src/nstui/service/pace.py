"""How long to wait for more events before a look."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

LIMITS_S = (0.05, 0.25, 1.0, 3.0)
"""The longest wait for the first look that events ask for, the next, and so on."""

QUIET_SHARE = 0.25
"""The share of its limit after which a wait is over if nothing more has happened."""

CALM_S = 1.0
"""After so long without an event the next one is a first one again."""


class Pace:
    """Gathers events: one alone is seen at once, a storm of them in few looks.

    A restart alone makes eight events, and a hundred starts make hundreds. `hear` may
    be called from another thread than the rest.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take what tells the time, in seconds from any moment on."""
        self._clock = clock
        self._looks = 0
        self._since: float | None = None
        """When the first event was heard that no look has seen."""

        self._last = clock() - CALM_S

    def hear(self) -> None:
        """Take in an event."""
        now = self._clock()
        if now - self._last >= CALM_S:
            self._looks = 0
        if self._since is None:
            self._since = now
        self._last = now

    def look(self) -> None:
        """Take in that a look begins: it sees all that was heard."""
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

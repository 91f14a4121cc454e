"""How well the engine's events are heard, and when to ask for them again."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

RETRY_S = 1.0
"""The first pause after a failure; it doubles with each further one."""

LONGEST_RETRY_S = 8.0

TRIES = 2
"""After so many streams in a row that failed events count as not heard: one ends when
an engine is restarted."""


def pause_s(failures: int) -> float:
    """Return how long to wait after so many failures in a row, at least one."""
    return float(min(LONGEST_RETRY_S, RETRY_S * 2 ** min(failures - 1, 8)))


class Hearing:
    """Counts the streams of events that did not last, while the engine answers.

    One thread tells it of streams; others may ask how it is.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Take what tells the time, in seconds."""
        self._clock = clock
        self._began: float | None = None
        self._failures = 0
        self._unheard = 0
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
            self._failures = self._unheard = 0
        self._began = None
        self._failures += 1
        self._unheard = self._unheard + 1 if is_answered else 0
        self._reason = reason
        return pause_s(self._failures)

    @property
    def deaf_because(self) -> str:
        """Why events are not heard; empty if they are, or that is not known yet."""
        if self._unheard < TRIES or self._lasts():
            return ""
        return self._reason

    def _lasts(self) -> bool:
        """Tell whether there is a stream that has not ended soon."""
        began = self._began
        return began is not None and self._clock() - began >= LONGEST_RETRY_S

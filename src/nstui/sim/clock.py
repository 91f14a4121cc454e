"""Time in a simulated world."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def utc_now() -> datetime:
    """Return the present moment, in UTC."""
    return datetime.now(UTC)


class SimClock:
    """A clock that can be behind another, so that a scene has a past."""

    def __init__(self, source: Callable[[], datetime] = utc_now) -> None:
        self._source = source
        self.behind = timedelta()
        """By how much it is behind its source."""

    def __call__(self) -> datetime:
        """Return the moment it shows."""
        return self._source() - self.behind

    def advance(self, by: timedelta) -> None:
        """Move it forward."""
        self.behind -= by


_TICK = timedelta(microseconds=1)

_LADDER = (
    (1, 1, "Less than a second", ""),
    (60, 1, "1 second", "seconds"),
    (60 * 60, 60, "About a minute", "minutes"),
)
"""Below how many seconds, in which unit, how one is said, how several are."""

_HOUR = 60 * 60
_HOURS_LADDER = (
    (48, 1, "hours"),
    (24 * 7 * 2, 24, "days"),
    (24 * 30 * 2, 24 * 7, "weeks"),
    (24 * 365 * 2, 24 * 30, "months"),
)
_HOURS_OF_A_YEAR = 24 * 365


def duration_words(duration: timedelta) -> str:
    """Say a duration as the docker command does.

    The rounding is that of ``HumanDuration`` in docker/go-units.
    """
    seconds = max(0, int(duration.total_seconds()))
    for limit, unit, one, several in _LADDER:
        if seconds < limit:
            number = seconds // unit
            return f"{number} {several}" if number > 1 else one
    hours = (seconds + _HOUR // 2) // _HOUR
    if hours == 1:
        return "About an hour"
    for limit, unit, several in _HOURS_LADDER:
        if hours < limit:
            return f"{hours // unit} {several}"
    return f"{hours // _HOURS_OF_A_YEAR} years"


class Moments:
    """Moments of a clock, each later than the one before.

    Two starts of a container must never have one time: nstui takes equal times for
    the same start.
    """

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self._last = datetime.min.replace(tzinfo=UTC)

    @property
    def last(self) -> datetime:
        """The moment that was returned last."""
        return self._last

    def next(self) -> datetime:
        """Return the present moment, or the one after the last."""
        self._last = max(self._clock(), self._last + _TICK)
        return self._last

"""Follows the standing watch of a host while its screen is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.watching.status import (
    ObservedWatch,
    WatchAct,
    WatchLife,
    see_watch,
    watched_among,
    watched_for,
)
from nstui.errors import NstuiError
from nstui.model.watch import WatchReading
from nstui.render.text import Piece
from nstui.render.watch_status import act_tone, intent_text
from nstui.tui.poller import in_background, is_leaving

if TYPE_CHECKING:
    from collections.abc import Callable, Collection
    from datetime import datetime

    from textual.screen import Screen
    from textual.timer import Timer

    from nstui.model.finding import Incident
    from nstui.ports import WatchView
    from nstui.service.host import Host


EVERY_S = 1.0
"""Seconds between two readings of a watch."""

RARELY = 5
"""Where none has ever run, only every so many times is looked for one."""

NOT_SEEN = ObservedWatch(WatchLife.NONE, WatchReading(status=None, is_held=False))


class WatchFollower:
    """Reads what the watch does, in the background and never twice at once."""

    def __init__(
        self, screen: Screen[None], host: Host, on_change: Callable[[], object]
    ) -> None:
        """Create a follower that reads nothing yet.

        Args:
            screen: Runs the readings.
            host: The host of the watch.
            on_change: Called after each reading.

        """
        self._screen = screen
        self._host = host
        self._on_change = on_change
        self._is_reading = False
        self._turn = 0
        self._timer: Timer | None = None
        self.sight = NOT_SEEN
        """What was read last."""

    @property
    def view(self) -> WatchView | None:
        """What reads the watch; None where there can be none."""
        return self._host.watch

    def now(self) -> datetime:
        """Return the time of the host."""
        return self._host.clock()

    def follow(self) -> None:
        """Read now, and then periodically."""
        if self._host.find_watch is not None:
            self._start()
            self._timer = self._screen.set_interval(EVERY_S, self._start)

    def stop(self) -> None:
        """Read no more."""
        if self._timer is not None:
            self._timer.stop()

    def _start(self) -> None:
        is_rare = self.sight.life is WatchLife.NONE
        is_due = self._turn == 0 or not is_rare
        self._turn = (self._turn + 1) % RARELY
        if is_due and not self._is_reading:
            self._screen.run_worker(self._read(), group="watch")

    async def _read(self) -> None:
        self._is_reading = True
        try:
            reading = await in_background(self._reading)
        except NstuiError as error:
            reading = WatchReading(status=None, is_held=None, problem=str(error))
        finally:
            self._is_reading = False
        if not is_leaving(self._screen):
            self.sight = see_watch(reading, self.now())
            self._on_change()

    def _reading(self) -> WatchReading:
        view = self.view
        return NOT_SEEN.reading if view is None else view.read()

    def intent(self, incident: Incident) -> Piece | None:
        """Return what the watch does about an incident; None for nothing known."""
        if not self.sight.incidents:
            return None
        from nstui.analysis.watching.cases import key_of  # noqa: PLC0415

        found = watched_for(self.sight, key_of(incident))
        if found is None:
            return None
        return Piece(intent_text(self.sight, found, self.now()), act_tone(found))

    def warning(self, names: Collection[str]) -> str:
        """Return that the watch heals some containers, or soon will; empty if not.

        Args:
            names: The names of the containers.

        """
        found = watched_among(
            self.sight, names, WatchAct.HEALING, WatchAct.SOON, WatchAct.WAITING
        )
        return "" if found is None else intent_text(self.sight, found, self.now())

    def is_healing(self, names: Collection[str]) -> bool:
        """Tell whether the watch carries out a plan for some containers now.

        Args:
            names: The names of the containers.

        """
        status = self.sight.present
        is_idle = status is None or status.is_dry_run or status.is_read_only
        found = watched_among(self.sight, names, WatchAct.HEALING)
        return found is not None and not is_idle

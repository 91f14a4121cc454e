"""Runs blocking work without blocking the screen: once, or repeatedly."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from nstui.errors import InternalFault, NstuiError
from nstui.model.frozen import dataclass
from nstui.render.text import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from textual.timer import Timer
    from textual.widget import Widget

    from nstui.model.container import ContainerId

    Read = Callable[[], Callable[[], None]]
    """Reads in a thread, and returns the function that the screen's thread calls to
    keep the result."""
    Pids = Mapping[ContainerId, int]


Result = TypeVar("Result")

CURSOR_REST_S = 0.15
"""How many seconds the cursor must rest before anything is read."""

LATE_S = 0.3
"""How many seconds a first reading may take before the screen says so."""

SHORTEST_S = 2.0
"""The shortest pause between two readings of one thing, in seconds."""

PAUSE_FACTOR = 10
"""The pause is at least this many times as long as the reading before it, since reading
is costly on a machine with very many processes."""

Answer = TypeVar("Answer")


async def in_background(work: Callable[[], Result]) -> Result:
    """Run blocking work in a daemon thread and return its result.

    Errors of nstui are raised as they are, any other exception as an `InternalFault`.

    The event loop's own executor is not used: the end of the program would wait for its
    threads, for as long as a hanging engine blocks one.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def resolve(finish: Callable[[], None]) -> None:
        def finish_once() -> None:
            if not future.done():
                finish()

        if not loop.is_closed():
            loop.call_soon_threadsafe(finish_once)

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            failure = error
            if isinstance(error, Exception) and not isinstance(error, NstuiError):
                failure = InternalFault.of(error)
            resolve(lambda: future.set_exception(failure))
        else:
            resolve(lambda: future.set_result(result))

    threading.Thread(target=run, name="in_background", daemon=True).start()
    return await future


def is_leaving(widget: Widget) -> bool:
    """Tell whether a widget is being removed; what is in it may be gone already."""
    # Its workers are cancelled only after that.
    return widget._pruning or not widget.is_attached  # noqa: SLF001 - nothing else tells


class Poller:
    """Reads one thing repeatedly for a widget, as long as it is wanted.

    There are never two readings at once, so that a hanging one is the only one. A
    result that is no longer wanted is dropped.
    """

    def __init__(
        self,
        widget: Widget,
        *,
        interval: float | None,
        on_change: Callable[[], None],
    ) -> None:
        """Create a poller that reads nothing yet.

        Args:
            widget: Shows what is read; nothing is read unless its screen is on top.
            interval: Seconds between two readings of one thing, at least the
                shortest; None for the shortest.
            on_change: Called when there is a new reading, or when one is late.

        """
        self._widget = widget
        self._interval = max(interval or SHORTEST_S, SHORTEST_S)
        self._on_change = on_change
        self._wanted: tuple[Hashable, Read] | None = None
        self._next_timer: Timer | None = None
        self._late_timer: Timer | None = None
        self._has_read = False
        self._is_paused = False
        self._is_due = False
        self._is_under_way = False
        self._is_late = False

    @property
    def is_late(self) -> bool:
        """Whether a reading takes long."""
        return self._is_late

    @property
    def is_paused(self) -> bool:
        """Whether a reading is due, but another screen is on top."""
        return self._is_paused

    def want(self, key: Hashable, read: Read) -> None:
        """Read this from now on, and nothing else.

        Args:
            key: Identifies what is read; nothing changes if it equals the last one.
            read: Reads it in a thread.

        """
        if self._wanted is None or self._wanted[0] != key:
            self.want_nothing()
            self._wanted = (key, read)
            self._has_read = False
            self._schedule(CURSOR_REST_S)

    def want_nothing(self) -> None:
        """Stop reading."""
        self._wanted = None
        self._is_due = self._is_paused = False
        self._clear_late()
        _stop(self._next_timer)

    def read_again(self) -> None:
        """Read at once instead of at the next interval."""
        if not self._is_due:
            _stop(self._next_timer)
            self._start_reading()

    def resume(self) -> None:
        """Read what became due while another screen was on top."""
        if self._is_paused:
            self._start_reading()

    def _schedule(self, seconds: float) -> None:
        _stop(self._next_timer)
        self._next_timer = self._widget.set_timer(seconds, self._start_reading)

    def _start_reading(self) -> None:
        """Read now, or as soon as the reading under way has ended."""
        if self._wanted is None:
            return
        self._is_paused = not self._widget.screen.is_active
        if self._is_paused:
            return
        self._is_due = True
        _stop(self._late_timer)
        delay = SHORTEST_S if self._has_read else LATE_S
        self._late_timer = self._widget.set_timer(delay, self._mark_late)
        if not self._is_under_way:
            self._widget.run_worker(self._read(*self._wanted), group="readings")

    async def _read(self, key: Hashable, read: Read) -> None:
        self._is_under_way = True
        began = time.monotonic()
        try:
            keep = await in_background(read)
        except NstuiError as error:
            self._widget.notify(printable(str(error)), severity="error", markup=False)
            keep = _keep_nothing
        finally:
            self._is_under_way = False
        if self._wanted is None or is_leaving(self._widget):
            return
        if self._wanted[0] == key:
            took = time.monotonic() - began
            self._is_due, self._has_read = False, True
            self._clear_late()
            keep()
            self._on_change()
            self._schedule(max(self._interval, PAUSE_FACTOR * took))
        elif self._is_due:
            self._start_reading()

    def _mark_late(self) -> None:
        self._is_late = True
        self._on_change()

    def _clear_late(self) -> None:
        self._is_late = False
        _stop(self._late_timer)


def _keep_nothing() -> None:
    """Keep nothing of a reading that failed."""


def _stop(timer: Timer | None) -> None:
    if timer is not None:
        timer.stop()


@dataclass(frozen=True, slots=True)
class Reading(Generic[Answer]):
    """The result of one reading."""

    pids: Pids
    """The processes that it was read from, by container."""

    answer: Answer


class History(Generic[Answer]):
    """The last two readings, as long as they belong to what is shown."""

    def __init__(self) -> None:
        self.latest: Reading[Answer] | None = None
        self.before: Reading[Answer] | None = None

    def keep(self, reading: Reading[Answer]) -> None:
        """Add a reading."""
        self.before, self.latest = self.latest, reading

    def restrict(self, pids: Pids) -> None:
        """Forget the readings, unless they share one of these processes."""
        if self.latest is not None and not self.latest.pids.items() & pids.items():
            self.latest = self.before = None

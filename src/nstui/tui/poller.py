"""Blocking work without holding the screen up: once, or read again and again."""

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
    """Reads in a thread; what it returns keeps the result, in the screen's own."""
    Pids = Mapping[ContainerId, int]


Result = TypeVar("Result")

REST_S = 0.15
"""How long the cursor must rest before anything is read."""

LATE_S = 0.3
"""How long a first reading may take before it is said that it is under way."""

SHORTEST_S = 2.0
"""The shortest pause between two readings of one thing."""

SHARE = 10
"""A pause is so many times as long as the reading before it, at least: on a machine
with very many processes a reading is work."""

Answer = TypeVar("Answer")


async def in_background(work: Callable[[], Result]) -> Result:
    """Run blocking work in a daemon thread and return its result.

    What it raises besides nstui's own errors is raised as an `InternalFault`.

    The loop's own executor will not do: the end of the program waits for its threads,
    for as long as a hanging engine holds one.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Result] = loop.create_future()

    def settle(finish: Callable[[], None]) -> None:
        def unless_settled() -> None:
            if not future.done():
                finish()

        if not loop.is_closed():
            loop.call_soon_threadsafe(unless_settled)

    def run() -> None:
        try:
            result = work()
        except BaseException as error:  # noqa: BLE001 - raised again where it is awaited
            failure = error
            if isinstance(error, Exception) and not isinstance(error, NstuiError):
                failure = InternalFault.of(error)
            settle(lambda: future.set_exception(failure))
        else:
            settle(lambda: future.set_result(result))

    threading.Thread(target=run, name="in_background", daemon=True).start()
    return await future


class Poller:
    """Reads one thing at a time for a widget, for as long as that is wanted.

    Never two at once: where one hangs, it is the only one that does. What is read when
    it is no longer wanted is dropped.
    """

    def __init__(
        self,
        widget: Widget,
        *,
        interval: float | None,
        on_change: Callable[[], None],
    ) -> None:
        """Take for whom to read.

        Args:
            widget: Shows what is read; nothing is read unless its screen is on top.
            interval: Seconds between two readings of one thing, if not too short;
                None: as short as may be.
            on_change: Told that there is a reading, or that one takes long.

        """
        self._widget = widget
        self._interval = max(interval or SHORTEST_S, SHORTEST_S)
        self._on_change = on_change
        self._wanted: tuple[Hashable, Read] | None = None
        self._next: Timer | None = None
        self._patience: Timer | None = None
        self._has_read = False
        self._is_paused = False
        self._is_due = False
        self._is_under_way = False
        self._is_late = False

    @property
    def is_late(self) -> bool:
        """Whether a reading of what is wanted is long in coming."""
        return self._is_late

    @property
    def is_paused(self) -> bool:
        """Whether a reading is due and another screen is on top."""
        return self._is_paused

    def want(self, key: Hashable, read: Read) -> None:
        """Read something from now on, and nothing else.

        Args:
            key: Equal for what is the same; then nothing changes.
            read: Reads it.

        """
        if self._wanted is None or self._wanted[0] != key:
            self.want_nothing()
            self._wanted = (key, read)
            self._has_read = False
            self._wait(REST_S)

    def want_nothing(self) -> None:
        """Read no more."""
        self._wanted = None
        self._is_due = self._is_paused = False
        self._settle()
        _stop(self._next)

    def read_again(self) -> None:
        """Read what is wanted without waiting for its time."""
        if not self._is_due:
            _stop(self._next)
            self._begin()

    def resume(self) -> None:
        """Read what became due while another screen was on top."""
        if self._is_paused:
            self._begin()

    def _wait(self, seconds: float) -> None:
        _stop(self._next)
        self._next = self._widget.set_timer(seconds, self._begin)

    def _begin(self) -> None:
        """Read now, or as soon as the reading that is under way has ended."""
        if self._wanted is None:
            return
        self._is_paused = not self._widget.screen.is_active
        if self._is_paused:
            return
        self._is_due = True
        _stop(self._patience)
        patience = SHORTEST_S if self._has_read else LATE_S
        self._patience = self._widget.set_timer(patience, self._be_late)
        if not self._is_under_way:
            self._widget.run_worker(self._read(*self._wanted), group="readings")

    async def _read(self, key: Hashable, read: Read) -> None:
        self._is_under_way = True
        began = time.monotonic()
        try:
            keep = await in_background(read)
        except NstuiError as error:
            self._widget.notify(printable(str(error)), severity="error", markup=False)
            keep = _nothing
        finally:
            self._is_under_way = False
        if self._wanted is None:
            return
        if self._wanted[0] == key:
            took = time.monotonic() - began
            self._is_due, self._has_read = False, True
            self._settle()
            keep()
            self._on_change()
            self._wait(max(self._interval, SHARE * took))
        elif self._is_due:
            self._begin()

    def _be_late(self) -> None:
        self._is_late = True
        self._on_change()

    def _settle(self) -> None:
        self._is_late = False
        _stop(self._patience)


def _nothing() -> None:
    """Keep nothing of a reading that failed."""


def _stop(timer: Timer | None) -> None:
    if timer is not None:
        timer.stop()


@dataclass(frozen=True, slots=True)
class Reading(Generic[Answer]):
    """What was read at one moment."""

    pids: Pids
    """The processes that it was read of, by their containers."""

    answer: Answer


class History(Generic[Answer]):
    """The last two readings, as long as they are of what is shown."""

    def __init__(self) -> None:
        self.latest: Reading[Answer] | None = None
        self.before: Reading[Answer] | None = None

    def keep(self, reading: Reading[Answer]) -> None:
        """Add a reading."""
        self.before, self.latest = self.latest, reading

    def restrict(self, pids: Pids) -> None:
        """Forget what was read, unless it was of one of these processes."""
        if self.latest is not None and not self.latest.pids.items() & pids.items():
            self.latest = self.before = None

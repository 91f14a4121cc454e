"""The events of a simulated world, and their subscribers."""

from __future__ import annotations

import threading
from collections import deque
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from nstui.ports import ContainerEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.model.container import ContainerId


_KEPT = 256
"""How many past events an engine remembers."""


class Subscription:
    """One listener's events, as an iterator that blocks until `end`."""

    def __init__(self, journal: Journal, pass_time: Callable[[], float | None]) -> None:
        self._journal = journal
        self._pass_time = pass_time
        self._queue: SimpleQueue[ContainerEvent | None] = SimpleQueue()

    def __iter__(self) -> Iterator[ContainerEvent]:
        """Return itself."""
        return self

    def __next__(self) -> ContainerEvent:
        """Wait for the next event."""
        while True:
            try:
                event = self._queue.get(timeout=self._pass_time())
            except Empty:
                continue
            if event is None:
                self._queue.put(None)
                raise StopIteration
            return event

    def put(self, event: ContainerEvent) -> None:
        """Hand it an event."""
        self._queue.put(event)

    def end(self) -> None:
        """Let it run dry: what it already holds is still given out."""
        self._journal.drop(self)
        self._queue.put(None)


class Journal:
    """The events of a world."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        self._changes = 0
        self._kept: deque[ContainerEvent] = deque(maxlen=_KEPT)
        self._subscriptions: list[Subscription] = []

    def write(
        self, action: str, container: ContainerId, time_ns: int, name: str = ""
    ) -> None:
        """Add an event, later than all before it, and tell everybody."""
        with self._lock:
            if self._kept:
                time_ns = max(time_ns, self._kept[-1].time_ns + 1)
            event = ContainerEvent(action, container, time_ns, name)
            self._kept.append(event)
            for subscription in self._subscriptions:
                subscription.put(event)
            self._count_change()

    def kept(self) -> tuple[ContainerEvent, ...]:
        """Return the past events that are remembered, the oldest first."""
        with self._lock:
            return tuple(self._kept)

    def forget(self) -> None:
        """Forget the past, as an engine does that is restarted."""
        with self._lock:
            self._kept.clear()

    def notify(self) -> None:
        """Wake those who wait for a change that is no event."""
        with self._lock:
            self._count_change()

    @property
    def changes(self) -> int:
        """How many changes there have been."""
        with self._lock:
            return self._changes

    def await_change(self, seen: int, timeout: float | None) -> None:
        """Return as soon as there have been more changes than some, or in time.

        Args:
            seen: How many there were.
            timeout: Seconds; None: however long it takes.

        """
        with self._lock:
            self._changed.wait_for(lambda: self._changes != seen, timeout)

    def subscribe(
        self,
        since_ns: int | None = None,
        pass_time: Callable[[], float | None] = lambda: None,
    ) -> Subscription:
        """Listen from now on, or from a past moment, that moment included.

        Args:
            since_ns: That moment.
            pass_time: Lets happen what is due; returns after how many seconds to do so
                again if nothing else happens, or None.

        """
        subscription = Subscription(self, pass_time)
        with self._lock:
            if since_ns is not None:
                for event in self._kept:
                    if event.time_ns >= since_ns:
                        subscription.put(event)
            self._subscriptions.append(subscription)
        return subscription

    def _count_change(self) -> None:
        self._changes += 1
        self._changed.notify_all()

    def drop(self, subscription: Subscription) -> None:
        """Tell a listener nothing more."""
        with self._lock:
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)

"""The events of a simulated world, and their subscribers."""

from __future__ import annotations

import threading
from collections import deque
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from nstui.model.container import ContainerEvent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.model.container import ContainerId


_KEPT = 256
"""How many past events an engine remembers."""


class Subscription:
    """The events of one listener, as an iterator that blocks until `end`."""

    def __init__(
        self, journal: Journal, settle_due: Callable[[], float | None]
    ) -> None:
        self._journal = journal
        self._settle_due = settle_due
        self._queue: SimpleQueue[ContainerEvent | None] = SimpleQueue()

    def __iter__(self) -> Iterator[ContainerEvent]:
        """Return itself."""
        return self

    def __next__(self) -> ContainerEvent:
        """Wait for the next event and return it."""
        while True:
            try:
                event = self._queue.get(timeout=self._settle_due())
            except Empty:
                continue
            if event is None:
                self._queue.put(None)
                raise StopIteration
            return event

    def put(self, event: ContainerEvent) -> None:
        """Add an event."""
        self._queue.put(event)

    def end(self) -> None:
        """Stop after the events that are already queued."""
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
        self,
        action: str,
        container: ContainerId,
        time_ns: int,
        name: str = "",
        signal: str = "",
    ) -> None:
        """Add an event, later than all before it, and notify all listeners."""
        with self._lock:
            if self._kept:
                time_ns = max(time_ns, self._kept[-1].time_ns + 1)
            event = ContainerEvent(action, container, time_ns, name, signal)
            self._kept.append(event)
            for subscription in self._subscriptions:
                subscription.put(event)
            self._count_change()

    def kept(self) -> tuple[ContainerEvent, ...]:
        """Return the past events that are remembered, the oldest first."""
        with self._lock:
            return tuple(self._kept)

    def forget(self) -> None:
        """Forget the past events, as an engine does when it is restarted."""
        with self._lock:
            self._kept.clear()

    def notify(self) -> None:
        """Wake the threads that wait for a change, without an event."""
        with self._lock:
            self._count_change()

    @property
    def changes(self) -> int:
        """How many changes there have been."""
        with self._lock:
            return self._changes

    def await_change(self, seen: int, timeout: float | None) -> None:
        """Wait until the number of changes differs from `seen`, or the time is up.

        Args:
            seen: The number of changes that the caller knows.
            timeout: The limit in seconds; None for no limit.

        """
        with self._lock:
            self._changed.wait_for(lambda: self._changes != seen, timeout)

    def subscribe(
        self,
        since_ns: int | None = None,
        settle_due: Callable[[], float | None] = lambda: None,
    ) -> Subscription:
        """Return the events from now on, or from a past time on, inclusive.

        Args:
            since_ns: The past time.
            settle_due: A function that makes happen what is due, and returns after
                how many seconds to call it again if there is no event, or None.

        """
        subscription = Subscription(self, settle_due)
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
        """Remove a listener."""
        with self._lock:
            if subscription in self._subscriptions:
                self._subscriptions.remove(subscription)

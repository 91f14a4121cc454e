"""Tells people and other programs what a standing watch does, whatever hears it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING

from nstui.errors import InternalFault
from nstui.model.watch import WatchEvent, WatchEventKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from nstui.model.watch import WatchStatus
    from nstui.ports import WatchSink


CLOSING_S = 0.6
"""How many seconds the end of the watch waits for the sinks."""

_COUNTED = frozenset({WatchEventKind.HEALED, WatchEventKind.FAILED})


class Teller:
    """Tells the sinks, and remembers what was done; used from one thread."""

    def __init__(
        self,
        sinks: Iterable[WatchSink],
        wall: Callable[[], datetime],
        take_problem: Callable[[str], object],
    ) -> None:
        """Begin without anything told.

        Args:
            sinks: Who is told.
            wall: Returns the time, in UTC.
            take_problem: Called with the sentence about a sink that fails, once each.

        """
        self._sinks = tuple(sinks)
        self._wall = wall
        self._take_problem = take_problem
        self._broken: set[int] = set()
        self.has_news = True
        """Whether anything was told, or has changed, since the last status."""

        self.last: WatchEvent | None = None
        """What was done last: `HEALED` or `FAILED`; None if nothing yet."""

        self.counts: Counter[WatchEventKind] = Counter()
        """How often each of these was told, but for dry runs."""

    def tell(self, events: Iterable[WatchEvent]) -> None:
        """Tell of some events."""
        for event in events:
            self.has_news = True
            if event.kind in _COUNTED and not event.is_dry_run:
                self.counts[event.kind] += 1
                self.last = event
            for sink in self._sinks:
                self._ask(sink, partial(sink.take, event))

    def tell_one(self, kind: WatchEventKind, sentence: str) -> None:
        """Tell of something that happens now."""
        self.tell((WatchEvent(kind=kind, at=self._wall(), message=sentence),))

    def tell_problems(self, sentences: Iterable[str]) -> None:
        """Tell of what fails in the watch itself."""
        for sentence in sentences:
            self.tell_one(WatchEventKind.PROBLEM, sentence)

    def update(self, status: WatchStatus) -> None:
        """Tell what the watch is doing."""
        self.has_news = False
        for sink in self._sinks:
            self._ask(sink, partial(sink.update, status))

    def change_sinks(self, sinks: Iterable[WatchSink]) -> None:
        """Tell others from now on; close those that are not among them."""
        before, self._sinks = self._sinks, tuple(sinks)
        _close(sink for sink in before if sink not in self._sinks)
        self._broken.clear()

    def close(self) -> None:
        """Close all sinks, waiting only a moment for those that are slow."""
        _close(self._sinks)

    def _ask(self, sink: WatchSink, ask: Callable[[], object]) -> None:
        """Call a sink, which must not be the reason why nothing is healed."""
        try:
            ask()
        except Exception as error:  # noqa: BLE001 - it goes on, and says so
            if id(sink) not in self._broken:
                self._broken.add(id(sink))
                self._take_problem(str(InternalFault.of(error)))


def _close(sinks: Iterable[WatchSink]) -> None:
    """Close sinks at the same time, so that a slow one does not hold up the end."""
    threads = [
        threading.Thread(target=sink.close, name="close", daemon=True) for sink in sinks
    ]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + CLOSING_S
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))

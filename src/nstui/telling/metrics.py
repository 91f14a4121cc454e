"""Shows machines what a standing watch does, through prometheus_client."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from nstui.analysis.watching.tally import Tally, count_event
from nstui.telling.families import (
    age_family,
    build_family,
    facts_of,
    look_families,
    status_families,
    tally_families,
)
from nstui.telling.page import Page
from nstui.telling.target import PageAddress
from nstui.telling.textfile import TextFile

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from prometheus_client.core import Metric

    from nstui.model.watch import WatchEvent, WatchStatus
    from nstui.telling.target import MetricsTarget


RETRY_S = 5.0


class Metrics:
    """Implements `nstui.ports.WatchSink`: a page, or a file, with metrics."""

    def __init__(
        self,
        target: MetricsTarget,
        problem: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
        *,
        retry_s: float = RETRY_S,
    ) -> None:
        """Begin to serve or to write.

        Args:
            target: Where.
            problem: Is told in one sentence what does not work, once until it has
                worked again; called from other threads.
            clock: Returns seconds that only go forward.
            retry_s: After how many seconds what did not work is tried again, first.

        """
        self._status: WatchStatus | None = None
        self._tally = Tally()
        self._clock = clock
        self._looked_s: float | None = None
        self._is_page = isinstance(target, PageAddress)
        registry = CollectorRegistry()
        registry.register(self)
        self._outlet: Page | TextFile
        if isinstance(target, PageAddress):
            ProcessCollector(registry=registry)
            self._outlet = Page(target, registry, problem, retry_s=retry_s)
        else:
            self._outlet = TextFile(
                target, lambda: generate_latest(registry), problem, retry_s=retry_s
            )

    def take(self, event: WatchEvent) -> None:
        """Count an event."""
        self._tally = count_event(self._tally, event)
        self._outlet.wake()

    def update(self, status: WatchStatus) -> None:
        """Take what the watch is doing."""
        before = self._status
        if before is None or before.looked_at != status.looked_at:
            self._looked_s = None if status.looked_at is None else self._clock()
        self._status = status
        self._outlet.wake()

    def close(self) -> None:
        """Stop serving, or write the last metrics."""
        self._outlet.close()

    def wait(self, seconds: float) -> PageAddress | None:
        """Wait until the page is served, and return where; None if it is not."""
        return self._outlet.wait(seconds) if isinstance(self._outlet, Page) else None

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics; called from other threads."""
        status, looked_s = self._status, self._looked_s
        yield build_family()
        if status is not None:
            yield from look_families(facts_of(status))
            yield from status_families(status)
        if self._is_page and looked_s is not None:
            # In a file it would stand still, and look the better the older it is.
            yield age_family(max(0.0, self._clock() - looked_s))
        yield from tally_families(self._tally)

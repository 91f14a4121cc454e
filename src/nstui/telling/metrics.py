"""Shows machines what a standing watch does, through prometheus_client.

The metrics are on a page, or in a file that is written whenever there are new ones.
"""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest

from nstui.analysis.text import printable
from nstui.analysis.watching.tally import Tally, count_event
from nstui.errors import InternalFault
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

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from prometheus_client.core import Metric

    from nstui.model.watch import WatchEvent, WatchStatus
    from nstui.telling.target import MetricsFile, MetricsTarget


LEAST_S = 1.0
"""The least time between two writes, in seconds."""

CLOSING_S = 0.4
READABLE = 0o644
"""node_exporter runs as another user."""


def write_readable(path: Path, content: bytes) -> None:
    """Replace a file by one that is complete, and that everybody may read.

    Its temporary name does not end in ``.prom``, so that no collector reads it.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(content)
        draft.chmod(READABLE)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise


class TextFile:
    """Keeps a file as the metrics are, in a thread of its own."""

    def __init__(
        self,
        target: MetricsFile,
        content: Callable[[], bytes],
        problem: Callable[[str], None],
        *,
        retry_s: float,
    ) -> None:
        """Begin to write.

        Args:
            target: The file.
            content: Returns what it is to contain; called in this thread.
            problem: Is told, once, that it cannot be written; called in this thread.
            retry_s: After how many seconds it is tried again.

        """
        self._target = target
        self._content = content
        self._problem = problem
        self._retry_s = retry_s
        self._has_failed = False
        self._is_closed = False
        self._news = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name="metrics file", daemon=True
        )
        self._thread.start()

    def wake(self) -> None:
        """Say that there are new metrics."""
        self._news.set()

    def close(self) -> None:
        """Write the last metrics, and end."""
        self._is_closed = True
        self._closing.set()
        self._news.set()
        self._thread.join(CLOSING_S)

    def _run(self) -> None:
        while not self._is_closed:
            self._news.wait()
            self._news.clear()
            is_written = self._write()
            # Events come in bursts, and a disk that is full stays so for a while.
            self._closing.wait(LEAST_S if is_written else self._retry_s)
            if not is_written:
                self._news.set()
        if self._news.is_set():
            self._write()

    def _write(self) -> bool:
        try:
            write_readable(self._target.path, self._content())
        except OSError as error:
            self._tell(
                f"the metrics cannot be written to {self._target}: "
                f"{printable(error.strerror or str(error))}; it is tried again"
            )
            return False
        except Exception as error:  # noqa: BLE001 - no exception ends a thread in silence
            self._tell(str(InternalFault.of(error)))
            return False
        self._has_failed = False
        return True

    def _tell(self, sentence: str) -> None:
        if not self._has_failed:
            self._has_failed = True
            self._problem(sentence)


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

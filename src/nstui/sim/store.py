"""A trace that lasts as long as the program."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from nstui.errors import TraceFailed

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.model.trace import ActionEntry, DamagedRecord, RemovedContainer


class MemoryStore:
    """Implements `nstui.ports.TraceStore` for a simulated host.

    What can be done to it, so that nothing can be written, is here too.
    """

    def __init__(self, keep: int = 100) -> None:
        """Begin with nothing.

        Args:
            keep: How many removed containers are kept, the newest.

        """
        self._keep = keep
        self._lock = threading.Lock()
        self._removed: list[RemovedContainer] = []
        self._entries: list[ActionEntry] = []
        self._refusal: str | None = None

    @property
    def entries(self) -> tuple[ActionEntry, ...]:
        """The action log, the oldest entry first."""
        with self._lock:
            return tuple(self._entries)

    def require_writable(self) -> None:
        """Find out whether a trace could be kept now, leaving nothing behind."""
        if self._refusal is not None:
            raise TraceFailed(f"no trace can be kept: {self._refusal}")

    def save(self, removed: RemovedContainer) -> None:
        """Keep a container that is about to be removed."""
        self.require_writable()
        with self._lock:
            others = [one for one in self._removed if _key(one) != _key(removed)]
            newest = sorted(others, key=_key, reverse=True)[: max(0, self._keep - 1)]
            self._removed = sorted([*newest, removed], key=_key, reverse=True)

    def discard(self, removed: RemovedContainer) -> None:
        """Drop what was kept of a container that was not removed after all."""
        self.require_writable()
        with self._lock:
            kept = [one for one in self._removed if _key(one) != _key(removed)]
            self._removed = kept

    def append(self, entry: ActionEntry) -> None:
        """Add an entry to the action log."""
        self.require_writable()
        with self._lock:
            self._entries.append(entry)

    def removed(self) -> tuple[RemovedContainer, ...]:
        """Return the containers that are kept, the newest first."""
        with self._lock:
            return tuple(self._removed)

    def damaged(self) -> tuple[DamagedRecord, ...]:
        """Return nothing: memory is not damaged."""
        return ()

    def refuse(self, why: str = "no space left on device") -> None:
        """Write nothing any more, for a reason."""
        self._refusal = why

    def allow(self) -> None:
        """Write again."""
        self._refusal = None


def _key(removed: RemovedContainer) -> tuple[datetime, str]:
    return removed.removed_at, removed.id

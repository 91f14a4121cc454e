"""An audit log in memory."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nstui.errors import AuditFailed
from nstui.model.audit import without_doubles

if TYPE_CHECKING:
    from nstui.model.audit import ActionEntry, DamagedRecord, RemovedContainer
    from nstui.model.container import ContainerId
    from nstui.model.outcome import PlanRecord
    from nstui.ports import PlanJournal


class MemoryJournal:
    """Implements `nstui.ports.PlanJournal`."""

    def __init__(self, store: MemoryStore, record: PlanRecord) -> None:
        """Begin, or go on, with what is known of a plan."""
        self._store = store
        self.record = record
        self.is_open = True

    def begun(self, number: int) -> None:
        """Note that a step is about to be taken."""
        self._note(replace(self.record, begun=number))

    def done(self, number: int) -> None:
        """Note that a step was seen to be done."""
        self._note(replace(self.record, done=number, new=None))

    def created(self, new: ContainerId) -> None:
        """Note the id of the new container of a replacement."""
        self._note(replace(self.record, new=new))

    def end(self) -> None:
        """Drop it: nothing of the plan is left over."""
        self._store.drop(self)

    def close(self) -> None:
        """Close it."""
        self.is_open = False

    def _note(self, record: PlanRecord) -> None:
        self._store.require_writable()
        self.record = replace(record, written_at=datetime.now(UTC))


class MemoryStore:
    """Implements `nstui.ports.AuditLog` for a simulated host.

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
        self._journals: dict[str, MemoryJournal] = {}

    @property
    def entries(self) -> tuple[ActionEntry, ...]:
        """The action log, the oldest entry first."""
        with self._lock:
            return tuple(self._entries)

    def require_writable(self) -> None:
        """Find out whether a trace could be kept now, leaving nothing behind."""
        if self._refusal is not None:
            raise AuditFailed(f"no trace can be kept: {self._refusal}")

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

    def begin(self, record: PlanRecord) -> PlanJournal:
        """Begin to keep how far a plan has come."""
        self.require_writable()
        return self._opened(record)

    def resume(self, record: str) -> PlanJournal:
        """Go on with what is kept of a plan that was cut off."""
        self.require_writable()
        kept = self._journals.get(record)
        if kept is None or kept.is_open:
            raise AuditFailed(f"there is no plan {record} that was cut off")
        return self._opened(kept.record)

    def unfinished(self) -> tuple[PlanRecord | DamagedRecord, ...]:
        """Return the plans that were cut off, the oldest first."""
        with self._lock:
            return tuple(j.record for j in self._journals.values() if not j.is_open)

    def drop(self, journal: MemoryJournal) -> None:
        """Forget what is kept of a plan."""
        with self._lock:
            self._journals.pop(journal.record.id, None)

    def release_all(self) -> None:
        """Close all journals, as the end of a program does."""
        with self._lock:
            for journal in self._journals.values():
                journal.close()

    def _opened(self, record: PlanRecord) -> MemoryJournal:
        with self._lock:
            journal = self._journals[record.id] = MemoryJournal(self, record)
        return journal

    def removed(self) -> tuple[RemovedContainer, ...]:
        """Return the containers that are kept, the newest first."""
        with self._lock:
            return without_doubles(self._removed)

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

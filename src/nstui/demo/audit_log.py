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
    """Implements `nstui.ports.PlanJournal` in memory."""

    def __init__(self, audit_log: MemoryAuditLog, record: PlanRecord) -> None:
        """Keep the record of a plan, new or resumed."""
        self._audit_log = audit_log
        self.record = record
        self.is_open = True

    def begun(self, number: int) -> None:
        """Note that a step is about to be taken."""
        self._note(replace(self.record, begun=number))

    def done(self, number: int) -> None:
        """Note that a step was confirmed to be done."""
        self._note(replace(self.record, done=number, new=None))

    def created(self, new: ContainerId) -> None:
        """Note the id of the new container of a replacement."""
        self._note(replace(self.record, new=new, made=self.record.made | {new}))

    def end(self) -> None:
        """Drop the journal: the plan has left nothing over."""
        self._audit_log.drop(self)

    def close(self) -> None:
        """Close the journal; unless it was dropped, the plan was cut off."""
        self.is_open = False

    def _note(self, record: PlanRecord) -> None:
        self._audit_log.require_writable()
        self.record = replace(record, written_at=datetime.now(UTC))


class MemoryAuditLog:
    """Implements `nstui.ports.AuditLog` for a simulated host.

    It can also be made to refuse every write.
    """

    def __init__(self, keep: int = 100) -> None:
        """Begin empty.

        Args:
            keep: How many removed containers are kept, the newest ones.

        """
        self._keep = keep
        self._lock = threading.Lock()
        self._removed: list[RemovedContainer] = []
        self._entries: list[ActionEntry] = []
        self._refusal: str | None = None
        self._is_hidden = False
        self._journals: dict[str, MemoryJournal] = {}

    @property
    def entries(self) -> tuple[ActionEntry, ...]:
        """The action log, the oldest entry first."""
        with self._lock:
            return tuple(self._entries)

    def require_writable(self) -> None:
        """Raise AuditFailed if nothing could be recorded now."""
        if self._refusal is not None:
            raise AuditFailed(f"no trace can be kept: {self._refusal}")

    def save(self, removed: RemovedContainer) -> None:
        """Record a container that is about to be removed."""
        self.require_writable()
        with self._lock:
            others = [other for other in self._removed if _key(other) != _key(removed)]
            newest = sorted(others, key=_key, reverse=True)[: max(0, self._keep - 1)]
            self._removed = sorted([*newest, removed], key=_key, reverse=True)

    def discard(self, removed: RemovedContainer) -> None:
        """Drop the record of a container that was not removed after all."""
        self.require_writable()
        with self._lock:
            kept = [other for other in self._removed if _key(other) != _key(removed)]
            self._removed = kept

    def append(self, entry: ActionEntry) -> None:
        """Append an entry to the action log."""
        self.require_writable()
        with self._lock:
            self._entries.append(entry)

    def begin(self, record: PlanRecord) -> PlanJournal:
        """Create the journal of a plan."""
        self.require_writable()
        return self._open(record)

    def resume(self, record: str) -> PlanJournal:
        """Reopen the journal of a plan that was cut off."""
        self.require_writable()
        kept = self._journals.get(record)
        if kept is None or kept.is_open:
            raise AuditFailed(f"there is no plan {record} that was cut off")
        return self._open(kept.record)

    def unfinished(self) -> tuple[PlanRecord | DamagedRecord, ...]:
        """Return the plans that were cut off, the oldest first."""
        with self._lock:
            return tuple(j.record for j in self._journals.values() if not j.is_open)

    def drop(self, journal: MemoryJournal) -> None:
        """Drop the journal of a plan."""
        with self._lock:
            self._journals.pop(journal.record.id, None)

    def release_all(self) -> None:
        """Close all journals, as the end of a program does."""
        with self._lock:
            for journal in self._journals.values():
                journal.close()

    def _open(self, record: PlanRecord) -> MemoryJournal:
        with self._lock:
            journal = self._journals[record.id] = MemoryJournal(self, record)
        return journal

    def removed(self) -> tuple[RemovedContainer, ...]:
        """Return the recorded containers, the newest first."""
        if self._is_hidden:
            raise AuditFailed(f"what was removed cannot be read: {self._refusal}")
        with self._lock:
            return without_doubles(self._removed)

    def damaged(self) -> tuple[DamagedRecord, ...]:
        """Return an empty tuple: memory is not damaged."""
        return ()

    def refuse(self, reason: str = "no space left on device") -> None:
        """Refuse to write from now on, for this reason."""
        self._refusal = reason

    def hide(self, reason: str) -> None:
        """Refuse to write, and to tell what was removed, for this reason."""
        self._refusal = reason
        self._is_hidden = True

    def allow(self) -> None:
        """Write again."""
        self._refusal = None
        self._is_hidden = False


def _key(removed: RemovedContainer) -> tuple[datetime, str]:
    return removed.removed_at, removed.id

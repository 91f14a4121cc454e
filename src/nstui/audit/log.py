"""The audit log: one file for each removed container, and one log of all actions."""

from __future__ import annotations

import json
import re
from contextlib import contextmanager, suppress
from datetime import MAXYEAR, MINYEAR, UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from nstui.audit.files import (
    DRAFT_PREFIX,
    SCHEMA,
    append_line,
    decode_object,
    drop,
    drop_old_drafts,
    engine_id_of,
    optional_time,
    read_regular,
    require_appendable,
    required_text,
    write_whole,
)
from nstui.audit.folders import check_folders, make_folders, test_writing
from nstui.audit.journal import SUFFIX as PLAN_SUFFIX
from nstui.audit.journal import create_journal, read_journal, resume_journal
from nstui.errors import AuditFailed
from nstui.model.audit import (
    DamagedRecord,
    RemovedContainer,
    Restored,
    without_doubles,
)
from nstui.model.container import ComposeService, ContainerId, is_id
from nstui.model.json import flag, inner, is_shallow, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from nstui.model.audit import ActionEntry
    from nstui.model.outcome import PlanRecord
    from nstui.ports import PlanJournal


Read = TypeVar("Read")

MAX_DEPTH = 128
"""The deepest nesting of a record, and of the inspect in it."""

_FILE_NAME = r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{64}\.json"

MAX_RECORD_BYTES = 128_000_000
"""The largest size of a record; each character of its inspect may take several
bytes."""


def _file_name(removed: RemovedContainer) -> str:
    """Return the name of the file that keeps a removed container.

    Names sort by the time of removal. No part of a name is chosen by whoever created
    the container.
    """
    moment = removed.removed_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return f"{moment}-{_hex_id(removed.id)}.json"


def is_file_name(name: str) -> bool:
    """Return whether a file name is that of a removed container."""
    return re.fullmatch(_FILE_NAME, name) is not None


def encode_removed(removed: RemovedContainer) -> bytes:
    """Return the content of the file of a removed container."""
    document = {
        "schema": SCHEMA,
        "removed_at": _format_time(removed.removed_at),
        "endpoint": removed.endpoint,
        "engine_id": removed.engine_id or None,
        "id": removed.id,
        "name": removed.name,
        "image": removed.image,
        "confirmed": removed.is_confirmed,
        "compose": _encode_service(removed.compose),
        "ran": removed.ran,
        "restored": _encode_restored(removed.restored),
        "inspect": dict(removed.inspect),
    }
    return json.dumps(document, indent=2).encode() + b"\n"


def decode_removed(content: bytes) -> RemovedContainer:
    """Return the removed container that a file keeps.

    Raises:
        ValueError: The content is damaged; the message says how.

    """
    document = decode_object(content)
    if not is_shallow(document, MAX_DEPTH):
        raise ValueError("it is nested too deeply")
    inspect = document.get("inspect")
    if not isinstance(inspect, dict):
        raise ValueError("it has no inspect")  # noqa: TRY004 - content, not a type
    return RemovedContainer(
        removed_at=_parse_time(required_text(document, "removed_at")),
        endpoint=required_text(document, "endpoint"),
        engine_id=engine_id_of(document),
        id=ContainerId(required_text(document, "id")),
        name=required_text(document, "name"),
        image=required_text(document, "image"),
        inspect=inspect,
        is_confirmed=document.get("confirmed") is not False,
        compose=_decode_service(inner(document, "compose")),
        ran=flag(document, "ran"),
        restored=_decode_restored(inner(document, "restored")),
    )


def encode_entry(entry: ActionEntry) -> bytes:
    """Return a line of the action log, with its line end."""
    document = {
        "schema": SCHEMA,
        "at": _format_time(entry.at),
        "endpoint": entry.endpoint,
        "engine_id": entry.engine_id or None,
        "who": entry.who,
        "plan": entry.plan,
        "number": entry.number,
        "total": entry.total,
        "action": entry.action,
        "verb": entry.verb.value,
        "container": entry.container,
        "name": entry.name,
        "why": entry.why,
        "phase": entry.phase.value,
        "error": entry.error,
    }
    return json.dumps(document).encode() + b"\n"


def _hex_id(container: ContainerId) -> str:
    if is_id(container):
        return container
    import hashlib  # noqa: PLC0415

    return hashlib.sha256(container.encode(errors="surrogatepass")).hexdigest()


def _encode_service(compose: ComposeService | None) -> dict[str, str] | None:
    if compose is None:
        return None
    return {"project": compose.project, "service": compose.service}


def _decode_service(value: Mapping[str, object]) -> ComposeService | None:
    """Return the compose service that was proven; None in records of older versions."""
    project, service = text(value, "project"), text(value, "service")
    return ComposeService(project, service) if project and service else None


def _encode_restored(restored: Restored | None) -> dict[str, str] | None:
    if restored is None:
        return None
    at = _format_time(restored.at)
    return {"id": restored.container, "name": restored.name, "at": at}


def _decode_restored(value: Mapping[str, object]) -> Restored | None:
    container, at = text(value, "id"), optional_time(value, "at")
    if not container or at is None:
        return None
    return Restored(ContainerId(container), text(value, "name"), at.astimezone(UTC))


def _parse_time(value: str) -> datetime:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("its removed_at is no moment") from None
    if moment.tzinfo is None:
        raise ValueError("its removed_at has no time zone")
    if not MINYEAR < moment.year < MAXYEAR:
        # In another time zone the time may be out of range.
        raise ValueError("its removed_at is out of range")
    return moment.astimezone(UTC)


def _format_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class FileAuditLog:
    """Implements `nstui.ports.AuditLog` in a folder; safe among several programs."""

    def __init__(self, folder: Path, keep: int = 100) -> None:
        """Take the folder; nothing is read or created yet.

        Args:
            folder: The folder of the audit log; created when it is first needed.
            keep: How many removed containers are kept, the newest ones.

        """
        self._folder = folder
        self._records = folder / "removed"
        self._log = folder / "actions.jsonl"
        self._plans = folder / "unfinished"
        self._keep = keep

    def require_writable(self) -> None:
        """Check whether something could be recorded now, leaving nothing behind."""
        for folder in (self._folder, self._records):
            with _translated("no trace can be kept in", folder):
                test_writing(folder)
        with _translated("no action can be noted in", self._log):
            require_appendable(self._log)

    def save(self, removed: RemovedContainer) -> None:
        """Record a container about to be removed; return once that is on the disk."""
        path = self._records / _file_name(removed)
        with _translated("no trace can be kept in", self._records):
            make_folders(self._folder, self._records)
            write_whole(path, encode_removed(removed))
        # A surplus record does no harm: failing to remove it is not an error.
        with suppress(OSError):
            self._remove_surplus(beside=path)

    def discard(self, removed: RemovedContainer) -> None:
        """Drop the record of a container that was not removed after all."""
        path = self._records / _file_name(removed)
        with _translated("cannot drop", path):
            path.unlink(missing_ok=True)

    def append(self, entry: ActionEntry) -> None:
        """Append an entry to the action log; return once it is on the disk."""
        with _translated("no action can be noted in", self._log):
            make_folders(self._folder, self._records)
            append_line(self._log, encode_entry(entry))

    def removed(self) -> tuple[RemovedContainer, ...]:
        """Return the recorded containers, the newest first."""
        read = self._read()
        return without_doubles(
            record for record in read if isinstance(record, RemovedContainer)
        )

    def damaged(self) -> tuple[DamagedRecord, ...]:
        """Return the records of removed containers that cannot be read."""
        read = self._read()
        return tuple(record for record in read if isinstance(record, DamagedRecord))

    def begin(self, record: PlanRecord) -> PlanJournal:
        """Create the journal of a plan, and drop the oldest of too many."""
        with _translated("no progress can be noted in", self._plans):
            make_folders(self._folder, self._plans)
            paths = self._plan_paths()
            for path in paths[: max(0, len(paths) + 1 - self._keep)]:
                drop(path)
            return create_journal(self._plans, record)

    def resume(self, record: str) -> PlanJournal:
        """Reopen the journal of a plan that was cut off."""
        with _translated("cannot go on with what is kept in", self._plans):
            check_folders(self._folder, self._plans)
            return resume_journal(self._plans, record)

    def unfinished(self) -> tuple[PlanRecord | DamagedRecord, ...]:
        """Return the plans that were cut off, the oldest first; some may be damaged."""
        with _translated("cannot read", self._plans):
            try:
                check_folders(self._folder, self._plans)
                paths = self._plan_paths()
            except FileNotFoundError:
                return ()
        found = (_read_or_damaged(path, read_journal) for path in paths)
        return tuple(record for record in found if record is not None)

    def _plan_paths(self) -> list[Path]:
        """Return the files of plans, the least recently changed first."""
        found = []
        # iterdir, since glob treats a missing folder as an empty one.
        for path in self._plans.iterdir():
            if path.suffix == PLAN_SUFFIX and not path.name.startswith(DRAFT_PREFIX):
                with suppress(FileNotFoundError):
                    found.append((path.lstat().st_mtime_ns, path))
        return [path for _, path in sorted(found)]

    def _read(self) -> tuple[RemovedContainer | DamagedRecord, ...]:
        with _translated("cannot read", self._records):
            try:
                check_folders(self._folder, self._records)
            except FileNotFoundError:
                return ()
            paths = self._newest_first()
        found = (_read_or_damaged(path, _read_record) for path in paths)
        return tuple(record for record in found if record is not None)

    def _newest_first(self) -> list[Path]:
        paths = (path for path in self._records.iterdir() if is_file_name(path.name))
        return sorted(paths, reverse=True)

    def _remove_surplus(self, beside: Path) -> None:
        """Drop the oldest of too many records, and abandoned drafts.

        The record that was just saved stays, even if it is the oldest by a wrong clock.
        """
        others = [path for path in self._newest_first() if path != beside]
        for path in others[max(0, self._keep - 1) :]:
            drop(path)
        drop_old_drafts(self._records)


def _read_or_damaged(
    path: Path, read: Callable[[Path], Read | None]
) -> Read | DamagedRecord | None:
    """Read a file; None if it has been removed meanwhile, or is in use."""
    try:
        return read(path)
    except FileNotFoundError:
        return None
    except OSError as problem:
        return DamagedRecord(str(path), _reason(problem))
    except ValueError as problem:
        return DamagedRecord(str(path), str(problem))


def _read_record(path: Path) -> RemovedContainer:
    return decode_removed(read_regular(path, MAX_RECORD_BYTES))


@contextmanager
def _translated(what: str, path: Path) -> Iterator[None]:
    """Return a context manager that translates errors: what was refused, and why."""
    try:
        yield
    except AuditFailed as problem:
        raise AuditFailed(f"{what} {path}: {problem}") from problem
    except OSError as problem:
        raise AuditFailed(f"{what} {path}: {_reason(problem)}") from problem


def _reason(problem: OSError) -> str:
    reason = problem.strerror or str(problem)
    return reason[:1].lower() + reason[1:]

"""The audit log: one file for each removed container, and one log of all actions."""

from __future__ import annotations

import hashlib
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
    read_regular,
    require_appendable,
    required_text,
    write_whole,
)
from nstui.audit.folders import check_folders, make_folders, test_writing
from nstui.audit.journal import SUFFIX as PLAN_SUFFIX
from nstui.audit.journal import create_journal, read_journal, resume_journal
from nstui.errors import AuditFailed
from nstui.model.audit import DamagedRecord, RemovedContainer, without_doubles
from nstui.model.container import ComposeService, ContainerId, is_id
from nstui.model.json import inner, is_shallow, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from nstui.model.audit import ActionEntry
    from nstui.model.outcome import PlanRecord
    from nstui.ports import PlanJournal


Read = TypeVar("Read")

DEEPEST = 128
"""No record is nested deeper; no inspect that is kept in one is."""

_FILE_NAME = re.compile(r"\d{8}T\d{6}\.\d{6}Z-[0-9a-f]{64}\.json")

LARGEST_RECORD = 128_000_000
"""A record has no more bytes; it holds an inspect, in which each character may take
several."""


def file_name(removed: RemovedContainer) -> str:
    """Return the name of the file that a removed container is kept in.

    Names sort as the moments of removal do. Nothing in one is chosen by whoever made
    the container.
    """
    moment = removed.removed_at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
    return f"{moment}-{_digits(removed.id)}.json"


def is_file_name(name: str) -> bool:
    """Tell whether a file is one that a removed container is kept in."""
    return _FILE_NAME.fullmatch(name) is not None


def encode_removed(removed: RemovedContainer) -> bytes:
    """Return the content of the file of a removed container."""
    document = {
        "schema": SCHEMA,
        "removed_at": _time(removed.removed_at),
        "endpoint": removed.endpoint,
        "id": removed.id,
        "name": removed.name,
        "image": removed.image,
        "confirmed": removed.is_confirmed,
        "compose": _service(removed.compose),
        "inspect": dict(removed.inspect),
    }
    return json.dumps(document, indent=2).encode() + b"\n"


def decode_removed(content: bytes) -> RemovedContainer:
    """Return the removed container that a file tells of.

    Raises:
        ValueError: the content is damaged; the message says how.

    """
    document = decode_object(content)
    if not is_shallow(document, DEEPEST):
        raise ValueError("it is nested too deeply")
    inspect = document.get("inspect")
    if not isinstance(inspect, dict):
        raise ValueError("it has no inspect")  # noqa: TRY004 - content, not a type
    return RemovedContainer(
        removed_at=_moment(required_text(document, "removed_at")),
        endpoint=required_text(document, "endpoint"),
        id=ContainerId(required_text(document, "id")),
        name=required_text(document, "name"),
        image=required_text(document, "image"),
        inspect=inspect,
        is_confirmed=document.get("confirmed") is not False,
        compose=_composed(inner(document, "compose")),
    )


def encode_entry(entry: ActionEntry) -> bytes:
    """Return a line of the action log, with its end."""
    document = {
        "schema": SCHEMA,
        "at": _time(entry.at),
        "endpoint": entry.endpoint,
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


def _digits(container: ContainerId) -> str:
    if is_id(container):
        return container
    return hashlib.sha256(container.encode(errors="surrogatepass")).hexdigest()


def _service(compose: ComposeService | None) -> dict[str, str] | None:
    if compose is None:
        return None
    return {"project": compose.project, "service": compose.service}


def _composed(value: Mapping[str, object]) -> ComposeService | None:
    """Return the service that was proven, which older records say nothing of."""
    project, service = text(value, "project"), text(value, "service")
    return ComposeService(project, service) if project and service else None


def _moment(said: str) -> datetime:
    try:
        moment = datetime.fromisoformat(said)
    except ValueError:
        raise ValueError("its removed_at is no moment") from None
    if moment.tzinfo is None:
        raise ValueError("its removed_at has no time zone")
    if not MINYEAR < moment.year < MAXYEAR:
        # In another time zone there may be no such moment.
        raise ValueError("its removed_at is out of range")
    return moment.astimezone(UTC)


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class FileStore:
    """Implements `nstui.ports.AuditLog` in a folder; safe among several programs."""

    def __init__(self, folder: Path, keep: int = 100) -> None:
        """Take where to; nothing is read or made yet.

        Args:
            folder: Where everything is kept; made when it is first needed.
            keep: How many removed containers are kept, the newest.

        """
        self._folder = folder
        self._records = folder / "removed"
        self._log = folder / "actions.jsonl"
        self._plans = folder / "unfinished"
        self._keep = keep

    def require_writable(self) -> None:
        """Find out whether a trace could be kept now, leaving nothing behind."""
        for folder in (self._folder, self._records):
            with _explained("no trace can be kept in", folder):
                test_writing(folder)
        with _explained("no action can be noted in", self._log):
            require_appendable(self._log)

    def save(self, removed: RemovedContainer) -> None:
        """Keep a container that is about to be removed; return when it is safe."""
        kept = self._records / file_name(removed)
        with _explained("no trace can be kept in", self._records):
            make_folders(self._folder, self._records)
            write_whole(kept, encode_removed(removed))
        # What is too much does no harm: that it stays is no reason to fail.
        with suppress(OSError):
            self._clear_away(beside=kept)

    def discard(self, removed: RemovedContainer) -> None:
        """Drop what was kept of a container that was not removed after all."""
        kept = self._records / file_name(removed)
        with _explained("cannot drop", kept):
            kept.unlink(missing_ok=True)

    def append(self, entry: ActionEntry) -> None:
        """Add an entry to the action log; return when it is safe."""
        with _explained("no action can be noted in", self._log):
            make_folders(self._folder, self._records)
            append_line(self._log, encode_entry(entry))

    def removed(self) -> tuple[RemovedContainer, ...]:
        """Return the containers that are kept, the newest first."""
        read = self._read()
        return without_doubles(one for one in read if isinstance(one, RemovedContainer))

    def damaged(self) -> tuple[DamagedRecord, ...]:
        """Return what is kept of removed containers and cannot be read any more."""
        read = self._read()
        return tuple(one for one in read if isinstance(one, DamagedRecord))

    def begin(self, record: PlanRecord) -> PlanJournal:
        """Begin to keep how far a plan has come."""
        with _explained("no progress can be noted in", self._plans):
            make_folders(self._folder, self._plans)
            paths = self._plan_paths()
            for path in paths[: max(0, len(paths) + 1 - self._keep)]:
                drop(path)
            return create_journal(self._plans, record)

    def resume(self, record: str) -> PlanJournal:
        """Go on with what is kept of a plan that was cut off."""
        with _explained("cannot go on with what is kept in", self._plans):
            check_folders(self._folder, self._plans)
            return resume_journal(self._plans, record)

    def unfinished(self) -> tuple[PlanRecord | DamagedRecord, ...]:
        """Return the plans that were cut off, the oldest first, as far as readable."""
        with _explained("cannot read", self._plans):
            try:
                check_folders(self._folder, self._plans)
                paths = self._plan_paths()
            except FileNotFoundError:
                return ()
        found = (_readable(path, read_journal) for path in paths)
        return tuple(one for one in found if one is not None)

    def _plan_paths(self) -> list[Path]:
        """Return the files of plans, the one first that was written to least lately."""
        found = []
        # iterdir, since glob takes a folder that is missing for one that is empty.
        for path in self._plans.iterdir():
            if path.suffix == PLAN_SUFFIX and not path.name.startswith(DRAFT_PREFIX):
                with suppress(FileNotFoundError):
                    found.append((path.lstat().st_mtime_ns, path))
        return [path for _, path in sorted(found)]

    def _read(self) -> tuple[RemovedContainer | DamagedRecord, ...]:
        with _explained("cannot read", self._records):
            try:
                check_folders(self._folder, self._records)
            except FileNotFoundError:
                return ()
            paths = self._newest_first()
        found = (_readable(path, _record) for path in paths)
        return tuple(one for one in found if one is not None)

    def _newest_first(self) -> list[Path]:
        paths = (path for path in self._records.iterdir() if is_file_name(path.name))
        return sorted(paths, reverse=True)

    def _clear_away(self, beside: Path) -> None:
        """Drop the oldest of too many records, and abandoned drafts.

        The one that was just saved stays, even if a clock says that it is the oldest.
        """
        others = [path for path in self._newest_first() if path != beside]
        for path in others[max(0, self._keep - 1) :]:
            drop(path)
        drop_old_drafts(self._records)


def _readable(
    path: Path, read: Callable[[Path], Read | None]
) -> Read | DamagedRecord | None:
    """Read a file; None if it has been dropped meanwhile, or is in use."""
    try:
        return read(path)
    except FileNotFoundError:
        return None
    except OSError as problem:
        return DamagedRecord(str(path), _reason(problem))
    except ValueError as problem:
        return DamagedRecord(str(path), str(problem))


def _record(path: Path) -> RemovedContainer:
    return decode_removed(read_regular(path, LARGEST_RECORD))


@contextmanager
def _explained(what: str, path: Path) -> Iterator[None]:
    """Say in one sentence what the system refused, where and why."""
    try:
        yield
    except AuditFailed as problem:
        raise AuditFailed(f"{what} {path}: {problem}") from problem
    except OSError as problem:
        raise AuditFailed(f"{what} {path}: {_reason(problem)}") from problem


def _reason(problem: OSError) -> str:
    words = problem.strerror or str(problem)
    return words[:1].lower() + words[1:]

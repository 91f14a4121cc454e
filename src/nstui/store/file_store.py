"""The traces as files: one for each removed container, and one log of all actions."""

from __future__ import annotations

import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from nstui.errors import TraceFailed
from nstui.model.trace import DamagedRecord, RemovedContainer, without_doubles
from nstui.store._files import (
    DRAFT_PREFIX,
    append_line,
    drop,
    read_regular,
    require_appendable,
    write_whole,
)
from nstui.store._folders import check_folder, make_folder, probe
from nstui.store._journal import SUFFIX as PLAN_SUFFIX
from nstui.store._journal import create_journal, read_journal, resume_journal
from nstui.store._record import (
    decode_removed,
    encode_entry,
    encode_removed,
    file_name,
    is_file_name,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nstui.model.interruption import PlanRecord
    from nstui.model.trace import ActionEntry
    from nstui.ports import PlanJournal

LARGEST_RECORD = 128_000_000
"""A record has no more bytes; it holds an inspect, in which each character may take
several."""

DRAFT_LIFE = 3600.0
"""Seconds after which a draft is what a program left behind that was killed."""


class FileStore:
    """Implements `nstui.ports.TraceStore` in a folder; safe among several programs."""

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
                probe(folder)
        with _explained("no action can be noted in", self._log):
            require_appendable(self._log)

    def save(self, removed: RemovedContainer) -> None:
        """Keep a container that is about to be removed; return when it is safe."""
        kept = self._records / file_name(removed)
        with _explained("no trace can be kept in", self._records):
            self._make_folders()
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
            self._make_folders()
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
            make_folder(self._folder)
            make_folder(self._plans)
            paths = self._plan_paths()
            for path in paths[: max(0, len(paths) + 1 - self._keep)]:
                drop(path)
            return create_journal(self._plans, record)

    def resume(self, record: str) -> PlanJournal:
        """Go on with what is kept of a plan that was cut off."""
        with _explained("cannot go on with what is kept in", self._plans):
            check_folder(self._folder)
            check_folder(self._plans)
            return resume_journal(self._plans, record)

    def unfinished(self) -> tuple[PlanRecord | DamagedRecord, ...]:
        """Return the plans that were cut off, the oldest first, as far as readable."""
        with _explained("cannot read", self._plans):
            try:
                check_folder(self._folder)
                check_folder(self._plans)
                paths = self._plan_paths()
            except FileNotFoundError:
                return ()
        found = (_plan(path) for path in paths)
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

    def _make_folders(self) -> None:
        make_folder(self._folder)
        make_folder(self._records)

    def _read(self) -> tuple[RemovedContainer | DamagedRecord, ...]:
        with _explained("cannot read", self._records):
            try:
                check_folder(self._folder)
                check_folder(self._records)
            except FileNotFoundError:
                return ()
            paths = self._newest_first()
        found = (_record(path) for path in paths)
        return tuple(one for one in found if one is not None)

    def _newest_first(self) -> list[Path]:
        paths = (path for path in self._records.iterdir() if is_file_name(path.name))
        return sorted(paths, reverse=True)

    def _clear_away(self, beside: Path) -> None:
        """Drop the oldest of too many records, and drafts that nobody will finish.

        The one that was just saved stays, even if a clock says that it is the oldest.
        """
        others = [path for path in self._newest_first() if path != beside]
        for path in others[max(0, self._keep - 1) :]:
            drop(path)
        for path in self._records.glob(f"{DRAFT_PREFIX}*"):
            with suppress(FileNotFoundError):
                if time.time() - path.lstat().st_mtime > DRAFT_LIFE:
                    drop(path)


def _record(path: Path) -> RemovedContainer | DamagedRecord | None:
    """Read a record; None if it has been dropped meanwhile."""
    try:
        return decode_removed(read_regular(path, LARGEST_RECORD))
    except FileNotFoundError:
        return None
    except OSError as problem:
        return DamagedRecord(str(path), _reason(problem))
    except ValueError as problem:
        return DamagedRecord(str(path), str(problem))


def _plan(path: Path) -> PlanRecord | DamagedRecord | None:
    """Read what is kept of a plan; None if it goes on, or has ended meanwhile."""
    try:
        return read_journal(path)
    except OSError as problem:
        return DamagedRecord(str(path), _reason(problem))
    except ValueError as problem:
        return DamagedRecord(str(path), str(problem))


@contextmanager
def _explained(what: str, path: Path) -> Iterator[None]:
    """Say in one sentence what the system refused, where and why."""
    try:
        yield
    except TraceFailed as problem:
        raise TraceFailed(f"{what} {path}: {problem}") from problem
    except OSError as problem:
        raise TraceFailed(f"{what} {path}: {_reason(problem)}") from problem


def _reason(problem: OSError) -> str:
    words = problem.strerror or str(problem)
    return words[:1].lower() + words[1:]

"""How far plans have come: one file for each, locked for as long as it goes on."""

from __future__ import annotations

import fcntl
import json
import os
import time
from contextlib import ExitStack, suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nstui.errors import TraceFailed
from nstui.store._files import DRAFT_PREFIX, FILE_MODE, drop, open_regular
from nstui.store._folders import sync_folder
from nstui.store._plan_record import decode_plan, encode_plan

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.container import ContainerId
    from nstui.model.interruption import PlanRecord

SUFFIX = ".jsonl"
MOST_BYTES = 4 * 1024 * 1024
"""A plan of some thousand steps takes less."""

LOCK_LIMIT_S = 1.0
"""How long to wait for a program that merely reads the file."""

LOCK_PAUSE_S = 0.01


class FileJournal:
    """Implements `nstui.ports.PlanJournal` in a file that others see to be in use."""

    def __init__(self, path: Path, descriptor: int) -> None:
        """Take over a file that is open and locked."""
        self._path = path
        self._descriptor = descriptor

    def begun(self, number: int) -> None:
        """Write that a step is about to be taken; return when that is safe."""
        self._write({"begun": number})

    def done(self, number: int) -> None:
        """Write that a step was seen to be done."""
        self._write({"done": number})

    def created(self, new: ContainerId) -> None:
        """Write the id of the new container of a replacement, once it is complete."""
        self._write({"new": new})

    def end(self) -> None:
        """Drop the file: nothing of the plan is left over."""
        drop(self._path)

    def close(self) -> None:
        """Let go of the file; if it is still there, the plan was cut off."""
        os.close(self._descriptor)

    def _write(self, line: dict[str, object]) -> None:
        moment = datetime.now(UTC).isoformat()
        content = json.dumps({**line, "at": moment}).encode() + b"\n"
        try:
            os.write(self._descriptor, content)
            os.fsync(self._descriptor)
        except OSError as problem:
            words = problem.strerror or str(problem)
            raise TraceFailed(
                f"no progress can be noted in {self._path}: {words}"
            ) from problem


def create_journal(folder: Path, record: PlanRecord) -> FileJournal:
    """Make the file of a plan, locked before anybody can see it.

    Raises:
        OSError: it cannot be made.

    """
    path = folder / f"{record.id}{SUFFIX}"
    draft = folder / f"{DRAFT_PREFIX}{path.name}"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_APPEND
    with ExitStack() as undo:
        descriptor = os.open(draft, flags, FILE_MODE)
        undo.callback(os.close, descriptor)
        undo.callback(drop, draft)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.write(descriptor, encode_plan(record))
        os.fsync(descriptor)
        draft.rename(path)
        undo.callback(drop, path)
        sync_folder(folder)
        undo.pop_all()
    return FileJournal(path, descriptor)


def resume_journal(folder: Path, record: str) -> FileJournal:
    """Open the file of a plan that was cut off, to finish it.

    Raises:
        OSError: it cannot be opened.
        TraceFailed: another program is at it.

    """
    path = folder / f"{record}{SUFFIX}"
    descriptor = open_regular(path, os.O_RDWR | os.O_APPEND)
    end = time.monotonic() + LOCK_LIMIT_S
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                os.close(descriptor)
                raise TraceFailed(f"another nstui has locked {path}") from None
            time.sleep(LOCK_PAUSE_S)
        else:
            return FileJournal(path, descriptor)


def read_journal(path: Path) -> PlanRecord | None:
    """Return a plan that was cut off; None if it still goes on, or has just ended.

    Raises:
        OSError: the file cannot be read.
        ValueError: the file is damaged; the message says how.

    """
    try:
        descriptor = open_regular(path, os.O_RDONLY)
    except FileNotFoundError:
        return None
    try:
        if os.fstat(descriptor).st_size > MOST_BYTES:
            raise ValueError("it is too large")
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            # It may have ended between the two calls.
            return (
                decode_plan(os.read(descriptor, MOST_BYTES)) if path.exists() else None
            )
        return None
    finally:
        os.close(descriptor)

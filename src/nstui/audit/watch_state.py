"""What a standing watch leaves on disk: its lock, what it does, and requests to it."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from nstui.audit.files import (
    MEGABYTE,
    SCHEMA,
    append_line,
    decode_object,
    lock,
    open_append,
    open_regular,
    read_regular,
    write_whole,
)
from nstui.audit.folders import check_folders, engine_file_name, make_folders
from nstui.audit.watch_document import decode_status, encode_status
from nstui.errors import AuditFailed
from nstui.model.json import text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from nstui.model.watch import WatchStatus


FOLDER = "watch"
MAX_BYTES = 4 * MEGABYTE
LOCK_LIMIT = 0.1
"""How many seconds to wait for another program, which looks at the lock briefly."""

UNIX = "unix://"


class WatchStateFile:
    """Implements `nstui.ports.WatchState` in a folder, for one engine.

    The watch that acts holds a lock, which the kernel releases when its process ends,
    however that happens. So whether one runs is known from the lock, and what it does
    from a file that it replaces; the file stays when the watch has ended.
    """

    def __init__(self, folder: Path, endpoint: str) -> None:
        """Take the folder of the state; nothing is read or created yet.

        Args:
            folder: The folder of the audit log; created when it is first needed.
            endpoint: The address of the engine.

        """
        self._folder = folder
        self._files = folder / FOLDER
        name = engine_file_name(real_endpoint(endpoint))
        self.path = self._files / f"{name}.json"
        """What the watch does."""

        self._lock_path = self._files / f"{name}.lock"
        self._resets = self._files / f"{name}.reset"
        self._descriptor: int | None = None

    def acquire(self) -> bool:
        """Take the lock, and keep it until `release`; return whether it was free.

        Raises:
            AuditFailed: another user may write in the folder.
            OSError: the lock file cannot be opened.

        """
        if self._descriptor is not None:
            return True
        make_folders(self._folder, self._files)
        descriptor = open_append(self._lock_path)
        try:
            lock(descriptor, self._lock_path, LOCK_LIMIT)
        except AuditFailed:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give the lock back, if this object holds it."""
        if self._descriptor is not None:
            os.close(self._descriptor)
        self._descriptor = None

    def is_watched(self) -> bool:
        """Tell whether a watch that acts on this engine runs.

        Raises:
            AuditFailed: another user may write in the folder.
            OSError: the lock file cannot be opened, as that of another user.

        """
        if self._descriptor is not None:
            return True
        try:
            check_folders(self._folder, self._files)
            descriptor = open_regular(self._lock_path, os.O_RDWR)
        except FileNotFoundError:
            return False
        try:
            lock(descriptor, self._lock_path, 0)
        except AuditFailed:
            return True
        finally:
            os.close(descriptor)
        return False

    def read(self) -> WatchStatus | None:
        """Return what a watch wrote last; None if none has written anything.

        The watch may have ended since: see `is_watched`.

        Raises:
            AuditFailed: another user may write in the folder.
            OSError: the file cannot be read.
            ValueError: what it says is damaged, or of another version of nstui.

        """
        try:
            check_folders(self._folder, self._files)
            content = read_regular(self.path, MAX_BYTES)
        except FileNotFoundError:
            return None
        document = decode_object(content)
        if document.get("schema") != SCHEMA:
            raise ValueError("it is of another version of nstui")
        return decode_status(document)

    def write(self, status: WatchStatus) -> None:
        """Write what the watch does.

        Raises:
            AuditFailed: another user may write in the folder.
            OSError: the file cannot be written; what it said before is kept.

        """
        make_folders(self._folder, self._files)
        content = json.dumps(encode_status(status)).encode() + b"\n"
        write_whole(self.path, content, is_lasting=False)

    def request_reset(self, names: Iterable[str]) -> None:
        """Ask the watch to heal containers again although their budget is used up.

        Raises:
            AuditFailed: another user may write in the folder, or another program has
                locked the file.
            OSError: the file cannot be written.

        """
        make_folders(self._folder, self._files)
        for name in names:
            line = json.dumps({"schema": SCHEMA, "name": name}).encode() + b"\n"
            append_line(self._resets, line, LOCK_LIMIT)

    def take_resets(self) -> frozenset[str]:
        """Return the names of `request_reset` since the last time, and forget them.

        Nothing is returned, nor forgotten, while they cannot be read.
        """
        with suppress(OSError, AuditFailed):
            descriptor = open_regular(self._resets, os.O_RDWR)
            try:
                lock(descriptor, self._resets, LOCK_LIMIT)
                lines = os.pread(descriptor, MAX_BYTES, 0).splitlines()
                # Not removed: a program that waits for the lock appends to it.
                os.ftruncate(descriptor, 0)
            finally:
                os.close(descriptor)
            return frozenset(name for line in lines if (name := _reset_name(line)))
        return frozenset()


def real_endpoint(endpoint: str) -> str:
    """Return an address by which each socket has one name.

    ``/var/run`` is mostly a link to ``/run``, so that one engine has two addresses.
    """
    if not endpoint.startswith(UNIX):
        return endpoint
    return UNIX + os.path.realpath(endpoint.removeprefix(UNIX))


def _reset_name(line: bytes) -> str:
    try:
        return text(decode_object(line), "name")
    except ValueError:
        return ""

"""Reads and writes files safely: replaced atomically, locked, checked when read."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import time
from contextlib import ExitStack, contextmanager, suppress
from datetime import datetime
from typing import TYPE_CHECKING

from nstui.audit.folders import sync_folder
from nstui.errors import AuditFailed
from nstui.model.json import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


SCHEMA = "nstui/1"
"""The schema of what is kept on disk; that of the JSON on stdout is another."""

FILE_MODE = 0o600
DRAFT_PREFIX = ".draft-"
MEGABYTE = 1_000_000
MAX_ENGINE_ID = 80
"""The longest id of an engine, in characters; Docker's have 36 or 59."""

LOCK_LIMIT = 5.0
LOCK_PAUSE = 0.01
DRAFT_LIFE = 3600.0
"""Seconds after which a draft counts as abandoned by a program that was killed."""

_OTHER_KINDS = (
    (stat.S_ISDIR, "directory"),
    (stat.S_ISLNK, "symbolic link"),
    (stat.S_ISFIFO, "pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)


def write_whole(path: Path, content: bytes, *, is_lasting: bool = True) -> None:
    """Write a file that only its owner may read; return once it is on the disk.

    If that fails, the file is as before, or missing as before.

    Args:
        path: The file.
        content: The complete content.
        is_lasting: Whether it must survive a crash of the machine, which takes a
            moment. If not, the file may be damaged by a crash.

    """
    os.close(_write_new(path, content, is_lasting=is_lasting))


def create_locked(path: Path, content: bytes) -> int:
    """Write a file as `write_whole` does, locked before anyone can see it.

    Return its descriptor, to which more can be appended. The lock is released when the
    descriptor is closed.
    """
    return _write_new(path, content, is_lasting=True, is_locked=True)


def append_line(path: Path, line: bytes, limit: float = LOCK_LIMIT) -> None:
    """Append a line to a file; return once it is on the disk.

    If that fails, the file ends as it did before.

    Args:
        path: The file, which is created if it is missing.
        line: The line with its line end.
        limit: How many seconds to wait for other programs that write to it.

    Raises:
        AuditFailed: Another program did not release the file in time.

    """
    descriptor = open_append(path)
    try:
        lock(descriptor, path, limit)
        size = os.fstat(descriptor).st_size
        # A program that was killed may have left an incomplete line.
        is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        with ExitStack() as undo:
            undo.callback(_truncate, descriptor, size)
            _write_at_once(descriptor, b"\n" + line if is_torn else line)
            os.fsync(descriptor)
            undo.pop_all()
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, limit: float) -> Iterator[None]:
    """Return a context manager that holds a lock against other programs.

    Args:
        path: The lock file, which is created if it is missing.
        limit: How many seconds to wait for other programs.

    Raises:
        AuditFailed: Another program did not release it in time.

    """
    descriptor = open_append(path)
    try:
        lock(descriptor, path, limit)
        yield
    finally:
        os.close(descriptor)


def read_regular(path: Path, limit: int) -> bytes:
    """Return the content of a regular file; no other kind is opened.

    Args:
        path: The file.
        limit: The largest size in bytes.

    Raises:
        OSError: It is not a regular file, is too large, or cannot be read.

    """
    descriptor = open_regular(path, os.O_RDONLY)
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_size <= limit:
            content = file.read(limit + 1)
            if len(content) <= limit:
                return content
    raise OSError(errno.EFBIG, f"is larger than {limit // MEGABYTE} MB")


def require_appendable(path: Path) -> None:
    """Raise OSError unless a file could be appended to; create nothing.

    A missing file is accepted.
    """
    with suppress(FileNotFoundError):
        os.close(open_regular(path, os.O_WRONLY | os.O_APPEND))


def drop(path: Path) -> None:
    """Remove a file, ignoring errors."""
    with suppress(OSError):
        path.unlink()


def drop_old_drafts(folder: Path) -> None:
    """Remove abandoned drafts from a folder."""
    for path in folder.glob(f"{DRAFT_PREFIX}*"):
        with suppress(FileNotFoundError):
            if time.time() - path.lstat().st_mtime > DRAFT_LIFE:
                drop(path)


def _write_new(
    path: Path, content: bytes, *, is_lasting: bool, is_locked: bool = False
) -> int:
    is_new = not path.exists()
    draft = path.with_name(f"{DRAFT_PREFIX}{os.getpid()}-{path.name}")
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_APPEND
    with ExitStack() as undo:
        undo.callback(drop, draft)
        descriptor = os.open(draft, flags, FILE_MODE)
        undo.callback(os.close, descriptor)
        # The umask may have removed permissions.
        os.fchmod(descriptor, FILE_MODE)
        if is_locked:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with os.fdopen(descriptor, "wb", closefd=False) as file:
            file.write(content)
        if is_lasting:
            os.fsync(descriptor)
        draft.replace(path)
        if is_new:
            undo.callback(drop, path)
        if is_lasting:
            sync_folder(path.parent)
        undo.pop_all()
    return descriptor


def open_regular(path: Path, flags: int) -> int:
    """Open an existing regular file and return its descriptor.

    A link could lead anywhere, opening a pipe waits for its other end, and opening a
    device may have an effect: so the kind is checked first. Since the path could be
    replaced in between, the kind of the opened file is checked as well.

    Raises:
        OSError: It is not a regular file, or cannot be opened.

    """
    _require_regular(path.lstat().st_mode)
    descriptor = os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY)
    with ExitStack() as undo:
        undo.callback(os.close, descriptor)
        _require_regular(os.fstat(descriptor).st_mode)
        undo.pop_all()
    return descriptor


def _require_regular(mode: int) -> None:
    if stat.S_ISREG(mode):
        return
    for matches, name in _OTHER_KINDS:
        if matches(mode):
            raise OSError(errno.EINVAL, f"is a {name}")
    raise OSError(errno.EINVAL, "is not a regular file")


def open_append(path: Path) -> int:
    """Open a regular file to append to it, and return its descriptor.

    A missing file is created.

    Raises:
        OSError: It is not a regular file, or cannot be opened.

    """
    flags = os.O_RDWR | os.O_APPEND
    try:
        descriptor = os.open(path, flags | os.O_CREAT | os.O_EXCL, FILE_MODE)
    except FileExistsError:
        return open_regular(path, flags)
    with ExitStack() as undo:
        undo.callback(os.close, descriptor)
        os.fchmod(descriptor, FILE_MODE)
        sync_folder(path.parent)
        undo.pop_all()
    return descriptor


def _write_at_once(descriptor: int, content: bytes) -> None:
    """Write in one call, so that no output of another program comes in between."""
    if os.write(descriptor, content) < len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _truncate(descriptor: int, size: int) -> None:
    with suppress(OSError):
        os.ftruncate(descriptor, size)


def lock(descriptor: int, path: Path, limit: float) -> None:
    """Lock an open file against other programs.

    Args:
        descriptor: The open file.
        path: Its path, for the error.
        limit: How many seconds to wait for other programs.

    Raises:
        AuditFailed: Another program did not release it in time.

    """
    deadline = time.monotonic() + limit
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise AuditFailed(
                    f"another program has locked {path} and does not let go of it"
                ) from None
            time.sleep(LOCK_PAUSE)
        else:
            return


def decode_object(content: bytes) -> Mapping[str, object]:
    """Return the JSON object in a file, or in one of its lines.

    Raises:
        ValueError: The content is damaged; the message says how.

    """
    try:
        document: object = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("it is no valid JSON") from None
    if not isinstance(document, dict):
        raise ValueError("it is no JSON object")  # noqa: TRY004 - content, not a type
    return document


def required_text(document: Mapping[str, object], key: str) -> str:
    """Return a field that is a text, which may be empty.

    Raises:
        ValueError: The field is missing or is not a text.

    """
    value = document.get(key)
    if not isinstance(value, str):
        raise ValueError(f"it has no {key}")  # noqa: TRY004 - content, not a type
    return value


def engine_id_of(document: Mapping[str, object]) -> str:
    """Return the field with the id of an engine; empty if there is none that can be."""
    found = text(document, "engine_id")
    return found if found.isprintable() and len(found) <= MAX_ENGINE_ID else ""


def optional_time(document: Mapping[str, object], key: str) -> datetime | None:
    """Return a field that is a time; None if it is not one, or has no time zone."""
    try:
        moment = datetime.fromisoformat(text(document, key))
    except ValueError:
        return None
    return None if moment.tzinfo is None else moment

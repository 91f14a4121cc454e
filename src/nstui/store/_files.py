"""Files that are whole on the disk or not there at all."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from nstui.errors import TraceFailed
from nstui.store._folders import sync_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

FILE_MODE = 0o600
DRAFT_PREFIX = ".draft-"
MEGABYTE = 1_000_000
LOCK_LIMIT = 5.0
LOCK_PAUSE = 0.01

_OTHER_KINDS = (
    (stat.S_ISDIR, "directory"),
    (stat.S_ISLNK, "symbolic link"),
    (stat.S_ISFIFO, "pipe"),
    (stat.S_ISSOCK, "socket"),
    (stat.S_ISCHR, "device"),
    (stat.S_ISBLK, "device"),
)


def write_whole(path: Path, content: bytes, *, is_lasting: bool = True) -> None:
    """Write a file that only its owner may read; return when it is safe.

    Whatever goes wrong, there is no such file afterwards, or the one that was there.

    Args:
        path: The file.
        content: All that is in it.
        is_lasting: Whether it has to outlive a machine that goes down, which takes a
            moment. If not, such a file may be damaged then.

    """
    is_new = not path.exists()
    draft = path.with_name(f"{DRAFT_PREFIX}{os.getpid()}-{path.name}")
    with ExitStack() as undo:
        undo.callback(drop, draft)
        _write_new(draft, content, is_lasting=is_lasting)
        draft.replace(path)
        if is_new:
            undo.callback(drop, path)
        if is_lasting:
            sync_folder(path.parent)
        undo.pop_all()


def append_line(path: Path, line: bytes, limit: float = LOCK_LIMIT) -> None:
    """Add a line to a file; return when it is safe.

    Whatever goes wrong, the file ends as it did before.

    Args:
        path: The file, which is made if it is missing.
        line: The line with its end.
        limit: How many seconds to wait for other programs that write in it.

    Raises:
        TraceFailed: another program did not let go of the file in time.

    """
    descriptor = _open_to_append(path)
    try:
        _lock(descriptor, path, limit)
        size = os.fstat(descriptor).st_size
        # A program that was killed may have left a piece of a line.
        is_torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        with ExitStack() as undo:
            undo.callback(_cut, descriptor, size)
            _write_at_once(descriptor, b"\n" + line if is_torn else line)
            os.fsync(descriptor)
            undo.pop_all()
    finally:
        os.close(descriptor)


@contextmanager
def locked(path: Path, limit: float) -> Iterator[None]:
    """Let no other program that does the same go on meanwhile.

    Args:
        path: A file for nothing else, which is made if it is missing.
        limit: How many seconds to wait for other programs.

    Raises:
        TraceFailed: another program did not let go of it in time.

    """
    descriptor = _open_to_append(path)
    try:
        _lock(descriptor, path, limit)
        yield
    finally:
        os.close(descriptor)


def read_regular(path: Path, limit: int) -> bytes:
    """Return what is in a file; nothing else is opened, nor waited for.

    Args:
        path: The file.
        limit: How many bytes it may have.

    Raises:
        OSError: it is none, is too large, or cannot be read.

    """
    descriptor = open_regular(path, os.O_RDONLY)
    with os.fdopen(descriptor, "rb") as file:
        if os.fstat(descriptor).st_size <= limit:
            content = file.read(limit + 1)
            if len(content) <= limit:
                return content
    raise OSError(errno.EFBIG, f"is larger than {limit // MEGABYTE} MB")


def require_appendable(path: Path) -> None:
    """Find out whether a file could be added to; a missing one stays missing."""
    with suppress(FileNotFoundError):
        os.close(open_regular(path, os.O_WRONLY | os.O_APPEND))


def drop(path: Path) -> None:
    """Remove a file if that is possible."""
    with suppress(OSError):
        path.unlink()


def _write_new(path: Path, content: bytes, *, is_lasting: bool) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, FILE_MODE), "wb") as file:
        # The umask may have taken something away.
        os.fchmod(file.fileno(), FILE_MODE)
        file.write(content)
        file.flush()
        if is_lasting:
            os.fsync(file.fileno())


def open_regular(path: Path, flags: int) -> int:
    """Open a file that is there.

    A link could lead anywhere; to open a pipe waits for its other end, and to open a
    device may do something. What is looked at first could be another thing by then,
    were this not the user's own folder; what was opened is looked at again.
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
    for is_so, name in _OTHER_KINDS:
        if is_so(mode):
            raise OSError(errno.EINVAL, f"is a {name}")
    raise OSError(errno.EINVAL, "is no regular file")


def _open_to_append(path: Path) -> int:
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
    """Write in one call, so that nothing of another program comes in between."""
    if os.write(descriptor, content) < len(content):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _cut(descriptor: int, size: int) -> None:
    with suppress(OSError):
        os.ftruncate(descriptor, size)


def _lock(descriptor: int, path: Path, limit: float) -> None:
    deadline = time.monotonic() + limit
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                raise TraceFailed(
                    f"another program has locked {path} and does not let go of it"
                ) from None
            time.sleep(LOCK_PAUSE)
        else:
            return

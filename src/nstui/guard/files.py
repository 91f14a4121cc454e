"""Reads and replaces the files that are part of the guard's installation."""

from __future__ import annotations

import fcntl
import os
import stat
import struct
from contextlib import suppress
from pathlib import Path

from nstui.analysis.guarding.installation import FileFacts

DRAFT_SUFFIX = ".nstui-draft"
LARGEST_BYTES = 1_000_000
FILE_MODE = 0o644
FOLDER_MODE = 0o755

_GET_FLAGS = 0x8000_6601 | struct.calcsize("l") << 16
"""Linux's ``FS_IOC_GETFLAGS``, which Python does not name; see ioctl_iflags(2)."""

_FLAGS = {0x10: "i", 0x20: "a"}
"""Those with which a file cannot be replaced, as ``chattr`` has them."""


def examine(path: str) -> FileFacts:
    """Return a file as it is, and what forbids changing it."""
    file = Path(path)
    try:
        status = file.lstat()
    except FileNotFoundError:
        return FileFacts(path=path, problem=_folder_problem(file))
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        is_unread = not isinstance(error, NotADirectoryError)
        return FileFacts(path=path, problem=problem, is_unread=is_unread)
    if stat.S_ISLNK(status.st_mode):
        target, content = file.readlink(), _content(file)[0]
        return FileFacts(
            path=path,
            content=content,
            is_unread=content is None,
            problem=f"is a symbolic link to {target}: what is behind a link is made"
            " by something else, which would change it back",
        )
    if not stat.S_ISREG(status.st_mode):
        return FileFacts(path=path, problem="is not a regular file", is_unread=True)
    content, problem = _content(file)
    problem = problem or _flag_problem(file) or _folder_problem(file)
    is_unread = content is None
    return FileFacts(path=path, content=content, problem=problem, is_unread=is_unread)


def _content(file: Path) -> tuple[bytes | None, str]:
    try:
        if file.stat().st_size > LARGEST_BYTES:
            return None, "is larger than 1 MB"
        return file.read_bytes(), ""
    except OSError as error:
        return None, f"cannot be read: {error.strerror}"


def _flag_problem(file: Path) -> str:
    """Say that a file was made one that nobody changes, not even root."""
    flags = bytearray(struct.calcsize("l"))
    # Not every file system has them.
    with suppress(OSError), file.open("rb") as opened:
        fcntl.ioctl(opened, _GET_FLAGS, flags)
    number = struct.unpack_from("=I", flags)[0]
    for flag, letter in _FLAGS.items():
        if number & flag:
            return f"cannot be replaced: chattr +{letter} forbids it"
    return ""


def _folder_problem(file: Path) -> str:
    """Say why a file cannot be replaced, or made; empty if it can be."""
    folder = file.parent
    while not folder.exists():
        folder = folder.parent
    if not folder.is_dir():
        return f"cannot be made: {folder} is not a folder"
    if os.access(folder, os.W_OK | os.X_OK):
        return ""
    reason = "permission denied"
    with suppress(OSError):
        if os.statvfs(folder).f_flag & os.ST_RDONLY:
            reason = "read-only file system"
    return f"cannot be written: {folder}: {reason}"


def replace(path: str, content: bytes, mode: int = FILE_MODE) -> None:
    """Give a file another content at once, or not at all; return once it is on disk.

    It keeps its owner and its mode.

    Args:
        path: The file; missing folders are made.
        content: The whole content.
        mode: The mode of a file that is new.

    """
    file = Path(path)
    owner = None
    with suppress(FileNotFoundError):
        status = file.lstat()
        mode, owner = stat.S_IMODE(status.st_mode), (status.st_uid, status.st_gid)
    file.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    draft = _draft(file)
    draft.unlink(missing_ok=True)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    try:
        descriptor = os.open(draft, flags, 0o600)
        with os.fdopen(descriptor, "wb") as out:
            if owner is not None:
                os.fchown(descriptor, *owner)
            os.fchmod(descriptor, mode)
            out.write(content)
            out.flush()
            os.fsync(descriptor)
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    _sync(file.parent)


def remove(path: str) -> None:
    """Remove a file, and what an interrupted `replace` has left of it."""
    file = Path(path)
    forget_draft(path)
    file.unlink(missing_ok=True)
    with suppress(FileNotFoundError):
        _sync(file.parent)


def forget_draft(path: str) -> None:
    """Remove what an interrupted `replace` has left."""
    with suppress(OSError):
        _draft(Path(path)).unlink()


def _draft(file: Path) -> Path:
    return file.with_name(f"{file.name}{DRAFT_SUFFIX}")


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        # Some network file systems cannot.
        with suppress(OSError):
            os.fsync(descriptor)
    finally:
        os.close(descriptor)

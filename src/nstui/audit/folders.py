"""Folders that only one user may write in, and the one of the audit log."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from pwd import getpwuid

from nstui.errors import AuditFailed

FOLDER_MODE = 0o700
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
MOST_LINKS = 40
"""As many as the kernel follows on one way."""

PROBE_BYTES = 32 * 1024
"""More than an inspect usually has."""


def make_folders(*folders: Path) -> None:
    """Make folders that only their owner may use, and the missing ones above them.

    Raises:
        AuditFailed: one is there already and is not this user's alone to write in.

    """
    for folder in folders:
        _check_above(folder)
        for missing in reversed((folder, *folder.parents)):
            if not _is_there(missing):
                _make(missing)
        check_folders(folder)


def check_folders(*folders: Path) -> None:
    """Refuse a folder in which another user could create or change a file.

    Raises:
        AuditFailed: one is no folder, belongs to another user, or others may write in
            it or replace it.
        FileNotFoundError: one is missing.

    """
    for folder in folders:
        _check_above(folder)
        _require_own(folder)


def _require_own(folder: Path) -> None:
    status = folder.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise AuditFailed(f"{folder} is a symbolic link, and nstui follows none there")
    if not stat.S_ISDIR(status.st_mode):
        raise AuditFailed(f"{folder} is not a folder")
    if status.st_uid != os.geteuid():
        raise AuditFailed(
            f"{folder} belongs to {_user(status.st_uid)}, and you are"
            f" {_user(os.geteuid())}; set XDG_STATE_HOME to a folder of your own"
        )
    if status.st_mode & OTHERS_MAY_WRITE:
        raise AuditFailed(f"others may write in {folder}; run chmod go-w on it")


def test_writing(folder: Path) -> None:
    """Write to the disk that a folder is on, or will be on, and remove it again."""
    from tempfile import TemporaryFile  # noqa: PLC0415

    there = folder
    while not _is_there(there):
        there = there.parent
    if there == folder:
        check_folders(folder)
    else:
        _check_above(folder)
    with TemporaryFile(dir=there) as draft:
        # Random: there are file systems on which zeros take no room.
        draft.write(os.urandom(PROBE_BYTES))
        draft.flush()
        os.fsync(draft.fileno())


def sync_folder(folder: Path) -> None:
    """Return when the names in a folder are safe on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as problem:
        # What some network file systems say that have no such thing.
        if problem.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


def _check_above(folder: Path) -> None:
    """Refuse a place where another user could put another folder.

    Whoever owns a folder on the way, or may write in it, could rename what is in it,
    unless its sticky bit forbids that. Links on the way count like folders, and what
    they lead to is on the way, too.

    Raises:
        AuditFailed: there is such a folder.

    """
    links = 0
    waiting = list(reversed(folder.absolute().parts[:-1]))
    here = type(folder)(waiting.pop())
    while True:
        try:
            status = here.lstat()
        except FileNotFoundError:
            return
        _require_trusted(here, status, folder)
        if stat.S_ISLNK(status.st_mode):
            links += 1
            if links > MOST_LINKS:
                raise AuditFailed(f"too many links lead to {folder}")
            led = here.parent / here.readlink()
            waiting += reversed(led.parts[1:])
            here = type(folder)(led.anchor)
        elif not waiting:
            return
        else:
            step = waiting.pop()
            here = here.parent if step == ".." else here / step


def _require_trusted(place: Path, status: os.stat_result, folder: Path) -> None:
    if status.st_uid not in {0, os.geteuid()}:
        raise AuditFailed(
            f"{place}, where {folder} is, belongs to {_user(status.st_uid)};"
            " set XDG_STATE_HOME to a folder of your own"
        )
    is_open = status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX
    if is_open and not stat.S_ISLNK(status.st_mode):
        raise AuditFailed(
            f"anybody may put another folder in the place of {folder}: run chmod o-w on"
            f" {place}, or set XDG_STATE_HOME to a folder of your own"
        )


def _is_there(path: Path) -> bool:
    """Tell whether a path leads somewhere; fail if that cannot be found out."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True


def _make(folder: Path) -> None:
    try:
        folder.mkdir(FOLDER_MODE)
    except FileExistsError:
        return
    # The umask may have taken something away.
    folder.chmod(FOLDER_MODE)
    sync_folder(folder.parent)


def _user(number: int) -> str:
    try:
        return getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def default_folder() -> Path:
    """Return the user's folder for state: ``$XDG_STATE_HOME/nstui`` or its default.

    Raises:
        AuditFailed: the user has no home folder.

    """
    state, home = (os.environ.get(name, "") for name in ("XDG_STATE_HOME", "HOME"))
    if not state.startswith("/"):
        # The standard has a relative path ignored.
        state = f"{home if home.startswith('/') else _home()}/.local/state"
    folder = Path(state, "nstui")
    if not folder.is_absolute():
        raise _homeless()
    return folder


def _home() -> str:
    """Return where the system keeps the user's home folder."""
    try:
        return getpwuid(os.getuid()).pw_dir
    except KeyError as problem:
        raise _homeless() from problem


def _homeless() -> AuditFailed:
    return AuditFailed(
        "you have no home folder; set XDG_STATE_HOME to the full path of a folder"
    )

"""Checks that only one user may write in a folder; the folder of the audit log."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from pwd import getpwuid
from urllib.parse import quote

from nstui.errors import AuditFailed

FOLDER_MODE = 0o700
OTHERS_MAY_WRITE = stat.S_IWGRP | stat.S_IWOTH
MAX_LINKS = 40
"""How many links the kernel follows on one path."""

MAX_FILE_NAME = 200
"""The longest name of an engine's file, in characters; file systems allow 255 with all
that is added."""

PROBE_BYTES = 32 * 1024
"""More than an inspect usually has."""


def make_folders(*folders: Path) -> None:
    """Create folders that only their owner may use, and their missing parents.

    Raises:
        AuditFailed: A folder exists, and another user may write in it or replace it.

    """
    for folder in folders:
        _check_parents(folder)
        for missing in reversed((folder, *folder.parents)):
            if not _exists(missing):
                _make_folder(missing)
        check_folders(folder)


def check_folders(*folders: Path) -> None:
    """Refuse a folder in which another user could create or change a file.

    Raises:
        AuditFailed: A path is not a folder, belongs to another user, or other users may
            write in it or replace it.
        FileNotFoundError: A folder is missing.

    """
    for folder in folders:
        _check_parents(folder)
        _require_own(folder)


def _require_own(folder: Path) -> None:
    status = folder.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise AuditFailed(f"{folder} is a symbolic link, and nstui follows none there")
    if not stat.S_ISDIR(status.st_mode):
        raise AuditFailed(f"{folder} is not a folder")
    if status.st_uid != os.geteuid():
        raise AuditFailed(
            f"{folder} belongs to {_user_name(status.st_uid)}, and you are"
            f" {_user_name(os.geteuid())}; set XDG_STATE_HOME to a folder of your own"
        )
    if status.st_mode & OTHERS_MAY_WRITE:
        raise AuditFailed(f"others may write in {folder}; run chmod go-w on it")


def test_writing(folder: Path) -> None:
    """Write a temporary file to the disk of a folder, which may not exist yet."""
    from tempfile import TemporaryFile  # noqa: PLC0415

    existing = folder
    while not _exists(existing):
        existing = existing.parent
    if existing == folder:
        check_folders(folder)
    else:
        _check_parents(folder)
    with TemporaryFile(dir=existing) as draft:
        # Random bytes, since zeros take no space on some file systems.
        draft.write(os.urandom(PROBE_BYTES))
        draft.flush()
        os.fsync(draft.fileno())


def sync_folder(folder: Path) -> None:
    """Return once the names in a folder are on the disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as problem:
        # The errors of network file systems that cannot sync a folder.
        if problem.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


def _check_parents(folder: Path) -> None:
    """Refuse a path that another user could redirect to another folder.

    The owner of a parent folder, and anyone who may write in it, could rename its
    entries, unless the sticky bit forbids that. Links in the path are checked like
    folders, and so is the path that they lead to.

    Raises:
        AuditFailed: A parent folder is open to another user.

    """
    links = 0
    remaining = list(reversed(folder.absolute().parts[:-1]))
    path = type(folder)(remaining.pop())
    while True:
        try:
            status = path.lstat()
        except FileNotFoundError:
            return
        _require_trusted(path, status, folder)
        if stat.S_ISLNK(status.st_mode):
            links += 1
            if links > MAX_LINKS:
                raise AuditFailed(f"too many links lead to {folder}")
            target = path.parent / path.readlink()
            remaining += reversed(target.parts[1:])
            path = type(folder)(target.anchor)
        elif not remaining:
            return
        else:
            part = remaining.pop()
            path = path.parent if part == ".." else path / part


def _require_trusted(parent: Path, status: os.stat_result, folder: Path) -> None:
    if status.st_uid not in {0, os.geteuid()}:
        raise AuditFailed(
            f"{parent}, where {folder} is, belongs to {_user_name(status.st_uid)};"
            " set XDG_STATE_HOME to a folder of your own"
        )
    is_open = status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX
    if is_open and not stat.S_ISLNK(status.st_mode):
        raise AuditFailed(
            f"anybody may put another folder in the place of {folder}: run chmod o-w on"
            f" {parent}, or set XDG_STATE_HOME to a folder of your own"
        )


def _exists(path: Path) -> bool:
    """Return whether a path exists; raise OSError if that cannot be determined."""
    try:
        path.stat()
    except FileNotFoundError:
        return False
    return True


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(FOLDER_MODE)
    except FileExistsError:
        return
    # The umask may have removed permissions.
    folder.chmod(FOLDER_MODE)
    sync_folder(folder.parent)


def _user_name(number: int) -> str:
    try:
        return getpwuid(number).pw_name
    except KeyError:
        return f"user {number}"


def default_folder() -> Path:
    """Return the user's folder for state: ``$XDG_STATE_HOME/nstui`` or its default.

    Raises:
        AuditFailed: The user has no home folder.

    """
    return user_folder("XDG_STATE_HOME", ".local/state")


def user_folder(variable: str, default: str) -> Path:
    """Return nstui's folder among the user's, by the XDG Base Directory Specification.

    Args:
        variable: The environment variable that names the folder above it.
        default: That folder if the variable is not set, in the home folder.

    Raises:
        AuditFailed: The user has no home folder.

    """
    above, home = (os.environ.get(name, "") for name in (variable, "HOME"))
    if not above.startswith("/"):
        # The XDG Base Directory Specification has a relative path ignored.
        above = f"{home if home.startswith('/') else _home_folder()}/{default}"
    folder = Path(above, "nstui")
    if not folder.is_absolute():
        raise _no_home_folder()
    return folder


def _home_folder() -> str:
    """Return the home folder of the user database; see passwd(5)."""
    try:
        return getpwuid(os.getuid()).pw_dir
    except KeyError as problem:
        raise _no_home_folder() from problem


def _no_home_folder() -> AuditFailed:
    return AuditFailed(
        "you have no home folder; set XDG_STATE_HOME to the full path of a folder"
    )


def engine_file_name(endpoint: str) -> str:
    """Return the name of an engine's file, without its suffix."""
    # A name made of digits needs a module that takes longer than the file to read.
    name = quote(endpoint, safe="", errors="surrogatepass")
    return name if len(name) <= MAX_FILE_NAME else digits_name(endpoint)


def digits_name(endpoint: str) -> str:
    """Return a short name of an engine's file, without its suffix."""
    import hashlib  # noqa: PLC0415

    found = hashlib.sha256(endpoint.encode(errors="surrogatepass")).hexdigest()
    return found[:16]

"""Finds the process of the engine that listens at a socket, as the kernel knows it."""

from __future__ import annotations

import os
import socket
import stat
import struct
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PROC = Path("/proc")
CONNECT_S = 5.0
_LISTENING = "00010000"
"""The flag of a socket that accepts connections; see proc(5), ``/proc/net/unix``."""

_PATH_FIELD = 7
_MANAGERS = {"systemd", "init"}
"""The processes that hold sockets for others."""


def find_process(path: str) -> int | None:
    """Return the process that accepts connections at a socket; None if it is not known.

    The kernel keeps who called listen(2). Where that is systemd, the engine is the one
    other process that has the socket open.

    Args:
        path: The path of the socket.

    """
    peer = _peer(path)
    if peer is None:
        return None
    inodes = set(_listening(peer, path))
    if not inodes:
        return None
    if process_name(peer) not in _MANAGERS:
        return peer if _holds(peer, inodes) else None
    others = [
        pid
        for pid in _processes()
        if process_name(pid) not in _MANAGERS and _holds(pid, inodes)
    ]
    return others[0] if len(others) == 1 else None


def _peer(path: str) -> int | None:
    size = struct.calcsize("3i")
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(CONNECT_S)
            connection.connect(path)
            raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size)
    except OSError:
        return None
    pid: int = struct.unpack("3i", raw)[0]
    return pid or None


def _listening(pid: int, path: str) -> Iterator[str]:
    """Yield the inodes of the sockets at a path, as the network of a process has it."""
    try:
        lines = (PROC / str(pid) / "net" / "unix").read_text(errors="replace")
    except OSError:
        return
    real = os.path.realpath(path)
    for line in lines.splitlines()[1:]:
        fields = line.split(maxsplit=_PATH_FIELD)
        if len(fields) > _PATH_FIELD and fields[3] == _LISTENING:
            bound = fields[_PATH_FIELD]
            if bound == path or os.path.realpath(bound) == real:
                yield fields[6]


def _holds(pid: int, inodes: set[str]) -> bool:
    wanted = {f"socket:[{inode}]" for inode in inodes}
    try:
        return any(
            str(entry.readlink()) in wanted
            for entry in (PROC / str(pid) / "fd").iterdir()
        )
    except OSError:
        return False


def _processes() -> Iterator[int]:
    for entry in PROC.iterdir():
        if entry.name.isdecimal():
            yield int(entry.name)


def process_name(pid: int) -> str:
    """Return the name of a process; empty if it is gone."""
    try:
        return (PROC / str(pid) / "comm").read_text(errors="replace").strip()
    except OSError:
        return ""


def parent_of(pid: int) -> int | None:
    """Return the process that has started another one; None if that is gone."""
    try:
        status = (PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    # The name before may hold spaces and parentheses.
    return int(status.rpartition(")")[2].split()[1])


def command_line(pid: int) -> tuple[str, ...]:
    """Return the words that a process was started with; empty if it is gone."""
    try:
        raw = (PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return ()
    return tuple(
        word.decode(errors="surrogateescape") for word in raw.split(b"\0")[:-1]
    )


def working_folder(pid: int) -> str:
    """Return the folder that a process is in; the root if that cannot be read."""
    try:
        return str((PROC / str(pid) / "cwd").readlink())
    except OSError:
        return "/"


def unit_of(pid: int) -> str:
    """Return the systemd service that a process belongs to; empty if there is none."""
    try:
        lines = (PROC / str(pid) / "cgroup").read_text(errors="replace").splitlines()
    except OSError:
        return ""
    parts = [part for line in lines for part in line.split("/")]
    return next((part for part in reversed(parts) if part.endswith(".service")), "")


def sees(pid: int, path: str) -> bool:
    """Tell whether a process sees the same file or folder at a path; use it.

    What does not exist for both is the same.
    """
    return _identity(PROC / str(pid) / "root" / path.lstrip("/")) == _identity(
        Path(path)
    )


def is_socket_of(pid: int, path: str, seen_at: str) -> bool:
    """Tell whether what a process sees at a path is a socket of this process's view.

    Args:
        pid: The process.
        path: The socket.
        seen_at: Where the process looks for it.

    """
    there = PROC / str(pid) / "root" / seen_at.lstrip("/")
    try:
        is_socket = stat.S_ISSOCK(there.stat().st_mode)
    except OSError:
        return False
    return is_socket and _identity(there) == _identity(Path(path))


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except OSError:
        return None
    return status.st_dev, status.st_ino

"""The seam between the readers and the machine they read: here, or behind a shell.

The readers ask a `Machine` and do not know where it is. `LocalMachine` reads the files
of this machine; `nstui.procfs.remote` asks a shell on another one for what a reading
needs, and answers from what came back.
"""

from __future__ import annotations

import os
import pwd
import sys
import time
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from nstui.procfs.process import Process, pids_among

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

ByteOrder = Literal["little", "big"]

CHUNK = 65536
_COMMAND_BYTES = 64
"""The name of a kernel worker may be that long; of any other process, 16 bytes."""

_BOOTED = b"btime "


class Machine(Protocol):
    """A machine whose processes are read. Its methods raise OSError as `os` does.

    A path is relative to the root of ``/proc``, unless it is absolute.
    """

    @property
    def path(self) -> str:
        """The root of ``/proc``, for sentences."""

    @property
    def is_here(self) -> bool:
        """Whether it is the machine that nstui runs on."""

    @property
    def is_root(self) -> bool:
        """Whether the reader has the rights of root there."""

    @property
    def refusal(self) -> str | None:
        """Why the reader is not root although that was asked for; see `RemoteShell`."""

    @property
    def tick_s(self) -> float:
        """The unit of the times in ``/proc/PID/stat``, in seconds."""

    @property
    def byte_order(self) -> ByteOrder:
        """The byte order of its processor."""

    @property
    def booted_s(self) -> int | None:
        """When it was started, in seconds since the epoch; None if unknown."""

    def process(self, pid: int | str) -> Process:
        """Open the folder of a process; `SELF` is the reader's own.

        Raises:
            OSError: There is no such process, or access is denied.

        """

    def pids(self) -> list[int]:
        """Return the pids of all processes visible to this user, in order.

        Raises:
            OSError: The processes cannot be listed.

        """

    def called(self, commands: Collection[str]) -> list[int]:
        """Return the pids of the processes with one of some command names, in order.

        Raises:
            OSError: The processes cannot be listed.

        """

    def start_of(self, pid: int, name: str, size: int = CHUNK) -> bytes | None:
        """Read the first bytes of a file of one of many processes; None if it fails.

        There may be thousands of processes: opening the folder of each would cost more
        than the read. The pid may have been reused.
        """

    def target(self, pid: int, name: str) -> str:
        """Return the target of a link of one of many processes, as `start_of`."""

    def read(self, path: str) -> bytes:
        """Read a file completely."""

    def link(self, path: str) -> str:
        """Return the target of a link."""

    def identity(self, path: str) -> tuple[int, int]:
        """Return the device and the inode of the file that a path leads to."""

    def names(self, path: str) -> list[str]:
        """Return the names in a folder, in any order."""

    def is_link(self, path: str) -> bool:
        """Return whether a path is that of a symbolic link; never raises."""

    def user(self, uid: int) -> str:
        """Return the name of a user, or the number if it has none."""

    def now_s(self) -> float:
        """Return a number of seconds that only grows, by the machine's own clock."""


class LocalMachine:
    """The machine that nstui runs on; implements `Machine`."""

    is_here = True
    refusal: str | None = None
    byte_order: ByteOrder = sys.byteorder

    def __init__(self, root: Path) -> None:
        """Read the processes below `root`."""
        self.path = str(root)
        self._before = f"{root}/"

    def process(self, pid: int | str) -> Process:
        """See `Machine`; the folder stays open, so that the pid cannot be reused."""
        return _OpenProcess(f"{self._before}{pid}")

    def pids(self) -> list[int]:
        """See `Machine`."""
        return pids_among(os.listdir(self.path))  # noqa: PTH208 - thousands of names

    def called(self, commands: Collection[str]) -> list[int]:
        """See `Machine`."""
        wanted = {f"{command}\n".encode() for command in commands}
        read = self.start_of
        return [
            pid for pid in self.pids() if read(pid, "comm", _COMMAND_BYTES) in wanted
        ]

    def start_of(self, pid: int, name: str, size: int = CHUNK) -> bytes | None:
        """See `Machine`."""
        try:
            descriptor = os.open(f"{self._before}{pid}/{name}", os.O_RDONLY)
        except OSError:
            return None
        try:
            return os.read(descriptor, size)
        except OSError:
            return None
        finally:
            os.close(descriptor)

    def target(self, pid: int, name: str) -> str:
        """See `Machine`; this takes a third less time than following the link."""
        return os.readlink(f"{self._before}{pid}/{name}")  # noqa: PTH115 - see `Machine`

    def read(self, path: str) -> bytes:
        """See `Machine`."""
        return Path(self.path, path).read_bytes()

    def link(self, path: str) -> str:
        """See `Machine`."""
        return str(Path(self.path, path).readlink())

    def identity(self, path: str) -> tuple[int, int]:
        """See `Machine`."""
        whole = path if path.startswith("/") else self._before + path
        found = os.stat(whole)  # noqa: PTH116 - see `Machine.start_of`
        return found.st_dev, found.st_ino

    def names(self, path: str) -> list[str]:
        """See `Machine`."""
        return [each.name for each in Path(self.path, path).iterdir()]

    def is_link(self, path: str) -> bool:
        """See `Machine`."""
        return Path(self.path, path).is_symlink()

    def user(self, uid: int) -> str:
        """See `Machine`."""
        try:
            return pwd.getpwuid(uid).pw_name
        except KeyError:
            return str(uid)

    def now_s(self) -> float:
        """See `Machine`."""
        return time.monotonic()

    @property
    def is_root(self) -> bool:
        """See `Machine`."""
        return not os.geteuid()

    @cached_property
    def tick_s(self) -> float:
        """See `Machine`."""
        return 1 / os.sysconf("SC_CLK_TCK")

    @property
    def booted_s(self) -> int | None:
        """See `Machine`."""
        with suppress(OSError, ValueError):
            return booted_s(self.read("stat"))
        return None


def booted_s(stat: bytes) -> int | None:
    """Return when a machine was started, from its ``/proc/stat``, or None.

    Raises:
        ValueError: The text is not what the kernel writes.

    """
    for line in stat.splitlines():
        if line.startswith(_BOOTED):
            return int(line.removeprefix(_BOOTED))
    return None


class _OpenProcess(Process):
    """A process of this machine, read through its open folder.

    Once the process has ended, reads fail, even if the pid has been reused.
    """

    def __init__(self, folder: str) -> None:
        self._directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)

    def close(self) -> None:
        os.close(self._directory)

    def identity(self, name: str) -> tuple[int, int]:
        found = os.stat(name, dir_fd=self._directory)
        return found.st_dev, found.st_ino

    def links(self, folder: str) -> Iterator[str]:
        descriptor = os.open(
            folder, os.O_RDONLY | os.O_DIRECTORY, dir_fd=self._directory
        )
        try:
            for name in os.listdir(descriptor):  # noqa: PTH208 - of a descriptor
                try:
                    yield os.readlink(name, dir_fd=descriptor)
                except FileNotFoundError:
                    # Closed since it was listed.
                    continue
        finally:
            os.close(descriptor)

    def link(self, name: str) -> str:
        return os.readlink(name, dir_fd=self._directory)

    def data(self, name: str, limit: int | None = None) -> bytes:
        descriptor = os.open(name, os.O_RDONLY, dir_fd=self._directory)
        try:
            if limit is not None:
                return os.read(descriptor, limit)
            chunks = []
            while chunk := os.read(descriptor, CHUNK):
                chunks.append(chunk)
        finally:
            os.close(descriptor)
        return b"".join(chunks)

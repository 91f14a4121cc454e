"""Reads the files of processes in ``/proc``; all other readers use it.

Once the process has ended, every read through the directory fails, whoever has its pid
by then.
"""

from __future__ import annotations

import errno
import os
import re
from typing import TYPE_CHECKING, Self

from nstui.model.namespace import Namespace, NamespaceKind
from nstui.model.snapshot import ReadProblem

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import TracebackType


FIRST_PID = 1
"""A process that every machine has, and that belongs to root."""

SELF = "self"
"""What ``/proc`` calls the process that reads it."""

_GONE = frozenset({errno.ENOENT, errno.ESRCH, errno.ENXIO})
"""What the kernel says of a process that has ended, or of a network that is ending."""

_HEADER_LINES = 2
_CHUNK = 65536
_COMMAND_BYTES = 4096
"""How much of a command line is read: some are of megabytes."""

_ALWAYS_THERE = "net/dev"
"""What every process has that is in a network namespace; a zombie is in none."""

_PARENT = re.compile(r"^PPid:\s*(\d+)$", re.MULTILINE)
_ESCAPE = re.compile(r"\\([0-7]{3})")
_BLANKS = re.compile(r"[ \t]+")


def problem_of(error: OSError) -> ReadProblem:
    """Return what a failed read of ``/proc`` means."""
    return ReadProblem.VANISHED if error.errno in _GONE else ReadProblem.DENIED


class Process:
    """A process that cannot be mistaken for a later one with its pid.

    Everything is read through the open directory: once the process has ended, that
    fails, whoever has the pid by then. Any method raises OSError when the kernel does
    not answer: see `problem_of`.
    """

    def __init__(self, root: Path, pid: int | str) -> None:
        """Open the folder of a process below `root`; `SELF` is the reader's own.

        Raises:
            OSError: there is no such process, or it may not be looked at.

        """
        self._directory = os.open(root / str(pid), os.O_RDONLY | os.O_DIRECTORY)

    def __enter__(self) -> Self:
        """Return itself, to be closed at the end of the block."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the directory."""
        os.close(self._directory)

    def cgroup(self) -> str:
        """Return which cgroups it is in, one line for each hierarchy."""
        return self.text("cgroup")

    def namespace(self, kind: NamespaceKind) -> Namespace:
        """Return the kernel's identity of one of its namespaces.

        The link must be followed: it has an inode of its own, which is procfs's.
        """
        found = os.stat(f"ns/{kind}", dir_fd=self._directory)
        return Namespace(kind, found.st_dev, found.st_ino)

    def fingerprint(self) -> Namespace:
        """Return what stands for its network namespace, readable without privileges.

        It fails once the process has ended, if only to become a zombie.
        """
        found = os.stat(_ALWAYS_THERE, dir_fd=self._directory)
        return Namespace(
            NamespaceKind.NET, found.st_dev, found.st_ino, fingerprint=True
        )

    def interfaces(self) -> tuple[str, ...]:
        """Return the names of its network interfaces, in the kernel's order."""
        # Names may hold what splitlines takes for the end of a line.
        lines = self.text("net/dev").split("\n")[_HEADER_LINES:]
        return tuple(line.partition(":")[0].strip(" ") for line in lines if line)

    def arguments(self) -> tuple[str, ...]:
        """Return the words that it was started with."""
        return tuple(self.text("cmdline").split("\0")[:-1])

    def command_line(self) -> str:
        """Return how it was called, or its name in square brackets."""
        words = self.data("cmdline", _COMMAND_BYTES).replace(b"\0", b" ")
        text = words.decode(errors="backslashreplace").strip(" ")
        return text or f"[{self.command()}]"

    def command(self) -> str:
        """Return what the kernel calls it."""
        return self.text("comm").removesuffix("\n")

    def parent(self) -> int | None:
        """Return the pid of the process above it; None if that is not told."""
        found = _PARENT.search(self.text("status"))
        return None if found is None else int(found[1])

    def links(self, folder: str) -> Iterator[str]:
        """Yield where the links in one of its folders lead, in any order."""
        descriptor = os.open(
            folder, os.O_RDONLY | os.O_DIRECTORY, dir_fd=self._directory
        )
        try:
            for name in os.listdir(descriptor):  # noqa: PTH208 - of a descriptor
                try:
                    yield os.readlink(name, dir_fd=descriptor)
                except FileNotFoundError:
                    # Gone since it was listed.
                    continue
        finally:
            os.close(descriptor)

    def link(self, name: str) -> str:
        """Return where one of its links leads."""
        return os.readlink(name, dir_fd=self._directory)

    def text(self, name: str) -> str:
        """Read one of its files whole."""
        return self.data(name).decode(errors="backslashreplace")

    def text_if_there(self, name: str) -> str | None:
        """Read a file that some kernels lack, as those without IPv6 do.

        It is None if the kernel lacks it; if it is missing because the process has
        ended, OSError is raised.
        """
        try:
            return self.text(name)
        except FileNotFoundError:
            self.fingerprint()
            return None

    def data(self, name: str, most: int | None = None) -> bytes:
        """Read one of its files as it is, whole or its first bytes."""
        descriptor = os.open(name, os.O_RDONLY, dir_fd=self._directory)
        try:
            if most is not None:
                return os.read(descriptor, most)
            chunks = []
            while chunk := os.read(descriptor, _CHUNK):
                chunks.append(chunk)
        finally:
            os.close(descriptor)
        return b"".join(chunks)


def pids_of(root: Path) -> list[int]:
    """Return the pids of all processes that this user is shown, in order.

    Raises:
        OSError: they cannot be listed.

    """
    names = os.listdir(root)  # noqa: PTH208 - thousands of names, and no paths
    return sorted(int(name) for name in names if name.isdecimal())


def read_start(root: str, pid: int, name: str, size: int = _CHUNK) -> bytes | None:
    """Read the first bytes of one file of one of many processes; None if it fails.

    There may be thousands: an open directory for each, a Path and a file object cost
    more than the read. Whoever has the pid now is meant.
    """
    try:
        descriptor = os.open(f"{root}/{pid}/{name}", os.O_RDONLY)
    except OSError:
        return None
    try:
        return os.read(descriptor, size)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def rows(text: str, *, header: int = 0) -> Iterator[list[str]]:
    r"""Yield the fields of each line that has any, but not of the first `header` lines.

    Names of interfaces are of anybody's choice. They hold no blank and no line feed,
    but perhaps what `str.split` and `str.splitlines` take for one, such as ``\x1c``.
    """
    for line in text.split("\n")[header:]:
        if fields := [field for field in _BLANKS.split(line) if field]:
            yield fields


def unescaped(field: str) -> str:
    """Undo the octal escapes of blanks, line ends and backslashes in ``mountinfo``."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 8)), field)

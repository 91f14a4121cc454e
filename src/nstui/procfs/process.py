"""One process, through an open directory of ``/proc``."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Self

from nstui.model.namespace import Namespace, NamespaceKind
from nstui.model.snapshot import ReadProblem

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

_GONE = frozenset({errno.ENOENT, errno.ESRCH, errno.ENXIO})
"""What the kernel says of a process that has ended, or of a network that is ending."""

_HEADER_LINES = 2
_CHUNK = 65536


def problem_of(error: OSError) -> ReadProblem:
    """Return what a failed read of ``/proc`` means."""
    return ReadProblem.VANISHED if error.errno in _GONE else ReadProblem.DENIED


class Process:
    """A process that cannot be mistaken for a later one with its pid.

    Everything is read through the open directory: once the process has ended, that
    fails, whoever has the pid by then. Any method raises OSError when the kernel does
    not answer: see `problem_of`.
    """

    def __init__(self, root: Path, pid: int) -> None:
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
        """Let go of the directory."""
        os.close(self._directory)

    def cgroup(self) -> str:
        """Return which cgroups it is in, one line for each hierarchy."""
        return self._text("cgroup")

    def namespace(self, kind: NamespaceKind) -> Namespace:
        """Return the kernel's identity of one of its namespaces.

        The link must be followed: it has an inode of its own, which is procfs's.
        """
        found = os.stat(f"ns/{kind}", dir_fd=self._directory)
        return Namespace(kind, found.st_dev, found.st_ino)

    def fingerprint(self) -> Namespace:
        """Return what stands for its network namespace, readable without privileges."""
        found = os.stat("net/dev", dir_fd=self._directory)
        return Namespace(
            NamespaceKind.NET, found.st_dev, found.st_ino, fingerprint=True
        )

    def interfaces(self) -> tuple[str, ...]:
        """Return the names of its network interfaces, in the kernel's order."""
        # Names may hold what splitlines takes for the end of a line.
        lines = self._text("net/dev").split("\n")[_HEADER_LINES:]
        return tuple(line.partition(":")[0].strip(" ") for line in lines if line)

    def command_line(self) -> tuple[str, ...]:
        """Return the words that it was started with."""
        return tuple(self._text("cmdline").split("\0")[:-1])

    def command(self) -> str:
        """Return what the kernel calls it."""
        return self._text("comm").rstrip("\n")

    def status(self) -> str:
        """Return what is known of it, one line for each field."""
        return self._text("status")

    def mountinfo(self) -> str:
        """Return what is mounted where, one line for each mount."""
        return self._text("mountinfo")

    def _text(self, name: str) -> str:
        """Read one file whole."""
        descriptor = os.open(name, os.O_RDONLY, dir_fd=self._directory)
        try:
            chunks = []
            while chunk := os.read(descriptor, _CHUNK):
                chunks.append(chunk)
        finally:
            os.close(descriptor)
        return b"".join(chunks).decode(errors="backslashreplace")

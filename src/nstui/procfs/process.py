"""Reads the files of processes in ``/proc``; all other readers use it.

A process is opened by a `nstui.procfs.machine.Machine`. A read fails once the process
has ended, even if its pid has been reused.
"""

from __future__ import annotations

import errno
import os
import re
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

from nstui.model.namespace import Namespace, NamespaceKind
from nstui.model.snapshot import ReadProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


FIRST_PID = 1
"""A process that every machine has, and that belongs to root."""

SELF = "self"
"""The name in ``/proc`` of the process that reads it."""

_GONE = frozenset({errno.ENOENT, errno.ESRCH, errno.ENXIO})
"""The errors for a process that has ended, or for a network that is ending."""

_HEADER_LINES = 2
_COMMAND_BYTES = 4096
"""How much of a command line is read: some have megabytes."""

_START_FIELD = 19
"""The position of the start among the fields behind the command name."""

_NETWORK_FILE = "net/dev"
"""A file of every process in a network namespace; a zombie is in none."""

_PARENT = r"(?m)^PPid:\s*(\d+)$"
_ESCAPE = r"\\([0-7]{3})"
_BLANKS = r"[ \t]+"


def problem_of(error: OSError) -> ReadProblem:
    """Return what a failed read of ``/proc`` means."""
    return ReadProblem.VANISHED if error.errno in _GONE else ReadProblem.DENIED


class Process(ABC):
    """A process that cannot be confused with a later one with the same pid.

    Once the process has ended, reads fail, even if the pid has been reused. Any method
    raises OSError if the kernel refuses; see `problem_of`.
    """

    def __enter__(self) -> Self:
        """Return itself, to be closed at the end of the block."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it."""
        self.close()

    @abstractmethod
    def close(self) -> None:
        """Give up what is held of it."""

    @abstractmethod
    def identity(self, name: str) -> tuple[int, int]:
        """Return the device and the inode of a file; links are followed."""

    @abstractmethod
    def links(self, folder: str) -> Iterator[str]:
        """Yield the targets of the links in one of its folders, in any order."""

    @abstractmethod
    def link(self, name: str) -> str:
        """Return the target of one of its links."""

    @abstractmethod
    def data(self, name: str, limit: int | None = None) -> bytes:
        """Read one of its files as bytes, at most `limit` of them if given."""

    def cgroup(self) -> str:
        """Return the text of its ``cgroup`` file, one line for each hierarchy."""
        return self.text("cgroup")

    def namespace(self, kind: NamespaceKind) -> Namespace:
        """Return the kernel's identity of one of its namespaces.

        The link must be followed: its own inode is one of procfs.
        """
        device, inode = self.identity(f"ns/{kind}")
        return Namespace(kind, device, inode)

    def fingerprint(self) -> Namespace:
        """Return a stand-in for its network namespace, readable without privileges.

        It fails once the process has ended, even if it still exists as a zombie.
        """
        device, inode = self.identity(_NETWORK_FILE)
        return Namespace(NamespaceKind.NET, device, inode, fingerprint=True)

    def interfaces(self) -> tuple[str, ...]:
        """Return the names of its network interfaces, in the kernel's order."""
        # Interface names may contain characters that splitlines treats as a line end.
        lines = self.text("net/dev").split("\n")[_HEADER_LINES:]
        return tuple(line.partition(":")[0].strip(" ") for line in lines if line)

    def arguments(self) -> tuple[str, ...]:
        """Return the arguments it was started with, the program first."""
        return tuple(self.text("cmdline").split("\0")[:-1])

    def command_line(self) -> str:
        """Return its command line, or its command name in square brackets."""
        words = self.data("cmdline", _COMMAND_BYTES).replace(b"\0", b" ")
        text = words.decode(errors="backslashreplace").strip(" ")
        return text or f"[{self.command()}]"

    def command(self) -> str:
        """Return its command name."""
        return self.text("comm").removesuffix("\n")

    def parent(self) -> int | None:
        """Return the pid of its parent; None if unknown."""
        found = re.search(_PARENT, self.text("status"))
        return None if found is None else int(found[1])

    def age_s(self) -> float:
        """Return how many seconds ago it was started, to a hundredth of one.

        Its command name, which may contain anything, is in parentheses before the
        fields, of which the start is the 22nd: see proc_pid_stat(5).
        """
        fields = self.text("stat").rpartition(")")[2].split()
        started = int(fields[_START_FIELD]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started

    def text(self, name: str) -> str:
        """Read one of its files completely."""
        return self.data(name).decode(errors="backslashreplace")

    def optional_text(self, name: str) -> str | None:
        """Read a file that some kernels lack, such as those without IPv6.

        Return None if the kernel lacks it. If it is missing because the process has
        ended, OSError is raised.
        """
        try:
            return self.text(name)
        except FileNotFoundError:
            self.fingerprint()
            return None


def pids_among(names: Iterable[str]) -> list[int]:
    """Return the names in ``/proc`` that are pids, in order."""
    return sorted(int(name) for name in names if name.isdecimal())


def rows(text: str, *, header: int = 0) -> Iterator[list[str]]:
    r"""Yield the fields of each line that has any, after the first `header` lines.

    Interface names are chosen freely. They contain no blank and no line feed, but may
    contain characters such as ``\x1c``, which `str.split` and `str.splitlines` treat as
    one.
    """
    for line in text.split("\n")[header:]:
        if fields := [field for field in re.split(_BLANKS, line) if field]:
            yield fields


def unescaped(field: str) -> str:
    """Decode the octal escapes of ``mountinfo``, such as those of blanks."""
    return re.sub(_ESCAPE, lambda found: chr(int(found[1], 8)), field)

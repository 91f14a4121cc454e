"""Reading through an open directory of ``/proc/PID``, as files and as tables.

Once the process has ended, every read through the directory fails, whoever has its pid
by then.
"""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ALWAYS_THERE = "net/dev"
"""What every process has that is in a network namespace; a zombie is in none."""

_CHUNK = 65536
_COMMAND_BYTES = 4096
"""How much of a command line is read: some are of megabytes."""

_ESCAPE = re.compile(r"\\([0-7]{3})")
_BLANKS = re.compile(r"[ \t]+")


def pids_of(root: Path) -> list[int]:
    """Return the pids of all processes that this user is shown, in order.

    Raises:
        OSError: they cannot be listed.

    """
    names = os.listdir(root)  # noqa: PTH208 - thousands of names, and no paths
    return sorted(int(name) for name in names if name.isdecimal())


@contextmanager
def opened(root: Path, pid: int) -> Iterator[int]:
    """Give the descriptor of a process's directory, and close it at the end.

    Raises:
        OSError: there is no such process, or it may not be looked at.

    """
    directory = os.open(root / str(pid), os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield directory
    finally:
        os.close(directory)


def read_text(directory: int, name: str) -> str:
    """Read one file of a process whole.

    Raises:
        OSError: the kernel does not answer; see `nstui.procfs.process.problem_of`.

    """
    descriptor = os.open(name, os.O_RDONLY, dir_fd=directory)
    try:
        chunks = []
        while chunk := os.read(descriptor, _CHUNK):
            chunks.append(chunk)
    finally:
        os.close(descriptor)
    return b"".join(chunks).decode(errors="backslashreplace")


def command_line(directory: int) -> str:
    """Read how a process was called, or its name in square brackets.

    Raises:
        OSError: as `read_text`.

    """
    descriptor = os.open("cmdline", os.O_RDONLY, dir_fd=directory)
    try:
        words = os.read(descriptor, _COMMAND_BYTES)
    finally:
        os.close(descriptor)
    text = words.replace(b"\0", b" ").decode(errors="backslashreplace").strip(" ")
    if text:
        return text
    return f"[{read_text(directory, 'comm').removesuffix(chr(10))}]"


def read_if_there(directory: int, name: str) -> str | None:
    """Read a file that some kernels lack, as those without IPv6 do; None if it does.

    Raises:
        OSError: as `read_text`, and if it is missing because the process has ended.

    """
    try:
        return read_text(directory, name)
    except FileNotFoundError:
        require_network(directory)
        return None


def require_network(directory: int) -> None:
    """Make sure that a process has not ended.

    Raises:
        OSError: it has, if only to become a zombie.

    """
    os.stat(ALWAYS_THERE, dir_fd=directory)


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

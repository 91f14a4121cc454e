"""The CPU time and memory of a program and its children."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Iterable

MIB = 1024 * 1024


def _with_children(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    return []


def cpu_s(pid: int) -> float:
    """Return the CPU seconds used so far, including children that have ended."""
    used = 0.0
    for process in _with_children(pid):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            used += times.user + times.system
            used += times.children_user + times.children_system
    return used


def memory_mib(pid: int) -> float:
    """Return the resident memory in MiB."""
    return _resident_mib(_with_children(pid))


def children_mib(pid: int) -> float:
    """Return the resident memory of the children alone in MiB."""
    return _resident_mib(_with_children(pid)[1:])


def _resident_mib(processes: Iterable[psutil.Process]) -> float:
    used = 0
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            used += process.memory_info().rss
    return used / MIB

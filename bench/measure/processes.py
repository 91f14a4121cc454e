"""What a program and those that it started use."""

from __future__ import annotations

from contextlib import suppress

import psutil

MIB = 1024 * 1024


def _family(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    return []


def cpu_s(pid: int) -> float:
    """Return the CPU seconds used so far; those that have ended count as well."""
    used = 0.0
    for process in _family(pid):
        with suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            used += times.user + times.system
            used += times.children_user + times.children_system
    return used


def memory_mib(pid: int) -> float:
    """Return the memory that is resident, in MiB."""
    used = 0
    for process in _family(pid):
        with suppress(psutil.NoSuchProcess):
            used += process.memory_info().rss
    return used / MIB

"""The processes of containers, and what they use.

psutil has the facts of a process. That they are those of the right one is made sure
here, as it takes whoever has a pid at the moment.
"""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nstui.model.snapshot import ReadProblem
from nstui.model.usage import ProcessUsage
from nstui.procfs.cgroup import names_container
from nstui.procfs.directory import command_line, opened, read_text
from nstui.procfs.process import problem_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nstui.model.container import ContainerId


def read_processes(
    root: Path, container: ContainerId, pid: int
) -> tuple[ProcessUsage, ...] | ReadProblem:
    """Read all processes of a container, by their pids; never raises."""
    try:
        with opened(root, pid) as directory:
            if not names_container(read_text(directory, "cgroup"), container):
                return ReadProblem.NOT_THE_CONTAINER
    except OSError as error:
        return problem_of(error)
    found = (_read(root, container, each) for each in _pids(root))
    return tuple(each for each in found if each is not None)


def _pids(root: Path) -> Iterator[int]:
    """Yield every pid that is shown, in order."""
    names = os.listdir(root)  # noqa: PTH208 - thousands of names, and no paths
    yield from sorted(int(name) for name in names if name.isdecimal())


def _read(root: Path, container: ContainerId, pid: int) -> ProcessUsage | None:
    """Read a process; None if it is not the container's, or has ended."""
    try:
        with opened(root, pid) as directory:
            if not names_container(read_text(directory, "cgroup"), container):
                return None
            return _usage(directory, pid)
    except OSError:
        return None


def _usage(directory: int, pid: int) -> ProcessUsage | None:
    import psutil  # noqa: PLC0415 - 26 ms that only those pay who ask

    try:
        process = psutil.Process(pid)
        with process.oneshot():
            times = process.cpu_times()
            found = ProcessUsage(
                pid=pid,
                command=command_line(directory),
                user=process.username(),
                state=process.status(),
                started_at=datetime.fromtimestamp(process.create_time(), UTC),
                taken_s=time.monotonic(),
                cpu_s=times.user + times.system,
                memory=process.memory_info().rss,
            )
    except psutil.Error:
        return None
    # If it is still there, nobody else can have had its pid meanwhile.
    read_text(directory, "cgroup")
    return found

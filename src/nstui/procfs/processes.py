"""The processes of containers, and what they use.

psutil has the facts of a process. That they are those of the right one is made sure
here, as it takes whoever has a pid at the moment.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nstui.model.snapshot import ReadProblem
from nstui.model.usage import ProcessUsage, Usage
from nstui.procfs.cgroup import containers_of, names_container
from nstui.procfs.directory import command_line, opened, pids_of, read_text
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
        wanted = frozenset({container})
        found = tuple(each for _, each in _walk(root, wanted))
    except OSError as error:
        return problem_of(error)
    # At least the first one was there a moment ago.
    return found or ReadProblem.VANISHED


def sum_processes(
    root: Path, containers: frozenset[ContainerId]
) -> dict[ContainerId, Usage | ReadProblem]:
    """Add up what the processes of each container use; never raises."""
    found: dict[ContainerId, list[ProcessUsage]] = {each: [] for each in containers}
    try:
        for owners, each in _walk(root, containers):
            for owner in owners:
                found[owner].append(each)
    except OSError as error:
        return dict.fromkeys(containers, problem_of(error))
    return {
        container: _sum(processes) if processes else ReadProblem.VANISHED
        for container, processes in found.items()
    }


def _sum(processes: list[ProcessUsage]) -> Usage:
    return Usage(
        taken_s=processes[-1].taken_s,
        cpu_s=sum(each.cpu_s for each in processes),
        memory=sum(each.memory for each in processes),
        is_summed=True,
    )


def _walk(
    root: Path, wanted: frozenset[ContainerId]
) -> Iterator[tuple[frozenset[ContainerId], ProcessUsage]]:
    """Yield each process of some containers with those it is in, by the pids.

    Raises:
        OSError: the processes cannot be listed.

    """
    for pid in pids_of(root):
        try:
            with opened(root, pid) as directory:
                owners = wanted.intersection(
                    containers_of(read_text(directory, "cgroup"))
                )
                found = _usage(directory, pid) if owners else None
        except OSError:
            # It has ended, or is hidden: then it is no container's that is looked at.
            continue
        if found is not None:
            yield owners, found


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

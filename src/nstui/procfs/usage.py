"""What containers use, by the files of their cgroups.

Where those cannot be read, because no cgroups are mounted or the kernel does not count,
it is added up over the processes.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.model.snapshot import ReadProblem
from nstui.model.usage import Usage
from nstui.procfs.cgroup import names_container
from nstui.procfs.directory import opened, read_text
from nstui.procfs.hierarchies import folders_of, mounted_hierarchies
from nstui.procfs.nsfs import SELF
from nstui.procfs.process import problem_of
from nstui.procfs.processes import sum_processes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import ContainerId
    from nstui.procfs.hierarchies import Folder, Hierarchy

_NS, _US = 1e9, 1e6


def read_usage(
    root: Path, pids: Mapping[ContainerId, int]
) -> dict[ContainerId, Usage | ReadProblem]:
    """Read what containers use, by their first processes; never raises."""
    mounted = read_hierarchies(root)
    told = {each: _ask(root, mounted, each, pid) for each, pid in pids.items()}
    silent = frozenset(each for each, answer in told.items() if answer is None)
    sums = sum_processes(root, silent) if silent else {}
    return {
        each: sums[each] if answer is None else answer for each, answer in told.items()
    }


def read_hierarchies(root: Path) -> tuple[Hierarchy, ...]:
    """Return where cgroups are mounted for the reader itself; never raises."""
    try:
        text = (root / SELF / "mountinfo").read_bytes()
    except OSError:
        return ()
    return mounted_hierarchies(text.decode(errors="backslashreplace"))


def _ask(
    root: Path, mounted: tuple[Hierarchy, ...], container: ContainerId, pid: int
) -> Usage | ReadProblem | None:
    """Return what a container's cgroup says; None if it does not."""
    try:
        with opened(root, pid) as directory:
            cgroup = read_text(directory, "cgroup")
    except OSError as error:
        return problem_of(error)
    if not names_container(cgroup, container):
        return ReadProblem.NOT_THE_CONTAINER
    taken_s = time.monotonic()
    for cpu in folders_of(cgroup, container, "cpuacct", mounted):
        for memory in folders_of(cgroup, container, "memory", mounted):
            try:
                return Usage(taken_s=taken_s, cpu_s=_cpu_s(cpu), memory=_memory(memory))
            except (OSError, ValueError, KeyError):
                # Such a controller may be off, or the container has just gone.
                continue
    return None


def _cpu_s(folder: Folder) -> float:
    if folder.version == 1:
        return int(_text(folder, "cpuacct.usage")) / _NS
    return _table(folder, "cpu.stat")["usage_usec"] / _US


def _memory(folder: Folder) -> int:
    """Return the memory as the docker command counts it."""
    if folder.version == 1:
        used = int(_text(folder, "memory.usage_in_bytes"))
        idle = _table(folder, "memory.stat")["total_inactive_file"]
    else:
        used = int(_text(folder, "memory.current"))
        idle = _table(folder, "memory.stat")["inactive_file"]
    # The two are read one after the other.
    return used - idle if idle < used else used


def _table(folder: Folder, name: str) -> dict[str, int]:
    words = (line.split() for line in _text(folder, name).splitlines())
    return {pair[0]: int(pair[1]) for pair in words if len(pair) > 1}


def _text(folder: Folder, name: str) -> str:
    return Path(folder.path, name).read_text(encoding="ascii")

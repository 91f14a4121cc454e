"""The CPU time and memory that containers and their processes use.

Those of a container are read from its cgroup. Where that cannot be read, because no
cgroups are mounted or the kernel does not count, they are added up over the processes.

A cgroup is a folder in a mounted hierarchy, see cgroups(7): in one of version 1 for
each controller, or in that of version 2. Both may be there at once. What is mounted
need not be the whole hierarchy, and in a cgroup namespace of its own a reader is told
paths that begin with ``/..``: then the folder cannot be found.

psutil has the facts of a process. That they are those of the right one is made sure
here, as it takes whoever has a pid at the moment.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.network import ProcessUsage, Usage
from nstui.model.snapshot import ReadProblem
from nstui.procfs.cgroup import containers_of, end_of_id, names_container
from nstui.procfs.process import SELF, Process, pids_of, problem_of, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.model.container import ContainerId


_VERSIONS = {"cgroup": 1, "cgroup2": 2}
_ROOT, _MOUNT, _FIELDS = 3, 4, 5


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A mounted hierarchy of cgroups, or a part of one."""

    version: int
    """1 or 2."""

    controllers: frozenset[str]
    """Those of version 1, beside other words."""

    root: str
    """The cgroup that is mounted, and all below it."""

    mount: str
    """The folder where it is."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A cgroup's folder."""

    version: int
    path: str


def mounted_hierarchies(mountinfo: str) -> tuple[Hierarchy, ...]:
    """Return the hierarchies that a process sees, by its ``mountinfo``."""
    return tuple(_read(mountinfo))


def folders_of(
    cgroup: str,
    container: ContainerId,
    controller: str,
    hierarchies: Iterable[Hierarchy],
) -> Iterator[Folder]:
    """Yield where a container's cgroup may be, version 1 first.

    Args:
        cgroup: the text of a ``cgroup`` file of one of its processes, which may be in
            a cgroup of its own below the container's.
        container: the container to find the cgroup of.
        controller: the controller to read, by its name in version 1.
        hierarchies: the mounted hierarchies.

    """
    mounted = sorted(hierarchies, key=lambda each: each.version)
    for line in cgroup.split("\n"):
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        end = end_of_id(path, container)
        # Cgroups above the reader's own cgroup namespace are not mounted anywhere.
        if end is None or ".." in path.split("/"):
            continue
        for each in mounted:
            is_told = (
                controller in names.split(",") and controller in each.controllers
                if each.version == 1
                else not names
            )
            if is_told and (below := _below(each.root, path[:end])) is not None:
                yield Folder(each.version, each.mount + below)


def _below(root: str, path: str) -> str | None:
    """Return a path below a root, with a slash before it; None if it is elsewhere."""
    if root == "/":
        return path
    return path.removeprefix(root) if f"{path}/".startswith(f"{root}/") else None


def _read(mountinfo: str) -> Iterator[Hierarchy]:
    for line in mountinfo.split("\n"):
        fields, _, more = line.partition(" - ")
        words, kinds = fields.split(" "), more.split(" ")
        version = _VERSIONS.get(kinds[0])
        if version is not None and len(words) >= _FIELDS:
            yield Hierarchy(
                version=version,
                controllers=frozenset(kinds[-1].split(",")),
                root=unescaped(words[_ROOT]),
                mount=unescaped(words[_MOUNT]),
            )


def read_processes(
    root: Path, container: ContainerId, pid: int
) -> tuple[ProcessUsage, ...] | ReadProblem:
    """Read all processes of a container, by their pids; never raises."""
    try:
        with Process(root, pid) as process:
            if not names_container(process.cgroup(), container):
                return ReadProblem.NOT_THE_CONTAINER
        wanted = frozenset({container})
        found = tuple(each for _, each in _walk(root, wanted))
    except OSError as error:
        return problem_of(error)
    # The first process existed a moment ago.
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
            with Process(root, pid) as process:
                owners = wanted.intersection(containers_of(process.cgroup()))
                found = _usage(process, pid) if owners else None
        except OSError:
            # It has ended, or it is hidden and so not in a container of interest.
            continue
        if found is not None:
            yield owners, found


def _usage(process: Process, pid: int) -> ProcessUsage | None:
    import psutil  # noqa: PLC0415

    try:
        counted = psutil.Process(pid)
        with counted.oneshot():
            times = counted.cpu_times()
            found = ProcessUsage(
                pid=pid,
                command=process.command_line(),
                user=counted.username(),
                state=counted.status(),
                started_at=datetime.fromtimestamp(counted.create_time(), UTC),
                taken_s=time.monotonic(),
                cpu_s=times.user + times.system,
                memory=counted.memory_info().rss,
            )
    except psutil.Error:
        return None
    # If it still exists, no other process can have had its pid in the meantime.
    process.cgroup()
    return found


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
        with Process(root, SELF) as process:
            return mounted_hierarchies(process.text("mountinfo"))
    except OSError:
        return ()


def _ask(
    root: Path, mounted: tuple[Hierarchy, ...], container: ContainerId, pid: int
) -> Usage | ReadProblem | None:
    """Return the usage of a container's cgroup; None if it cannot be read there."""
    try:
        with Process(root, pid) as process:
            cgroup = process.cgroup()
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
                # The controller may be off, or the container may have just stopped.
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
    # The two values are not read at the same moment.
    return used - idle if idle < used else used


def _table(folder: Folder, name: str) -> dict[str, int]:
    words = (line.split() for line in _text(folder, name).splitlines())
    return {pair[0]: int(pair[1]) for pair in words if len(pair) > 1}


def _text(folder: Folder, name: str) -> str:
    return Path(folder.path, name).read_text(encoding="ascii")

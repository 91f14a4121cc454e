"""Reads the CPU time and memory that containers and their processes use.

The values of a container are read from its cgroup. If that is impossible, because no
cgroups are mounted or the kernel does not count, those of its processes are added up.

A cgroup is a folder in a mounted hierarchy, see cgroups(7): version 1 has one for each
controller, version 2 a single one. Both versions may be mounted at once. A mount need
not contain the whole hierarchy, and a reader in a cgroup namespace of its own sees
paths that begin with ``/..``: then the folder cannot be found.

The values of a process come from psutil. psutil reads any process that has the pid at
the moment, so this module checks that it was the right one.
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

_NS, _US = 1e9, 1e6


@dataclass(frozen=True, slots=True)
class Hierarchy:
    """A mounted hierarchy of cgroups, or a part of one."""

    version: int
    """1 or 2."""

    controllers: frozenset[str]
    """For version 1, its controllers among other mount options."""

    root: str
    """The mounted cgroup; those below it are mounted with it."""

    mount: str
    """The folder it is mounted on."""


@dataclass(frozen=True, slots=True)
class Folder:
    """A cgroup's folder."""

    version: int
    path: str


def mounted_hierarchies(mountinfo: str) -> tuple[Hierarchy, ...]:
    """Return the hierarchies that a process sees, from its ``mountinfo``."""
    return tuple(_parse_hierarchies(mountinfo))


def folders_of(
    cgroup: str,
    container: ContainerId,
    controller: str,
    hierarchies: Iterable[Hierarchy],
) -> Iterator[Folder]:
    """Yield the possible folders of a container's cgroup, version 1 first.

    Args:
        cgroup: The text of the ``cgroup`` file of one of its processes, which may be in
            a cgroup of its own below the container's.
        container: The container to find the cgroup of.
        controller: The controller to read, by its name in version 1.
        hierarchies: The mounted hierarchies.

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
            has_controller = (
                controller in names.split(",") and controller in each.controllers
                if each.version == 1
                else not names
            )
            if has_controller and (below := _below(each.root, path[:end])) is not None:
                yield Folder(each.version, each.mount + below)


def _below(root: str, path: str) -> str | None:
    """Return a path relative to a root, with a slash before it; None if outside."""
    if root == "/":
        return path
    return path.removeprefix(root) if f"{path}/".startswith(f"{root}/") else None


def _parse_hierarchies(mountinfo: str) -> Iterator[Hierarchy]:
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
    """Read all processes of a container, in the order of pids; never raises."""
    try:
        with Process(root, pid) as process:
            if not names_container(process.cgroup(), container):
                return ReadProblem.NOT_THE_CONTAINER
        wanted = frozenset({container})
        found = tuple(each for _, each in _read_matching(root, wanted))
    except OSError as error:
        return problem_of(error)
    # The first process existed a moment ago.
    return found or ReadProblem.VANISHED


def sum_processes(
    root: Path, containers: frozenset[ContainerId]
) -> dict[ContainerId, Usage | ReadProblem]:
    """Add up the usage of the processes of each container; never raises."""
    found: dict[ContainerId, list[ProcessUsage]] = {each: [] for each in containers}
    try:
        for owners, each in _read_matching(root, containers):
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


def _read_matching(
    root: Path, wanted: frozenset[ContainerId]
) -> Iterator[tuple[frozenset[ContainerId], ProcessUsage]]:
    """Yield each process of some containers with its containers, ordered by pid.

    Raises:
        OSError: The processes cannot be listed.

    """
    for pid in pids_of(root):
        try:
            with Process(root, pid) as process:
                owners = wanted.intersection(containers_of(process.cgroup()))
                found = _usage(process, pid) if owners else None
        except OSError:
            # It has ended, or it is hidden and so not in one of these containers.
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


def read_usage(
    root: Path, pids: Mapping[ContainerId, int]
) -> dict[ContainerId, Usage | ReadProblem]:
    """Read the usage of containers by their first processes; never raises."""
    mounted = read_hierarchies(root)
    answers = {
        each: _read_from_cgroup(root, mounted, each, pid) for each, pid in pids.items()
    }
    unread = frozenset(each for each, answer in answers.items() if answer is None)
    sums = sum_processes(root, unread) if unread else {}
    return {
        each: sums[each] if answer is None else answer
        for each, answer in answers.items()
    }


def read_hierarchies(root: Path) -> tuple[Hierarchy, ...]:
    """Return where cgroups are mounted for the reader itself; never raises."""
    try:
        with Process(root, SELF) as process:
            return mounted_hierarchies(process.text("mountinfo"))
    except OSError:
        return ()


def _read_from_cgroup(
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
    """Return the memory in bytes, as the docker command counts it."""
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

"""Reads the CPU time and memory that containers and their processes use.

The values of a container are read from its cgroup. If that is impossible, because no
cgroups are mounted or the kernel does not count, those of its processes are added up.

A cgroup is a folder in a mounted hierarchy, see cgroups(7): version 1 has one for each
controller, version 2 a single one. Both versions may be mounted at once. A mount need
not contain the whole hierarchy, and a reader in a cgroup namespace of its own sees
paths that begin with ``/..``: then the folder cannot be found.

The user of a process is its real one, as in psutil.
"""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.network import ProcessUsage, Usage
from nstui.model.snapshot import ReadProblem
from nstui.procfs.cgroup import containers_of, end_of_id, names_container
from nstui.procfs.process import SELF, problem_of, unescaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from nstui.model.container import ContainerId
    from nstui.procfs.machine import Machine
    from nstui.procfs.process import Process


_VERSIONS = {"cgroup": 1, "cgroup2": 2}
_ROOT, _MOUNT, _FIELDS = 3, 4, 5

_NS, _US = 1e9, 1e6
_KIB = 1024

_UID = re.compile(r"^Uid:\s*(\d+)", re.MULTILINE)
_RESIDENT = re.compile(r"^VmRSS:\s*(\d+) kB$", re.MULTILINE)
_USER_AT, _SYSTEM_AT, _STARTED_AT = 11, 12, 19
"""The indexes among the fields of ``/proc/PID/stat`` after the command; see
proc_pid_stat(5)."""

_STATES = {
    "R": "running",
    "S": "sleeping",
    "D": "disk-sleep",
    "T": "stopped",
    "t": "tracing-stop",
    "Z": "zombie",
    "X": "dead",
    "x": "dead",
    "K": "wake-kill",
    "W": "waking",
    "I": "idle",
    "P": "parked",
}
"""The states of a process, in psutil's words."""


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
    machine: Machine, container: ContainerId, pid: int
) -> tuple[ProcessUsage, ...] | ReadProblem:
    """Read all processes of a container, in the order of pids; never raises."""
    try:
        with machine.process(pid) as process:
            if not names_container(process.cgroup(), container):
                return ReadProblem.NOT_THE_CONTAINER
        wanted = frozenset({container})
        found = tuple(each for _, each in _read_matching(machine, wanted))
    except OSError as error:
        return problem_of(error)
    # The first process existed a moment ago.
    return found or ReadProblem.VANISHED


def sum_processes(
    machine: Machine, containers: frozenset[ContainerId]
) -> dict[ContainerId, Usage | ReadProblem]:
    """Add up the usage of the processes of each container; never raises."""
    found: dict[ContainerId, list[ProcessUsage]] = {each: [] for each in containers}
    try:
        for owners, each in _read_matching(machine, containers):
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
    machine: Machine, wanted: frozenset[ContainerId]
) -> Iterator[tuple[frozenset[ContainerId], ProcessUsage]]:
    """Yield each process of some containers with its containers, ordered by pid.

    Raises:
        OSError: The processes cannot be listed.

    """
    count = _count_here if _is_psutils(machine) else partial(_count_there, machine)
    for pid in machine.pids():
        try:
            with machine.process(pid) as process:
                owners = wanted.intersection(containers_of(process.cgroup()))
                found = count(process, pid) if owners else None
        except OSError:
            # It has ended, or it is hidden and so not in one of these containers.
            continue
        if found is not None:
            yield owners, found


def _count_here(process: Process, pid: int) -> ProcessUsage | None:
    """Return the usage of a process of this machine, as psutil counts it.

    Raises:
        OSError: It has ended.

    """
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
    # psutil reads any process that has the pid at the moment. If this one still exists,
    # no other can have had its pid in the meantime.
    process.cgroup()
    return found


def _is_psutils(machine: Machine) -> bool:
    """Return whether psutil reads the same processes: those of this machine."""
    import psutil  # noqa: PLC0415

    return machine.is_here and machine.path == psutil.PROCFS_PATH


def _count_there(machine: Machine, process: Process, pid: int) -> ProcessUsage | None:
    """Return the usage of a process that psutil does not read.

    Raises:
        OSError: It has ended.

    """
    booted_s = machine.booted_s
    try:
        command = process.command_line()
        # The command before the fields may contain blanks and brackets itself.
        fields = process.text("stat").rpartition(")")[2].split()
        status = process.text("status")
        uid = _UID.search(status)
        if booted_s is None or uid is None:
            return None
        started_s = int(fields[_STARTED_AT]) * machine.tick_s
        resident = _RESIDENT.search(status)
        return ProcessUsage(
            pid=pid,
            command=command,
            user=machine.user(int(uid[1])),
            state=_STATES.get(fields[0], "?"),
            started_at=datetime.fromtimestamp(booted_s + started_s, UTC),
            taken_s=machine.now_s(),
            cpu_s=(int(fields[_USER_AT]) + int(fields[_SYSTEM_AT])) * machine.tick_s,
            # A zombie, and a thread of the kernel, has none.
            memory=0 if resident is None else int(resident[1]) * _KIB,
        )
    except (IndexError, ValueError):
        return None


def read_usage(
    machine: Machine, pids: Mapping[ContainerId, int]
) -> dict[ContainerId, Usage | ReadProblem]:
    """Read the usage of containers by their first processes; never raises."""
    mounted = read_hierarchies(machine)
    answers = {
        each: _read_from_cgroup(machine, mounted, each, pid)
        for each, pid in pids.items()
    }
    unread = frozenset(each for each, answer in answers.items() if answer is None)
    sums = sum_processes(machine, unread) if unread else {}
    return {
        each: sums[each] if answer is None else answer
        for each, answer in answers.items()
    }


def read_hierarchies(machine: Machine) -> tuple[Hierarchy, ...]:
    """Return where cgroups are mounted for the reader itself; never raises."""
    try:
        with machine.process(SELF) as process:
            return mounted_hierarchies(process.text("mountinfo"))
    except OSError:
        return ()


def _read_from_cgroup(
    machine: Machine, mounted: tuple[Hierarchy, ...], container: ContainerId, pid: int
) -> Usage | ReadProblem | None:
    """Return the usage of a container's cgroup; None if it cannot be read there."""
    try:
        with machine.process(pid) as process:
            cgroup = process.cgroup()
    except OSError as error:
        return problem_of(error)
    if not names_container(cgroup, container):
        return ReadProblem.NOT_THE_CONTAINER
    taken_s = machine.now_s()
    for cpu in folders_of(cgroup, container, "cpuacct", mounted):
        for memory in folders_of(cgroup, container, "memory", mounted):
            try:
                return Usage(
                    taken_s=taken_s,
                    cpu_s=_cpu_s(machine, cpu),
                    memory=_memory(machine, memory),
                )
            except (OSError, ValueError, KeyError):
                # The controller may be off, or the container may have just stopped.
                continue
    return None


def _cpu_s(machine: Machine, folder: Folder) -> float:
    if folder.version == 1:
        return int(_text(machine, folder, "cpuacct.usage")) / _NS
    return _table(machine, folder, "cpu.stat")["usage_usec"] / _US


def _memory(machine: Machine, folder: Folder) -> int:
    """Return the memory in bytes, as the docker command counts it."""
    if folder.version == 1:
        used = int(_text(machine, folder, "memory.usage_in_bytes"))
        idle = _table(machine, folder, "memory.stat")["total_inactive_file"]
    else:
        used = int(_text(machine, folder, "memory.current"))
        idle = _table(machine, folder, "memory.stat")["inactive_file"]
    # The two values are not read at the same moment.
    return used - idle if idle < used else used


def _table(machine: Machine, folder: Folder, name: str) -> dict[str, int]:
    words = (line.split() for line in _text(machine, folder, name).splitlines())
    return {pair[0]: int(pair[1]) for pair in words if len(pair) > 1}


def _text(machine: Machine, folder: Folder, name: str) -> str:
    return machine.read(f"{folder.path}/{name}").decode("ascii")

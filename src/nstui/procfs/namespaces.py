"""The namespaces of containers, and how reliably ``/proc`` tells them apart.

The engine's files that a process sees are read from ``/proc/PID/mountinfo``, see
proc(5): the fourth field is the place of a mount in its file system, the fifth where it
is seen. Of a removed file the kernel writes ``//deleted`` behind its place.
"""

from __future__ import annotations

import os
import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.container import ContainerId
from nstui.model.frozen import dataclass
from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.snapshot import MountedFile, ProcessReading, ReadProblem
from nstui.procfs.cgroup import names_container, read_manager
from nstui.procfs.process import FIRST_PID, Process, problem_of, unescaped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from pathlib import Path


_ONLY_LOOPBACK = ("lo",)
"""The interfaces of a container whose owner has gone. Only then are its files read."""

_NOTHING: Mapping[NamespaceKind, Namespace] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class NamespaceReading:
    """The namespaces read from one container's first process."""

    reading: ProcessReading
    believed: bool
    """Whether its cgroup named the container."""

    @property
    def is_refused(self) -> bool:
        """Whether the kernel refused to show its namespaces."""
        refused = self.reading.problem is ReadProblem.DENIED
        return refused and not self.reading.namespaces


class HostLook:
    """One pass over the containers' processes.

    What is equal for all processes in one network namespace is read once, so a look
    is to be dropped when the pass is over.
    """

    def __init__(self, root: Path, level: NamespacesRead) -> None:
        """Read below `root`, and tell namespaces apart by `level` only."""
        self._root = root
        self._level = level
        self._interfaces: dict[Namespace, tuple[str, ...]] = {}

    def see(self, container: ContainerId, pid: int) -> NamespaceReading:
        """Read the first process of one container; never raises."""
        try:
            with Process(self._root, pid) as process:
                cgroup = process.cgroup()
                if names_container(cgroup, container):
                    reading = self._read(process, pid)
                    manager = read_manager(self._root, process, cgroup, container)
                    return NamespaceReading(
                        replace(reading, manager=manager), believed=True
                    )
                # A zombie has left its cgroups of version 1, but also its network.
                process.fingerprint()
                problem = ReadProblem.NOT_THE_CONTAINER
        except OSError as error:
            problem = problem_of(error)
        return NamespaceReading(_unread(pid, problem), believed=False)

    def _read(self, process: Process, pid: int) -> ProcessReading:
        """Read a process that is the container's."""
        try:
            namespaces = self._namespaces(process)
        except OSError as error:
            return _unread(pid, problem_of(error))
        # Under a fingerprint the other kinds are missing because they are refused.
        whole = self._level is NamespacesRead.INODE
        problem = None if whole else ReadProblem.DENIED
        try:
            interfaces = self._interfaces_of(process, namespaces[NamespaceKind.NET])
        except OSError as error:
            problem = problem_of(error)
            if problem is ReadProblem.VANISHED:
                return _unread(pid, problem)
            interfaces = None
        return ProcessReading(
            pid,
            MappingProxyType(namespaces),
            interfaces,
            problem,
            files=_files(process) if interfaces == _ONLY_LOOPBACK else None,
        )

    def _namespaces(self, process: Process) -> dict[NamespaceKind, Namespace]:
        """Return its namespaces, ``net`` at least."""
        if self._level is NamespacesRead.FINGERPRINT:
            return {NamespaceKind.NET: process.fingerprint()}
        # The order matters: a zombie still has its pid namespace, but no other.
        return {kind: process.namespace(kind) for kind in NamespaceKind}

    def _interfaces_of(self, process: Process, network: Namespace) -> tuple[str, ...]:
        """Return the interfaces in a network namespace, read once for all in it."""
        if network not in self._interfaces:
            self._interfaces[network] = process.interfaces()
        return self._interfaces[network]


def _files(process: Process) -> tuple[MountedFile, ...] | None:
    """Return the engine's files in its ``/etc``; None if the kernel refuses."""
    try:
        return mounted_files(process.text("mountinfo"))
    except OSError:
        return None


def _unread(pid: int, problem: ReadProblem) -> ProcessReading:
    """Return the reading of a process that could not be read."""
    return ProcessReading(pid, _NOTHING, None, problem)


_FILES = {f"/etc/{name}": name for name in ("resolv.conf", "hosts", "hostname")}
_DELETED = "//deleted"
_FOLDER = re.compile(r"/([0-9a-f]{64})/(?:userdata/)?[^/]+$")
"""Docker: ``…/containers/<id>/hosts``; Podman has one folder more."""

_PLACE, _SEEN_AT = 3, 4


def mounted_files(mountinfo: str) -> tuple[MountedFile, ...]:
    """Return the engine's files that a process sees, in the order of the mounts.

    What is mounted over another is listed after it, and hides it.
    """
    return tuple({file.name: file for file in _read_files(mountinfo)}.values())


def _read_files(mountinfo: str) -> Iterator[MountedFile]:
    for line in mountinfo.splitlines():
        fields = line.split(" ")
        if len(fields) <= _SEEN_AT or fields[_SEEN_AT] not in _FILES:
            continue
        place = unescaped(fields[_PLACE])
        source = place.removesuffix(_DELETED)
        folder = _FOLDER.search(source)
        yield MountedFile(
            name=_FILES[fields[_SEEN_AT]],
            source=source,
            is_deleted=place.endswith(_DELETED),
            belongs_to=None if folder is None else ContainerId(folder[1]),
        )


def test_level(root: Path) -> NamespacesRead:
    """Return how the namespaces of the machine's first process can be told.

    It is ``declared`` only where `root` does not show that process at all.
    """
    try:
        with Process(root, FIRST_PID) as process:
            try:
                process.namespace(NamespaceKind.NET)
            except OSError as error:
                if problem_of(error) is ReadProblem.VANISHED:
                    raise
                process.fingerprint()
                return NamespacesRead.FINGERPRINT
            return NamespacesRead.INODE
    except OSError:
        return NamespacesRead.DECLARED


def own_namespaces(root: Path, level: NamespacesRead) -> dict[NamespaceKind, Namespace]:
    """Return the namespaces of the machine's first process, as far as they are told.

    Args:
        root: where ``/proc`` is.
        level: how the namespaces of containers were told apart.

    """
    try:
        with Process(root, FIRST_PID) as process:
            if level is NamespacesRead.INODE:
                return {kind: process.namespace(kind) for kind in NamespaceKind}
            if level is NamespacesRead.FINGERPRINT:
                return {NamespaceKind.NET: process.fingerprint()}
    except OSError:
        pass
    return {}


def choose_level(
    level: NamespacesRead, seen: Collection[NamespaceReading], first: NamespacesRead
) -> NamespacesRead:
    """Return the level of a look that was taken at `level`.

    A process that has merely ended does not lower it, but where other users'
    processes are hidden it is not known whether it has ended.

    Args:
        level: how the look told namespaces apart.
        seen: what it saw of each container.
        first: what `test_level` says.

    """
    if not seen:
        return first
    if any(each.is_refused for each in seen):
        return NamespacesRead.DECLARED
    hides = first is NamespacesRead.DECLARED
    if hides and any(each.reading.problem is ReadProblem.VANISHED for each in seen):
        return NamespacesRead.DECLARED
    if any(each.reading.namespaces for each in seen):
        return level
    # A process that named its container before it ended is this machine's.
    return first if any(each.believed for each in seen) else NamespacesRead.DECLARED


NEEDS_ROOT = "reading namespace inodes needs root: run nstui with sudo"
REFUSED_TO_ROOT = (
    "reading namespace inodes is refused even to root here, "
    "as in a container without --cap-add=SYS_PTRACE"
)
FOREIGN = (
    "the engine's processes are not this machine's (a remote engine, a virtual "
    "machine, or nstui in a container without --pid=host), so only what the engine "
    "declares is known: run nstui where the engine runs"
)
REFUSED = (
    "the kernel refuses to tell which processes are a container's, so only what the "
    "engine declares is known: run nstui with sudo"
)


def level_reason(
    level: NamespacesRead,
    seen: Collection[NamespaceReading],
    first: NamespacesRead,
    root: Path,
) -> str | None:
    """Return the sentence for a level, or None if it is the best.

    Args:
        level: how namespaces were told apart.
        seen: what was seen of each container.
        first: how those of the machine's first process can be told.
        root: where ``/proc`` is.

    """
    if level is NamespacesRead.INODE:
        return None
    if level is NamespacesRead.FINGERPRINT:
        return NEEDS_ROOT if os.geteuid() else REFUSED_TO_ROOT
    if first is NamespacesRead.DECLARED:
        return _hidden(root)
    if any(each.is_refused for each in seen):
        return REFUSED
    return FOREIGN


def _hidden(root: Path) -> str:
    """Say why not even the machine's first process is seen."""
    option = _hiding_option(root)
    if option is None:
        return (
            f"{root} does not show the processes of this machine, "
            "so only what the engine declares is known: run nstui with sudo"
        )
    return (
        f"{root} is mounted with {option}, which hides other users' processes, "
        "so only what the engine declares is known: run nstui with sudo"
    )


def _hiding_option(root: Path) -> str | None:
    """Return the option that hides processes, as the mount table writes it.

    See hidepid in proc(5); kernels from 5.8 on write a word where others write a
    number.
    """
    import psutil  # noqa: PLC0415

    try:
        mounted = psutil.disk_partitions(all=True)
    except OSError:
        return None
    place = os.path.realpath(root)
    mounts = [mount.opts for mount in mounted if mount.mountpoint == place]
    # What was mounted last is on top.
    options = mounts[-1].split(",") if mounts else []
    hiding = (option for option in options if option.startswith("hidepid="))
    return next(
        (each for each in hiding if each not in {"hidepid=0", "hidepid=off"}), None
    )

"""What one look at ``/proc`` tells of one container after the other."""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.snapshot import ProcessReading, ReadProblem
from nstui.procfs.cgroup import names_container
from nstui.procfs.managing import read_manager
from nstui.procfs.mounts import mounted_files
from nstui.procfs.process import Process, problem_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from nstui.model.container import ContainerId
    from nstui.model.snapshot import MountedFile

_ONLY_LOOPBACK = ("lo",)
"""What one is left with whose owner is gone: only then are its files looked at."""

_NOTHING: Mapping[NamespaceKind, Namespace] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Seen:
    """What was seen of one container's first process."""

    reading: ProcessReading
    believed: bool
    """Whether its cgroup named the container."""

    @property
    def is_refused(self) -> bool:
        """Whether the kernel would not tell its namespaces."""
        refused = self.reading.problem is ReadProblem.DENIED
        return refused and not self.reading.namespaces


class Look:
    """One pass over the containers' processes.

    What is equal for all processes in one network namespace is read once, so a look
    is to be dropped when the pass is over.
    """

    def __init__(self, root: Path, level: NamespacesRead) -> None:
        """Look at `root`, and tell namespaces apart by `level` and nothing else."""
        self._root = root
        self._level = level
        self._interfaces: dict[Namespace, tuple[str, ...]] = {}

    def see(self, container: ContainerId, pid: int) -> Seen:
        """Look at the first process of one container; never raises."""
        try:
            with Process(self._root, pid) as process:
                cgroup = process.cgroup()
                if names_container(cgroup, container):
                    reading = self._read(process, pid)
                    manager = read_manager(self._root, process, cgroup, container)
                    return Seen(replace(reading, manager=manager), believed=True)
                # A zombie has left its cgroups of version 1, but also its network.
                process.fingerprint()
                problem = ReadProblem.NOT_THE_CONTAINER
        except OSError as error:
            problem = problem_of(error)
        return Seen(_unread(pid, problem), believed=False)

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
        return mounted_files(process.mountinfo())
    except OSError:
        return None


def _unread(pid: int, problem: ReadProblem) -> ProcessReading:
    """Return the reading of a process that told nothing."""
    return ProcessReading(pid, _NOTHING, None, problem)

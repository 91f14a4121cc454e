"""Reads the namespaces of containers, and how reliably they can be identified.

The engine's files that a process sees are read from ``/proc/PID/mountinfo``, see
proc(5): the fourth field is the path of a mount in its file system, the fifth its mount
point. The kernel appends ``//deleted`` to the path of a removed file.
"""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.container import ContainerId
from nstui.model.frozen import dataclass
from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.snapshot import WITH_SUDO, MountedFile, ProcessReading, ReadProblem
from nstui.procfs.belonging import belongs_to
from nstui.procfs.cgroup import is_own_cgroup, read_manager
from nstui.procfs.process import FIRST_PID, SELF, problem_of, unescaped

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from nstui.procfs.machine import Machine
    from nstui.procfs.process import Process


_ONLY_LOOPBACK = ("lo",)
"""The interfaces of a container whose owner has gone. Only then are its files read."""

_NO_NAMESPACES: Mapping[NamespaceKind, Namespace] = MappingProxyType({})

_FILES = {f"/etc/{name}": name for name in ("resolv.conf", "hosts", "hostname")}
_DELETED = "//deleted"
_FOLDER = r"/([0-9a-f]{64})/(?:userdata/)?[^/]+$"
"""Docker: ``…/containers/<id>/hosts``; Podman has one more folder."""

_ROOT_AT, _MOUNT_POINT_AT = 3, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelWords:
    """The sentences for what keeps a level from being the best."""

    machine: str
    remedy: str
    refused_to_root: str
    foreign: str

    @property
    def needs_root(self) -> str:
        """The reader is not root."""
        return f"reading namespace inodes needs root: {self.remedy}"

    @property
    def refused(self) -> str:
        """Not even the cgroup of a process may be read."""
        return (
            "the kernel refuses to tell which processes are a container's, so only "
            f"what the engine declares is known: {self.remedy}"
        )


LOCAL_WORDS = LevelWords(
    machine="this machine",
    remedy=WITH_SUDO,
    refused_to_root=(
        "reading namespace inodes is refused even to root here, "
        "as in a container without --cap-add=SYS_PTRACE"
    ),
    foreign=(
        "no process here is proven to be a container's (as with a remote engine, one "
        "in a VM, or nstui in a container without --pid=host), so only what the engine "
        "declares is known: run nstui where the engine runs"
    ),
)
REMOTE_WORDS = LevelWords(
    machine="the machine behind ssh",
    remedy="connect as root, or use --sudo",
    refused_to_root=(
        "reading namespace inodes is refused even to root there, "
        "as in a container without --cap-add=SYS_PTRACE"
    ),
    foreign=(
        "no process behind ssh is proven to be a container's (as if ssh leads into a "
        "container, or the engine is in a VM), so only what the engine declares is "
        "known: connect to where the engine runs"
    ),
)


def sentences_for(machine: Machine) -> LevelWords:
    """Return the sentences that fit a machine."""
    if machine.is_here:
        return LOCAL_WORDS
    if machine.refusal is None:
        return REMOTE_WORDS
    remedy = f"connect as root; sudo was refused ({machine.refusal})"
    return replace(REMOTE_WORDS, remedy=remedy)


@dataclass(frozen=True, slots=True)
class NamespaceReading:
    """The namespaces read from one container's first process."""

    reading: ProcessReading
    is_confirmed: bool
    """Whether its cgroup named the container."""

    @property
    def is_refused(self) -> bool:
        """Whether the kernel refused to show its namespaces."""
        refused = self.reading.problem is ReadProblem.DENIED
        return refused and not self.reading.namespaces


class NamespaceReader:
    """One reading of the processes of several containers.

    The interfaces of a network namespace are read once, so an instance must not be used
    for a second look.
    """

    def __init__(self, machine: Machine, level: NamespacesRead) -> None:
        """Read a machine's processes, and identify namespaces by `level` only."""
        self._machine = machine
        self._level = level
        self._interfaces: dict[Namespace, tuple[str, ...]] = {}

    def read(self, container: ContainerId, pid: int) -> NamespaceReading:
        """Read the first process of one container; never raises."""
        try:
            with self._machine.process(pid) as process:
                cgroup = process.cgroup()
                if belongs_to(self._machine, process, container, cgroup) or (
                    is_own_cgroup(cgroup) and _has_files_of(process, container)
                ):
                    reading = self._read_confirmed(process, pid)
                    manager = read_manager(self._machine, process, cgroup, container)
                    if manager is not None:
                        reading = replace(reading, manager=manager)
                    return NamespaceReading(reading, is_confirmed=True)
                # A zombie has left its cgroups of version 1, but also its network
                # namespace.
                process.fingerprint()
                problem = ReadProblem.NOT_THE_CONTAINER
        except OSError as error:
            problem = problem_of(error)
        return NamespaceReading(_unreadable(pid, problem), is_confirmed=False)

    def _read_confirmed(self, process: Process, pid: int) -> ProcessReading:
        """Read a process that belongs to the container."""
        try:
            namespaces = self._namespaces(process)
        except OSError as error:
            return _unreadable(pid, problem_of(error))
        # With fingerprints the other kinds are missing because they are refused.
        is_complete = self._level is NamespacesRead.INODE
        problem = None if is_complete else ReadProblem.DENIED
        try:
            interfaces = self._interfaces_of(process, namespaces[NamespaceKind.NET])
        except OSError as error:
            problem = problem_of(error)
            if problem is ReadProblem.VANISHED:
                return _unreadable(pid, problem)
            interfaces = None
        return ProcessReading(
            pid,
            MappingProxyType(namespaces),
            interfaces,
            problem,
            files=_files(process) if interfaces == _ONLY_LOOPBACK else None,
        )

    def _namespaces(self, process: Process) -> dict[NamespaceKind, Namespace]:
        """Return its namespaces by kind; ``net`` is always among them."""
        if self._level is NamespacesRead.FINGERPRINT:
            return {NamespaceKind.NET: process.fingerprint()}
        # The order matters: a zombie still has its pid namespace, but no other.
        return {kind: process.namespace(kind) for kind in NamespaceKind}

    def _interfaces_of(self, process: Process, network: Namespace) -> tuple[str, ...]:
        """Return the interfaces in a network namespace, which are read once."""
        if network not in self._interfaces:
            self._interfaces[network] = process.interfaces()
        return self._interfaces[network]


def _has_files_of(process: Process, container: ContainerId) -> bool:
    """Return whether the engine's files of a container are in a process's ``/etc``."""
    return any(file.belongs_to == container for file in _files(process) or ())


def _files(process: Process) -> tuple[MountedFile, ...] | None:
    """Return the engine's files in the ``/etc`` of a process; None if refused."""
    try:
        return mounted_files(process.text("mountinfo"))
    except OSError:
        return None


def _unreadable(pid: int, problem: ReadProblem) -> ProcessReading:
    """Return the reading of a process that could not be read."""
    return ProcessReading(pid, _NO_NAMESPACES, None, problem)


def mounted_files(mountinfo: str) -> tuple[MountedFile, ...]:
    """Return the engine's files that a process sees, in the order of the mounts.

    A later mount at the same path hides the earlier one.
    """
    return tuple({file.name: file for file in _read_files(mountinfo)}.values())


def _read_files(mountinfo: str) -> Iterator[MountedFile]:
    for line in mountinfo.splitlines():
        fields = line.split(" ")
        if len(fields) <= _MOUNT_POINT_AT or fields[_MOUNT_POINT_AT] not in _FILES:
            continue
        root = unescaped(fields[_ROOT_AT])
        source = root.removesuffix(_DELETED)
        folder = re.search(_FOLDER, source)
        yield MountedFile(
            name=_FILES[fields[_MOUNT_POINT_AT]],
            source=source,
            is_deleted=root.endswith(_DELETED),
            belongs_to=None if folder is None else ContainerId(folder[1]),
        )


def test_level(machine: Machine) -> NamespacesRead:
    """Return how the namespaces of the machine's first process can be identified.

    It is ``declared`` only if the machine does not show that process at all.
    """
    try:
        with machine.process(FIRST_PID) as process:
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


def own_namespaces(
    machine: Machine, level: NamespacesRead
) -> dict[NamespaceKind, Namespace]:
    """Return the namespaces of the machine's first process that can be read.

    Args:
        machine: The machine that was read.
        level: How the namespaces of containers were identified.

    """
    try:
        with machine.process(FIRST_PID) as process:
            if level is NamespacesRead.INODE:
                return {kind: process.namespace(kind) for kind in NamespaceKind}
            if level is NamespacesRead.FINGERPRINT:
                return {NamespaceKind.NET: process.fingerprint()}
    except OSError:
        pass
    return {}


def choose_level(
    level: NamespacesRead,
    readings: Collection[NamespaceReading],
    host_level: NamespacesRead,
) -> NamespacesRead:
    """Return the level that a look taken at `level` has reached.

    A process that has merely ended does not lower it. Where other users' processes are
    hidden, however, it is unknown whether a missing one has ended.

    Args:
        level: How the look identified namespaces.
        readings: The reading of each container.
        host_level: The result of `test_level`.

    """
    if not readings:
        return host_level
    if any(each.is_refused for each in readings):
        return NamespacesRead.DECLARED
    hides_others = host_level is NamespacesRead.DECLARED
    if hides_others and any(
        each.reading.problem is ReadProblem.VANISHED for each in readings
    ):
        return NamespacesRead.DECLARED
    if any(each.reading.namespaces for each in readings):
        return level
    # A process that named its container before it ended is one of this machine.
    return (
        host_level
        if any(each.is_confirmed for each in readings)
        else NamespacesRead.DECLARED
    )


def level_reason(
    level: NamespacesRead,
    readings: Collection[NamespaceReading],
    host_level: NamespacesRead,
    machine: Machine,
) -> str | None:
    """Return why a level is not the best, as a sentence; None if it is.

    Args:
        level: How namespaces were identified.
        readings: The reading of each container.
        host_level: The result of `test_level`.
        machine: The machine that was read.

    """
    if level is NamespacesRead.INODE:
        return None
    words = sentences_for(machine)
    if level is NamespacesRead.FINGERPRINT:
        return words.refused_to_root if machine.is_root else words.needs_root
    if host_level is NamespacesRead.DECLARED:
        return _hidden_reason(machine, words)
    if any(each.is_refused for each in readings):
        return words.refused
    return words.foreign


def _hidden_reason(machine: Machine, words: LevelWords) -> str:
    """Return the sentence for a ``/proc`` that hides the machine's first process."""
    option = _hiding_option(machine)
    if option is None:
        return (
            f"{machine.path} does not show the processes of {words.machine}, "
            f"so only what the engine declares is known: {words.remedy}"
        )
    return (
        f"{machine.path} is mounted with {option}, which hides other users' processes, "
        f"so only what the engine declares is known: {words.remedy}"
    )


def _hiding_option(machine: Machine) -> str | None:
    """Return the mount option that hides processes, or None.

    See hidepid in proc(5): kernels from 5.8 on write a word, others a number. It is an
    option of the file system, which follow the lone dash in ``mountinfo``.
    """
    try:
        with machine.process(SELF) as process:
            text = process.text("mountinfo")
    except OSError:
        return None
    mounts = [
        line
        for line in text.split("\n")
        if unescaped("".join(line.split(" ")[_MOUNT_POINT_AT:][:1])) == machine.path
    ]
    # The last mount is on top.
    options = mounts[-1].rpartition(" ")[2].split(",") if mounts else []
    hiding = (option for option in options if option.startswith("hidepid="))
    return next(
        (option for option in hiding if option not in {"hidepid=0", "hidepid=off"}),
        None,
    )

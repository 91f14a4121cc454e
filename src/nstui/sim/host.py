"""A simulated ``/proc`` behind the same port as the real one."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.evidence import Evidence, RuntimeJoin
from nstui.model.interior import Interior
from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.snapshot import HostReading, MountedFile, ProcessReading, ReadProblem
from nstui.sim.describe import FILES, FOLDER
from nstui.sim.holders import holders_of, strangers_of
from nstui.sim.interior import interior_of
from nstui.sim.kernel import LOOPBACK
from nstui.sim.usage import processes_of, usage_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from nstui.model.container import ContainerId, Join
    from nstui.model.holders import Holders, HoldingProcess
    from nstui.model.usage import ProcessUsage, Usage
    from nstui.sim.kernel import SimNamespace
    from nstui.sim.record import Record
    from nstui.sim.world import World

_NOTES = {
    NamespacesRead.FINGERPRINT: (
        "reading namespace inodes needs root: run nstui with sudo"
    ),
    NamespacesRead.DECLARED: (
        "the engine's processes are not this machine's, so only what the engine "
        "declares is known: run nstui where the engine runs"
    ),
}

BUNDLES = "/run/containerd/io.containerd.runtime.v2.task/moby"

_PROCFS_DEVICE = 22
_FILE_OFFSET = 61_440
"""Between a namespace's number and that of a file that stands for it; any would do."""


class SimHost:
    """Implements `nstui.ports.HostNamespaces` for a `World`.

    Attributes:
        level: How well it can be read.

    """

    def __init__(
        self, world: World, level: NamespacesRead = NamespacesRead.INODE
    ) -> None:
        self._world = world
        self.level = level
        self._problems: dict[ContainerId, ReadProblem] = {}

    def spoil(self, reference: str, problem: ReadProblem) -> None:
        """Make the process of a container vanish, be denied, or be another's."""
        with self._world.lock:
            self._problems[self._world.records.get(reference).id] = problem

    def mend(self) -> None:
        """Undo everything that `spoil` did."""
        self._problems.clear()

    def read(self, pids: Mapping[ContainerId, int]) -> HostReading:
        """Read the namespaces of containers by their first process.

        One that is denied lowers the level for all: within one look any two must be
        comparable.
        """
        with self._world.lock:
            level = self._level_for(pids)
            records = {record.pid: record for record in self._world.records}
            processes = {
                container: self._process(container, pid, records.get(pid), level)
                for container, pid in pids.items()
            }
        return HostReading(
            level=level,
            processes=MappingProxyType(processes),
            note=_NOTES.get(level),
            own=self._own(level),
        )

    def kept(
        self, sandboxes: Mapping[ContainerId, str]
    ) -> Mapping[ContainerId, Namespace]:
        """Tell which networks the engine keeps for containers."""
        with self._world.lock:
            found = {
                record.id: record.sandbox.value
                for record in self._world.records
                if record.id in sandboxes and record.sandbox is not None
            }
        is_shown = self.level is NamespacesRead.INODE
        return MappingProxyType(found if is_shown else {})

    def evidence(self, container: ContainerId, pid: int) -> Evidence:
        """Tell what a real host would; its runtime's paths are those of its pids."""
        with self._world.lock:
            record = self._with_pid(pid)
            if self.level is not NamespacesRead.INODE or record is None:
                why = _NOTES.get(self.level, "its process has gone")
                return Evidence(
                    config=None,
                    joins=None,
                    joins_problem=why,
                    files=None,
                    files_problem=why,
                )
            return Evidence(
                config=f"{BUNDLES}/{container}/config.json",
                joins=tuple(self._runtime_join(record, each) for each in record.joins),
                joins_problem=None,
                files=self._files(record),
                files_problem=None,
            )

    def interior(self, container: ContainerId, pid: int) -> Interior:
        """Tell of a network in which programs of their sort serve."""
        with self._world.lock:
            record = self._seen(container, pid)
            if isinstance(record, ReadProblem):
                return _no_interior(record)
            return interior_of(
                record,
                self._world.records,
                self._world.clock(),
                is_root=self.level is NamespacesRead.INODE,
            )

    def usage(
        self, pids: Mapping[ContainerId, int]
    ) -> Mapping[ContainerId, Usage | ReadProblem]:
        """Tell what containers of their sort use."""
        found: dict[ContainerId, Usage | ReadProblem] = {}
        with self._world.lock:
            now = self._world.clock()
            for container, pid in pids.items():
                record = self._seen(container, pid)
                found[container] = (
                    record if isinstance(record, ReadProblem) else usage_of(record, now)
                )
        return MappingProxyType(found)

    def processes(
        self, container: ContainerId, pid: int
    ) -> tuple[ProcessUsage, ...] | ReadProblem:
        """Tell what runs in containers of that image."""
        with self._world.lock:
            record = self._seen(container, pid)
            if isinstance(record, ReadProblem):
                return record
            return processes_of(record, self._world.clock())

    def strangers(
        self, namespaces: Collection[Namespace], containers: Collection[ContainerId]
    ) -> Mapping[Namespace, tuple[HoldingProcess, ...]] | None:
        """Tell which visitors are in some namespaces."""
        if self.level is not NamespacesRead.INODE:
            return None
        with self._world.lock:
            return strangers_of(self._world, namespaces, containers)

    def holders(self, kinds: Iterable[NamespaceKind]) -> Holders:
        """Tell what keeps the namespaces of this machine."""
        with self._world.lock:
            return holders_of(self._world, kinds, self.level)

    def _own(self, level: NamespacesRead) -> Mapping[NamespaceKind, Namespace]:
        """Return the machine's own namespaces, as far as they can be read."""
        kernel = self._world.machine.kernel
        if level is NamespacesRead.INODE:
            found = {kind: kernel.host(kind).value for kind in NamespaceKind}
        elif level is NamespacesRead.FINGERPRINT:
            found = {NamespaceKind.NET: _fingerprint(kernel.host(NamespaceKind.NET))}
        else:
            found = {}
        return MappingProxyType(found)

    def _runtime_join(self, record: Record, join: Join) -> RuntimeJoin:
        pid = record.joined_pids.get(join.kind)
        target = None if pid is None else self._with_pid(pid)
        return RuntimeJoin(
            kind=join.kind,
            path=f"/proc/{pid}/ns/{join.kind}",
            pid=pid,
            is_there=target is not None,
            container=None if target is None else target.id,
        )

    def _level_for(self, pids: Mapping[ContainerId, int]) -> NamespacesRead:
        denied = any(
            problem is ReadProblem.DENIED and container in pids
            for container, problem in self._problems.items()
        )
        if denied and self.level is NamespacesRead.INODE:
            return NamespacesRead.FINGERPRINT
        return self.level

    def _process(
        self,
        container: ContainerId,
        pid: int,
        record: Record | None,
        level: NamespacesRead,
    ) -> ProcessReading:
        problem = self._problems.get(container)
        if problem is ReadProblem.DENIED:
            problem = None
        if level is NamespacesRead.DECLARED or record is None:
            problem = ReadProblem.VANISHED
        elif record.id != container:
            problem = ReadProblem.NOT_THE_CONTAINER
        if problem is not None or record is None:
            return ProcessReading(pid, MappingProxyType({}), None, problem)
        reading = _reading(record, pid, level)
        if reading.interfaces != LOOPBACK:
            return reading
        return replace(reading, files=self._files(record))

    def _files(self, record: Record) -> tuple[MountedFile, ...]:
        """Return the engine's files; they go with the container they belong to."""
        owner = record.files_of
        if owner is None:
            return ()
        is_gone = self._world.records.find(owner) is None
        return tuple(
            MountedFile(name, f"{FOLDER}/{owner}/{name}", is_gone, owner)
            for name in FILES
        )

    def _seen(self, container: ContainerId, pid: int) -> Record | ReadProblem:
        """Return a container by its first process, or why that cannot be read."""
        problem = self._problems.get(container)
        if problem is not None:
            return problem
        if self.level is NamespacesRead.DECLARED:
            return ReadProblem.NOT_THE_CONTAINER
        record = self._with_pid(pid)
        if record is None:
            return ReadProblem.VANISHED
        return record if record.id == container else ReadProblem.NOT_THE_CONTAINER

    def _with_pid(self, pid: int) -> Record | None:
        return next((each for each in self._world.records if each.pid == pid), None)


def _no_interior(problem: ReadProblem) -> Interior:
    return Interior(
        interfaces=problem,
        routes=problem,
        listeners=problem,
        processes=problem,
        owners=MappingProxyType({}),
    )


def _fingerprint(network: SimNamespace) -> Namespace:
    """Return what stands for a network where its own number is not told."""
    inode = network.inode + _FILE_OFFSET
    return Namespace(NamespaceKind.NET, _PROCFS_DEVICE, inode, fingerprint=True)


def _reading(record: Record, pid: int, level: NamespacesRead) -> ProcessReading:
    network = record.namespaces[NamespaceKind.NET]
    if level is NamespacesRead.INODE:
        found = {kind: each.value for kind, each in record.namespaces.items()}
        problem = None
    else:
        found = {NamespaceKind.NET: _fingerprint(network)}
        problem = ReadProblem.DENIED
    return ProcessReading(
        pid,
        MappingProxyType(found),
        network.interfaces,
        problem,
        manager=record.spec.runs_in,
    )

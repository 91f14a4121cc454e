"""A simulated host behind the same ports as a real one."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.demo.describe import FILES, FOLDER
from nstui.demo.fiction import programs_of, served_by_kernel
from nstui.demo.holders import holders_of, outsiders_of
from nstui.demo.kernel import LOOPBACK
from nstui.demo.usage import interfaces_of, processes_of, routes_of, usage_of
from nstui.model.holders import Evidence, RuntimeJoin
from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.network import (
    Interior,
    Listener,
    NetworkProcess,
    Protocol,
    Socket,
    SocketProcess,
)
from nstui.model.snapshot import (
    WITH_SUDO,
    HostReading,
    MountedFile,
    ProcessReading,
    ReadProblem,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime

    from nstui.demo.containers import Record
    from nstui.demo.fiction import Port, Program
    from nstui.demo.kernel import SimNamespace
    from nstui.demo.world import World
    from nstui.model.container import ContainerId, Join
    from nstui.model.holders import Holders, HoldingProcess
    from nstui.model.network import ProcessUsage, Usage


_ANYWHERE = "0.0.0.0"  # noqa: S104 - shown, not bound

_NOTES = {
    NamespacesRead.FINGERPRINT: (f"reading namespace inodes needs root: {WITH_SUDO}"),
    NamespacesRead.DECLARED: (
        "the engine's processes are not this machine's, so only what the engine "
        "declares is known: run nstui where the engine runs"
    ),
}

BUNDLES = "/run/containerd/io.containerd.runtime.v2.task/moby"

_PROCFS_DEVICE = 22
_FILE_OFFSET = 61_440
"""The difference between the inode of a namespace and its fingerprint; arbitrary."""


def interior_of(
    record: Record, records: Iterable[Record], now: datetime, *, is_root: bool
) -> Interior:
    """Return the network that a container is in, as seen from inside.

    Args:
        record: The container.
        records: All containers.
        now: The present time.
        is_root: Whether the processes that hold a socket are visible.

    """
    network = record.namespaces[NamespaceKind.NET]
    members = [
        other for other in records if other.namespaces.get(NamespaceKind.NET) is network
    ]
    running = tuple(each for member in members for each in _processes(member))
    found = [process for process, _ in running]
    found += [NetworkProcess(each.pid, each.command, ()) for each in network.processes]
    return Interior(
        interfaces=interfaces_of(network, members, now),
        routes=routes_of(network, members),
        listeners=tuple(_listeners(running, members, is_root=is_root)),
        owners=MappingProxyType(
            {
                process.pid: process.container
                for process, _ in running
                if is_root and process.container is not None
            }
        ),
        processes=(
            None if network.is_host else tuple(sorted(found, key=lambda each: each.pid))
        ),
        taken_s=now.timestamp(),
    )


def _processes(member: Record) -> Iterator[tuple[NetworkProcess, Program]]:
    for number, program in enumerate(programs_of(member.spec)):
        pid = (member.pid or 0) + number
        yield NetworkProcess(pid, program.command, (member.id,)), program


def _listeners(
    running: Iterable[tuple[NetworkProcess, Program]],
    members: Iterable[Record],
    *,
    is_root: bool,
) -> Iterator[Listener]:
    """Yield the listening sockets by port, each with all processes that hold it."""
    served: dict[Port, list[SocketProcess]] = {
        port: [] for member in members for port in served_by_kernel(member.spec)
    }
    for process, program in running:
        for port in program.serves:
            served.setdefault(port, []).append(SocketProcess(process.pid, program.name))
    for port, holders in sorted(served.items()):
        socket = Socket(
            protocol=Protocol(port[1]),
            address=_ANYWHERE,
            port=port[0],
            inode=port[0] * 100 + (port[1] == Protocol.UDP),
            is_listening=True,
        )
        yield Listener(socket, tuple(holders) if is_root else None)


class SimHost:
    """Implements `nstui.ports.HostNamespaces` for a `World`.

    Attributes:
        level: How well namespaces can be read.

    """

    def __init__(
        self, world: World, level: NamespacesRead = NamespacesRead.INODE
    ) -> None:
        self._world = world
        self.level = level
        self._problems: dict[ContainerId, ReadProblem] = {}

    def inject_problem(self, reference: str, problem: ReadProblem) -> None:
        """Make the process of a container vanish, be denied, or be another's."""
        with self._world.lock:
            self._problems[self._world.records.get(reference).id] = problem

    def clear_problems(self) -> None:
        """Undo every `inject_problem`."""
        self._problems.clear()

    def read(self, pids: Mapping[ContainerId, int]) -> HostReading:
        """Read the namespaces of containers by their first process.

        If one container is denied, the level is lowered for all, so that any two of a
        look are comparable.
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

    def begin(self, pids: Mapping[ContainerId, int]) -> Callable[[], HostReading]:
        """Return what reads them."""
        return partial(self.read, pids)

    def kept(
        self, sandboxes: Mapping[ContainerId, str]
    ) -> Mapping[ContainerId, Namespace]:
        """Return the network namespaces that the engine keeps for containers."""
        with self._world.lock:
            found = {
                record.id: record.sandbox.value
                for record in self._world.records
                if record.id in sandboxes and record.sandbox is not None
            }
        is_shown = self.level is NamespacesRead.INODE
        return MappingProxyType(found if is_shown else {})

    def evidence(self, container: ContainerId, pid: int) -> Evidence:
        """Return the evidence about a container; its runtime's paths name its pids."""
        with self._world.lock:
            record = self._with_pid(pid)
            if self.level is not NamespacesRead.INODE or record is None:
                reason = _NOTES.get(self.level, "its process has gone")
                return Evidence(
                    config=None,
                    joins=None,
                    joins_problem=reason,
                    files=None,
                    files_problem=reason,
                )
            return Evidence(
                config=f"{BUNDLES}/{container}/config.json",
                joins=tuple(self._runtime_join(record, each) for each in record.joins),
                joins_problem=None,
                files=self._files(record),
                files_problem=None,
            )

    def interior(self, container: ContainerId, pid: int) -> Interior:
        """Return the network of a container as seen from inside."""
        with self._world.lock:
            record = self._find(container, pid)
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
        """Return the CPU time and memory of containers."""
        found: dict[ContainerId, Usage | ReadProblem] = {}
        with self._world.lock:
            now = self._world.clock()
            for container, pid in pids.items():
                record = self._find(container, pid)
                found[container] = (
                    record if isinstance(record, ReadProblem) else usage_of(record, now)
                )
        return MappingProxyType(found)

    def processes(
        self, container: ContainerId, pid: int
    ) -> tuple[ProcessUsage, ...] | ReadProblem:
        """Return the processes of a container."""
        with self._world.lock:
            record = self._find(container, pid)
            if isinstance(record, ReadProblem):
                return record
            return processes_of(record, self._world.clock())

    def outsiders(
        self, namespaces: Collection[Namespace], containers: Collection[ContainerId]
    ) -> Mapping[Namespace, tuple[HoldingProcess, ...]] | None:
        """Return the processes in some namespaces that are in no container named."""
        if self.level is not NamespacesRead.INODE:
            return None
        with self._world.lock:
            return outsiders_of(self._world, namespaces, containers)

    def holders(self, kinds: Iterable[NamespaceKind]) -> Holders:
        """Return what keeps the namespaces of some kinds alive."""
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
        """Return the engine's files, which are removed with their container."""
        owner = record.files_of
        if owner is None:
            return ()
        is_gone = self._world.records.find(owner) is None
        return tuple(
            MountedFile(name, f"{FOLDER}/{owner}/{name}", is_gone, owner)
            for name in FILES
        )

    def _find(self, container: ContainerId, pid: int) -> Record | ReadProblem:
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
    """Return the stand-in for a network whose inode cannot be read."""
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

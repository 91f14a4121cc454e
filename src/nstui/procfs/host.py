"""The host that nstui runs on, read through ``/proc``."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.snapshot import HostReading
from nstui.procfs.cgroup import find_clients
from nstui.procfs.machine import LocalMachine
from nstui.procfs.namespaces import (
    NamespaceReader,
    choose_level,
    level_reason,
    own_namespaces,
    sentences_for,
    test_level,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from nstui.model.container import ContainerId
    from nstui.model.holders import Evidence, Holders, HoldingProcess
    from nstui.model.network import Interior, ProcessUsage, Usage
    from nstui.model.own import Place
    from nstui.model.snapshot import ReadProblem
    from nstui.procfs.machine import Machine
    from nstui.procfs.namespaces import NamespaceReading

PROC = Path("/proc")


class ProcHost:
    """Implements `HostNamespaces` and `HostEvidence` of `nstui.ports` on this machine.

    It keeps no state between calls. Modules that few callers need are imported on
    demand.
    """

    def __init__(self, root: Path = PROC) -> None:
        """Read the processes below `root`."""
        self._machine = LocalMachine(root)

    def read(self, pids: Mapping[ContainerId, int]) -> HostReading:
        """Read the namespaces of containers by their first processes."""
        return read_namespaces(self._machine, pids)

    def begin(self, pids: Mapping[ContainerId, int]) -> Callable[[], HostReading]:
        """Return what reads them, which takes no time worth saving."""
        return partial(self.read, pids)

    def kept(
        self, sandboxes: Mapping[ContainerId, str]
    ) -> Mapping[ContainerId, Namespace]:
        """Read the network namespaces that the engine keeps for containers."""
        return read_kept(self._machine, sandboxes)

    def evidence(self, container: ContainerId, pid: int) -> Evidence:
        """Read the evidence about a container beside its namespaces."""
        from nstui.procfs.evidence import read_evidence  # noqa: PLC0415

        return read_evidence(self._machine, container, pid)

    def interior(self, container: ContainerId, pid: int) -> Interior:
        """Read the network of a container as seen from inside, and its listeners."""
        from nstui.procfs.network import read_interior  # noqa: PLC0415

        return read_interior(self._machine, container, pid)

    def usage(
        self, pids: Mapping[ContainerId, int]
    ) -> Mapping[ContainerId, Usage | ReadProblem]:
        """Read the CPU time and memory of containers by their first processes."""
        from nstui.procfs.usage import read_usage  # noqa: PLC0415

        return MappingProxyType(read_usage(self._machine, pids))

    def processes(
        self, container: ContainerId, pid: int
    ) -> tuple[ProcessUsage, ...] | ReadProblem:
        """Read all processes of one container."""
        from nstui.procfs.usage import read_processes  # noqa: PLC0415

        return read_processes(self._machine, container, pid)

    def outsiders(
        self, namespaces: Collection[Namespace], containers: Collection[ContainerId]
    ) -> Mapping[Namespace, tuple[HoldingProcess, ...]] | None:
        """Read the processes in some namespaces that are in no container named."""
        from nstui.procfs.scan import scan_outsiders  # noqa: PLC0415

        return scan_outsiders(self._machine, namespaces, containers)

    def holders(self, kinds: Iterable[NamespaceKind]) -> Holders:
        """Read what keeps the namespaces of some kinds alive on the whole machine."""
        from nstui.procfs.scan import scan_machine  # noqa: PLC0415

        return scan_machine(self._machine, kinds)


def read_namespaces(machine: Machine, pids: Mapping[ContainerId, int]) -> HostReading:
    """Read the namespaces of containers by their first processes.

    If the inodes of one container are refused, all are identified by fingerprint, so
    that any two of a look are comparable.
    """
    level = NamespacesRead.INODE
    readings = _read_all(machine, level, pids)
    if any(each.is_confirmed and each.is_refused for each in readings.values()):
        level = NamespacesRead.FINGERPRINT
        readings = _read_all(machine, level, pids)
    any_confirmed = any(each.is_confirmed for each in readings.values())
    host_level = test_level(machine)
    level = choose_level(level, readings.values(), host_level)
    return HostReading(
        level=level,
        processes=MappingProxyType(
            {container: each.reading for container, each in readings.items()}
        ),
        note=level_reason(level, readings.values(), host_level, machine),
        place=_place(machine) if level is not NamespacesRead.INODE else None,
        is_denied_to_root=level is NamespacesRead.FINGERPRINT and machine.is_root,
        units=MappingProxyType(find_clients(machine) if any_confirmed else {}),
        remedy=sentences_for(machine).remedy,
        own=MappingProxyType(own_namespaces(machine, level)),
    )


def _place(machine: Machine) -> Place | None:
    """Return what decides how much nstui may read; None behind a shell."""
    if not machine.is_here:
        return None
    from nstui.procfs.own import read_place  # noqa: PLC0415

    return read_place(machine)


def _read_all(
    machine: Machine, level: NamespacesRead, pids: Mapping[ContainerId, int]
) -> dict[ContainerId, NamespaceReading]:
    """Read every container at the same level."""
    host_look = NamespaceReader(machine, level)
    return {
        container: host_look.read(container, pid) for container, pid in pids.items()
    }


def read_kept(
    machine: Machine, sandboxes: Mapping[ContainerId, str]
) -> Mapping[ContainerId, Namespace]:
    """Read the network namespaces that the engine keeps for containers.

    If a mount is not visible to the reader, its path is an ordinary file, which does
    not identify a namespace.
    """
    found = {}
    for container, path in sandboxes.items():
        with suppress(OSError):
            device, inode = machine.identity(path)
            found[container] = Namespace(NamespaceKind.NET, device, inode)
    return MappingProxyType(found)

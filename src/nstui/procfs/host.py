"""The host nstui runs on, through ``/proc``."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.snapshot import HostReading
from nstui.procfs.cgroup import find_clients
from nstui.procfs.namespaces import (
    HostLook,
    choose_level,
    level_reason,
    own_namespaces,
    test_level,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from nstui.model.container import ContainerId
    from nstui.model.holders import Evidence, Holders, HoldingProcess
    from nstui.model.network import Interior, ProcessUsage, Usage
    from nstui.model.snapshot import ReadProblem
    from nstui.procfs.namespaces import NamespaceReading

PROC = Path("/proc")


class ProcHost:
    """Implements `HostNamespaces` and `HostEvidence` of `nstui.ports`.

    It keeps no state between calls. What few callers need is imported on demand.
    """

    def __init__(self, root: Path = PROC) -> None:
        """Read what is mounted at `root`."""
        self._root = root

    def read(self, pids: Mapping[ContainerId, int]) -> HostReading:
        """Read the namespaces of containers by their first process.

        Where the inodes of one container are refused, all are told apart by
        fingerprint: within one look any two must be comparable.
        """
        level = NamespacesRead.INODE
        seen = self._look(level, pids)
        if any(each.believed and each.is_refused for each in seen.values()):
            level = NamespacesRead.FINGERPRINT
            seen = self._look(level, pids)
        believed = any(each.believed for each in seen.values())
        first = test_level(self._root)
        level = choose_level(level, seen.values(), first)
        return HostReading(
            level=level,
            processes=MappingProxyType(
                {container: each.reading for container, each in seen.items()}
            ),
            note=level_reason(level, seen.values(), first, self._root),
            units=MappingProxyType(find_clients(self._root) if believed else {}),
            own=MappingProxyType(own_namespaces(self._root, level)),
        )

    def kept(
        self, sandboxes: Mapping[ContainerId, str]
    ) -> Mapping[ContainerId, Namespace]:
        """Read which networks the engine keeps for containers, by their mounts.

        Where a mount is not visible from here, the file below it does not identify a
        namespace.
        """
        found = {}
        for container, path in sandboxes.items():
            with suppress(OSError):
                about = Path(path).stat()
                found[container] = Namespace(
                    NamespaceKind.NET, about.st_dev, about.st_ino
                )
        return MappingProxyType(found)

    def evidence(self, container: ContainerId, pid: int) -> Evidence:
        """Read what the kernel and the runtime say beside the namespaces."""
        from nstui.procfs.evidence import read_evidence  # noqa: PLC0415

        return read_evidence(self._root, container, pid)

    def interior(self, container: ContainerId, pid: int) -> Interior:
        """Read the network of one container from within, and who listens there."""
        from nstui.procfs.network import read_interior  # noqa: PLC0415

        return read_interior(self._root, container, pid)

    def usage(
        self, pids: Mapping[ContainerId, int]
    ) -> Mapping[ContainerId, Usage | ReadProblem]:
        """Read what containers use, by their first processes."""
        from nstui.procfs.usage import read_usage  # noqa: PLC0415

        return MappingProxyType(read_usage(self._root, pids))

    def processes(
        self, container: ContainerId, pid: int
    ) -> tuple[ProcessUsage, ...] | ReadProblem:
        """Read all processes of one container."""
        from nstui.procfs.usage import read_processes  # noqa: PLC0415

        return read_processes(self._root, container, pid)

    def strangers(
        self, namespaces: Collection[Namespace], containers: Collection[ContainerId]
    ) -> Mapping[Namespace, tuple[HoldingProcess, ...]] | None:
        """Read which processes of no container that is named are in some namespaces."""
        from nstui.procfs.scan import find_strangers  # noqa: PLC0415

        return find_strangers(self._root, namespaces, containers)

    def holders(self, kinds: Iterable[NamespaceKind]) -> Holders:
        """Read what keeps namespaces alive on the whole machine."""
        from nstui.model.holders import Holders  # noqa: PLC0415
        from nstui.procfs.scan import scan_mounts, scan_processes  # noqa: PLC0415

        return Holders(scan_processes(self._root, kinds), scan_mounts(self._root))

    def _look(
        self, level: NamespacesRead, pids: Mapping[ContainerId, int]
    ) -> dict[ContainerId, NamespaceReading]:
        """Look at every container in the same way."""
        look = HostLook(self._root, level)
        return {container: look.see(container, pid) for container, pid in pids.items()}

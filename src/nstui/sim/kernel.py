"""The kernel of a simulated host: namespaces and process ids."""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nstui.model.namespace import Namespace, NamespaceKind

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.model.container import ContainerId

DEVICE = 4
"""The ``st_dev`` of nsfs; any number would do."""

_HOST_INODES = {
    NamespaceKind.PID: 4026531836,
    NamespaceKind.UTS: 4026531838,
    NamespaceKind.IPC: 4026531839,
    NamespaceKind.NET: 4026531840,
}
"""As on a Linux host."""

_FIRST_INODE = 4026532184
_FIRST_PID = 2004
_PID_STEP = 57
"""Other processes start between those of containers."""

LOOPBACK = ("lo",)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A process of no container that has entered a namespace."""

    pid: int
    command: str
    started_at: datetime | None = None


@dataclass(slots=True, eq=False)
class SimNamespace:
    """One namespace while it lives."""

    kind: NamespaceKind
    inode: int
    interfaces: tuple[str, ...] = ()
    """Of a network namespace."""

    is_host: bool = False
    made_for: ContainerId | None = None
    """The container with which the engine ends it."""

    members: int = 0
    """How many containers and visitors are in it."""

    visitors: list[Visitor] = field(default_factory=list)

    @property
    def value(self) -> Namespace:
        """Its identity as a reader of ``/proc`` sees it."""
        return Namespace(self.kind, DEVICE, self.inode)


class Kernel:
    """Hands out namespaces and process ids, always the same ones in the same order."""

    def __init__(self) -> None:
        self._hosts = {
            kind: SimNamespace(kind, inode, is_host=True)
            for kind, inode in _HOST_INODES.items()
        }
        self._hosts[NamespaceKind.NET].interfaces = ("lo", "eth0", "docker0")
        self._next_inode = _FIRST_INODE
        self._free: list[int] = []
        self._next_pid = _FIRST_PID
        self.visited: list[SimNamespace] = []
        """The namespaces that visitors keep, whoever else has left them."""

        self.mounts: dict[str, SimNamespace] = {}
        """Those that are mounted, the engine's mounts for its containers aside."""

    def host(self, kind: NamespaceKind) -> SimNamespace:
        """Return the namespace that the host's own processes are in."""
        return self._hosts[kind]

    def unshare(
        self, kind: NamespaceKind, interfaces: tuple[str, ...] = ()
    ) -> SimNamespace:
        """Make a namespace, with the lowest inode number that is free.

        The kernel takes the lowest as well, so numbers come back at once.
        """
        if self._free:
            inode = heapq.heappop(self._free)
        else:
            inode = self._next_inode
            self._next_inode += 1
        return SimNamespace(kind, inode, interfaces)

    def enter(self, namespace: SimNamespace) -> None:
        """Count one into a namespace."""
        namespace.members += 1

    def visit(
        self,
        namespace: SimNamespace,
        command: str,
        started_at: datetime | None = None,
    ) -> None:
        """Let a process of the host into a namespace, where it stays."""
        if not namespace.visitors:
            self.visited.append(namespace)
        namespace.visitors.append(Visitor(self.new_pid(), command, started_at))
        self.enter(namespace)

    def mount(self, path: str, namespace: SimNamespace) -> None:
        """Mount a namespace, which stays for as long as that is mounted."""
        self.mounts[path] = namespace
        self.enter(namespace)

    def leave(self, namespace: SimNamespace) -> None:
        """Count one out; the last one frees the number."""
        namespace.members -= 1
        if not namespace.members and not namespace.is_host:
            heapq.heappush(self._free, namespace.inode)

    def new_pid(self) -> int:
        """Return the id of a new process."""
        pid = self._next_pid
        self._next_pid += _PID_STEP
        return pid

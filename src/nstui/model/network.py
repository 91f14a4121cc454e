"""The inside of a container's network, and the resource usage of containers.

Strings are as the kernel has them; names of interfaces and commands may hold anything.

Two readings of one thing make a rate: see `nstui.analysis.tree.members`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nstui.model.container import ContainerId
    from nstui.model.snapshot import ReadProblem


_WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound to


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a network namespace."""

    text: str
    """In its usual short form, such as ``10.8.0.2`` or ``fd00::2``."""

    prefix: int | None
    """The prefix length; None if it could not be determined."""

    is_inferred: bool = False
    """Whether interface and prefix are only the most likely ones, because the kernel
    does not state them; it may belong to another interface or a narrower network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One interface of a network namespace."""

    name: str
    ipv4: tuple[Address, ...]
    """The addresses known to be on it; see `Interfaces.unplaced`."""

    ipv6: tuple[Address, ...]
    is_up: bool | None
    """Whether it is switched on, with or without a link; None if not known."""

    received: int
    """Bytes since the interface was made."""

    sent: int
    """Bytes since the interface was made."""


@dataclass(frozen=True, slots=True)
class Interfaces:
    """All interfaces and addresses of a network namespace."""

    interfaces: tuple[Interface, ...]
    """In the kernel's order."""

    unplaced: tuple[Address, ...]
    """Addresses that are on one of the interfaces, but it is not known on which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A default route of a network namespace, or one half of one."""

    destination: str
    """``0.0.0.0/0`` or ``::/0``, or a half of it such as ``128.0.0.0/1``: some tunnels
    set both halves to override the default route without replacing it."""

    gateway: str | None
    """None if `is_direct`, or if it is of the other family and therefore not shown."""

    is_direct: bool
    """Whether it leads directly onto the link, without a gateway."""

    interface: str
    metric: int
    """The lowest metric wins among routes with the same destination."""


@dataclass(frozen=True, slots=True)
class Routes:
    """How traffic leaves a network namespace."""

    ipv4: tuple[Route, ...]
    """The routes of the main table, halves first, then by metric."""

    ipv6: tuple[Route, ...]
    """The routes of all tables, halves first, then by metric."""

    other_tables: tuple[int, ...]
    """The other IPv4 tables that hold such routes. The rules that select traffic for
    them cannot be read: a WireGuard tunnel's table takes all traffic."""


class Protocol(StrEnum):
    """The socket types; the values are the names of the files in ``/proc/PID/net``."""

    TCP = "tcp"
    TCP6 = "tcp6"
    UDP = "udp"
    UDP6 = "udp6"


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """A socket that has a local port."""

    protocol: Protocol
    address: str
    """The local address; IPv4 on an IPv6 socket reads ``::ffff:127.0.0.1``."""

    port: int
    inode: int
    """The inode of the socket; 0 if no process can hold it, as after it was closed."""

    is_listening: bool
    """Whether it accepts any peer: TCP that listens, or UDP without a fixed peer. A UDP
    client that is about to send looks the same as a UDP server."""

    @property
    def is_wildcard(self) -> bool:
        """Whether it is bound to all addresses.

        An IPv6 wildcard also accepts IPv4 unless configured otherwise, which cannot be
        read.
        """
        return self.address in _WILDCARDS


@dataclass(frozen=True, slots=True)
class SocketProcess:
    """A process that has a socket open."""

    pid: int
    command: str
    """The name in ``/proc/PID/comm``, at most 15 bytes, chosen by the process."""


@dataclass(frozen=True, slots=True)
class HeldSockets:
    """The sockets that one process has open."""

    process: SocketProcess
    inodes: frozenset[int]
    """The inodes of sockets of any type, in any network namespace."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that accepts any peer, and the processes that hold it."""

    socket: Socket
    processes: tuple[SocketProcess, ...] | None
    """In the order of their pids; ``()`` if no process holds it, None if none was found
    but not all processes could be read."""


@dataclass(frozen=True, slots=True)
class NetworkProcess:
    """A process that is in a network."""

    pid: int
    command: str
    """As `nstui.model.network.ProcessUsage.command`."""

    containers: tuple[ContainerId, ...]
    """The containers it belongs to by its cgroup, the outermost first, since a
    container may run in another; empty if it belongs to none."""

    @property
    def container(self) -> ContainerId | None:
        """The innermost container it belongs to, if any."""
        return self.containers[-1] if self.containers else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interior:
    """The inside of a network, as far as each part could be read."""

    interfaces: Interfaces | ReadProblem
    routes: Routes | ReadProblem
    listeners: tuple[Listener, ...] | ReadProblem
    owners: Mapping[int, ContainerId]
    """The containers of the pids that hold a listener; a missing pid belongs to no
    container."""

    processes: tuple[NetworkProcess, ...] | ReadProblem | None = None
    """The processes in the network, in the order of their pids, of any container.

    None if they were not read, which is always so for the host's network.
    """

    hides_processes: bool = False
    """Whether some processes may be hidden from this user."""

    taken_s: float = 0.0
    """When the interfaces were read, in seconds of a monotonic clock; the traffic
    between two readings is computed with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The resource usage of one container, summed over its processes."""

    taken_s: float
    """When it was read, in seconds of a monotonic clock."""

    cpu_s: float
    """CPU seconds used since the container was started."""

    memory: int
    """Bytes, without the file cache that the kernel would reclaim at once, as ``docker
    stats`` counts."""

    is_summed: bool = False
    """Whether the cgroup could not be read, so that this is the sum over the present
    processes: shared memory is counted once for each process, and processes that have
    ended are missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessUsage:
    """One process of a container, and its resource usage."""

    pid: int
    """On the machine, not inside the container."""

    command: str
    """The beginning of its command line, or its name in square brackets if it has none,
    as for ``[kworker/0:1]`` or a zombie. It may hold any character."""

    user: str
    """The name of its user on the machine, or the user id if it has no name there.
    Inside the container that id may have another name."""

    state: str
    """A word such as ``running``, ``sleeping``, ``stopped`` or ``zombie``."""

    started_at: datetime
    """In UTC."""

    taken_s: float
    """As `Usage.taken_s`."""

    cpu_s: float
    """CPU seconds that it used, without its children."""

    memory: int
    """Resident bytes, including memory that is shared with other processes."""

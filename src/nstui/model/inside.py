"""What is inside a network namespace: interfaces, routes, sockets and who serves them.

Strings are as the kernel has them; names of interfaces and commands may hold anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

_WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - compared, not bound to


@dataclass(frozen=True, slots=True)
class Address:
    """An address of a network namespace."""

    text: str
    """In its usual short form, such as ``10.8.0.2`` or ``fd00::2``."""

    prefix: int | None
    """The bits of its network; None if that could not be found out."""

    is_inferred: bool = False
    """Whether its interface and its prefix are what is most likely, not what the kernel
    says: then it may also be of another interface, or of a narrower network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """One interface of a network namespace."""

    name: str
    ipv4: tuple[Address, ...]
    """What is known to be on it; see `Interfaces.unplaced`."""

    ipv6: tuple[Address, ...]
    is_up: bool | None
    """Whether it is switched on, with or without a link; None if not known."""

    received: int
    """Bytes since it was made."""

    sent: int
    """Bytes since it was made."""


@dataclass(frozen=True, slots=True)
class Interfaces:
    """All interfaces and addresses of a network namespace."""

    interfaces: tuple[Interface, ...]
    """In the kernel's order."""

    unplaced: tuple[Address, ...]
    """The addresses that are on one of them, but nobody knows on which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route that leads out of a network namespace: a default one, or half of one."""

    destination: str
    """``0.0.0.0/0`` or ``::/0``, or a half of it such as ``128.0.0.0/1``: some tunnels
    take both halves, to come before the default route without replacing it."""

    gateway: str | None
    """None if `is_direct`, or if it is of the other family and so not told."""

    is_direct: bool
    """Whether it goes straight onto the link, through no gateway."""

    interface: str
    metric: int
    """Of several with one destination, the lowest is used."""


@dataclass(frozen=True, slots=True)
class Routes:
    """How traffic leaves a network namespace."""

    ipv4: tuple[Route, ...]
    """Of the main table: halves first, then by metric."""

    ipv6: tuple[Route, ...]
    """Of any table: halves first, then by metric."""

    other_tables: tuple[int, ...]
    """The IPv4 tables beside the main one that hold such routes too. Rules, which
    cannot be read, say what traffic they are for: a WireGuard tunnel's takes all."""


class Protocol(StrEnum):
    """A kind of socket; the values are the names of the files in ``/proc/PID/net``."""

    TCP = "tcp"
    TCP6 = "tcp6"
    UDP = "udp"
    UDP6 = "udp6"


@dataclass(frozen=True, slots=True, kw_only=True)
class Socket:
    """A socket that has a local port."""

    protocol: Protocol
    address: str
    """The local one; IPv4 on an IPv6 socket as ``::ffff:127.0.0.1``."""

    port: int
    inode: int
    """Of the socket; 0 if no process can hold it, as after it was closed."""

    is_listening: bool
    """Whether it waits for anybody: TCP that listens, UDP without a fixed peer. That
    is all that tells a UDP server from a client that is about to ask."""

    @property
    def is_wildcard(self) -> bool:
        """Whether it is bound to all addresses.

        One of IPv6 then takes IPv4 too, unless it was told not to, which is not known.
        """
        return self.address in _WILDCARDS


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that has a socket open."""

    pid: int
    command: str
    """The name in ``/proc/PID/comm``: at most 15 bytes, and of its own choice."""


@dataclass(frozen=True, slots=True)
class HeldSockets:
    """The sockets that one process has open."""

    holder: Holder
    inodes: frozenset[int]
    """Of sockets of any kind, in any network namespace."""


@dataclass(frozen=True, slots=True)
class Listener:
    """A socket that waits for anybody, and the processes that hold it."""

    socket: Socket
    holders: tuple[Holder, ...] | None
    """In the order of their pids; None if nobody was found and somebody could not be
    looked at, ``()`` if nobody was found among all that were."""

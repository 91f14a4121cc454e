"""Addresses as the tables in ``/proc/PID/net`` write them.

Most are 32-bit words in the machine's own byte order, with the digits of one word in
the order of a number: ``0100007F`` is 127.0.0.1 on a little-endian machine. An IPv6
socket has four of them. ``if_inet6`` and ``ipv6_route`` alone write bytes in order.

``net/if_inet6`` has all there is to know of IPv6. No file says which IPv4 address is on
which interface: ``net/fib_trie`` has the addresses, and ``net/route`` the networks that
are on each interface. An address is taken to be on the interface of the narrowest
network that holds it. The kernel makes such a network's route for an address, and a
broadcast address with it, which tells the route from one that somebody added.

What cannot be known without netlink:

* where an address is whose interface is down, or that makes no network (a tunnel's
  ``/32``, one with a peer), or whose network is on several interfaces;
* whether the second address in a network is on the same interface, and of the same
  prefix: it is taken to be, and says that this is inferred;
* whether an address is an interface's, or that of a ``local`` route somebody added.

``net/route`` has the interfaces, but the main table only. ``net/fib_trie`` has all
tables, but no interfaces. Until somebody adds a rule, the kernel keeps the main and the
local table as one, and writes it down twice.
"""

from __future__ import annotations

import re
import socket
import sys
from collections import Counter
from ipaddress import IPv4Network
from typing import TYPE_CHECKING, Literal

from nstui.model.frozen import dataclass
from nstui.model.network import Address
from nstui.procfs.process import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from ipaddress import IPv4Address

    Found = tuple[str | None, Address]
    """An address and the name of its interface; None if that is not known."""


ByteOrder = Literal["little", "big"]

NATIVE: ByteOrder = sys.byteorder
"""That of the machine whose ``/proc`` this is."""

_DIGITS = 8


def from_hex_words(digits: str, order: ByteOrder) -> str:
    """Return an address written as one word, or as four.

    Raises:
        ValueError: it is no such address.

    """
    words = [digits[at : at + _DIGITS] for at in range(0, len(digits), _DIGITS)]
    if len(words) not in {1, 4} or len(words[-1]) != _DIGITS:
        raise ValueError(f"no address: {digits!r}")
    return _written(b"".join(int(word, 16).to_bytes(4, order) for word in words))


def from_bytes(digits: str) -> str:
    """Return an IPv6 address written as its bytes.

    Raises:
        ValueError: it is no such address.

    """
    return _written(bytes.fromhex(digits))


def _written(packed: bytes) -> str:
    """Write an address as iproute2 does, on any version of Python."""
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6  # noqa: PLR2004 - the bytes of IPv4
    return socket.inet_ntop(family, packed)


MAIN = "Main"
LOCAL = "Local"

GATEWAY = 0x2
REJECT = 0x200
"""Flags of a route, see linux/route.h; IPv6 has the same."""

NOWHERE = "*"
"""In the place of an interface, where packets are thrown away."""

_TABLE = re.compile(r"(?:Id )?(\w+):")
_LEAF = re.compile(r" *\|-- ([0-9.]+)")
_ENTRY = re.compile(r" */(\d+) \S+ ([A-Z]+)\b.*")
_FIELDS = 8


@dataclass(frozen=True, slots=True)
class TableEntry:
    """A line of ``net/fib_trie``."""

    table: str
    """`MAIN`, `LOCAL`, or the number of another one."""

    destination: IPv4Network
    kind: str
    """``LOCAL``, ``BROADCAST``, ``UNICAST``, ``BLACKHOLE``, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MainRoute:
    """A line of ``net/route``: a route of the main table.

    Of one that goes through several gateways, the kernel tells only the first.
    """

    interface: str
    destination: IPv4Network
    gateway: str
    """``0.0.0.0`` if there is none of IPv4."""

    flags: int
    metric: int

    @property
    def leads_somewhere(self) -> bool:
        """Whether packets are not thrown away."""
        return self.interface != NOWHERE and not self.flags & REJECT


def table_entries(fib_trie: str) -> Iterator[TableEntry]:
    """Yield what is in all tables, in the order of the text."""
    table, leaf = "", None
    for line in fib_trie.split("\n"):
        if found := _TABLE.fullmatch(line):
            table = found[1]
        elif found := _LEAF.fullmatch(line):
            leaf = found[1]
        elif leaf is not None and (found := _ENTRY.fullmatch(line)):
            yield TableEntry(table, IPv4Network(f"{leaf}/{found[1]}"), found[2])


def main_routes(route: str, order: ByteOrder = NATIVE) -> Iterator[MainRoute]:
    """Yield the routes of the main table, in the order of the text."""
    for fields in rows(route, header=1):
        if len(fields) < _FIELDS:
            continue
        interface, destination, gateway, flags, _, _, metric, mask = fields[:_FIELDS]
        network = f"{from_hex_words(destination, order)}/{from_hex_words(mask, order)}"
        yield MainRoute(
            interface=interface,
            destination=IPv4Network(network),
            gateway=from_hex_words(gateway, order),
            flags=int(flags, 16),
            metric=int(metric),
        )


LOOPBACK = "lo"

_HOST_BITS = 32
_PAIR_BITS = 31
"""Networks of two addresses have no broadcast address."""

_INET6_FIELDS = 6


@dataclass(frozen=True, slots=True)
class _OnLink:
    """A network that is on an interface."""

    interface: str
    network: IPv4Network
    is_certain: bool = True
    """Whether it is an address that made it."""


def addresses6(if_inet6: str) -> tuple[Found, ...]:
    """Return the IPv6 addresses, in the order of the text."""
    return tuple(
        (fields[5], Address(from_bytes(fields[0]), int(fields[2], 16)))
        for fields in rows(if_inet6)
        if len(fields) == _INET6_FIELDS
    )


def addresses4(
    fib_trie: str, route: str, order: ByteOrder = NATIVE
) -> tuple[Found, ...]:
    """Return the IPv4 addresses in their order as numbers."""
    entries = [entry for entry in table_entries(fib_trie) if entry.table == LOCAL]
    hosts = {
        entry.destination.network_address
        for entry in entries
        if entry.kind == "LOCAL" and entry.destination.prefixlen == _HOST_BITS
    }
    networks = (*_of_loopback(entries), *_of_others(entries, route, order))
    where = {host: _narrowest(host, networks) for host in sorted(hosts)}
    crowd = Counter(found.network for found in where.values() if found is not None)
    return tuple(_address(host, found, crowd) for host, found in where.items())


def _of_loopback(entries: Iterable[TableEntry]) -> Iterator[_OnLink]:
    """Yield its networks: all of their addresses are local ones."""
    broadcasts = _broadcasts(entries)
    for entry in entries:
        network = entry.destination
        is_range = entry.kind == "LOCAL" and network.prefixlen < _HOST_BITS
        # A proxy's route that makes any address a local one has no broadcast.
        if is_range and broadcasts[network.broadcast_address]:
            yield _OnLink(LOOPBACK, network)


def _of_others(
    entries: Iterable[TableEntry], route: str, order: ByteOrder
) -> Iterator[_OnLink]:
    """Yield the networks that an address may have made."""
    broadcasts = _broadcasts(entries)
    direct = [
        (each.interface, each.destination)
        for each in main_routes(route, order)
        if each.leads_somewhere and not each.flags & GATEWAY
    ]
    claims = Counter(network.broadcast_address for _, network in direct)
    for interface, network in direct:
        last = network.broadcast_address
        if broadcasts[last]:
            # A route that somebody added may end where an address's network does.
            is_certain = claims[last] <= broadcasts[last]
            yield _OnLink(interface, network, is_certain)
        elif network.prefixlen == _PAIR_BITS:
            yield _OnLink(interface, network, is_certain=False)


def _broadcasts(entries: Iterable[TableEntry]) -> Counter[IPv4Address]:
    """Count the broadcast addresses: one for each network on each interface."""
    return Counter(
        entry.destination.network_address
        for entry in entries
        if entry.kind == "BROADCAST"
    )


def _narrowest(host: IPv4Address, networks: Iterable[_OnLink]) -> _OnLink | None:
    """Return the narrowest network that holds an address; None if that is several."""
    holding = [each for each in networks if host in each.network]
    bits = max((each.network.prefixlen for each in holding), default=0)
    narrowest = {each for each in holding if each.network.prefixlen == bits}
    return narrowest.pop() if len(narrowest) == 1 else None


def _address(
    host: IPv4Address, found: _OnLink | None, crowd: Mapping[IPv4Network, int]
) -> Found:
    if found is None:
        return None, Address(str(host), None)
    # Some address made the network. If there are several, it may be another one.
    is_certain = found.is_certain and crowd[found.network] == 1
    prefix = found.network.prefixlen
    return found.interface, Address(str(host), prefix, is_inferred=not is_certain)

"""Parses the addresses and routes in the tables of ``/proc/PID/net``.

Most addresses there are 32-bit words in the machine's own byte order, with the
hexadecimal digits of each word written as a number: ``0100007F`` is 127.0.0.1 on a
little-endian machine. An IPv6 socket has four words. Only ``if_inet6`` and
``ipv6_route`` write the bytes in order.

``net/if_inet6`` is complete for IPv6. For IPv4 no file states the interface of an
address: ``net/fib_trie`` has the addresses, and ``net/route`` the networks of each
interface. An address is assigned to the interface of the narrowest network that
contains it. For an address the kernel creates the route of its network together with a
broadcast address, which distinguishes this route from one that was added manually.

Without netlink it is unknown:

* the interface of an address if the interface is down, if the address creates no
  network (a tunnel's ``/32``, one with a peer), or if its network is on several
  interfaces;
* whether the second address in a network has the same interface and prefix: both are
  assumed, and marked as inferred;
* whether an address belongs to an interface or to a ``local`` route that was added
  manually.

``net/route`` has the interfaces, but only of the main table. ``net/fib_trie`` has all
tables, but no interfaces. Until a rule is added, the kernel keeps the main and the
local table as one, and writes it twice.
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

    PlacedAddress = tuple[str | None, Address]
    """An address and the name of its interface, which is None if unknown."""


ByteOrder = Literal["little", "big"]

NATIVE: ByteOrder = sys.byteorder
"""The byte order of the machine."""

_DIGITS = 8

MAIN = "Main"
LOCAL = "Local"

GATEWAY = 0x2
REJECT = 0x200
"""Flags of IPv4 and IPv6 routes, see linux/route.h."""

NO_INTERFACE = "*"
"""Written in place of the interface of a route that discards packets."""

_TABLE = re.compile(r"(?:Id )?(\w+):")
_LEAF = re.compile(r" *\|-- ([0-9.]+)")
_ENTRY = re.compile(r" */(\d+) \S+ ([A-Z]+)\b.*")
_FIELDS = 8

LOOPBACK = "lo"

_HOST_BITS = 32
_PAIR_BITS = 31
"""Networks of two addresses have no broadcast address."""

_INET6_FIELDS = 6


def from_hex_words(digits: str, order: ByteOrder) -> str:
    """Return an address written as one word (IPv4) or as four (IPv6).

    Raises:
        ValueError: The digits are not such an address.

    """
    words = [digits[at : at + _DIGITS] for at in range(0, len(digits), _DIGITS)]
    if len(words) not in {1, 4} or len(words[-1]) != _DIGITS:
        raise ValueError(f"no address: {digits!r}")
    return _format(b"".join(int(word, 16).to_bytes(4, order) for word in words))


def from_bytes(digits: str) -> str:
    """Return an IPv6 address written as its bytes.

    Raises:
        ValueError: The digits are not hexadecimal, or not 16 bytes.

    """
    return _format(bytes.fromhex(digits))


def _format(packed: bytes) -> str:
    """Format an address as iproute2 does, on any version of Python."""
    family = socket.AF_INET if len(packed) == 4 else socket.AF_INET6  # noqa: PLR2004 - the bytes of IPv4
    return socket.inet_ntop(family, packed)


@dataclass(frozen=True, slots=True)
class TableEntry:
    """A line of ``net/fib_trie``."""

    table: str
    """`MAIN`, `LOCAL`, or the number of another table."""

    destination: IPv4Network
    kind: str
    """``LOCAL``, ``BROADCAST``, ``UNICAST``, ``BLACKHOLE``, …"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MainRoute:
    """A line of ``net/route``: a route of the main table.

    Of a route with several gateways, the kernel shows only the first.
    """

    interface: str
    destination: IPv4Network
    gateway: str
    """``0.0.0.0`` if there is no IPv4 gateway."""

    flags: int
    metric: int

    @property
    def delivers(self) -> bool:
        """Whether the route delivers packets instead of discarding them."""
        return self.interface != NO_INTERFACE and not self.flags & REJECT


def table_entries(fib_trie: str) -> Iterator[TableEntry]:
    """Yield the entries of all tables, in the order of the text."""
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


@dataclass(frozen=True, slots=True)
class _OnLink:
    """A network that is directly reachable on an interface."""

    interface: str
    network: IPv4Network
    is_certain: bool = True
    """Whether an address created it."""


def addresses6(if_inet6: str) -> tuple[PlacedAddress, ...]:
    """Return the IPv6 addresses, in the order of the text."""
    return tuple(
        (fields[5], Address(from_bytes(fields[0]), int(fields[2], 16)))
        for fields in rows(if_inet6)
        if len(fields) == _INET6_FIELDS
    )


def addresses4(
    fib_trie: str, route: str, order: ByteOrder = NATIVE
) -> tuple[PlacedAddress, ...]:
    """Return the IPv4 addresses, sorted as numbers."""
    entries = [entry for entry in table_entries(fib_trie) if entry.table == LOCAL]
    hosts = {
        entry.destination.network_address
        for entry in entries
        if entry.kind == "LOCAL" and entry.destination.prefixlen == _HOST_BITS
    }
    networks = (
        *_loopback_networks(entries),
        *_interface_networks(entries, route, order),
    )
    network_of = {host: _narrowest(host, networks) for host in sorted(hosts)}
    address_counts = Counter(
        found.network for found in network_of.values() if found is not None
    )
    return tuple(
        _address(host, found, address_counts) for host, found in network_of.items()
    )


def _loopback_networks(entries: Iterable[TableEntry]) -> Iterator[_OnLink]:
    """Yield the networks of the loopback interface: all their addresses are local."""
    broadcasts = _broadcasts(entries)
    for entry in entries:
        network = entry.destination
        is_range = entry.kind == "LOCAL" and network.prefixlen < _HOST_BITS
        # The route by which a proxy makes any address local has no broadcast address.
        if is_range and broadcasts[network.broadcast_address]:
            yield _OnLink(LOOPBACK, network)


def _interface_networks(
    entries: Iterable[TableEntry], route: str, order: ByteOrder
) -> Iterator[_OnLink]:
    """Yield the networks that addresses may have created on the other interfaces."""
    broadcasts = _broadcasts(entries)
    direct = [
        (route.interface, route.destination)
        for route in main_routes(route, order)
        if route.delivers and not route.flags & GATEWAY
    ]
    claims = Counter(network.broadcast_address for _, network in direct)
    for interface, network in direct:
        last = network.broadcast_address
        if broadcasts[last]:
            # A route that was added manually may have the same broadcast address.
            is_certain = claims[last] <= broadcasts[last]
            yield _OnLink(interface, network, is_certain)
        elif network.prefixlen == _PAIR_BITS:
            yield _OnLink(interface, network, is_certain=False)


def _broadcasts(entries: Iterable[TableEntry]) -> Counter[IPv4Address]:
    """Count each broadcast address: once for each network on each interface."""
    return Counter(
        entry.destination.network_address
        for entry in entries
        if entry.kind == "BROADCAST"
    )


def _narrowest(host: IPv4Address, networks: Iterable[_OnLink]) -> _OnLink | None:
    """Return the narrowest network that contains an address; None if several do."""
    holding = [each for each in networks if host in each.network]
    bits = max((each.network.prefixlen for each in holding), default=0)
    narrowest = {each for each in holding if each.network.prefixlen == bits}
    return narrowest.pop() if len(narrowest) == 1 else None


def _address(
    host: IPv4Address, found: _OnLink | None, address_counts: Mapping[IPv4Network, int]
) -> PlacedAddress:
    if found is None:
        return None, Address(str(host), None)
    # An address created the network. If it has several, it may be another one.
    is_certain = found.is_certain and address_counts[found.network] == 1
    prefix = found.network.prefixlen
    return found.interface, Address(str(host), prefix, is_inferred=not is_certain)

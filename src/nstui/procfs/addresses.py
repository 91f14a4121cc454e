"""The addresses of a network namespace and their interfaces, without netlink.

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
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.model.inside import Address
from nstui.procfs.directory import rows
from nstui.procfs.fib import GATEWAY, LOCAL, main_routes, table_entries
from nstui.procfs.words import NATIVE, from_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from ipaddress import IPv4Address, IPv4Network

    from nstui.procfs.fib import TableEntry
    from nstui.procfs.words import ByteOrder

    Found = tuple[str | None, Address]
    """An address and the name of its interface; None if that is not known."""

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

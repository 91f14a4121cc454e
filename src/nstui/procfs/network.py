"""Reads the network of a container: interfaces, routes, listeners and processes.

An interface is a member of the group of all hosts in ``net/igmp`` exactly while it is
up.

Without netlink it is unknown:

- of interfaces, the hardware address, the MTU, whether there is a link, and what
  `nstui.procfs.addresses` lists;
- of routes, the rules that choose a table, the interfaces of IPv4 routes outside of
  the main table, the table of an IPv6 route, and all but the first gateway of an
  IPv4 route.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.network import Interface, Interfaces, Interior, Route, Routes
from nstui.model.snapshot import ReadProblem
from nstui.procfs.addresses import (
    GATEWAY,
    LOCAL,
    MAIN,
    NATIVE,
    REJECT,
    addresses4,
    addresses6,
    from_bytes,
    from_hex_words,
    main_routes,
    table_entries,
)
from nstui.procfs.belonging import belongs_to, container_by_supervisor
from nstui.procfs.cgroup import container_of
from nstui.procfs.process import problem_of, rows
from nstui.procfs.sockets import (
    listeners,
    read_namespace_sockets,
    read_network_processes,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from nstui.model.container import ContainerId
    from nstui.model.network import Address, Listener, Socket
    from nstui.procfs.addresses import ByteOrder, PlacedAddress
    from nstui.procfs.machine import Machine
    from nstui.procfs.process import Process
    from nstui.procfs.sockets import NetworkProcesses


_ALL_HOSTS = "224.0.0.1"
_HEADER = 2
_RECEIVED, _SENT, _FIELDS = 0, 8, 16

_DEFAULT_BITS = 1
"""The longest prefix of a route out: the default may be split into two halves."""

_FIELDS6 = 10
_UNICAST = "UNICAST"


def read_interfaces(
    process: Process, order: ByteOrder = NATIVE
) -> Interfaces | ReadProblem:
    """Read the interfaces in the network of a process; never raises."""
    try:
        igmp = process.optional_text("net/igmp")
        return join_interfaces(
            dev=process.text("net/dev"),
            up=None if igmp is None else interfaces_up(igmp, order),
            ipv4=addresses4(
                process.text("net/fib_trie"), process.text("net/route"), order
            ),
            ipv6=addresses6(process.optional_text("net/if_inet6") or ""),
        )
    except OSError as error:
        return problem_of(error)


def join_interfaces(
    *,
    dev: str,
    up: frozenset[str] | None,
    ipv4: Collection[PlacedAddress],
    ipv6: Collection[PlacedAddress],
) -> Interfaces:
    """Combine what the files say into interfaces.

    Args:
        dev: The text of ``net/dev``.
        up: The interfaces that are up; None if unknown.
        ipv4: The IPv4 addresses, each with its interface if known.
        ipv6: The IPv6 addresses, likewise.

    """
    counters = dict(_counters(dev))
    return Interfaces(
        interfaces=tuple(
            Interface(
                name=name,
                ipv4=_addresses_on(name, ipv4),
                ipv6=_addresses_on(name, ipv6),
                is_up=None if up is None else name in up,
                received=received,
                sent=sent,
            )
            for name, (received, sent) in counters.items()
        ),
        # An interface may be removed or added between two reads.
        unplaced=tuple(
            address for name, address in (*ipv4, *ipv6) if name not in counters
        ),
    )


def interfaces_up(igmp: str, order: ByteOrder = NATIVE) -> frozenset[str]:
    """Return the interfaces that are up, from the text of ``net/igmp``."""
    found, name = set(), ""
    for line in igmp.split("\n")[1:]:
        if not line.startswith("\t"):
            name = line.partition("\t")[2].partition(":")[0].strip(" ")
            continue
        group = line.strip("\t").partition(" ")[0]
        if from_hex_words(group, order) == _ALL_HOSTS:
            found.add(name)
    return frozenset(found)


def _counters(dev: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield each interface with the bytes received and sent."""
    for line in dev.split("\n")[_HEADER:]:
        name, _, numbers = line.partition(":")
        fields = numbers.split()
        if len(fields) >= _FIELDS:
            yield name.strip(" "), (int(fields[_RECEIVED]), int(fields[_SENT]))


def _addresses_on(
    name: str, addresses: Collection[PlacedAddress]
) -> tuple[Address, ...]:
    return tuple(address for interface, address in addresses if interface == name)


def read_routes(process: Process, order: ByteOrder = NATIVE) -> Routes | ReadProblem:
    """Read the routes out of the network of a process; never raises."""
    try:
        return Routes(
            ipv4=routes4(process.text("net/route"), order),
            ipv6=routes6(process.optional_text("net/ipv6_route") or ""),
            other_tables=other_tables(process.text("net/fib_trie")),
        )
    except OSError as error:
        return problem_of(error)


def routes4(route: str, order: ByteOrder = NATIVE) -> tuple[Route, ...]:
    """Return the IPv4 routes out in the main table."""
    return _in_order(
        Route(
            destination=str(entry.destination),
            gateway=_unless_zero(entry.gateway),
            is_direct=not entry.flags & GATEWAY,
            interface=entry.interface,
            metric=entry.metric,
        )
        for entry in main_routes(route, order)
        if entry.destination.prefixlen <= _DEFAULT_BITS and entry.delivers
    )


def routes6(ipv6_route: str) -> tuple[Route, ...]:
    """Return the IPv6 routes out that apply to any sender."""
    found = []
    for fields in rows(ipv6_route):
        if len(fields) < _FIELDS6:
            continue
        destination, bits, _, sender_bits, gateway, metric = fields[:6]
        flags = int(fields[8], 16)
        if int(bits, 16) > _DEFAULT_BITS or int(sender_bits, 16) or flags & REJECT:
            continue
        found.append(
            Route(
                destination=f"{from_bytes(destination)}/{int(bits, 16)}",
                gateway=_unless_zero(from_bytes(gateway)),
                is_direct=not flags & GATEWAY,
                interface=fields[9],
                metric=int(metric, 16),
            )
        )
    return _in_order(found)


def other_tables(fib_trie: str) -> tuple[int, ...]:
    """Return the IPv4 tables with routes out, other than the main one."""
    found = {
        int(entry.table)
        for entry in table_entries(fib_trie)
        if entry.table not in {MAIN, LOCAL}
        and entry.kind == _UNICAST
        and entry.destination.prefixlen <= _DEFAULT_BITS
    }
    return tuple(sorted(found))


def _unless_zero(gateway: str) -> str | None:
    return None if gateway in {"0.0.0.0", "::"} else gateway  # noqa: S104 - compared only


def _in_order(routes: Iterable[Route]) -> tuple[Route, ...]:
    """Sort by precedence; equal routes keep the kernel's order."""
    return tuple(
        sorted(routes, key=lambda each: (each.destination.endswith("/0"), each.metric))
    )


def read_interior(machine: Machine, container: ContainerId, pid: int) -> Interior:
    """Read the network of a container by its first process; never raises."""
    try:
        with machine.process(pid) as process:
            if not belongs_to(machine, process, container, process.cgroup()):
                return unreadable(ReadProblem.NOT_THE_CONTAINER)
            # Reading all processes may take a while: the counters are read before.
            order = machine.byte_order
            taken_s, interfaces = machine.now_s(), read_interfaces(process, order)
            processes = read_network_processes(machine, process.fingerprint())
            listening = _find_listeners(
                read_namespace_sockets(process, order), processes
            )
            return Interior(
                interfaces=interfaces,
                routes=read_routes(process, order),
                listeners=listening,
                owners=MappingProxyType(_owners(machine, listening)),
                processes=processes.processes,
                hides_processes=processes.is_partial,
                taken_s=taken_s,
            )
    except OSError as error:
        return unreadable(problem_of(error))


def unreadable(problem: ReadProblem) -> Interior:
    """Return the inside of a network of which nothing could be read."""
    return Interior(
        interfaces=problem,
        routes=problem,
        listeners=problem,
        processes=problem,
        owners=MappingProxyType({}),
    )


def _find_listeners(
    sockets: tuple[Socket, ...] | ReadProblem, processes: NetworkProcesses
) -> tuple[Listener, ...] | ReadProblem:
    """Return the listening sockets of a network, with their processes."""
    return (
        sockets
        if isinstance(sockets, ReadProblem)
        else listeners(sockets, processes.held)
    )


def _owners(
    machine: Machine, listening: tuple[Listener, ...] | ReadProblem
) -> dict[int, ContainerId]:
    """Return the containers of the processes that hold a listener, by pid."""
    if isinstance(listening, ReadProblem):
        return {}
    found: dict[int, ContainerId] = {}
    for pid in {
        holder.pid for listener in listening for holder in listener.processes or ()
    }:
        try:
            with machine.process(pid) as process:
                container = container_of(process.cgroup())
            container = container or container_by_supervisor(machine, pid)
        except OSError:
            # The process has ended meanwhile, so its container no longer matters.
            continue
        if container is not None:
            found[pid] = container
    return found

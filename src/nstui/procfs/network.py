"""The network of a container: interfaces, routes, listeners and processes.

``net/igmp`` tells who is in the group of all hosts, which an interface is while it is
switched on, and only then.

What cannot be known without netlink:

- of interfaces, the hardware address, the MTU, whether there is a link, and some of
  what `nstui.procfs.addresses` tells of;
- of routes, the rules that choose a table, the interfaces of IPv4 routes in other
  tables than the main one, which table an IPv6 route is in, and all but the first of
  the gateways that an IPv4 route may have.
"""

from __future__ import annotations

import time
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
from nstui.procfs.cgroup import container_of, names_container
from nstui.procfs.process import Process, problem_of, rows
from nstui.procfs.sockets import (
    listeners,
    read_network_processes,
    read_sockets,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from nstui.model.container import ContainerId
    from nstui.model.network import Address, Listener, Socket
    from nstui.procfs.addresses import ByteOrder, Found
    from nstui.procfs.sockets import NetworkProcesses


_ALL_HOSTS = "224.0.0.1"
_HEADER = 2
_RECEIVED, _SENT, _FIELDS = 0, 8, 16

_HALF = 1
"""The bits of a half of all addresses."""

_FIELDS6 = 10
_UNICAST = "UNICAST"


def read_interfaces(process: Process) -> Interfaces | ReadProblem:
    """Read the interfaces of a process's network; never raises."""
    try:
        igmp = process.text_if_there("net/igmp")
        return join_interfaces(
            dev=process.text("net/dev"),
            up=None if igmp is None else interfaces_up(igmp),
            ipv4=addresses4(process.text("net/fib_trie"), process.text("net/route")),
            ipv6=addresses6(process.text_if_there("net/if_inet6") or ""),
        )
    except OSError as error:
        return problem_of(error)


def join_interfaces(
    *,
    dev: str,
    up: frozenset[str] | None,
    ipv4: Collection[Found],
    ipv6: Collection[Found],
) -> Interfaces:
    """Put together what the files say.

    Args:
        dev: the text of ``net/dev``.
        up: the interfaces that are up; None if that is not known.
        ipv4: each address with its interface, if known.
        ipv6: the same.

    """
    counters = dict(_counters(dev))
    return Interfaces(
        interfaces=tuple(
            Interface(
                name=name,
                ipv4=_on(name, ipv4),
                ipv6=_on(name, ipv6),
                is_up=None if up is None else name in up,
                received=received,
                sent=sent,
            )
            for name, (received, sent) in counters.items()
        ),
        # An interface may have gone, or come, between two reads.
        unplaced=tuple(
            address for name, address in (*ipv4, *ipv6) if name not in counters
        ),
    )


def interfaces_up(igmp: str, order: ByteOrder = NATIVE) -> frozenset[str]:
    """Return the interfaces that are up, by the text of ``net/igmp``."""
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
    """Yield each interface with the bytes it has received and sent."""
    for line in dev.split("\n")[_HEADER:]:
        name, _, numbers = line.partition(":")
        fields = numbers.split()
        if len(fields) >= _FIELDS:
            yield name.strip(" "), (int(fields[_RECEIVED]), int(fields[_SENT]))


def _on(name: str, addresses: Collection[Found]) -> tuple[Address, ...]:
    return tuple(address for interface, address in addresses if interface == name)


def read_routes(process: Process) -> Routes | ReadProblem:
    """Read the routes that lead out of a process's network; never raises."""
    try:
        return Routes(
            ipv4=routes4(process.text("net/route")),
            ipv6=routes6(process.text_if_there("net/ipv6_route") or ""),
            other_tables=other_tables(process.text("net/fib_trie")),
        )
    except OSError as error:
        return problem_of(error)


def routes4(route: str, order: ByteOrder = NATIVE) -> tuple[Route, ...]:
    """Return the IPv4 routes of the main table that lead out."""
    return _in_order(
        Route(
            destination=str(each.destination),
            gateway=_unless_zero(each.gateway),
            is_direct=not each.flags & GATEWAY,
            interface=each.interface,
            metric=each.metric,
        )
        for each in main_routes(route, order)
        if each.destination.prefixlen <= _HALF and each.leads_somewhere
    )


def routes6(ipv6_route: str) -> tuple[Route, ...]:
    """Return the IPv6 routes that lead out, whoever the sender is."""
    found = []
    for fields in rows(ipv6_route):
        if len(fields) < _FIELDS6:
            continue
        destination, bits, _, sender_bits, gateway, metric = fields[:6]
        flags = int(fields[8], 16)
        if int(bits, 16) > _HALF or int(sender_bits, 16) or flags & REJECT:
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
    """Return the IPv4 tables beside the main one that hold routes that lead out."""
    found = {
        int(entry.table)
        for entry in table_entries(fib_trie)
        if entry.table not in {MAIN, LOCAL}
        and entry.kind == _UNICAST
        and entry.destination.prefixlen <= _HALF
    }
    return tuple(sorted(found))


def _unless_zero(gateway: str) -> str | None:
    return None if gateway in {"0.0.0.0", "::"} else gateway  # noqa: S104 - compared only


def _in_order(routes: Iterable[Route]) -> tuple[Route, ...]:
    """Put what takes precedence first; equal ones stay as the kernel has them."""
    return tuple(
        sorted(routes, key=lambda each: (each.destination.endswith("/0"), each.metric))
    )


def read_interior(root: Path, container: ContainerId, pid: int) -> Interior:
    """Read the network of a container by its first process; never raises."""
    try:
        with Process(root, pid) as process:
            if not names_container(process.cgroup(), container):
                return _nothing(ReadProblem.NOT_THE_CONTAINER)
            # Reading all processes may take a while.
            taken_s, interfaces = time.monotonic(), read_interfaces(process)
            inside = read_network_processes(root, process.fingerprint())
            waiting = _waiting(read_sockets(process), inside)
            return Interior(
                interfaces=interfaces,
                routes=read_routes(process),
                listeners=waiting,
                owners=MappingProxyType(_owners(root, waiting)),
                processes=inside.processes,
                hides_processes=inside.is_partial,
                taken_s=taken_s,
            )
    except OSError as error:
        return _nothing(problem_of(error))


def _nothing(problem: ReadProblem) -> Interior:
    return Interior(
        interfaces=problem,
        routes=problem,
        listeners=problem,
        processes=problem,
        owners=MappingProxyType({}),
    )


def _waiting(
    found: tuple[Socket, ...] | ReadProblem, inside: NetworkProcesses
) -> tuple[Listener, ...] | ReadProblem:
    """Return the listening sockets of a network, with their processes."""
    return found if isinstance(found, ReadProblem) else listeners(found, inside.held)


def _owners(
    root: Path, waiting: tuple[Listener, ...] | ReadProblem
) -> dict[int, ContainerId]:
    """Return the containers of the processes that hold a listener."""
    if isinstance(waiting, ReadProblem):
        return {}
    found: dict[int, ContainerId] = {}
    for pid in {holder.pid for each in waiting for holder in each.holders or ()}:
        try:
            with Process(root, pid) as process:
                container = container_of(process.cgroup())
        except OSError:
            # It has ended in the meantime, so its container no longer matters.
            continue
        if container is not None:
            found[pid] = container
    return found

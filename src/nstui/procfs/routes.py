"""How traffic leaves a network namespace, by ``net/route`` and ``net/ipv6_route``.

What cannot be known without netlink: the rules that choose a table, the interfaces of
IPv4 routes in other tables than the main one, which table an IPv6 route is in, and all
but the first of the gateways that an IPv4 route may have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.inside import Route, Routes
from nstui.procfs.directory import read_if_there, read_text, rows
from nstui.procfs.fib import GATEWAY, LOCAL, MAIN, REJECT, main_routes, table_entries
from nstui.procfs.process import problem_of
from nstui.procfs.words import NATIVE, from_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.model.snapshot import ReadProblem
    from nstui.procfs.words import ByteOrder

_HALF = 1
"""The bits of a half of all addresses."""

_FIELDS6 = 10
_UNICAST = "UNICAST"


def read_routes(directory: int) -> Routes | ReadProblem:
    """Read the routes that lead out of a process's network; never raises."""
    try:
        return Routes(
            ipv4=routes4(read_text(directory, "net/route")),
            ipv6=routes6(read_if_there(directory, "net/ipv6_route") or ""),
            other_tables=other_tables(read_text(directory, "net/fib_trie")),
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

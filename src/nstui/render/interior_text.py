"""A container's network from within, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.filesize import decimal

from nstui.analysis.publishing import publications
from nstui.model.inside import Routes
from nstui.model.snapshot import ReadProblem
from nstui.render.ports import port_words
from nstui.render.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.inside import Address, Interface, Listener, Route, Socket
    from nstui.model.interior import Interior

NOBODY_LISTENS = "nobody listens"
NOT_KNOWN = "who listens is not known"
NO_WAY_OUT = "none: no default route"
UNREAD_WORDS = {
    ReadProblem.VANISHED: "its process has gone, or is hidden from this user",
    ReadProblem.DENIED: "needs root: run nstui with sudo",
    ReadProblem.NOT_THE_CONTAINER: "its process is not one of this machine",
}


def interface_lines(interior: Interior) -> Iterator[str]:
    """Yield each interface with its state, its addresses and its traffic."""
    found = interior.interfaces
    if isinstance(found, ReadProblem):
        yield UNREAD_WORDS[found]
        return
    width = max((len(each.name) for each in found.interfaces), default=0)
    for each in found.interfaces:
        yield printable(f"{each.name.ljust(width)}  {_interface_words(each)}")
    if found.unplaced:
        yield printable(f"on one of them: {addresses_words(found.unplaced)}")


def route_lines(interior: Interior) -> Iterator[str]:
    """Yield each way out of a network, or that there is none."""
    found = interior.routes
    if isinstance(found, ReadProblem):
        yield UNREAD_WORDS[found]
        return
    if found == Routes((), (), ()):
        yield NO_WAY_OUT
    for route in (*found.ipv4, *found.ipv6):
        yield printable(route_words(route))
    for table in found.other_tables:
        yield f"more in table {table}"


def listener_lines(report: Report, interior: Interior) -> Iterator[str]:
    """Yield each socket that waits for anybody, with who holds it."""
    found = interior.listeners
    if isinstance(found, ReadProblem):
        yield UNREAD_WORDS[found]
        return
    if not found:
        yield NOBODY_LISTENS
    for each in found:
        where = socket_words(each.socket)
        yield printable(f"{where}  {holder_words(report, interior, each)}")


def published_lines(
    report: Report, owner: ContainerId, interior: Interior
) -> Iterator[str]:
    """Yield each published port of an owner with who serves it inside."""
    for words, who in served_ports(report, owner, interior):
        yield f"{words}  {NOT_KNOWN if who is None else who or NOBODY_LISTENS}"


def served_ports(
    report: Report, owner: ContainerId, interior: Interior
) -> Iterator[tuple[str, str | None]]:
    """Yield each published port of an owner, and who serves it.

    It is empty if nobody does, and None if that could not be read.
    """
    for each in publications(report, owner, interior):
        words = printable(", ".join(port_words(each.ports)))
        if each.listeners is None:
            yield words, None
            continue
        who = {holder_words(report, interior, one) for one in each.listeners}
        yield words, printable(", ".join(sorted(who)))


def _interface_words(each: Interface) -> str:
    state = {True: "up", False: "down", None: "state unknown"}[each.is_up]
    addresses = addresses_words((*each.ipv4, *each.ipv6)) or "no address"
    traffic = f"{decimal(each.received)} in, {decimal(each.sent)} out"
    return f"{state}  {addresses}  {traffic}"


def addresses_words(found: Iterable[Address]) -> str:
    """Return addresses with what is known of their networks."""
    return ", ".join(_address_words(each) for each in found)


def _address_words(address: Address) -> str:
    prefix = "" if address.prefix is None else f"/{address.prefix}"
    # Which interface it is on is not told in so many words.
    return f"{address.text}{prefix}{' (likely)' if address.is_inferred else ''}"


def route_words(route: Route) -> str:
    """Return where a route leads, and how."""
    way = (
        ""
        if route.is_direct
        else f" via {route.gateway or 'a gateway that is not told'}"
    )
    return f"{route.destination}{way} on {route.interface}"


def socket_words(socket: Socket) -> str:
    """Return where a socket waits, such as ``0.0.0.0:80/tcp``."""
    address = f"[{socket.address}]" if ":" in socket.address else socket.address
    return f"{address}:{socket.port}/{socket.protocol.value.removesuffix('6')}"


def holder_words(report: Report, interior: Interior, each: Listener) -> str:
    """Return who waits there; it may hold anything."""
    if each.holders is None:
        return "by whom needs root"
    if not each.holders:
        return "by no process in it"
    first = each.holders[0]
    container = interior.owners.get(first.pid)
    whose = "no container"
    if container is not None:
        is_known = container in report.graph.containers
        whose = report.graph.name(container) if is_known else container[:12]
    more = f" and {len(each.holders) - 1} more" if len(each.holders) > 1 else ""
    return f"{whose}: {first.command} ({first.pid}){more}"

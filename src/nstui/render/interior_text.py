"""A container's network from within, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.filesize import decimal

from nstui.model.snapshot import ReadProblem
from nstui.render.ports import port_words
from nstui.render.text import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId, PublishedPort
    from nstui.model.inside import Address, Interface, Listener, Route, Socket
    from nstui.model.interior import Interior

_UNREAD = {
    ReadProblem.VANISHED: "its process has gone, or is hidden from this user",
    ReadProblem.DENIED: "needs root: run nstui with sudo",
    ReadProblem.NOT_THE_CONTAINER: "its process is not one of this machine",
}


def interface_lines(interior: Interior) -> Iterator[str]:
    """Yield each interface with its addresses and state, then the ways out."""
    found = interior.interfaces
    if isinstance(found, ReadProblem):
        yield _UNREAD[found]
        return
    width = max((len(each.name) for each in found.interfaces), default=0)
    for each in found.interfaces:
        yield printable(f"{each.name.ljust(width)}  {_interface_words(each)}")
    if found.unplaced:
        yield printable(f"on one of them: {_addresses(found.unplaced)}")
    routes = interior.routes
    if not isinstance(routes, ReadProblem):
        for route in (*routes.ipv4, *routes.ipv6):
            yield printable(f"route {_route_words(route)}")
        for table in routes.other_tables:
            yield f"route more in table {table}"


def listener_lines(report: Report, interior: Interior) -> Iterator[str]:
    """Yield each socket that waits for anybody, with who holds it."""
    found = interior.listeners
    if isinstance(found, ReadProblem):
        yield _UNREAD[found]
        return
    if not found:
        yield "nobody listens"
    for each in found:
        where = _socket_words(each.socket)
        yield printable(f"{where}  {_holder_words(report, interior, each)}")


def published_lines(
    report: Report, owner: ContainerId, interior: Interior
) -> Iterator[str]:
    """Yield each published port of an owner with who serves it inside."""
    if isinstance(interior.listeners, ReadProblem):
        return
    groups: dict[tuple[int, int, str], list[PublishedPort]] = {}
    for port in report.graph.containers[owner].ports:
        key = (port.container_port, port.host_port, port.protocol)
        groups.setdefault(key, []).append(port)
    for ports in groups.values():
        served = [one for one in interior.listeners if _serves(one.socket, ports[0])]
        who = {_holder_words(report, interior, one) for one in served}
        words = ", ".join(port_words(ports))
        yield printable(f"{words}  {', '.join(sorted(who)) or 'nobody listens'}")


def _interface_words(each: Interface) -> str:
    state = {True: "up", False: "down", None: "state unknown"}[each.is_up]
    addresses = _addresses((*each.ipv4, *each.ipv6)) or "no address"
    traffic = f"{decimal(each.received)} in, {decimal(each.sent)} out"
    return f"{state}  {addresses}  {traffic}"


def _addresses(found: Iterable[Address]) -> str:
    return ", ".join(
        each.text if each.prefix is None else f"{each.text}/{each.prefix}"
        for each in found
    )


def _route_words(route: Route) -> str:
    way = f" via {route.gateway}" if route.gateway else ""
    return f"{route.destination}{way} on {route.interface}"


def _socket_words(socket: Socket) -> str:
    address = f"[{socket.address}]" if ":" in socket.address else socket.address
    return f"{address}:{socket.port}/{socket.protocol.value.removesuffix('6')}"


def _holder_words(report: Report, interior: Interior, each: Listener) -> str:
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


def _serves(socket: Socket, port: PublishedPort) -> bool:
    """Tell whether a socket can be reached through a published port."""
    same = socket.protocol.value.removesuffix("6") == port.protocol
    loopback = socket.address.startswith("127.") or socket.address == "::1"
    return same and socket.port == port.container_port and not loopback

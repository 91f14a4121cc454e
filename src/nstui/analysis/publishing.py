"""Which published ports lead into a network, and who is there to serve them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.model.namespace import NamespaceKind
from nstui.model.snapshot import ReadProblem

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId, PublishedPort
    from nstui.model.inside import Listener, Socket
    from nstui.model.interior import Interior


@dataclass(frozen=True, slots=True)
class Publication:
    """A port of the host that leads into a network."""

    ports: tuple[PublishedPort, ...]
    """The same port on several of the host's addresses."""

    listeners: tuple[Listener, ...] | None
    """Who serves it; empty if nobody does, None if who listens is not known."""


def publisher(report: Report, container: ContainerId) -> ContainerId | None:
    """Return whose published ports lead into the network that a container is in.

    That is its owner, unless the kernel shows that the two are not in one network, or
    cannot say.
    """
    owner = report.graph.chain(container, NamespaceKind.NET).owner
    if owner is None or owner == container:
        return owner
    here = report.snapshot.namespace(container, NamespaceKind.NET)
    there = report.snapshot.namespace(owner, NamespaceKind.NET)
    return owner if here is not None and here == there else None


def publications(
    report: Report, owner: ContainerId, interior: Interior
) -> tuple[Publication, ...]:
    """Return each published port of an owner with who serves it inside."""
    groups: dict[tuple[int, int, str], list[PublishedPort]] = {}
    for port in report.graph.containers[owner].ports:
        key = (port.container_port, port.host_port, port.protocol)
        groups.setdefault(key, []).append(port)
    return tuple(
        Publication(tuple(ports), _servers(ports[0], interior))
        for ports in groups.values()
    )


def _servers(port: PublishedPort, interior: Interior) -> tuple[Listener, ...] | None:
    if isinstance(interior.listeners, ReadProblem):
        return None
    return tuple(one for one in interior.listeners if _serves(one.socket, port))


def _serves(socket: Socket, port: PublishedPort) -> bool:
    """Tell whether a socket can be reached through a published port."""
    same = socket.protocol.value.removesuffix("6") == port.protocol
    loopback = socket.address.startswith("127.") or socket.address == "::1"
    return same and socket.port == port.container_port and not loopback

"""The members of a network: their usage, and the ports that lead to them.

A value of None always means that it is not known: no time has passed between two
readings, or the counter went back because what it counts was restarted.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.graph.presence import uses_host
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind
from nstui.model.network import Usage
from nstui.model.snapshot import ReadProblem

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId, PublishedPort
    from nstui.model.finding import Finding
    from nstui.model.network import (
        Interface,
        Interfaces,
        Interior,
        Listener,
        ProcessUsage,
        Socket,
    )

    Usages = Mapping[ContainerId, Usage | ReadProblem]


_DNS_ADDRESS = "127.0.0.11"
"""Where Docker's name server is in the network namespaces that it makes."""


_PERCENT = 100


@dataclass(frozen=True, slots=True)
class Traffic:
    """The traffic of an interface in bytes per second."""

    received: float | None
    sent: float | None


def cpu_percent(
    before: Usage | ProcessUsage | None, after: Usage | ProcessUsage
) -> float | None:
    """Return the CPU usage in percent of one CPU, so it can exceed 100.

    Args:
        before: The earlier reading of the same container or process, if any.
        after: The later reading.

    """
    if before is None:
        return None
    share = _per_second(before.cpu_s, after.cpu_s, after.taken_s - before.taken_s)
    return None if share is None else share * _PERCENT


def cpu_percents(
    before: Iterable[ProcessUsage], after: Iterable[ProcessUsage]
) -> Mapping[int, float | None]:
    """Return the CPU usage of each process of the later reading, by pid.

    A pid that was reused is recognised by its other start time.
    """
    known = {(each.pid, each.started_at): each for each in before}
    return MappingProxyType(
        {
            each.pid: cpu_percent(known.get((each.pid, each.started_at)), each)
            for each in after
        }
    )


def traffic(
    before: Interfaces, after: Interfaces, seconds: float
) -> Mapping[str, Traffic]:
    """Return the traffic of each interface of the later reading, by name.

    Args:
        before: The earlier reading of the same network.
        after: The later reading.
        seconds: The time between the two.

    """
    known = {each.name: each for each in before.interfaces}
    return MappingProxyType(
        {
            each.name: _traffic(known.get(each.name), each, seconds)
            for each in after.interfaces
        }
    )


def _traffic(before: Interface | None, after: Interface, seconds: float) -> Traffic:
    if before is None:
        return Traffic(None, None)
    return Traffic(
        received=_per_second(before.received, after.received, seconds),
        sent=_per_second(before.sent, after.sent, seconds),
    )


def _per_second(before: float, after: float, seconds: float) -> float | None:
    if seconds <= 0 or after < before:
        return None
    return (after - before) / seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One container that is, or should be, in a network."""

    container: Container
    finding: Finding | None
    """The container's worst finding; None if it has none."""

    usage: Usage | ReadProblem | None
    """The container's usage, or why it could not be read; None without a process."""

    cpu_percent: float | None
    """Percent of one CPU between two readings; None if not known."""


def network_members(report: Report, container: ContainerId) -> tuple[ContainerId, ...]:
    """Return the containers that share a container's network or should, owner first.

    For a container that shares with none this is the container alone.
    """
    return group_members(report, container, NamespaceKind.NET)


def group_members(
    report: Report, container: ContainerId, kind: NamespaceKind
) -> tuple[ContainerId, ...]:
    """Return the containers that share a container's namespace of a kind, or should."""
    for group in report.groups(kind):
        if container in group.members:
            return group.members
    return (container,)


def member_pids(
    report: Report, containers: tuple[ContainerId, ...]
) -> Mapping[ContainerId, int]:
    """Return the pids of the containers that have a first process."""
    found = {each: report.graph.containers[each].pid for each in containers}
    return {each: pid for each, pid in found.items() if pid is not None}


def members_of(
    report: Report, container: ContainerId, before: Usages, after: Usages
) -> tuple[Member, ...]:
    """Return what is known of each member of a network.

    Args:
        report: What engine and kernel say about all containers.
        container: A container in the network.
        before: The usage of containers a moment ago.
        after: The present usage of containers.

    """
    return as_members(report, network_members(report, container), before, after)


def as_members(
    report: Report, containers: Iterable[ContainerId], before: Usages, after: Usages
) -> tuple[Member, ...]:
    """Return what is known of each of some containers.

    Args:
        report: What engine and kernel say about all containers.
        containers: The containers, in order.
        before: The usage of containers a moment ago.
        after: The present usage of containers.

    """
    return tuple(
        Member(
            container=report.graph.containers[each],
            finding=report.worst(each),
            usage=after.get(each),
            cpu_percent=percent_between(before.get(each), after.get(each)),
        )
        for each in containers
    )


def percent_between(
    before: Usage | ReadProblem | None, after: Usage | ReadProblem | None
) -> float | None:
    """Return the CPU usage between two readings in percent, if it is known."""
    if not isinstance(before, Usage) or not isinstance(after, Usage):
        return None
    if before.is_summed is not after.is_summed:
        # The two do not count in the same way.
        return None
    return cpu_percent(before, after)


@dataclass(frozen=True, slots=True)
class Publication:
    """A port of the host that leads into a network."""

    ports: tuple[PublishedPort, ...]
    """The same port, on one or more addresses of the host."""

    listeners: tuple[Listener, ...] | None
    """The sockets that serve it; empty if there are none, None if this is not known."""


def publisher(report: Report, container: ContainerId) -> ContainerId | None:
    """Return the container with published ports that lead to this one.

    It is the owner of the network, unless the kernel shows that the two are in
    different networks, or cannot tell.
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
    """Return each published port of an owner with the sockets that serve it."""
    groups: dict[tuple[int, int, str], list[PublishedPort]] = {}
    for port in report.graph.containers[owner].ports:
        key = (port.container_port, port.host_port, port.protocol)
        groups.setdefault(key, []).append(port)
    return tuple(
        Publication(tuple(ports), _servers(ports[0], interior))
        for ports in groups.values()
    )


def is_engine_dns(report: Report, container: ContainerId, listener: Listener) -> bool:
    """Tell whether a socket in a container's network is the engine's name server.

    Docker opens it in each network namespace it makes, from outside, so that no process
    inside holds it, and on an address that it uses for nothing else.
    """
    return (
        report.snapshot.engine.is_docker
        and listener.processes == ()
        and listener.socket.address == _DNS_ADDRESS
        and not uses_host(report.graph.containers[container], NamespaceKind.NET)
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

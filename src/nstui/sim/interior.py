"""The network of a simulated container from within."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.inside import Holder, Listener, Protocol, Socket
from nstui.model.interior import Interior, NetworkProcess
from nstui.model.namespace import NamespaceKind
from nstui.sim.network import interfaces_of, routes_of
from nstui.sim.programs import programs_of, served_by_kernel

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from nstui.sim.programs import Port, Program
    from nstui.sim.record import Record

_ANYWHERE = "0.0.0.0"  # noqa: S104 - shown, not bound


def interior_of(
    record: Record, records: Iterable[Record], now: datetime, *, is_root: bool
) -> Interior:
    """Return what is inside the network that a container is in.

    Args:
        record: The container.
        records: All containers.
        now: The present moment.
        is_root: Whether it can be seen who holds a socket.

    """
    network = record.namespaces[NamespaceKind.NET]
    mates = [
        other for other in records if other.namespaces.get(NamespaceKind.NET) is network
    ]
    running = tuple(each for mate in mates for each in _processes(mate))
    found = [process for process, _ in running]
    found += [NetworkProcess(each.pid, each.command, ()) for each in network.visitors]
    return Interior(
        interfaces=interfaces_of(network, mates, now),
        routes=routes_of(network, mates),
        listeners=tuple(_listeners(running, mates, is_root=is_root)),
        owners=MappingProxyType(
            {
                process.pid: process.container
                for process, _ in running
                if is_root and process.container is not None
            }
        ),
        processes=(
            None if network.is_host else tuple(sorted(found, key=lambda each: each.pid))
        ),
        taken_s=now.timestamp(),
    )


def _processes(mate: Record) -> Iterator[tuple[NetworkProcess, Program]]:
    for number, program in enumerate(programs_of(mate.spec)):
        pid = (mate.pid or 0) + number
        yield NetworkProcess(pid, program.command, (mate.id,)), program


def _listeners(
    running: Iterable[tuple[NetworkProcess, Program]],
    mates: Iterable[Record],
    *,
    is_root: bool,
) -> Iterator[Listener]:
    """Yield the sockets by their ports, each with all that hold it."""
    served: dict[Port, list[Holder]] = {
        port: [] for mate in mates for port in served_by_kernel(mate.spec)
    }
    for process, program in running:
        for port in program.serves:
            served.setdefault(port, []).append(Holder(process.pid, program.name))
    for port, holders in sorted(served.items()):
        socket = Socket(
            protocol=Protocol(port[1]),
            address=_ANYWHERE,
            port=port[0],
            inode=port[0] * 100 + (port[1] == Protocol.UDP),
            is_listening=True,
        )
        yield Listener(socket, tuple(holders) if is_root else None)

"""The network of a simulated container from within."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.inside import (
    Address,
    Holder,
    Interface,
    Interfaces,
    Listener,
    Protocol,
    Routes,
    Socket,
)
from nstui.model.interior import Interior, NetworkProcess
from nstui.model.namespace import NamespaceKind
from nstui.sim.kernel import LOOPBACK
from nstui.sim.programs import name_of, programs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.sim.kernel import Visitor
    from nstui.sim.record import Record

_LOCALHOST = (Address("127.0.0.1", 8),)
_COMMAND_BYTES = 15
"""How much of a program's name the kernel keeps."""


def interior_of(record: Record, records: Iterable[Record]) -> Interior:
    """Return what is inside the network that a container is in.

    Who publishes a port serves it there; nothing else is known of any program.
    """
    network = record.namespaces[NamespaceKind.NET]
    mates = [
        other for other in records if other.namespaces.get(NamespaceKind.NET) is network
    ]
    waiting = tuple(one for mate in mates for one in _listeners(mate))
    pids = {mate.pid: mate.id for mate in mates if mate.pid is not None}
    return Interior(
        interfaces=Interfaces(
            tuple(_interface(name) for name in network.interfaces), ()
        ),
        routes=Routes((), (), ()),
        listeners=waiting,
        owners=MappingProxyType(pids),
        processes=None if network.is_host else _processes(mates, network.visitors),
    )


def _processes(
    mates: Iterable[Record], visitors: Iterable[Visitor]
) -> tuple[NetworkProcess, ...]:
    found = [NetworkProcess(each.pid, each.command, None) for each in visitors]
    found += [
        NetworkProcess((mate.pid or 0) + number, program.command, mate.id)
        for mate in mates
        for number, program in enumerate(programs_of(mate.spec.image))
    ]
    return tuple(sorted(found, key=lambda each: each.pid))


def _interface(name: str) -> Interface:
    return Interface(
        name=name,
        ipv4=_LOCALHOST if name in LOOPBACK else (),
        ipv6=(),
        is_up=True,
        received=0,
        sent=0,
    )


def _listeners(record: Record) -> Iterator[Listener]:
    if record.pid is None:
        return
    program = name_of(record.spec.image)
    holder = Holder(record.pid, program[:_COMMAND_BYTES])
    served = {(port.container_port, port.protocol) for port in record.spec.ports}
    for number, (port, protocol) in enumerate(sorted(served), start=1):
        socket = Socket(
            protocol=Protocol(protocol),
            address="0.0.0.0",  # noqa: S104 - shown, not bound
            port=port,
            inode=record.pid * 100 + number,
            is_listening=True,
        )
        yield Listener(socket, (holder,))

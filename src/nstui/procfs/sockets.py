"""Reads the sockets of a network namespace, and the processes that hold them.

See proc_net_tcp in the kernel's documentation. Without netlink it is unknown whether an
IPv6 socket accepts IPv4 too, and to which interface a socket may be bound.

The kernel shows the open files of a process to root and to its own user only. A socket
may be held by a process that has moved to another network namespace, or by the kernel
itself, as WireGuard's are: then none of the processes in the namespace holds it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.network import (
    HeldSockets,
    Listener,
    NetworkProcess,
    Protocol,
    Socket,
    SocketProcess,
)
from nstui.model.snapshot import ReadProblem
from nstui.procfs.addresses import NATIVE, from_hex_words
from nstui.procfs.belonging import container_by_supervisor
from nstui.procfs.cgroup import containers_of
from nstui.procfs.process import FIRST_PID, problem_of, rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from nstui.model.namespace import Namespace
    from nstui.procfs.addresses import ByteOrder
    from nstui.procfs.machine import Machine
    from nstui.procfs.process import Process


_TCP_LISTEN = "0A"
_UDP_UNCONNECTED = "07"
_LISTENING_STATES = {
    Protocol.TCP: _TCP_LISTEN,
    Protocol.TCP6: _TCP_LISTEN,
    Protocol.UDP: _UDP_UNCONNECTED,
    Protocol.UDP6: _UDP_UNCONNECTED,
}
"""The state of a socket that waits for any peer, see net/tcp_states.h."""

_LOCAL, _STATE, _INODE = 1, 3, 9

_SOCKET = re.compile(r"socket:\[(\d+)\]")


def read_namespace_sockets(
    process: Process, order: ByteOrder = NATIVE
) -> tuple[Socket, ...] | ReadProblem:
    """Read the sockets in the network namespace of a process; never raises."""
    found: list[Socket] = []
    try:
        for protocol in Protocol:
            text = process.optional_text(f"net/{protocol}")
            found += sockets(protocol, text or "", order)
    except OSError as error:
        return problem_of(error)
    return tuple(found)


def sockets(
    protocol: Protocol, text: str, order: ByteOrder = NATIVE
) -> tuple[Socket, ...]:
    """Return the sockets in one of the files, in its order."""
    return tuple(
        _socket(protocol, fields, order)
        for fields in rows(text, header=1)
        if len(fields) > _INODE
    )


def _socket(protocol: Protocol, fields: list[str], order: ByteOrder) -> Socket:
    address, _, port = fields[_LOCAL].partition(":")
    return Socket(
        protocol=protocol,
        address=from_hex_words(address, order),
        port=int(port, 16),
        inode=int(fields[_INODE]),
        is_listening=fields[_STATE] == _LISTENING_STATES[protocol],
    )


def read_held_sockets(process: Process, pid: int) -> HeldSockets | ReadProblem:
    """Read which sockets a process has open; never raises.

    Args:
        process: The process to read.
        pid: The pid to report.

    """
    try:
        command = process.command()
        targets = map(_SOCKET.fullmatch, process.links("fd"))
        inodes = frozenset(int(found[1]) for found in targets if found)
        # The list of a zombie is empty, although other threads of it may live on.
        process.fingerprint()
    except OSError as error:
        return problem_of(error)
    return HeldSockets(SocketProcess(pid, command), inodes)


def listeners(
    sockets: Iterable[Socket], held: Collection[HeldSockets | ReadProblem]
) -> tuple[Listener, ...]:
    """Return the listening sockets with the processes that hold them.

    Args:
        sockets: The sockets of one network namespace.
        held: The reading of each process that may hold one. A process that could not
            be read may hold any socket, alone or together with those found. A process
            that has ended holds none.

    """
    readable = [each for each in held if isinstance(each, HeldSockets)]
    readable.sort(key=lambda each: each.process.pid)
    is_complete = bool(held) and all(
        each is ReadProblem.VANISHED or isinstance(each, HeldSockets) for each in held
    )
    found = []
    for socket in sockets:
        if socket.is_listening:
            holders = tuple(
                process.process
                for process in readable
                if socket.inode in process.inodes
            )
            found.append(Listener(socket, holders if holders or is_complete else None))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class NetworkProcesses:
    """The processes in one network namespace that this user can see."""

    held: tuple[HeldSockets | ReadProblem, ...]
    """The sockets of each process that is in it, or may be."""

    processes: tuple[NetworkProcess, ...] | None
    """In the order of their pids; None for the network of the host itself."""

    is_partial: bool
    """Whether there may be other processes."""


def read_network_processes(machine: Machine, network: Namespace) -> NetworkProcesses:
    """Find the processes in a network, which is given by its fingerprint.

    Raises:
        OSError: The processes cannot be listed.

    """
    held: list[HeldSockets | ReadProblem] = []
    found: list[NetworkProcess] = []
    is_host = _is_of_host(machine, network)
    pids = machine.pids()
    is_partial = FIRST_PID not in pids
    for pid in pids:
        try:
            with machine.process(pid) as process:
                if process.fingerprint() != network:
                    continue
                held.append(read_held_sockets(process, pid))
                if not is_host:
                    found.append(_describe(machine, process, pid))
        except OSError as error:
            # A hidden process may be in this network, too.
            if problem_of(error) is ReadProblem.DENIED:
                held.append(ReadProblem.DENIED)
                is_partial = True
    return NetworkProcesses(tuple(held), None if is_host else tuple(found), is_partial)


def _is_of_host(machine: Machine, network: Namespace) -> bool:
    """Return whether a network is that of the machine's first process."""
    try:
        with machine.process(FIRST_PID) as process:
            return process.fingerprint() == network
    except OSError:
        # If that process is hidden from this user, so are most others.
        return False


def _describe(machine: Machine, process: Process, pid: int) -> NetworkProcess:
    containers = containers_of(process.cgroup())
    if not containers and (found := container_by_supervisor(machine, pid)) is not None:
        containers = (found,)
    return NetworkProcess(pid, process.command_line(), containers)

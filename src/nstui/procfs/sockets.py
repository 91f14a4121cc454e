"""The sockets of a network namespace, and the processes that hold them.

See proc_net_tcp in the kernel's documentation. What cannot be known without netlink:
whether an IPv6 socket takes IPv4 too, and the interface one may be bound to.

The kernel shows what a process has open to root and to its own user only. A socket may
be held by a process that is in another network namespace by now, and by the kernel
itself, as WireGuard's are: then nobody is found among the processes of the namespace.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.network import (
    HeldSockets,
    Holder,
    Listener,
    NetworkProcess,
    Protocol,
    Socket,
)
from nstui.model.snapshot import ReadProblem
from nstui.procfs.addresses import NATIVE, from_hex_words
from nstui.procfs.cgroup import containers_of
from nstui.procfs.process import FIRST_PID, Process, pids_of, problem_of, rows

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from pathlib import Path

    from nstui.model.namespace import Namespace
    from nstui.procfs.addresses import ByteOrder


_TCP_LISTEN = "0A"
_UDP_UNCONNECTED = "07"
_WAITING = {
    Protocol.TCP: _TCP_LISTEN,
    Protocol.TCP6: _TCP_LISTEN,
    Protocol.UDP: _UDP_UNCONNECTED,
    Protocol.UDP6: _UDP_UNCONNECTED,
}
"""The states in which a socket waits for anybody, see net/tcp_states.h."""

_LOCAL, _STATE, _INODE = 1, 3, 9


def read_sockets(process: Process) -> tuple[Socket, ...] | ReadProblem:
    """Read the sockets of a process's network namespace; never raises."""
    found: list[Socket] = []
    try:
        for protocol in Protocol:
            text = process.text_if_there(f"net/{protocol}")
            found += sockets(protocol, text or "")
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
        is_listening=fields[_STATE] == _WAITING[protocol],
    )


_SOCKET = re.compile(r"socket:\[(\d+)\]")


def read_held_sockets(process: Process, pid: int) -> HeldSockets | ReadProblem:
    """Read which sockets a process has open; never raises.

    Args:
        process: the process.
        pid: the pid to report.

    """
    try:
        command = process.command()
        targets = map(_SOCKET.fullmatch, process.links("fd"))
        inodes = frozenset(int(found[1]) for found in targets if found)
        # A zombie's list is empty, and other threads of it may live on.
        process.fingerprint()
    except OSError as error:
        return problem_of(error)
    return HeldSockets(Holder(pid, command), inodes)


def listeners(
    sockets: Iterable[Socket], held: Collection[HeldSockets | ReadProblem]
) -> tuple[Listener, ...]:
    """Find the processes that hold each listening socket.

    Args:
        sockets: those of one network namespace.
        held: what was read of each process that may hold one. A process that could
            not be read may hold any socket, alone or together with those found. One
            that has ended holds none.

    """
    seen = [each for each in held if isinstance(each, HeldSockets)]
    seen.sort(key=lambda each: each.holder.pid)
    is_sure = bool(held) and all(
        each is ReadProblem.VANISHED or isinstance(each, HeldSockets) for each in held
    )
    found = []
    for socket in sockets:
        if socket.is_listening:
            who = tuple(one.holder for one in seen if socket.inode in one.inodes)
            found.append(Listener(socket, who if who or is_sure else None))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class NetworkProcesses:
    """The processes in one network namespace, as far as this user may see them."""

    held: tuple[HeldSockets | ReadProblem, ...]
    """The sockets of each of them, and of those that may be in it."""

    processes: tuple[NetworkProcess, ...] | None
    """In the order of their pids; None if it is the network of the host itself."""

    is_partial: bool
    """Whether there may be others."""


def read_network_processes(root: Path, network: Namespace) -> NetworkProcesses:
    """Find the processes in a network, which is given by its fingerprint.

    Raises:
        OSError: the processes cannot be listed.

    """
    held: list[HeldSockets | ReadProblem] = []
    found: list[NetworkProcess] = []
    is_host = _is_of_host(root, network)
    pids = pids_of(root)
    is_partial = FIRST_PID not in pids
    for pid in pids:
        try:
            with Process(root, pid) as process:
                if process.fingerprint() != network:
                    continue
                held.append(read_held_sockets(process, pid))
                if not is_host:
                    found.append(_described(process, pid))
        except OSError as error:
            # A hidden process may be in this network, too.
            if problem_of(error) is ReadProblem.DENIED:
                held.append(ReadProblem.DENIED)
                is_partial = True
    return NetworkProcesses(tuple(held), None if is_host else tuple(found), is_partial)


def _is_of_host(root: Path, network: Namespace) -> bool:
    """Tell whether a network is that of the machine's first process."""
    try:
        with Process(root, FIRST_PID) as process:
            return process.fingerprint() == network
    except OSError:
        # Where it is hidden from this user, most other processes are hidden, too.
        return False


def _described(process: Process, pid: int) -> NetworkProcess:
    containers = containers_of(process.cgroup())
    return NetworkProcess(pid, process.command_line(), containers)

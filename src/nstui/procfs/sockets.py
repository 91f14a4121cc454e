"""The sockets of a network namespace, by ``net/tcp``, ``tcp6``, ``udp`` and ``udp6``.

See proc_net_tcp in the kernel's documentation. What cannot be known without netlink:
whether an IPv6 socket takes IPv4 too, and the interface one may be bound to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.inside import Protocol, Socket
from nstui.procfs.directory import read_if_there, rows
from nstui.procfs.process import problem_of
from nstui.procfs.words import NATIVE, from_words

if TYPE_CHECKING:
    from nstui.model.snapshot import ReadProblem
    from nstui.procfs.words import ByteOrder

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


def read_sockets(directory: int) -> tuple[Socket, ...] | ReadProblem:
    """Read the sockets of a process's network, whoever holds them; never raises."""
    found: list[Socket] = []
    try:
        for protocol in Protocol:
            text = read_if_there(directory, f"net/{protocol}")
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
        address=from_words(address, order),
        port=int(port, 16),
        inode=int(fields[_INODE]),
        is_listening=fields[_STATE] == _WAITING[protocol],
    )

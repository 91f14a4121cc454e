"""Which processes hold the sockets of a network namespace, by ``/proc/PID/fd``.

The kernel shows what a process has open to root and to its own user only. A socket may
be held by a process that is in another network namespace by now, and by the kernel
itself, as WireGuard's are: then nobody is found among the processes of the namespace.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from nstui.model.inside import HeldSockets, Holder, Listener
from nstui.model.snapshot import ReadProblem
from nstui.procfs.directory import read_text, require_network
from nstui.procfs.process import problem_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from nstui.model.inside import Socket

_SOCKET = re.compile(r"socket:\[(\d+)\]")


def read_held_sockets(directory: int, pid: int) -> HeldSockets | ReadProblem:
    """Read which sockets a process has open; never raises.

    Args:
        directory: the process's.
        pid: the number to call it by.

    """
    try:
        command = read_text(directory, "comm").removesuffix("\n")
        inodes = frozenset(_socket_inodes(directory))
        # A zombie's list is empty, and other threads of it may live on.
        require_network(directory)
    except OSError as error:
        return problem_of(error)
    return HeldSockets(Holder(pid, command), inodes)


def listeners(
    sockets: Iterable[Socket], held: Collection[HeldSockets | ReadProblem]
) -> tuple[Listener, ...]:
    """Find who holds each socket that waits for anybody.

    Args:
        sockets: those of one network namespace.
        held: what was read of each process that may hold one. Where one could not be
            looked at, nobody knows whether it holds a socket, be it alone or beside
            those found. One that has vanished holds none.

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


def _socket_inodes(directory: int) -> Iterator[int]:
    """Yield the inodes of a process's sockets; one in several places comes again.

    Raises:
        OSError: the kernel refuses, or the process has ended.

    """
    folder = os.open("fd", os.O_RDONLY | os.O_DIRECTORY, dir_fd=directory)
    try:
        for name in os.listdir(folder):  # noqa: PTH208 - of a descriptor
            try:
                target = os.readlink(name, dir_fd=folder)
            except FileNotFoundError:
                # Closed since it was listed.
                continue
            if found := _SOCKET.fullmatch(target):
                yield int(found[1])
    finally:
        os.close(folder)

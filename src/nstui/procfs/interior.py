"""A container's network from within, with the processes that listen in it."""

from __future__ import annotations

import os
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.interior import Interior
from nstui.model.snapshot import ReadProblem
from nstui.procfs.cgroup import container_of, names_container
from nstui.procfs.directory import opened, read_text
from nstui.procfs.interfaces import read_interfaces
from nstui.procfs.listeners import listeners, read_held_sockets
from nstui.procfs.process import problem_of
from nstui.procfs.routes import read_routes
from nstui.procfs.sockets import read_sockets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nstui.model.container import ContainerId
    from nstui.model.inside import HeldSockets, Listener, Socket

_NETWORK = "net/dev"
"""A file whose inode is the same for all in one network; everybody may stat it."""


def read_interior(root: Path, container: ContainerId, pid: int) -> Interior:
    """Read the network of a container by its first process; never raises."""
    try:
        with opened(root, pid) as directory:
            if not names_container(read_text(directory, "cgroup"), container):
                return _nothing(ReadProblem.NOT_THE_CONTAINER)
            network = os.stat(_NETWORK, dir_fd=directory).st_ino
            waiting = _waiting(root, network, read_sockets(directory))
            return Interior(
                interfaces=read_interfaces(directory),
                routes=read_routes(directory),
                listeners=waiting,
                owners=MappingProxyType(_owners(root, waiting)),
            )
    except OSError as error:
        return _nothing(problem_of(error))


def _nothing(problem: ReadProblem) -> Interior:
    return Interior(
        interfaces=problem,
        routes=problem,
        listeners=problem,
        owners=MappingProxyType({}),
    )


def _waiting(
    root: Path, network: int, found: tuple[Socket, ...] | ReadProblem
) -> tuple[Listener, ...] | ReadProblem:
    """Return who waits for anybody, of the sockets of a network."""
    if isinstance(found, ReadProblem):
        return found
    return listeners(found, tuple(_held(root, network)))


def _held(root: Path, network: int) -> Iterator[HeldSockets | ReadProblem]:
    """Yield what each process of a network has open."""
    for name in os.listdir(root):  # noqa: PTH208 - thousands of names, and no paths
        if not name.isdecimal():
            continue
        try:
            with opened(root, int(name)) as directory:
                if os.stat(_NETWORK, dir_fd=directory).st_ino == network:
                    yield read_held_sockets(directory, int(name))
        except OSError as error:
            # One that is hidden might be in this network as well.
            if problem_of(error) is ReadProblem.DENIED:
                yield ReadProblem.DENIED


def _owners(
    root: Path, waiting: tuple[Listener, ...] | ReadProblem
) -> dict[int, ContainerId]:
    """Return whose processes those are that hold a listener."""
    if isinstance(waiting, ReadProblem):
        return {}
    found: dict[int, ContainerId] = {}
    for pid in {holder.pid for each in waiting for holder in each.holders or ()}:
        try:
            with opened(root, pid) as directory:
                container = container_of(read_text(directory, "cgroup"))
        except OSError:
            # It has ended since: whose it was does not matter any more.
            continue
        if container is not None:
            found[pid] = container
    return found

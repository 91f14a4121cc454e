"""A container's network from within, with the processes that listen in it."""

from __future__ import annotations

import time
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.interior import Interior
from nstui.model.snapshot import ReadProblem
from nstui.procfs.cgroup import container_of, names_container
from nstui.procfs.directory import opened, read_text
from nstui.procfs.inhabitants import network_of, read_inhabitants
from nstui.procfs.interfaces import read_interfaces
from nstui.procfs.listeners import listeners
from nstui.procfs.process import problem_of
from nstui.procfs.routes import read_routes
from nstui.procfs.sockets import read_sockets

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.container import ContainerId
    from nstui.model.inside import Listener, Socket
    from nstui.procfs.inhabitants import Inhabitants


def read_interior(root: Path, container: ContainerId, pid: int) -> Interior:
    """Read the network of a container by its first process; never raises."""
    try:
        with opened(root, pid) as directory:
            if not names_container(read_text(directory, "cgroup"), container):
                return _nothing(ReadProblem.NOT_THE_CONTAINER)
            # The walk may take a while.
            taken_s, interfaces = time.monotonic(), read_interfaces(directory)
            inhabitants = read_inhabitants(root, network_of(directory))
            waiting = _waiting(read_sockets(directory), inhabitants)
            return Interior(
                interfaces=interfaces,
                routes=read_routes(directory),
                listeners=waiting,
                owners=MappingProxyType(_owners(root, waiting)),
                processes=inhabitants.processes,
                hides_processes=inhabitants.is_partial,
                taken_s=taken_s,
            )
    except OSError as error:
        return _nothing(problem_of(error))


def _nothing(problem: ReadProblem) -> Interior:
    return Interior(
        interfaces=problem,
        routes=problem,
        listeners=problem,
        processes=problem,
        owners=MappingProxyType({}),
    )


def _waiting(
    found: tuple[Socket, ...] | ReadProblem, inhabitants: Inhabitants
) -> tuple[Listener, ...] | ReadProblem:
    """Return who waits for anybody, of the sockets of a network."""
    return (
        found if isinstance(found, ReadProblem) else listeners(found, inhabitants.held)
    )


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

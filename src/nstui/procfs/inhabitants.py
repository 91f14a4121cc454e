"""Who is in a network, found by one walk over every process."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.model.interior import NetworkProcess
from nstui.model.snapshot import ReadProblem
from nstui.procfs.cgroup import containers_of
from nstui.procfs.directory import (
    ALWAYS_THERE,
    command_line,
    opened,
    pids_of,
    read_text,
)
from nstui.procfs.level import FIRST_PID
from nstui.procfs.listeners import read_held_sockets
from nstui.procfs.process import problem_of

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.inside import HeldSockets


@dataclass(frozen=True, slots=True)
class Inhabitants:
    """The processes in one network, as far as this user may see."""

    held: tuple[HeldSockets | ReadProblem, ...]
    """What each of them, or of those that may be in it, has open."""

    processes: tuple[NetworkProcess, ...] | None
    """In the order of their pids; None if it is the network of the host itself."""

    is_partial: bool
    """Whether there may be others."""


def network_of(directory: int) -> int:
    """Return a number that is the same for all in one network; everybody may ask.

    Raises:
        OSError: the process has ended, or is hidden.

    """
    return os.stat(ALWAYS_THERE, dir_fd=directory).st_ino


def read_inhabitants(root: Path, network: int) -> Inhabitants:
    """Find the processes in a network.

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
            with opened(root, pid) as directory:
                if network_of(directory) != network:
                    continue
                held.append(read_held_sockets(directory, pid))
                if not is_host:
                    found.append(_process(directory, pid))
        except OSError as error:
            # One that is hidden might be in this network as well.
            if problem_of(error) is ReadProblem.DENIED:
                held.append(ReadProblem.DENIED)
                is_partial = True
    return Inhabitants(tuple(held), None if is_host else tuple(found), is_partial)


def _is_of_host(root: Path, network: int) -> bool:
    """Tell whether a network is that of the machine's first process."""
    try:
        with opened(root, FIRST_PID) as directory:
            return network_of(directory) == network
    except OSError:
        # Where it is hidden from this user, so are most that would be listed.
        return False


def _process(directory: int, pid: int) -> NetworkProcess:
    containers = containers_of(read_text(directory, "cgroup"))
    return NetworkProcess(pid, command_line(directory), containers)

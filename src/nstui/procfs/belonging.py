"""Tells whether a process is a container's, also where no control group does.

A rootless engine without control groups (cgroup driver ``none``) leaves its containers
in the group that it is in itself. The program that supervises a container is started
with its full id then as ever, and is the parent of the container's first process.
"""

from __future__ import annotations

import re
from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING

from nstui.model.container import ID_LENGTH, ContainerId
from nstui.procfs.cgroup import container_of, names_container

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nstui.procfs.machine import Machine
    from nstui.procfs.process import Process

_SHIM, _SHIM_OPTION = "containerd-shim", "-id"
"""As in ``containerd-shim-runc-v2 -namespace moby -id <id> -address …``."""

_CONMON, _CONMON_OPTION = "conmon", "-c"
"""As in ``conmon --api-version 1 -c <id> -u <id> -r …``."""

_FULL_ID = rf"[0-9a-f]{{{ID_LENGTH}}}"

_MOST_ANCESTORS = 64
"""More than a process has; a walk that takes longer goes in circles."""

_PIDS = r"(?m)^NSpid:\t(\d+)$"
"""Of a process in no pid namespace below that of the reader's ``/proc``."""


def belongs_to(
    machine: Machine, process: Process, container: ContainerId, cgroup: str
) -> bool:
    """Return whether a process is proven to be the first one of a container.

    Its control group tells. If that names no container at all, its supervisor does;
    behind a shell, where that would be further round trips, nothing does.

    Args:
        machine: The machine that was read.
        process: The process that has the pid that the engine names.
        container: The container.
        cgroup: The text of the process's ``cgroup`` file.

    """
    if names_container(cgroup, container):
        return True
    if container_of(cgroup) is not None or not machine.is_here:
        return False
    with suppress(OSError):
        parent = process.parent()
        return parent is not None and _supervised_by(machine, parent) == container
    return False


def container_by_supervisor(machine: Machine, pid: int) -> ContainerId | None:
    """Return the container that a process is in by its ancestors, or None.

    This is for processes whose control group names no container. Behind a shell each
    ancestor would be a round trip: nothing is read there.

    Args:
        machine: The machine that was read.
        pid: The process.

    """
    with suppress(OSError):
        for _ in range(_MOST_ANCESTORS if machine.is_here else 0):
            with machine.process(pid) as process:
                parent = process.parent()
            if not parent:
                break
            found = _supervised_by(machine, parent)
            if found is not None:
                return found
            pid = parent
    return None


def _supervised_by(machine: Machine, pid: int) -> ContainerId | None:
    """Return the container that a process supervises; None if that is not known."""
    with suppress(OSError), machine.process(pid) as process:
        found = supervised(process.arguments())
        # A process in a container may call itself anything.
        if found is not None and re.search(_PIDS, process.text("status")):
            return found
    return None


def supervised(arguments: Sequence[str]) -> ContainerId | None:
    """Return the container that a program with these arguments supervises, or None."""
    program = arguments[0].rpartition("/")[2] if arguments else ""
    if program.startswith(_SHIM):
        option = _SHIM_OPTION
    elif program == _CONMON:
        option = _CONMON_OPTION
    else:
        return None
    named = (value for name, value in pairwise(arguments) if name == option)
    found = next(named, "")
    return ContainerId(found) if re.fullmatch(_FULL_ID, found) else None

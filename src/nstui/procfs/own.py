"""Reads what tells in which container nstui itself runs."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from nstui.model.namespace import NamespaceKind
from nstui.model.own import OwnProcess
from nstui.procfs.cgroup import containers_of
from nstui.procfs.namespaces import mounted_files
from nstui.procfs.process import SELF

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from nstui.model.namespace import Namespace
    from nstui.procfs.machine import Machine

_MOST_ANCESTORS = 64
"""More than a process has; a look that takes longer goes in circles."""


def read_own_process(machine: Machine, hostname: str | None = None) -> OwnProcess:
    """Return what can be read of nstui's own process; never raises.

    Args:
        machine: This machine; its ``/proc`` may be that of another pid namespace.
        hostname: The machine's name, as this process has it; None to ask the kernel.

    """
    return OwnProcess(
        pids=_pids(machine),
        cgroups=_cgroups(machine),
        uts=_uts(machine),
        files=_files(machine),
        hostname=os.uname().nodename if hostname is None else hostname,
    )


def _pids(machine: Machine) -> tuple[int, ...]:
    found: list[int] = []
    with suppress(OSError, ValueError):
        pid: int | None = int(machine.link(SELF))
        while pid and len(found) < _MOST_ANCESTORS:
            found.append(pid)
            with machine.process(pid) as process:
                pid = process.parent()
    return tuple(found)


def _cgroups(machine: Machine) -> tuple[ContainerId, ...]:
    with suppress(OSError), machine.process(SELF) as process:
        return containers_of(process.cgroup())
    return ()


def _uts(machine: Machine) -> Namespace | None:
    with suppress(OSError), machine.process(SELF) as process:
        return process.namespace(NamespaceKind.UTS)
    return None


def _files(machine: Machine) -> tuple[ContainerId, ...]:
    with suppress(OSError), machine.process(SELF) as process:
        files = mounted_files(process.text("mountinfo"))
        owners = (each.belongs_to for each in files)
        return tuple(dict.fromkeys(owner for owner in owners if owner is not None))
    return ()

"""Reads what tells in which container nstui itself runs."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from nstui.model.namespace import NamespaceKind
from nstui.model.own import OwnProcess
from nstui.procfs.cgroup import containers_of
from nstui.procfs.namespaces import mounted_files
from nstui.procfs.process import SELF, Process

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.container import ContainerId
    from nstui.model.namespace import Namespace

_MOST_ANCESTORS = 64
"""More than a process has; a look that takes longer goes in circles."""


def read_own_process(root: Path, hostname: str | None = None) -> OwnProcess:
    """Return what can be read of nstui's own process; never raises.

    Args:
        root: The root of ``/proc``, which may be that of another pid namespace.
        hostname: The machine's name, as this process has it; None to ask the kernel.

    """
    return OwnProcess(
        pids=_pids(root),
        cgroups=_cgroups(root),
        uts=_uts(root),
        files=_files(root),
        hostname=os.uname().nodename if hostname is None else hostname,
    )


def _pids(root: Path) -> tuple[int, ...]:
    found: list[int] = []
    with suppress(OSError, ValueError):
        pid: int | None = int((root / SELF).readlink().name)
        while pid and len(found) < _MOST_ANCESTORS:
            found.append(pid)
            with Process(root, pid) as process:
                pid = process.parent()
    return tuple(found)


def _cgroups(root: Path) -> tuple[ContainerId, ...]:
    with suppress(OSError), Process(root, SELF) as process:
        return containers_of(process.cgroup())
    return ()


def _uts(root: Path) -> Namespace | None:
    with suppress(OSError), Process(root, SELF) as process:
        return process.namespace(NamespaceKind.UTS)
    return None


def _files(root: Path) -> tuple[ContainerId, ...]:
    with suppress(OSError), Process(root, SELF) as process:
        files = mounted_files(process.text("mountinfo"))
        owners = (each.belongs_to for each in files)
        return tuple(dict.fromkeys(owner for owner in owners if owner is not None))
    return ()

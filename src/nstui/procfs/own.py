"""Reads where nstui itself runs: in which container, and with which rights."""

from __future__ import annotations

import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.model.namespace import NamespaceKind
from nstui.model.own import OwnProcess, Place
from nstui.procfs.cgroup import containers_of
from nstui.procfs.namespaces import mounted_files
from nstui.procfs.process import SELF

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.model.container import ContainerId
    from nstui.model.namespace import Namespace
    from nstui.procfs.machine import Machine

_MOST_ANCESTORS = 64
"""More than a process has; a look that takes longer goes in circles."""

_MARKS = (Path("/.dockerenv"), Path("/run/.containerenv"))
"""The empty files by which Docker and Podman mark the file system of a container."""

_FIRST_PIDS, _FIRST_USERS = 0xEFFF_FFFC, 0xEFFF_FFFD
"""The inodes of the first pid and user namespace of any Linux kernel: see
``PROC_PID_INIT_INO`` and ``PROC_USER_INIT_INO`` in its ``proc_ns.h``."""

_BOUNDING = re.compile(r"^CapBnd:\s*([0-9a-f]+)$", re.MULTILINE)
_SYS_PTRACE = 19
"""The number of the capability, see capabilities(7)."""

_ONE_PID = re.compile(r"^NSpid:\t\d+$", re.MULTILINE)
"""Of a process that ``/proc`` shows as it sees itself, in one pid namespace."""

_PROFILE = re.compile(r"(\S.*) \(enforce\)\n?")
"""An enforced profile of AppArmor; the label of another security module differs."""


def read_place(machine: Machine, marks: Iterable[Path] = _MARKS) -> Place:
    """Return what decides how much nstui may read; never raises.

    Args:
        machine: This machine.
        marks: The files by which engines mark the file system of a container.

    """
    status = _own_text(machine, "status")
    bounding = _BOUNDING.search(status)
    return Place(
        kernel=os.uname().release,
        owners=_files(machine),
        is_container=any(map(os.path.exists, marks)),
        has_own_pids=_ONE_PID.search(status) is not None
        and _is_other(machine, "pid", _FIRST_PIDS),
        has_own_users=_is_other(machine, "user", _FIRST_USERS),
        is_root=not os.geteuid(),
        may_trace=bounding is None or bool(int(bounding[1], 16) >> _SYS_PTRACE & 1),
        profile=_profile(machine),
    )


def _own_text(machine: Machine, name: str) -> str:
    """Return one of the reader's own files; empty if it cannot be read."""
    with suppress(OSError), machine.process(SELF) as process:
        return process.text(name)
    return ""


def _is_other(machine: Machine, kind: str, first: int) -> bool:
    """Return whether a namespace is certainly not the machine's first one."""
    with suppress(OSError):
        return machine.identity(f"{SELF}/ns/{kind}")[1] != first
    return False


def _profile(machine: Machine) -> str:
    # Older kernels have the folder of no security module, and one file for all.
    text = _own_text(machine, "attr/apparmor/current") or _own_text(
        machine, "attr/current"
    )
    found = _PROFILE.fullmatch(text)
    return "" if found is None else found[1]


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

"""What manages a container, by the control group that its process is in.

systemd names the control group of a unit after it, and Kubernetes those of its pods. In
between may be what the engine has put there, as in
``/system.slice/qbit.service/libpod-payload-<id>``, which is a quadlet.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nstui.model.manager import Manager, ManagerKind, ManagerProof
from nstui.procfs.cgroup import containers_of, path_of
from nstui.procfs.process import Process

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.container import ContainerId

_SYSTEMD = "name=systemd"
"""The hierarchy of version 1 in which systemd keeps its units."""

_UNIT = re.compile(r"_?([A-Za-z0-9:_.\\@-]+\.service)")
"""A unit's own group; systemd puts a line before a name that the kernel may use."""

_USER_MANAGER = re.compile(r"user@(\d+)\.service")
_POD = re.compile(
    r"kubepods.*?[-/]?pod"
    r"([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})"
)
"""Pods have a UUID, with lines in the place of hyphens where systemd names the group;
those that the kubelet is told of by a file have a hash."""

_ENGINES = frozenset(
    {
        "containerd.service",
        "crio.service",
        "docker.service",
        "dockerd.service",
        "podman.service",
        "snap.docker.dockerd.service",
    }
)
"""The units of engines themselves, in whose groups containers may be."""

_PODMAN = "libpod"
_SUPERVISOR = "conmon"
_PARENT = re.compile(r"^PPid:\s*(\d+)$", re.MULTILINE)


def read_manager(
    root: Path, process: Process, cgroup: str, container: ContainerId
) -> Manager | None:
    """Return what manages a container, by its process or by who supervises that.

    Args:
        root: Where ``/proc`` is.
        process: The container's first process.
        cgroup: Its ``cgroup`` file.
        container: The container.

    """
    found = manager_of(cgroup, container)
    if found is not None or _PODMAN not in cgroup:
        return found
    try:
        parent = parent_of(process)
        if parent is None:
            return None
        with Process(root, parent) as supervisor:
            if supervisor.command() != _SUPERVISOR:
                return None
            return supervisor_of(supervisor.cgroup())
    except OSError:
        return None


def manager_of(cgroup: str, container: ContainerId) -> Manager | None:
    """Return what manages the process of a container that has this ``cgroup`` file."""
    for path in _paths(cgroup):
        if container in containers_of(f"0::{path}"):
            found = _in_path(path.partition(container)[0], ManagerProof.CGROUP)
            if found is not None:
                return found
    return None


def parent_of(process: Process) -> int | None:
    """Return who has started a process; None if that is not told."""
    parent = _PARENT.search(process.status())
    return None if parent is None else int(parent[1])


def unit_of(cgroup: str) -> Manager | None:
    """Return the unit that a process itself is in, if it is one of systemd's here."""
    found = (_in_path(path, ManagerProof.CGROUP) for path in _paths(cgroup))
    units = (one for one in found if one is not None and one.inside is None)
    return next((one for one in units if one.kind is ManagerKind.SYSTEMD), None)


def supervisor_of(cgroup: str) -> Manager | None:
    """Return the unit that a process is in which supervises a container."""
    found = (_in_path(path, ManagerProof.SUPERVISOR) for path in _paths(cgroup))
    return next((one for one in found if one is not None), None)


def _paths(cgroup: str) -> list[str]:
    """Return the paths of a ``cgroup`` file; systemd's own hierarchy comes first."""
    lines = sorted(cgroup.splitlines(), key=lambda line: _SYSTEMD not in line)
    return [path_of(line) for line in lines]


def _in_path(path: str, proof: ManagerProof) -> Manager | None:
    """Return the nearest manager on the way to a container.

    What is before another container on that way manages that one.
    """
    around = containers_of(f"0::{path}")
    inside = around[-1] if around else None
    near = path.rpartition(inside)[2] if inside else path
    pod = _POD.search(near)
    if pod is not None:
        name = pod[1].replace("_", "-")
        return Manager(kind=ManagerKind.KUBERNETES, name=name, proof=proof)
    parts = near.split("/")
    units = [m[1] for part in parts if (m := _UNIT.fullmatch(part)) is not None]
    owners = [int(m[1]) for part in parts if (m := _USER_MANAGER.fullmatch(part))]
    unit = units[-1] if units else ""
    if not unit or unit in _ENGINES or _USER_MANAGER.fullmatch(unit):
        return None
    return Manager(
        kind=ManagerKind.SYSTEMD,
        name=unit,
        proof=proof,
        uid=owners[-1] if owners else None,
        inside=inside,
    )

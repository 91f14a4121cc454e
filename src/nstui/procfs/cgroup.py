"""Finds the container of a process and its manager by the control group.

systemd names the control group of a unit after the unit, and Kubernetes those of its
pods. The engine may add groups below, as in
``/system.slice/qbit.service/libpod-payload-<id>`` for a quadlet.

Where a unit runs the engine's client in the foreground, the container is in a control
group of the engine. Only the client, which systemd has started and which ends with the
container, is in that of the unit.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from nstui.model.container import (
    ID_LENGTH,
    ContainerId,
    Manager,
    ManagerKind,
    ManagerProof,
)
from nstui.procfs.process import FIRST_PID

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from nstui.procfs.machine import Machine
    from nstui.procfs.process import Process


_FULL_ID = re.compile(
    rf"(?<![0-9A-Za-z])(?<!conmon-)(?<!libpod_pod_)[0-9a-f]{{{ID_LENGTH}}}"
    "(?![0-9A-Za-z])"
)
"""A full id that is not part of something longer.

``libpod-conmon-<id>.scope`` is the program outside of a container that supervises it,
and ``libpod_pod_<id>`` is a pod.
"""

_SYSTEMD = "name=systemd"
"""The hierarchy of version 1 in which systemd keeps its units."""

_UNIT = re.compile(r"_?([A-Za-z0-9:_.\\@-]+\.service)")
"""A unit's own group; systemd puts an underscore before a name used by the kernel."""

_REMEMBERED_PATHS = 64
"""The containers of an engine share the path down to their ids."""

_USER_MANAGER = re.compile(r"user@(\d+)\.service")
_POD = re.compile(
    r"kubepods.*?[-/]?pod"
    r"([0-9a-f]{8}(?:[-_][0-9a-f]{4}){3}[-_][0-9a-f]{12}|[0-9a-f]{32})"
)
"""A pod's UUID, with underscores instead of hyphens where systemd names the group; the
pods that the kubelet reads from a file have a hash."""

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
"""The units of the engines themselves, whose groups may contain containers."""

_PODMAN = "libpod"
_SUPERVISOR = "conmon"

_SYSTEMD_COMMAND = "systemd"
CLIENTS = frozenset({"docker", "podman"})
"""The command names of the engines' clients."""

_ENGINE_OPTIONS = ("-H", "--host", "-c", "--context", "--url", "--connection")
"""The options by which a client selects another engine."""

_NAME = "--name"
_COMMAND_BYTES = 64


def names_container(text: str, container: ContainerId) -> bool:
    """Return whether a process with this ``cgroup`` file belongs to the container.

    The id stands alone or with a prefix and a suffix, as in ``docker/<id>``,
    ``docker-<id>.scope`` and ``libpod-<id>``. The cgroup above it is the user's choice;
    the container may have cgroups of its own below.

    Each line is ``hierarchy:controllers:path``, see cgroups(7). A reader in a cgroup
    namespace of its own sees paths that begin with ``/..``.
    """
    return any(
        container in _FULL_ID.findall(path_of(line)) for line in text.splitlines()
    )


def is_own_cgroup(text: str) -> bool:
    """Return whether a process with this ``cgroup`` file is in the reader's cgroup.

    A reader in a cgroup namespace of its own, as in most containers, sees ``/`` there
    and so learns nothing of the container that it runs in.
    """
    return all(path_of(line) == "/" for line in text.splitlines())


def container_of(text: str) -> ContainerId | None:
    """Return the container of a process with this ``cgroup`` file, or None."""
    for line in text.splitlines():
        found = _FULL_ID.findall(path_of(line))
        if found:
            return ContainerId(found[-1])
    return None


def containers_of(text: str) -> tuple[ContainerId, ...]:
    """Return all containers of a process, the outermost first.

    A container may run inside another.
    """
    found = (
        ContainerId(each)
        for line in text.splitlines()
        for each in _FULL_ID.findall(path_of(line))
    )
    return tuple(dict.fromkeys(found))


def end_of_id(path: str, container: ContainerId) -> int | None:
    """Return the end of the part of a path that names a container, or None."""
    for found in _FULL_ID.finditer(path):
        if found[0] == container:
            end = path.find("/", found.end())
            return end if end >= 0 else len(path)
    return None


def path_of(line: str) -> str:
    """Return the third field of a line, which may contain colons itself."""
    return line.split(":", 2)[-1]


def read_manager(
    machine: Machine, process: Process, cgroup: str, container: ContainerId
) -> Manager | None:
    """Return the manager of a container, by its process or by its supervisor.

    Args:
        machine: The machine of the process.
        process: The container's first process.
        cgroup: The text of its ``cgroup`` file.
        container: The container.

    """
    found = manager_of(cgroup, container)
    if found is not None or _PODMAN not in cgroup:
        return found
    try:
        parent = process.parent()
        if parent is None:
            return None
        with machine.process(parent) as supervisor:
            if supervisor.command() != _SUPERVISOR:
                return None
            return supervisor_of(supervisor.cgroup())
    except OSError:
        return None


def manager_of(cgroup: str, container: ContainerId) -> Manager | None:
    """Return the manager of a container whose process has this ``cgroup`` file."""
    for path in _paths(cgroup):
        if container in containers_of(f"0::{path}"):
            found = _manager_in_path(path.partition(container)[0], ManagerProof.CGROUP)
            if found is not None:
                return found
    return None


def _unit_of(cgroup: str) -> Manager | None:
    """Return the systemd unit of a process itself, unless it is in a container."""
    found = (_manager_in_path(path, ManagerProof.CGROUP) for path in _paths(cgroup))
    units = (
        manager for manager in found if manager is not None and manager.inside is None
    )
    return next(
        (manager for manager in units if manager.kind is ManagerKind.SYSTEMD), None
    )


def supervisor_of(cgroup: str) -> Manager | None:
    """Return the unit of a process that supervises a container."""
    found = (_manager_in_path(path, ManagerProof.SUPERVISOR) for path in _paths(cgroup))
    return next((manager for manager in found if manager is not None), None)


def _paths(cgroup: str) -> list[str]:
    """Return the distinct paths of a ``cgroup`` file, systemd's own hierarchy first.

    Most hierarchies of version 1 have the same path.
    """
    lines = sorted(cgroup.splitlines(), key=lambda line: _SYSTEMD not in line)
    return list(dict.fromkeys(map(path_of, lines)))


@lru_cache(maxsize=_REMEMBERED_PATHS)
def _manager_in_path(path: str, proof: ManagerProof) -> Manager | None:
    """Return the nearest manager in the path of a cgroup.

    A manager that precedes another container's id in the path manages that container.
    """
    outer = containers_of(f"0::{path}")
    inside = outer[-1] if outer else None
    rest = path.rpartition(inside)[2] if inside else path
    pod = _POD.search(rest)
    if pod is not None:
        name = pod[1].replace("_", "-")
        return Manager(kind=ManagerKind.KUBERNETES, name=name, proof=proof)
    parts = rest.split("/")
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


def find_clients(machine: Machine) -> Mapping[str, Manager]:
    """Return the systemd unit of each container that a unit's client runs, by name.

    The mapping is empty if systemd does not run the machine. Otherwise the command name
    of every process is read.
    """
    if _command_of(machine, FIRST_PID) != _SYSTEMD_COMMAND:
        return {}
    try:
        pids = machine.called(CLIENTS)
    except OSError:
        return {}
    found = {}
    for pid in pids:
        name, manager = _read_client(machine, pid)
        if name and manager is not None:
            found[name] = manager
    return found


def container_named(arguments: Sequence[str]) -> str:
    """Return the name of the container that a client runs; empty if it gives none.

    Args:
        arguments: The client's command line.

    """
    before, verb, after = _split_at_verb(arguments[1:])
    if any(word.startswith(_ENGINE_OPTIONS) for word in before):
        return ""
    if verb == "run":
        return _name_option(after)
    names = [word for word in after if not word.startswith("-")]
    return names[0] if verb == "start" and len(names) == 1 else ""


def _split_at_verb(
    arguments: Sequence[str],
) -> tuple[Sequence[str], str, Sequence[str]]:
    """Return the arguments before the client's verb, the verb, and those after it."""
    for index, argument in enumerate(arguments):
        if argument in {"run", "start"}:
            return arguments[:index], argument, arguments[index + 1 :]
    return arguments, "", ()


def _name_option(options: Sequence[str]) -> str:
    for index, option in enumerate(options):
        if option.startswith(f"{_NAME}="):
            return option.partition("=")[2]
        if option == _NAME:
            return options[index + 1] if index + 1 < len(options) else ""
    return ""


def _read_client(machine: Machine, pid: int) -> tuple[str, Manager | None]:
    """Return the container that a client runs, and its unit if systemd started it."""
    try:
        with machine.process(pid) as process:
            name = container_named(process.arguments())
            parent = process.parent() if name else None
            if parent is None or _command_of(machine, parent) != _SYSTEMD_COMMAND:
                return "", None
            return name, _unit_of(process.cgroup())
    except OSError:
        return "", None


def _command_of(machine: Machine, pid: int) -> str:
    """Return the command name of a process; empty if it has ended."""
    text = machine.start_of(pid, "comm", _COMMAND_BYTES) or b""
    return text.decode(errors="replace").rstrip("\n")

"""The container of a process and its manager, by the control group.

systemd names the control group of a unit after it, and Kubernetes those of its pods. In
between may be what the engine has put there, as in
``/system.slice/qbit.service/libpod-payload-<id>``, which is a quadlet.

Where a unit runs the engine's client in the foreground, the container is in a control
group of the engine's. Only the client is in that of the unit: systemd has started it,
and it ends with the container.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from nstui.model.container import (
    ID_LENGTH,
    ContainerId,
    Manager,
    ManagerKind,
    ManagerProof,
)
from nstui.procfs.process import FIRST_PID, Process, pids_of, read_start

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


_FULL_ID = re.compile(
    rf"(?<![0-9A-Za-z])(?<!conmon-)(?<!libpod_pod_)[0-9a-f]{{{ID_LENGTH}}}"
    "(?![0-9A-Za-z])"
)
"""A full id that is not a piece of something longer.

``libpod-conmon-<id>.scope`` is the program that supervises a container, outside of it,
and ``libpod_pod_<id>`` is a pod.
"""

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
"""The units of the engines themselves, whose groups may hold containers."""

_PODMAN = "libpod"
_SUPERVISOR = "conmon"

_SYSTEMD_ITSELF = "systemd"
_CLIENTS = frozenset({"docker", "podman"})
_ELSEWHERE = ("-H", "--host", "-c", "--context", "--url", "--connection")
"""The options by which a client is told of another engine."""

_NAME = "--name"
_COMMAND_BYTES = 64
"""Of a kernel's worker the name may be that long; of any other process, 16."""


def names_container(text: str, container: ContainerId) -> bool:
    """Return whether a process with this ``cgroup`` file is the container's.

    The id stands alone or beside a prefix and a suffix, as in ``docker/<id>``,
    ``docker-<id>.scope`` and ``libpod-<id>``, under a cgroup of anybody's choice and
    with cgroups of the container's own below it.

    Each line is ``hierarchy:controllers:path``, see cgroups(7). A reader in a cgroup
    namespace of its own sees paths that begin with ``/..``.
    """
    return any(
        container in _FULL_ID.findall(path_of(line)) for line in text.splitlines()
    )


def container_of(text: str) -> ContainerId | None:
    """Return the container of a process with this ``cgroup`` file, or None."""
    for line in text.splitlines():
        found = _FULL_ID.findall(path_of(line))
        if found:
            return ContainerId(found[-1])
    return None


def containers_of(text: str) -> tuple[ContainerId, ...]:
    """Return every container that a process is in: one may run in another.

    The outermost comes first.
    """
    found = (
        ContainerId(each)
        for line in text.splitlines()
        for each in _FULL_ID.findall(path_of(line))
    )
    return tuple(dict.fromkeys(found))


def end_of_id(path: str, container: ContainerId) -> int | None:
    """Return where the part of a path ends that names a container, if there is one."""
    for found in _FULL_ID.finditer(path):
        if found[0] == container:
            end = path.find("/", found.end())
            return end if end >= 0 else len(path)
    return None


def path_of(line: str) -> str:
    """Return the third field of a line; it may hold colons itself."""
    return line.split(":", 2)[-1]


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
        parent = process.parent()
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
    """Return the paths of a ``cgroup`` file; systemd's own hierarchy comes first.

    Each is there once: most hierarchies of version 1 have the same.
    """
    lines = sorted(cgroup.splitlines(), key=lambda line: _SYSTEMD not in line)
    return list(dict.fromkeys(map(path_of, lines)))


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


def find_clients(root: Path) -> Mapping[str, Manager]:
    """Return the unit of each container that a unit's client runs, by its name.

    It looks at what every process is called, unless systemd does not run the machine.
    """
    if _called(root, FIRST_PID) != _SYSTEMD_ITSELF:
        return {}
    try:
        pids = pids_of(root)
    except OSError:
        return {}
    found = {}
    for pid in pids:
        if _called(root, pid) in _CLIENTS:
            name, manager = _client(root, pid)
            if name and manager is not None:
                found[name] = manager
    return found


def container_named(words: Sequence[str]) -> str:
    """Return the name of the container that a client runs; nothing if it tells none.

    Args:
        words: The client's command line.

    """
    before, verb, after = _taken_apart(words[1:])
    if any(word.startswith(_ELSEWHERE) for word in before):
        return ""
    if verb == "run":
        return _named(after)
    named = [word for word in after if not word.startswith("-")]
    return named[0] if verb == "start" and len(named) == 1 else ""


def _taken_apart(words: Sequence[str]) -> tuple[Sequence[str], str, Sequence[str]]:
    """Return what is before, at and after the word that says what a client does."""
    for number, word in enumerate(words):
        if word in {"run", "start"}:
            return words[:number], word, words[number + 1 :]
    return words, "", ()


def _named(options: Sequence[str]) -> str:
    for number, word in enumerate(options):
        if word.startswith(f"{_NAME}="):
            return word.partition("=")[2]
        if word == _NAME:
            return options[number + 1] if number + 1 < len(options) else ""
    return ""


def _client(root: Path, pid: int) -> tuple[str, Manager | None]:
    """Return what a client runs, and its unit if systemd itself has started it."""
    try:
        with Process(root, pid) as process:
            name = container_named(process.arguments())
            parent = process.parent() if name else None
            if parent is None or _called(root, parent) != _SYSTEMD_ITSELF:
                return "", None
            return name, unit_of(process.cgroup())
    except OSError:
        return "", None


def _called(root: Path, pid: int) -> str:
    """Return the name of a process; an empty string if it has ended."""
    text = read_start(str(root), pid, "comm", _COMMAND_BYTES) or b""
    return text.decode(errors="replace").rstrip("\n")

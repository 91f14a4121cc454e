"""Reads what a container's runtime and mounts show about its joins.

The parent of a container's first process is the shim that started it. It shows where
the runtime's bundle is, wherever the engine keeps it: containerd starts its shims in
it, and Podman's conmon is given it by its option ``-b`` (conmon(8)). The bundle's
``config.json`` is that of the OCI runtime specification.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.analysis.unread import unread_text
from nstui.model.holders import Evidence, RuntimeJoin
from nstui.model.json import inner, mapping, objects, text
from nstui.model.namespace import NamespaceKind
from nstui.model.snapshot import ReadProblem
from nstui.procfs.belonging import belongs_to, container_by_supervisor
from nstui.procfs.cgroup import container_of
from nstui.procfs.namespaces import mounted_files, sentences_for
from nstui.procfs.process import problem_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.container import ContainerId
    from nstui.procfs.machine import Machine
    from nstui.procfs.process import Process

_KINDS = {
    "network": NamespaceKind.NET,
    "pid": NamespaceKind.PID,
    "ipc": NamespaceKind.IPC,
    "uts": NamespaceKind.UTS,
}
"""The OCI runtime specification's names of the kinds that containers share."""

_PROCESS_PATH = re.compile(r"/proc/(\d+)/ns/\w+")
_BUNDLE_OPTION = "-b"


def reason_of(machine: Machine, problem: ReadProblem) -> str:
    """Return why something could not be read, as a sentence."""
    return unread_text(problem, sentences_for(machine).remedy)


def read_evidence(machine: Machine, container: ContainerId, pid: int) -> Evidence:
    """Read the evidence about a container by its first process; never raises."""
    try:
        with machine.process(pid) as process:
            if not belongs_to(machine, process, container, process.cgroup()):
                return unreadable(reason_of(machine, ReadProblem.NOT_THE_CONTAINER))
            shim = process.parent()
            try:
                files, problem = mounted_files(process.text("mountinfo")), None
            except OSError as error:
                files, problem = None, reason_of(machine, problem_of(error))
    except OSError as error:
        return unreadable(reason_of(machine, problem_of(error)))
    config, joins, joins_problem = _read_joins(machine, container, shim)
    return Evidence(
        config=config,
        joins=joins,
        joins_problem=joins_problem,
        files=files,
        files_problem=problem,
    )


def unreadable(reason: str) -> Evidence:
    """Return the evidence of which nothing could be read, and why."""
    return Evidence(
        config=None, joins=None, joins_problem=reason, files=None, files_problem=reason
    )


def _read_joins(
    machine: Machine, container: ContainerId, shim: int | None
) -> tuple[str | None, tuple[RuntimeJoin, ...] | None, str | None]:
    """Return the path of the runtime's configuration, and the joins it lists."""
    if shim is None:
        return None, None, "the process above it is not known"
    try:
        with machine.process(shim) as process:
            found = _find_bundle(process, container)
            if found is None:
                return None, None, "its runtime keeps no bundle where its shim says"
            bundle, path = found
            document = json.loads(process.data(f"{path}/config.json"))
    except OSError as error:
        return None, None, reason_of(machine, problem_of(error))
    except ValueError:
        return str(bundle / "config.json"), None, "the runtime's config.json is damaged"
    return str(bundle / "config.json"), tuple(_joins(machine, document)), None


def _find_bundle(shim: Process, container: ContainerId) -> tuple[Path, Path] | None:
    """Return a container's bundle and its path below the shim's folder, or None.

    The shim may be in another mount namespace.

    Raises:
        OSError: The shim cannot be read.

    """
    folder = Path(shim.link("cwd"))
    if folder.name == container:
        return folder, Path("cwd")
    arguments = os.fsdecode(shim.data("cmdline")).split("\0")
    if container not in arguments or _BUNDLE_OPTION not in arguments[:-1]:
        return None
    bundle = Path(arguments[arguments.index(_BUNDLE_OPTION) + 1])
    if not bundle.is_absolute():
        return None
    return bundle, Path("root", bundle.relative_to("/"))


def _joins(machine: Machine, document: object) -> Iterator[RuntimeJoin]:
    for entry in objects(inner(mapping(document), "linux"), "namespaces"):
        kind, path = _KINDS.get(text(entry, "type")), text(entry, "path")
        if kind is not None and path:
            yield _join(machine, kind, path)


def _join(machine: Machine, kind: NamespaceKind, path: str) -> RuntimeJoin:
    match = _PROCESS_PATH.fullmatch(path)
    if match is None:
        return RuntimeJoin(
            kind=kind, path=path, pid=None, is_there=False, container=None
        )
    pid, container, is_there = int(match[1]), None, True
    try:
        with machine.process(pid) as process:
            container = container_of(process.cgroup())
        container = container or container_by_supervisor(machine, pid)
    except OSError as error:
        is_there = problem_of(error) is not ReadProblem.VANISHED
    return RuntimeJoin(
        kind=kind, path=path, pid=pid, is_there=is_there, container=container
    )

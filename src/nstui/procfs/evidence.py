"""The evidence that the container runtime and the mounts of a container give.

The process above a container's first one is the shim that started it, and it knows the
runtime's bundle, wherever the engine keeps it: containerd starts its shims there, and
Podman's conmon is told it by its option ``-b`` (conmon(8)). The bundle's
``config.json`` is that of the OCI runtime specification.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from nstui.model.holders import Evidence, RuntimeJoin
from nstui.model.json import inner, mapping, objects, text
from nstui.model.namespace import NamespaceKind
from nstui.model.snapshot import ReadProblem
from nstui.procfs.cgroup import container_of, names_container
from nstui.procfs.namespaces import mounted_files
from nstui.procfs.process import Process, problem_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.model.container import ContainerId

_KINDS = {
    "network": NamespaceKind.NET,
    "pid": NamespaceKind.PID,
    "ipc": NamespaceKind.IPC,
    "uts": NamespaceKind.UTS,
}
"""The runtime specification's words for the kinds that containers share."""

_PROCESS_PATH = re.compile(r"/proc/(\d+)/ns/\w+")
_BUNDLE_OPTION = "-b"

_SENTENCES = {
    ReadProblem.VANISHED: "its process has gone, or is hidden from this user",
    ReadProblem.DENIED: "needs root: run nstui with sudo",
    ReadProblem.NOT_THE_CONTAINER: "its process is not one of this machine",
}


def read_evidence(root: Path, container: ContainerId, pid: int) -> Evidence:
    """Read the evidence about a container, given its first process; never raises."""
    try:
        with Process(root, pid) as process:
            if not names_container(process.cgroup(), container):
                return _nothing(ReadProblem.NOT_THE_CONTAINER)
            above = process.parent()
            try:
                files, problem = mounted_files(process.text("mountinfo")), None
            except OSError as error:
                files, problem = None, _SENTENCES[problem_of(error)]
    except OSError as error:
        return _nothing(problem_of(error))
    config, joins, joins_problem = _read_joins(root, container, above)
    return Evidence(
        config=config,
        joins=joins,
        joins_problem=joins_problem,
        files=files,
        files_problem=problem,
    )


def _nothing(problem: ReadProblem) -> Evidence:
    why = _SENTENCES[problem]
    return Evidence(
        config=None, joins=None, joins_problem=why, files=None, files_problem=why
    )


def _read_joins(
    root: Path, container: ContainerId, shim: int | None
) -> tuple[str | None, tuple[RuntimeJoin, ...] | None, str | None]:
    """Return the path of the runtime's configuration, and the joins it lists."""
    if shim is None:
        return None, None, "the process above it is not known"
    try:
        with Process(root, shim) as process:
            found = _bundle(process, container)
            if found is None:
                return None, None, "its runtime keeps no bundle where its shim says"
            bundle, way = found
            document = json.loads(process.data(f"{way}/config.json"))
    except OSError as error:
        return None, None, _SENTENCES[problem_of(error)]
    except ValueError:
        return str(bundle / "config.json"), None, "the runtime's config.json is damaged"
    return str(bundle / "config.json"), tuple(_joins(root, document)), None


def _bundle(shim: Process, container: ContainerId) -> tuple[Path, Path] | None:
    """Return where a container's bundle is, and the way there from its shim's folder.

    The shim may be in another mount namespace.

    Raises:
        OSError: the kernel does not answer.

    """
    folder = Path(shim.link("cwd"))
    if folder.name == container:
        return folder, Path("cwd")
    words = os.fsdecode(shim.data("cmdline")).split("\0")
    if container not in words or _BUNDLE_OPTION not in words[:-1]:
        return None
    bundle = Path(words[words.index(_BUNDLE_OPTION) + 1])
    if not bundle.is_absolute():
        return None
    return bundle, Path("root", bundle.relative_to("/"))


def _joins(root: Path, document: object) -> Iterator[RuntimeJoin]:
    for entry in objects(inner(mapping(document), "linux"), "namespaces"):
        kind, path = _KINDS.get(text(entry, "type")), text(entry, "path")
        if kind is not None and path:
            yield _join(root, kind, path)


def _join(root: Path, kind: NamespaceKind, path: str) -> RuntimeJoin:
    named = _PROCESS_PATH.fullmatch(path)
    if named is None:
        return RuntimeJoin(
            kind=kind, path=path, pid=None, is_there=False, container=None
        )
    pid, container, is_there = int(named[1]), None, True
    try:
        with Process(root, pid) as process:
            container = container_of(process.cgroup())
    except OSError as error:
        is_there = problem_of(error) is not ReadProblem.VANISHED
    return RuntimeJoin(
        kind=kind, path=path, pid=pid, is_there=is_there, container=container
    )

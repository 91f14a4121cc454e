"""The processes in some namespaces that belong to no container which is known."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nstui.procfs.cgroup import containers_of
from nstui.procfs.directory import pids_of
from nstui.procfs.holding import HoldingProcesses

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from nstui.model.container import ContainerId
    from nstui.model.holders import HoldingProcess
    from nstui.model.namespace import Namespace


def find_strangers(
    root: Path,
    namespaces: Collection[Namespace],
    containers: Collection[ContainerId],
) -> dict[Namespace, tuple[HoldingProcess, ...]] | None:
    """Return who is in each of some namespaces; None if processes cannot be listed.

    A process that does not tell where it is, as one that has just ended, is left out.

    Args:
        root: where ``/proc`` is.
        namespaces: which ones, by the kernel's own identity.
        containers: whose processes are not meant.

    """
    try:
        pids = pids_of(root)
    except OSError:
        return None
    wanted = {f"{each.kind}:[{each.inode}]": each for each in namespaces}
    kinds = {each.kind.value for each in namespaces}
    processes = HoldingProcesses(root)
    found: dict[Namespace, list[HoldingProcess]] = {each: [] for each in namespaces}
    for pid in pids:
        there = [wanted[t] for t in _targets(root, pid, kinds) if t in wanted]
        if there and not _is_of(root, pid, containers):
            for namespace in there:
                found[namespace].append(processes.of(pid))
    return {namespace: tuple(several) for namespace, several in found.items()}


def _targets(root: Path, pid: int, kinds: Collection[str]) -> Iterator[str]:
    """Yield where the links of a process's namespaces lead."""
    # There may be thousands of processes: a Path costs more than the read.
    read = os.readlink
    for kind in kinds:
        try:
            yield read(f"{root}/{pid}/ns/{kind}")
        except OSError:
            continue


def _is_of(root: Path, pid: int, containers: Collection[ContainerId]) -> bool:
    """Tell whether a process is one of a container's; one that has ended is nobody's.

    Nobody needs to know of one that is gone.
    """
    try:
        text = (root / str(pid) / "cgroup").read_text(errors="backslashreplace")
    except OSError:
        return True
    return any(each in containers for each in containers_of(text))

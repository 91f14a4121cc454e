"""Every namespace of a host, with all that holds it: containers, processes, mounts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.holders import Holders, MountHolder, ProcessHolder
    from nstui.model.namespace import Namespace, NamespaceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One namespace and what keeps it alive."""

    namespace: Namespace
    containers: tuple[ContainerId, ...]
    """Those whose first process is in it."""

    processes: ProcessHolder | None
    """All processes in it, those of containers too; None if none was found."""

    mounts: tuple[MountHolder, ...]


def find_held(
    report: Report, holders: Holders, kinds: Collection[NamespaceKind]
) -> tuple[Held, ...]:
    """Return the namespaces of some kinds, those with the lowest pids first.

    Args:
        report: The containers and their namespaces.
        holders: The processes and mounts of the machine.
        kinds: Which kinds are wanted.

    """
    processes = {one.namespace: one for one in holders.processes.holders or ()}
    mounts: dict[Namespace, list[MountHolder]] = {}
    for mount in holders.mounts.holders or ():
        mounts.setdefault(mount.namespace, []).append(mount)
    containers: dict[Namespace, list[ContainerId]] = {}
    for container in report.snapshot.containers:
        for kind in kinds:
            namespace = report.snapshot.namespace(container.id, kind)
            if namespace is not None and not namespace.fingerprint:
                containers.setdefault(namespace, []).append(container.id)
    found = (
        Held(
            namespace=namespace,
            containers=tuple(containers.get(namespace, ())),
            processes=processes.get(namespace),
            mounts=tuple(mounts.get(namespace, ())),
        )
        for namespace in {**processes, **mounts, **containers}
        if namespace.kind in kinds
    )
    return tuple(sorted(found, key=_order))


def _order(held: Held) -> tuple[str, bool, int, int]:
    pid = 0 if held.processes is None else held.processes.pid
    is_empty = held.processes is None
    return (held.namespace.kind.value, is_empty, pid, held.namespace.inode)

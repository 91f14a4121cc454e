"""Every namespace of a host, with all that holds it: containers, processes, mounts."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nstui.analysis.past import NO_PAST
from nstui.model.namespace import NamespacesRead

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.past import LastSeen, Past
    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.holders import Holders, MountHolder, ProcessHolder
    from nstui.model.namespace import Namespace, NamespaceKind

FIRST_PID = 1
"""The machine's first process, which is in the host's own namespaces."""

_DISTANT = ("tcp:", "http:", "https:", "ssh:")
"""Addresses of engines that may be on another machine begin like this."""


@dataclass(frozen=True, slots=True)
class Scan:
    """What holds the namespaces of a machine, read at one moment."""

    holders: Holders
    kinds: tuple[NamespaceKind, ...]
    """What was looked for."""

    report: Report
    """The newest look when it began. What a container was in then it may have left
    since, and then the scan says nothing of today."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One namespace and what keeps it alive."""

    namespace: Namespace
    containers: tuple[ContainerId, ...] | None
    """Those whose first process is in it; None if nobody can tell."""

    processes: ProcessHolder | None
    """All processes in it, those of containers too; None if none was found."""

    mounts: tuple[MountHolder, ...]
    is_empty: bool = False
    """Whether surely no process is in it."""

    is_left: bool = False
    """Whether it was a container's, and no container is in it any more."""

    was: LastSeen | None = None
    """Which containers were in it, if it is left and somebody saw them there."""

    @property
    def is_host(self) -> bool:
        """Whether it is that of the machine itself."""
        return self.processes is not None and self.processes.pid == FIRST_PID

    @property
    def owners(self) -> tuple[ContainerId, ...]:
        """Whose the first processes in it are, by their cgroups.

        Of one that no container is in, those of another engine, or containers that
        some of their processes have left for a namespace of their own.
        """
        first = () if self.processes is None else self.processes.first
        found = (process.container for process in first)
        return tuple(dict.fromkeys(each for each in found if each is not None))


def find_held(report: Report, scan: Scan, past: Past = NO_PAST) -> tuple[Held, ...]:
    """Return the namespaces of a machine, those with the lowest pids first.

    Args:
        report: The containers and their namespaces, as they are now.
        scan: The processes and mounts of the machine.
        past: What is remembered of earlier looks.

    """
    if not is_this_machine(report):
        return ()
    processes = {one.namespace: one for one in scan.holders.processes.holders or ()}
    mounts: dict[Namespace, list[MountHolder]] = {}
    for mount in scan.holders.mounts.holders or ():
        mounts.setdefault(mount.namespace, []).append(mount)
    containers = _containers(report, scan.kinds)
    # What a container was in when the scan began says nothing of today.
    outdated = _containers(scan.report, scan.kinds).keys() - containers.keys()
    is_known = report.snapshot.namespaces_read is NamespacesRead.INODE
    seen = {kind for kind in scan.kinds if _saw_all(scan, kind)}
    found = (
        Held(
            namespace=namespace,
            containers=tuple(containers.get(namespace, ())) if is_known else None,
            processes=processes.get(namespace),
            mounts=tuple(mounts.get(namespace, ())),
            is_empty=namespace not in processes and namespace.kind in seen,
        )
        for namespace in {**processes, **mounts, **containers}
        if namespace.kind in scan.kinds and namespace not in outdated
    )
    # Where a container could not be placed it may be in any of them.
    uncertain = {kind for kind in scan.kinds if unplaced(report, kind)}
    judged = (
        one if one.namespace.kind in uncertain else _judge(one, past) for one in found
    )
    return tuple(sorted(judged, key=_order))


def _judge(one: Held, past: Past) -> Held:
    """Tell whether a namespace is left by its containers, if that is certain."""
    if one.containers is None or one.containers or one.is_host or one.owners:
        return one
    was = past.get(one.namespace)
    if was is not None:
        first = () if one.processes is None else one.processes.first
        was = was if was.is_of(first, one.mounts) else None
    # With a process in it, it may be that of another engine's container.
    is_sandbox = one.is_empty and any(mount.is_sandbox for mount in one.mounts)
    return replace(one, is_left=is_sandbox or was is not None, was=was)


def _saw_all(scan: Scan, kind: NamespaceKind) -> bool:
    """Tell whether every process of the machine told its namespace."""
    processes = scan.holders.processes
    if processes.holders is None or processes.hides_others:
        return False
    return kind not in processes.unread or not processes.unread[kind].refused


def _order(held: Held) -> tuple[str, bool, int, int]:
    pid = 0 if held.processes is None else held.processes.pid
    is_empty = held.processes is None
    return (held.namespace.kind.value, is_empty, pid, held.namespace.inode)


def strangers(held: Iterable[Held]) -> tuple[Held, ...]:
    """Return those that no container is known to be in, the left ones first."""
    return tuple(
        sorted((one for one in held if not one.containers), key=lambda o: not o.is_left)
    )


def is_this_machine(report: Report) -> bool:
    """Tell whether the processes of the engine are those of the machine of nstui."""
    if report.snapshot.namespaces_read is NamespacesRead.DECLARED:
        return False
    # Without a process of a container that can be recognised only the address tells.
    is_elsewhere = report.snapshot.engine.endpoint.startswith(_DISTANT)
    return bool(report.snapshot.host.processes) or not is_elsewhere


def unplaced(report: Report, kind: NamespaceKind) -> tuple[str, ...]:
    """Return the names of those that run, nobody knows in which namespace."""
    return tuple(
        container.name
        for container in report.snapshot.containers
        if container.state.has_process
        and report.snapshot.namespace(container.id, kind) is None
    )


def _containers(
    report: Report, kinds: Iterable[NamespaceKind]
) -> dict[Namespace, list[ContainerId]]:
    found: dict[Namespace, list[ContainerId]] = {}
    for kind in kinds:
        for container in report.snapshot.containers:
            namespace = report.snapshot.namespace(container.id, kind)
            if namespace is not None and not namespace.fingerprint:
                found.setdefault(namespace, []).append(container.id)
    return found

"""All namespaces of a host with their holders: containers, processes and mounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind, NamespacesRead

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.model.holders import (
        Holders,
        HoldingProcess,
        MountHolder,
        ProcessHolder,
        ProcessScan,
    )
    from nstui.model.namespace import Namespace


MOST = 1000
"""How many namespaces without containers are remembered."""

_START_TOLERANCE = timedelta(seconds=2)
"""The tolerance for the start of a process, which is known only to about a second."""

NO_PAST: Past = MappingProxyType({})

FIRST_PID = 1
"""The first process of the machine, which is in the host's own namespaces."""

_UNSEEN_PREFIXES = ("tcp:", "http:", "https:")
"""The prefixes of addresses of engines that may be on a machine whose processes are not
read. Over ssh they are those of the machine that it leads to."""

_PERMISSION = "needs root (in a container: SYS_PTRACE)"
NOT_HERE = "namespaces without a container can only be read where the engine runs"
"""The sentence for the case that nothing can be read."""


@dataclass(frozen=True, slots=True)
class NamespaceHistory:
    """The containers that were last known to be in a namespace."""

    names: tuple[str, ...]
    at: datetime
    mounts: frozenset[str] = frozenset()
    """Its mount points at that time, as far as they were read."""

    processes: tuple[HoldingProcess, ...] = ()
    """Some of its processes at that time, as far as they were read."""

    def is_of(
        self, processes: Iterable[HoldingProcess], mounts: Iterable[MountHolder]
    ) -> bool:
        """Tell whether the namespace with these holders is the remembered one."""
        return any(mount.path in self.mounts for mount in mounts) or any(
            self._was_there(process) for process in processes
        )

    def _was_there(self, process: HoldingProcess) -> bool:
        """Tell whether a process was there at that time or started before it."""
        started_at = process.started_at
        if started_at is None:
            return False
        return started_at + _START_TOLERANCE <= self.at or any(
            one.pid == process.pid
            and one.started_at is not None
            and abs(one.started_at - started_at) <= _START_TOLERANCE
            for one in self.processes
        )


Past = MappingProxyType["Namespace", NamespaceHistory]


def record_namespaces(
    past: Past, before: Report, after: Report, holders: Holders | None = None
) -> Past:
    """Return the history after containers may have left their namespaces.

    Args:
        past: The history so far.
        before: The report of one look.
        after: The report of the next look.
        holders: The processes and mounts found on the machine at about the time of the
            first look; None if it was not scanned.

    """
    there = _members(after).keys()
    mounts, processes = _mounts(holders), _processes(holders)
    left = {
        namespace: NamespaceHistory(
            tuple(member.name for member in members),
            _known_until(before, after, members),
            mounts.get(namespace, frozenset()),
            processes.get(namespace, ()),
        )
        for namespace, members in _members(before).items()
        if namespace not in there
    }
    others = [(n, seen) for n, seen in past.items() if n not in left]
    return MappingProxyType({**dict(others[-MOST:]), **left})


def _members(report: Report) -> dict[Namespace, list[Container]]:
    """Return the containers in each namespace."""
    found: dict[Namespace, list[Container]] = {}
    for container in report.snapshot.containers:
        for kind in NamespaceKind:
            namespace = report.snapshot.namespace(container.id, kind)
            if namespace is not None and not namespace.fingerprint:
                found.setdefault(namespace, []).append(container)
    return found


def _known_until(
    before: Report, after: Report, members: Iterable[Container]
) -> datetime:
    """Return the time until which containers are known to have been in a namespace.

    This is the time they ended, if the engine reports it; on a quiet host the last look
    may be half a minute older.
    """
    moments = [before.snapshot.taken_at]
    for member in members:
        now = after.graph.containers.get(member.id)
        was, is_ = member.inspection, None if now is None else now.inspection
        # A container that was restarted meanwhile may have ended more than once.
        if was is not None and is_ is not None and was.started_at == is_.started_at:
            moments += [is_.finished_at] if is_.finished_at is not None else []
    return max(moments)


def _mounts(holders: Holders | None) -> dict[Namespace, frozenset[str]]:
    found: dict[Namespace, frozenset[str]] = {}
    for mount in () if holders is None else holders.mounts.holders or ():
        found[mount.namespace] = found.get(mount.namespace, frozenset()) | {mount.path}
    return found


def _processes(
    holders: Holders | None,
) -> dict[Namespace, tuple[HoldingProcess, ...]]:
    known = () if holders is None else holders.processes.holders or ()
    return {one.namespace: one.first for one in known}


@dataclass(frozen=True, slots=True)
class HolderScan:
    """The holders of a machine's namespaces, read at one time."""

    holders: Holders
    kinds: tuple[NamespaceKind, ...]
    """The kinds that were read."""

    report: Report
    """The latest report when the scan began. Containers may have left their namespaces
    since then; the scan is not valid for those."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldNamespace:
    """One namespace and what keeps it alive."""

    namespace: Namespace
    containers: tuple[ContainerId, ...] | None
    """The containers with their first process in it; None if this is not known."""

    processes: ProcessHolder | None
    """All processes in it, including those of containers; None if none was found."""

    mounts: tuple[MountHolder, ...]
    is_empty: bool = False
    """Whether it is certain that no process is in it."""

    is_left: bool = False
    """Whether it belonged to a container and no container is left in it."""

    was: NamespaceHistory | None = None
    """The containers that were in it; None if it is not left or they were not seen."""

    @property
    def is_host(self) -> bool:
        """Whether it is the machine's own."""
        return self.processes is not None and self.processes.pid == FIRST_PID

    @property
    def owners(self) -> tuple[ContainerId, ...]:
        """The containers of the first processes in it, by their cgroups.

        For a namespace without a container of this engine these are containers of
        another engine, or containers with processes that moved to a namespace of their
        own.
        """
        first = () if self.processes is None else self.processes.first
        found = (process.container for process in first)
        return tuple(dict.fromkeys(each for each in found if each is not None))


def find_held(
    report: Report, scan: HolderScan, past: Past = NO_PAST
) -> tuple[HeldNamespace, ...]:
    """Return the namespaces of a machine, those with the lowest pids first.

    Args:
        report: The present containers and their namespaces.
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
    # Containers have left these namespaces since the scan began.
    outdated = _containers(scan.report, scan.kinds).keys() - containers.keys()
    is_known = report.snapshot.namespaces_read is NamespacesRead.INODE
    seen = {kind for kind in scan.kinds if _read_all(scan, kind)}
    found = (
        HeldNamespace(
            namespace=namespace,
            containers=tuple(containers.get(namespace, ())) if is_known else None,
            processes=processes.get(namespace),
            mounts=tuple(mounts.get(namespace, ())),
            is_empty=namespace not in processes and namespace.kind in seen,
        )
        for namespace in {**processes, **mounts, **containers}
        if namespace.kind in scan.kinds and namespace not in outdated
    )
    # A container that could not be placed may be in any of them.
    uncertain = {kind for kind in scan.kinds if unplaced_holders(report, kind)}
    marked = (
        one if one.namespace.kind in uncertain else _mark_if_left(one, past)
        for one in found
    )
    return tuple(sorted(marked, key=_order))


def _mark_if_left(one: HeldNamespace, past: Past) -> HeldNamespace:
    """Mark a namespace as left by its containers, if that is certain."""
    if one.containers is None or one.containers or one.is_host or one.owners:
        return one
    was = past.get(one.namespace)
    if was is not None:
        first = () if one.processes is None else one.processes.first
        was = was if was.is_of(first, one.mounts) else None
    # If it has a process, that may belong to another engine's container.
    is_sandbox = one.is_empty and any(mount.is_sandbox for mount in one.mounts)
    return replace(one, is_left=is_sandbox or was is not None, was=was)


def _read_all(scan: HolderScan, kind: NamespaceKind) -> bool:
    """Tell whether the namespace of every process could be read."""
    processes = scan.holders.processes
    if processes.holders is None or processes.hides_others:
        return False
    return kind not in processes.unread or not processes.unread[kind].refused


def _order(held: HeldNamespace) -> tuple[str, bool, int, int]:
    pid = 0 if held.processes is None else held.processes.pid
    is_empty = held.processes is None
    return (held.namespace.kind.value, is_empty, pid, held.namespace.inode)


def without_container(held: Iterable[HeldNamespace]) -> tuple[HeldNamespace, ...]:
    """Return the namespaces without a known container, the left ones first."""
    return tuple(
        sorted((one for one in held if not one.containers), key=lambda o: not o.is_left)
    )


def is_this_machine(report: Report) -> bool:
    """Tell whether the engine's processes run on the machine whose /proc is read."""
    if report.snapshot.namespaces_read is NamespacesRead.DECLARED:
        return False
    # Without a recognised container process, only the address tells.
    is_elsewhere = report.snapshot.engine.endpoint.startswith(_UNSEEN_PREFIXES)
    return bool(report.snapshot.host.processes) or not is_elsewhere


def unplaced_holders(report: Report, kind: NamespaceKind) -> tuple[str, ...]:
    """Return the names of running containers with an unknown namespace."""
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


def find_limitations(
    report: Report, scan: HolderScan, kind: NamespaceKind
) -> tuple[str, ...]:
    """Return what could not be read and is therefore missing, one sentence each."""
    return tuple(_unread(report, scan.holders, kind))


def _unread(report: Report, holders: Holders, kind: NamespaceKind) -> Iterator[str]:
    if not is_this_machine(report):
        note = report.snapshot.host.note
        endpoint = report.snapshot.engine.endpoint
        yield note or (
            f"cannot tell whether {endpoint} is this machine: no container is running"
        )
        return
    if report.snapshot.namespaces_read is not NamespacesRead.INODE:
        note = report.snapshot.host.note
        yield f"could not read which are in use: {note}"
    elif names := unplaced_holders(report, kind):
        yield f"{', '.join(names)}: could not be read, and may be in one of these"
    yield from _unread_processes(holders.processes, kind)
    if holders.mounts.holders is None:
        yield "the mounts could not be read"
    if kind is NamespaceKind.NET:
        for name in holders.mounts.leftovers or ():
            yield f"/run/netns/{name} is a name without a namespace"


def _unread_processes(scan: ProcessScan, kind: NamespaceKind) -> Iterator[str]:
    refused = scan.unread[kind].refused if kind in scan.unread else 0
    if scan.holders is None:
        yield "the machine's processes could not be listed"
        return
    if scan.hides_others:
        yield "other users' processes are hidden here: there may be more"
    if refused:
        count = "1 process" if refused == 1 else f"{refused} processes"
        yield f"{count} could not be read: {_PERMISSION}"

"""Which containers were in which namespace at earlier looks.

The kernel reuses the number of a namespace as soon as it is free. So what is remembered
for a number applies to the present namespace only if something in it has been there all
the time; see `NamespaceHistory.is_of`.
"""

from __future__ import annotations

from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from nstui.analysis.report import Report
    from nstui.model.container import Container
    from nstui.model.holders import Holders, HoldingProcess, MountHolder
    from nstui.model.namespace import Namespace


MOST = 1000
"""How many namespaces without containers are remembered."""

_SLACK = timedelta(seconds=2)
"""The start of a process is known only to about a second."""


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
        return started_at + _SLACK <= self.at or any(
            one.pid == process.pid
            and one.started_at is not None
            and abs(one.started_at - started_at) <= _SLACK
            for one in self.processes
        )


Past = MappingProxyType["Namespace", NamespaceHistory]
NO_PAST: Past = MappingProxyType({})


def record_namespaces(
    past: Past, before: Report, after: Report, holders: Holders | None = None
) -> Past:
    """Return the history after containers may have left their namespaces.

    Args:
        past: The history so far.
        before: A look.
        after: The next look.
        holders: What was found on the machine at about the time of the first, if
            anybody looked.

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
    """Return until when containers are known to have been there.

    This is when they ended, if the engine tells; on a quiet host the last look may be
    half a minute older.
    """
    moments = [before.snapshot.taken_at]
    for member in members:
        now = after.graph.containers.get(member.id)
        was, is_ = member.inspection, None if now is None else now.inspection
        # A container that was restarted may have ended more than once.
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

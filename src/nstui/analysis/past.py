"""Which containers were in which namespace, remembered from look to look.

The kernel gives the number of a namespace to the next one as soon as it is free. So
what is remembered of a number says nothing of today's namespace, unless something in it
has been there all the time: that is `LastSeen.is_of`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from nstui.analysis.report import Report
    from nstui.model.holders import Holders, HoldingProcess, MountHolder
    from nstui.model.namespace import Namespace

MOST = 1000
"""So many namespaces are remembered that no container is in any more."""

_SLACK = timedelta(seconds=2)
"""A process's start is known to a second or so."""


@dataclass(frozen=True, slots=True)
class LastSeen:
    """The containers in a namespace when any was last seen there."""

    names: tuple[str, ...]
    at: datetime
    mounts: frozenset[str] = frozenset()
    """Where it was mounted then, as far as anybody looked."""

    def is_of(
        self, processes: Iterable[HoldingProcess], mounts: Iterable[MountHolder]
    ) -> bool:
        """Tell whether the namespace that these hold now is the one that was seen."""
        return any(mount.path in self.mounts for mount in mounts) or any(
            process.started_at is not None and process.started_at + _SLACK <= self.at
            for process in processes
        )


Past = MappingProxyType["Namespace", LastSeen]
NO_PAST: Past = MappingProxyType({})


def remember(
    past: Past, before: Report, after: Report, holders: Holders | None = None
) -> Past:
    """Return what is known when containers may have left their namespaces.

    Args:
        past: What was known before.
        before: Where the containers were at one look.
        after: Where they are at the next one.
        holders: What was found on the machine at about the time of the first, if
            anybody looked.

    """
    there = _names(after).keys()
    mounts = _mounts(holders)
    at = before.snapshot.taken_at
    left = {
        namespace: LastSeen(tuple(names), at, mounts.get(namespace, frozenset()))
        for namespace, names in _names(before).items()
        if namespace not in there
    }
    others = [(n, seen) for n, seen in past.items() if n not in left]
    return MappingProxyType({**dict(others[-MOST:]), **left})


def _names(report: Report) -> dict[Namespace, list[str]]:
    """Return the names of the containers in each namespace."""
    found: dict[Namespace, list[str]] = {}
    for container in report.snapshot.containers:
        for kind in NamespaceKind:
            namespace = report.snapshot.namespace(container.id, kind)
            if namespace is not None and not namespace.fingerprint:
                found.setdefault(namespace, []).append(container.name)
    return found


def _mounts(holders: Holders | None) -> dict[Namespace, frozenset[str]]:
    found: dict[Namespace, frozenset[str]] = {}
    for mount in () if holders is None else holders.mounts.holders or ():
        found[mount.namespace] = found.get(mount.namespace, frozenset()) | {mount.path}
    return found

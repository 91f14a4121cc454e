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
    from collections.abc import Iterable, Mapping
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


def remember(past: Past, report: Report, holders: Holders | None = None) -> Past:
    """Return what is known after one more look.

    Args:
        past: What was known before.
        report: The look.
        holders: What was found on the machine at about the same time, if anybody
            looked.

    """
    names = _names(report)
    mounts = _mounts(past, names, holders)
    gone = [namespace for namespace in past if namespace not in names]
    at = report.snapshot.taken_at
    return MappingProxyType(
        {
            **{namespace: past[namespace] for namespace in gone[-MOST:]},
            **{
                namespace: LastSeen(
                    tuple(found), at, mounts.get(namespace, frozenset())
                )
                for namespace, found in names.items()
            },
        }
    )


def _names(report: Report) -> dict[Namespace, list[str]]:
    """Return the names of the containers in each namespace."""
    found: dict[Namespace, list[str]] = {}
    for container in report.snapshot.containers:
        for kind in NamespaceKind:
            namespace = report.snapshot.namespace(container.id, kind)
            if namespace is not None and not namespace.fingerprint:
                found.setdefault(namespace, []).append(container.name)
    return found


def _mounts(
    past: Past, names: Iterable[Namespace], holders: Holders | None
) -> Mapping[Namespace, frozenset[str]]:
    if holders is None or holders.mounts.holders is None:
        return {each: past[each].mounts for each in names if each in past}
    found: dict[Namespace, frozenset[str]] = {}
    for mount in holders.mounts.holders:
        found[mount.namespace] = found.get(mount.namespace, frozenset()) | {mount.path}
    return found

"""The containers whose logs are read together: an owner and its dependents."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.tree.tree import RowKind
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.container import ContainerId
    from nstui.model.finding import Group
    from nstui.model.namespace import NamespaceKind


_GROUPS = {
    RowKind.CONTAINER,
    RowKind.GONE,
    RowKind.UNDECLARED,
    RowKind.LOOP,
    RowKind.HOST,
}
"""The rows that are in a group, or stand for one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGroup:
    """The containers of a group, at one look."""

    kind: NamespaceKind
    owner: ContainerId | None
    """The owner; None for a group without one."""

    name: str
    """The name of the owner, or of the first member."""

    members: tuple[ContainerId, ...]
    """The containers that exist, the owner first."""


def log_group(report: Report, row: TreeRow) -> LogGroup | None:
    """Return the group that a row of the tree is in, or stands for; None for none."""
    if row.kind not in _GROUPS:
        return None
    member = next((b.container for b in row.walk() if b.container is not None), None)
    for group in report.groups(row.shared):
        if member in group.members:
            return _log_group(report, group)
    return None


def follow_group(report: Report, before: LogGroup) -> LogGroup:
    """Return the same group at a later look.

    It is the group of the same owner; else of an owner with the same name, which has
    taken the place of the former; else the one with most of the members. If there is
    none any more, it is what is left of the members.
    """
    groups = report.groups(before.kind)
    # The lists are tried in this order.
    same = [group for group in groups if before.owner in {*group.members}]
    named = [group for group in groups if _owner_name(report, group) == before.name]
    old = set(before.members)
    others = sorted(groups, key=lambda group: -len(old.intersection(group.members)))
    similar = [group for group in others if old.intersection(group.members)]
    if before.owner is None:
        named = []
    for group in (*same, *named, *similar):
        return _log_group(report, group)
    left = (m for m in before.members if m in report.graph.containers)
    return replace(before, members=tuple(left))


def _owner_name(report: Report, group: Group) -> str | None:
    return None if group.owner is None else report.graph.name(group.owner)


def _log_group(report: Report, group: Group) -> LogGroup:
    return LogGroup(
        kind=group.kind,
        owner=group.owner,
        name=report.graph.name(group.members[0]),
        members=group.members,
    )

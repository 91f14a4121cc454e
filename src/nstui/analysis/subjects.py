"""Whom a line of the tree is about: who is in the group, whose network it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.forest import BranchKind
from nstui.analysis.members import group_members, pids_of
from nstui.analysis.publishing import publisher
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from nstui.analysis.forest import Branch
    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId


def group_of(report: Report, branch: Branch) -> tuple[ContainerId, ...]:
    """Return all of the group that a line is in, the owner first.

    It is the group by the kind of namespace that the tree is of. Of a line that stands
    for no container it is those beneath it.
    """
    if branch.container is None:
        return tuple(b.container for b in branch.walk() if b.container is not None)
    return group_members(report, branch.container, branch.shared)


def network_of(report: Report, branch: Branch) -> ContainerId | None:
    """Return through whose process the network of a line can be read.

    It is the same one for all that the kernel shows in one network with their owner, so
    that what was read of one of them holds for the others. None if a line stands for
    no network, or for several.
    """
    if branch.container is not None:
        return publisher(report, branch.container) or branch.container
    is_net = branch.shared is NamespaceKind.NET
    if branch.kind is BranchKind.UNDECLARED and is_net:
        return next(iter(pids_of(report, group_of(report, branch))), None)
    return None

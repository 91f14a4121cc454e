"""The trees that a screen shows: groups with their members nested as they joined."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.container import ContainerId, short_id
from nstui.model.group import GroupBond
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator

    from nstui.analysis.report import Report
    from nstui.model.finding import Finding
    from nstui.model.group import Group

NO_FINDING_RANK = 99
"""Sorts what has no finding behind what has one."""


class BranchKind(StrEnum):
    """What a line of the tree stands for."""

    CONTAINER = "container"
    GONE = "gone"
    """A container that no longer exists, with those that joined it beneath."""

    UNDECLARED = "undeclared"
    LOOP = "loop"
    HOST = "host"
    """The host's own namespace."""

    UNSHARED = "unshared"
    """The fold of all containers that share with nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One line of the tree, and what is beneath it."""

    key: str
    """Tells the line apart from all others, and again at the next look."""

    kind: BranchKind
    container: ContainerId | None
    label: str
    """A name; for what is no container, words."""

    finding: Finding | None
    """The worst of its own; for what is no container, of those beneath."""

    branches: tuple[Branch, ...]

    def walk(self) -> Iterator[Branch]:
        """Yield this line and all beneath it, as they are shown."""
        yield self
        for branch in self.branches:
            yield from branch.walk()


def prune(
    branches: Iterable[Branch], keep: Callable[[Branch], bool]
) -> tuple[Branch, ...]:
    """Return the lines to keep, with all above them and all beneath them."""
    kept: list[Branch] = []
    for branch in branches:
        if branch.container is not None and keep(branch):
            kept.append(branch)
            continue
        beneath = prune(branch.branches, keep)
        if beneath:
            kept.append(replace(branch, branches=beneath))
    return tuple(kept)


def grow(report: Report, kind: NamespaceKind = NamespaceKind.NET) -> tuple[Branch, ...]:
    """Return the lines of the tree for one kind of namespace.

    Groups with findings come first, the worst first, then by name; then the host's;
    last the fold of what shares with nobody.
    """
    groups = report.groups(kind)
    grouped = {member for group in groups for member in group.members}
    trees = [_group_branch(report, group) for group in groups]
    trees.sort(key=_order)
    loose = [c.id for c in report.snapshot.containers if c.id not in grouped]
    if loose:
        trees.append(_fold(report, BranchKind.UNSHARED, "unshared", loose))
    return tuple(trees)


def _order(branch: Branch) -> tuple[bool, int, str]:
    ranks = [b.finding.severity.rank for b in branch.walk() if b.finding is not None]
    is_host = branch.kind is BranchKind.HOST
    return (is_host, min(ranks, default=NO_FINDING_RANK), branch.label)


def _group_branch(report: Report, group: Group) -> Branch:
    if group.bond is GroupBond.OWNER and group.owner is not None:
        # Members that no declaration leads to sit beside the declared ones.
        top = _nested(report, group, group.owner)
        reached = {branch.container for branch in top.walk()}
        rest = [member for member in group.members if member not in reached]
        more = tuple(_nested(report, group, member) for member in rest)
        return _container(report, group.owner, (*top.branches, *more))
    if group.bond is GroupBond.HOST:
        return _topped(report, group, BranchKind.HOST, "host", "host network")
    if group.bond is GroupBond.GONE:
        reference = group.gone_reference or ""
        ancestor = report.snapshot.ancestors.get(ContainerId(reference))
        label = short_id(reference) if ancestor is None else ancestor.name
        return _topped(report, group, BranchKind.GONE, f"gone:{reference}", label)
    key = f"{group.bond}:{group.members[0]}"
    return _topped(report, group, BranchKind(group.bond.value), key, group.bond.value)


def _topped(
    report: Report, group: Group, kind: BranchKind, key: str, label: str
) -> Branch:
    """Put a line that is no container on top of those that nobody in it owns."""
    members = set(group.members)
    tops = [m for m in group.members if not _joins_one_of(report, group, m, members)]
    if group.bond is GroupBond.LOOP:
        return _fold(report, kind, key, group.members, label)
    branches = tuple(_nested(report, group, member) for member in tops)
    return _over(kind, key, label, branches)


def _joins_one_of(
    report: Report, group: Group, member: ContainerId, members: Collection[ContainerId]
) -> bool:
    join = report.graph.join(member, group.kind)
    return join is not None and join.target in members


def _nested(report: Report, group: Group, container: ContainerId) -> Branch:
    """Return a member with those that joined it directly, and so on, beneath it."""
    kind = group.kind
    users = sorted(
        {d.container for d in report.graph.users(container) if d.kind == kind.value},
        key=report.graph.name,
    )
    beneath = tuple(_nested(report, group, user) for user in users)
    return _container(report, container, beneath)


def _fold(
    report: Report,
    kind: BranchKind,
    key: str,
    containers: Iterable[ContainerId],
    label: str = "",
) -> Branch:
    branches = tuple(
        sorted(
            (_container(report, container, ()) for container in containers),
            key=_order,
        )
    )
    return _over(kind, key, label, branches)


def _over(
    kind: BranchKind, key: str, label: str, branches: tuple[Branch, ...]
) -> Branch:
    findings = [
        branch.finding
        for top in branches
        for branch in top.walk()
        if branch.finding is not None
    ]
    return Branch(
        key=key,
        kind=kind,
        container=None,
        label=label,
        finding=min(findings, key=lambda f: f.severity.rank, default=None),
        branches=branches,
    )


def _container(
    report: Report, container: ContainerId, branches: tuple[Branch, ...]
) -> Branch:
    return Branch(
        key=container,
        kind=BranchKind.CONTAINER,
        container=container,
        label=report.graph.name(container),
        finding=report.worst(container),
        branches=branches,
    )

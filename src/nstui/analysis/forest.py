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

    from nstui.analysis.namespaces import Held
    from nstui.analysis.orders import Measure
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

    HELD = "held"
    """What is above the namespaces that no container is in."""

    NAMESPACE = "namespace"
    """One of these."""

    UNREAD = "unread"
    """What could not be looked at, as a sentence."""


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
    shared: NamespaceKind = NamespaceKind.NET
    """The kind of namespace whose tree it is in."""

    held: Held | None = None
    """The namespace that the line stands for, if it stands for one."""

    measure: Measure | None = None
    """What it is ordered by, if that is not to be seen anyway."""

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
        is_own = branch.container is not None or branch.held is not None
        if is_own and keep(branch):
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
    grower = _Grower(report, kind)
    groups = report.groups(kind)
    grouped = {member for group in groups for member in group.members}
    trees = [grower.group(group) for group in groups]
    trees.sort(key=_order)
    loose = [c.id for c in report.snapshot.containers if c.id not in grouped]
    if loose:
        trees.append(grower.fold(BranchKind.UNSHARED, "unshared", "", loose))
    return tuple(trees)


def _order(branch: Branch) -> tuple[bool, int, str]:
    ranks = [b.finding.severity.rank for b in branch.walk() if b.finding is not None]
    is_host = branch.kind is BranchKind.HOST
    return (is_host, min(ranks, default=NO_FINDING_RANK), branch.label)


class _Grower:
    """Makes the lines of one kind of namespace."""

    def __init__(self, report: Report, kind: NamespaceKind) -> None:
        self._report = report
        self._kind = kind

    def group(self, group: Group) -> Branch:
        """Return a group as one line with all others beneath it."""
        if group.bond is GroupBond.OWNER and group.owner is not None:
            # Members that no declaration leads to sit beside the declared ones.
            members = set(group.members)
            top = self._nested(group.owner, members)
            reached = {branch.container for branch in top.walk()}
            rest = [member for member in group.members if member not in reached]
            left = set(rest)
            tops = [member for member in rest if not self._joins_one_of(member, left)]
            more = tuple(self._nested(member, members) for member in tops)
            return replace(top, branches=(*top.branches, *more))
        if group.bond is GroupBond.HOST:
            return self._topped(group, "host", self._host_words())
        if group.bond is GroupBond.GONE:
            reference = group.gone_reference or ""
            ancestor = self._report.snapshot.ancestors.get(ContainerId(reference))
            label = short_id(reference) if ancestor is None else ancestor.name
            return self._topped(group, f"gone:{reference}", label)
        key = f"{group.bond}:{group.members[0]}"
        return self._topped(group, key, group.bond.value)

    def fold(
        self,
        kind: BranchKind,
        key: str,
        label: str,
        containers: Iterable[ContainerId],
    ) -> Branch:
        """Put a line that is no container on top of containers, side by side."""
        branches = [self._container(container, ()) for container in containers]
        return self._over(kind, key, label, tuple(sorted(branches, key=_order)))

    def _host_words(self) -> str:
        if self._kind is NamespaceKind.NET:
            return "host network"
        return f"host's {self._kind} namespace"

    def _topped(self, group: Group, key: str, label: str) -> Branch:
        """Put a line that is no container on top of those that nobody in it owns."""
        kind = BranchKind(group.bond.value)
        if group.bond is GroupBond.LOOP:
            return self.fold(kind, key, label, group.members)
        members = set(group.members)
        tops = [m for m in group.members if not self._joins_one_of(m, members)]
        branches = tuple(self._nested(m, members) for m in tops)
        return self._over(kind, key, label, branches)

    def _joins_one_of(
        self, member: ContainerId, members: Collection[ContainerId]
    ) -> bool:
        join = self._report.graph.join(member, self._kind)
        return join is not None and join.target in members

    def _nested(
        self, container: ContainerId, members: Collection[ContainerId]
    ) -> Branch:
        """Return a member with those that joined it, and so on, beneath it.

        Who joined it by its declaration may be in the group of another.
        """
        graph, kind = self._report.graph, self._kind.value
        users = {d.container for d in graph.users(container) if d.kind == kind}
        inside = sorted(users & set(members), key=graph.name)
        beneath = (self._nested(user, members) for user in inside)
        return self._container(container, tuple(beneath))

    def _container(
        self, container: ContainerId, branches: tuple[Branch, ...]
    ) -> Branch:
        return Branch(
            key=container,
            kind=BranchKind.CONTAINER,
            container=container,
            label=self._report.graph.name(container),
            finding=self._report.worst(container),
            branches=branches,
            shared=self._kind,
        )

    def _over(
        self, kind: BranchKind, key: str, label: str, branches: tuple[Branch, ...]
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
            shared=self._kind,
        )

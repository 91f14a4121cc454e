"""The rows of the tree: groups, with their members nested by their joins."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from nstui.analysis.tree.namespaces import (
    NO_PAST,
    find_held,
    find_limitations,
    without_container,
)
from nstui.model.container import ContainerId, short_id
from nstui.model.finding import GroupBond
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.analysis.report import Report
    from nstui.analysis.tree.namespaces import HeldNamespace, HolderScan, Past
    from nstui.model.finding import Finding, Group


NO_FINDING_RANK = 99
"""Sorts rows without a finding after those with one."""

Amounts: TypeAlias = "Mapping[ContainerId, float | UnknownValue]"
"""Seconds, percent of one CPU, or bytes, for the containers that have a value."""

NO_AMOUNTS: Amounts = MappingProxyType({})


class RowKind(StrEnum):
    """What a row of the tree stands for."""

    CONTAINER = "container"
    GONE = "gone"
    """A container that no longer exists, above those that joined it."""

    UNDECLARED = "undeclared"
    LOOP = "loop"
    HOST = "host"
    """The host's own namespace."""

    UNSHARED = "unshared"
    """The fold of all containers that share with no other."""

    PROJECT = "project"
    """The heading of the containers of a compose project that share with no other."""

    HELD = "held"
    """The heading above the namespaces without a container."""

    NAMESPACE = "namespace"
    """A namespace without a container."""

    UNREAD = "unread"
    """A sentence about what could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TreeRow:
    """One row of the tree, with the rows below it."""

    key: str
    """Identifies the row, across looks."""

    kind: RowKind
    container: ContainerId | None
    label: str
    """A container's name, or words for other rows."""

    finding: Finding | None
    """The row's worst finding; the worst below it if it is not a container."""

    children: tuple[TreeRow, ...]
    shared: NamespaceKind = NamespaceKind.NET
    """The kind of namespace of the tree."""

    held: HeldNamespace | None = None
    """The namespace that the row stands for, if any."""

    measure: SortValue | None = None
    """The value it is sorted by, unless that is visible anyway."""

    is_context: bool = False
    """Whether a filter shows it only because of the matches above or below it."""

    def walk(self) -> Iterator[TreeRow]:
        """Yield this row and all rows below it, in the order they are shown."""
        yield self
        for row in self.children:
            yield from row.walk()


def row_containers(report: Report, row: TreeRow) -> tuple[ContainerId, ...]:
    """Return the containers that a row stands for: those of its group, or below it.

    The containers in the host's own namespace are no group: none depends on another.
    """
    if row.container is None:
        return tuple(one.container for one in row.walk() if one.container is not None)
    for group in report.groups(row.shared):
        if group.bond is not GroupBond.HOST and row.container in group.members:
            return group.members
    return (row.container,)


def build_tree(
    report: Report, kind: NamespaceKind = NamespaceKind.NET
) -> tuple[TreeRow, ...]:
    """Return the rows of the tree for one kind of namespace.

    Groups with findings come first, the worst first, then by name; then the host's
    namespace; last the fold of the containers that share with no other, by compose
    project.
    """
    builder = _TreeBuilder(report, kind)
    groups = report.groups(kind)
    grouped = {member for group in groups for member in group.members}
    trees = [builder.group(group) for group in groups]
    trees.sort(key=_order)
    loose = [c.id for c in report.snapshot.containers if c.id not in grouped]
    if loose:
        trees.append(builder.unshared(loose))
    return tuple(trees)


def _order(row: TreeRow) -> tuple[bool, int, str]:
    ranks = [b.finding.severity.rank for b in row.walk() if b.finding is not None]
    is_host = row.kind is RowKind.HOST
    return (is_host, min(ranks, default=NO_FINDING_RANK), row.label)


class _TreeBuilder:
    """Builds the rows for one kind of namespace."""

    def __init__(self, report: Report, kind: NamespaceKind) -> None:
        self._report = report
        self._kind = kind

    def group(self, group: Group) -> TreeRow:
        """Return a group as one row with its members below it."""
        if group.bond is GroupBond.OWNER and group.owner is not None:
            # Members without a declaration are placed beside the declared ones.
            members = set(group.members)
            top = self._nest_members(group.owner, members)
            reached = {row.container for row in top.walk()}
            rest = [member for member in group.members if member not in reached]
            left = set(rest)
            tops = [member for member in rest if not self._joins_one_of(member, left)]
            more = tuple(self._nest_members(member, members) for member in tops)
            return replace(top, children=(*top.children, *more))
        if group.bond is GroupBond.HOST:
            return self._under_heading(group, "host", self._host_words())
        if group.bond is GroupBond.GONE:
            reference = group.gone_reference or ""
            former = self._report.snapshot.former_containers.get(ContainerId(reference))
            label = short_id(reference) if former is None else former.name
            return self._under_heading(group, f"gone:{reference}", label)
        key = f"{group.bond}:{group.members[0]}"
        return self._under_heading(group, key, group.bond.value)

    def fold(
        self,
        kind: RowKind,
        key: str,
        label: str,
        containers: Iterable[ContainerId],
    ) -> TreeRow:
        """Return a row that is not a container, above a flat list of containers."""
        rows = [self._container(container, ()) for container in containers]
        return self._heading(kind, key, label, tuple(sorted(rows, key=_order)))

    def unshared(self, containers: Iterable[ContainerId]) -> TreeRow:
        """Return the fold of containers that share with no other.

        Those of a compose project are below a heading of it; last come those without.
        """
        projects: dict[str, list[ContainerId]] = {}
        rest: list[TreeRow] = []
        for container in containers:
            compose = self._report.graph.containers[container].compose
            if compose is None:
                rest.append(self._container(container, ()))
            else:
                projects.setdefault(compose.project, []).append(container)
        headings = [
            self.fold(RowKind.PROJECT, f"project:{name}", name, members)
            for name, members in projects.items()
        ]
        rows = (*sorted(headings, key=_order), *sorted(rest, key=_order))
        return self._heading(RowKind.UNSHARED, "unshared", "", rows)

    def _host_words(self) -> str:
        if self._kind is NamespaceKind.NET:
            return "host network"
        return f"host's {self._kind} namespace"

    def _under_heading(self, group: Group, key: str, label: str) -> TreeRow:
        """Return a row that is not a container, above members without an owner."""
        kind = RowKind(group.bond.value)
        if group.bond is GroupBond.LOOP:
            return self.fold(kind, key, label, group.members)
        members = set(group.members)
        tops = [m for m in group.members if not self._joins_one_of(m, members)]
        rows = tuple(self._nest_members(m, members) for m in tops)
        return self._heading(kind, key, label, rows)

    def _joins_one_of(
        self, member: ContainerId, members: Collection[ContainerId]
    ) -> bool:
        join = self._report.graph.join(member, self._kind)
        return join is not None and join.target in members

    def _nest_members(
        self, container: ContainerId, members: Collection[ContainerId]
    ) -> TreeRow:
        """Return a member with the members that joined it below it, recursively.

        A container with a declared join to the member may be in another group.
        """
        graph, kind = self._report.graph, self._kind.value
        users = {d.container for d in graph.users(container) if d.kind == kind}
        inside = sorted(users & set(members), key=graph.name)
        below = (self._nest_members(user, members) for user in inside)
        return self._container(container, tuple(below))

    def _container(
        self, container: ContainerId, children: tuple[TreeRow, ...]
    ) -> TreeRow:
        return TreeRow(
            key=container,
            kind=RowKind.CONTAINER,
            container=container,
            label=self._report.graph.name(container),
            finding=self._report.worst(container),
            children=children,
            shared=self._kind,
        )

    def _heading(
        self, kind: RowKind, key: str, label: str, children: tuple[TreeRow, ...]
    ) -> TreeRow:
        findings = [
            row.finding
            for top in children
            for row in top.walk()
            if row.finding is not None
        ]
        return TreeRow(
            key=key,
            kind=kind,
            container=None,
            label=label,
            finding=min(findings, key=lambda f: f.severity.rank, default=None),
            children=children,
            shared=self._kind,
        )


class SortOrder(StrEnum):
    """The order in which groups and their members are listed."""

    FINDINGS = "findings"
    """The worst first, then by name."""

    NAME = "name"
    STATE = "state"
    """Stopped containers first."""

    AGE = "age"
    """The latest start or end first."""

    CPU = "CPU"
    """The highest usage first."""

    MEMORY = "memory"

    @property
    def is_usage(self) -> bool:
        """Whether the order needs the usage of containers, which must be read first."""
        return self in {SortOrder.CPU, SortOrder.MEMORY}


class UnknownValue(StrEnum):
    """Why a value that could exist is not known."""

    UNREAD = "unread"
    AWAITED = "awaited"
    """Not yet known: CPU usage takes two readings."""


@dataclass(frozen=True, slots=True)
class SortValue:
    """The value that a row is sorted by, for display."""

    order: SortOrder
    amount: float | UnknownValue | None
    """Seconds, percent of one CPU, or bytes; None if there is no value, as for a
    stopped container or a row that is not a container."""

    total: float | None = None
    """The sum of usage over the row and all rows below it; None if there are none, or
    if nothing is known of it."""

    is_partial: bool = False
    """Whether a value is missing in the total."""


def build_held_rows(
    report: Report, kind: NamespaceKind, scan: HolderScan, past: Past = NO_PAST
) -> TreeRow:
    """Return one row with the namespaces of a kind below it.

    Namespaces that their containers have left come first; last come the sentences about
    what could not be read, one row each.
    """
    held = [one for one in find_held(report, scan, past) if one.namespace.kind is kind]
    sentences = find_limitations(report, scan, kind)
    return held_row(
        kind,
        children=(
            *(_namespace(one) for one in without_container(held)),
            *(_limitation_row(kind, number, s) for number, s in enumerate(sentences)),
        ),
    )


def held_row(
    kind: NamespaceKind, label: str = "", children: Iterable[TreeRow] = ()
) -> TreeRow:
    """Return the row above the namespaces without a container.

    Args:
        kind: The kind of the namespaces.
        label: The text that replaces the number of namespaces.
        children: The rows below it.

    """
    return TreeRow(
        key="held",
        kind=RowKind.HELD,
        container=None,
        label=label,
        finding=None,
        children=tuple(children),
        shared=kind,
    )


def _namespace(one: HeldNamespace) -> TreeRow:
    return TreeRow(
        key=f"held:{one.namespace}",
        kind=RowKind.NAMESPACE,
        container=None,
        label=str(one.namespace),
        finding=None,
        children=(),
        shared=one.namespace.kind,
        held=one,
    )


def _limitation_row(kind: NamespaceKind, number: int, sentence: str) -> TreeRow:
    return TreeRow(
        key=f"unread:{number}",
        kind=RowKind.UNREAD,
        container=None,
        label=sentence,
        finding=None,
        children=(),
        shared=kind,
    )

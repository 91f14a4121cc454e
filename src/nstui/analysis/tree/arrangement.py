"""Searching in texts, and sorting the rows of the tree."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from nstui.analysis.tree.members import (
    group_members,
    member_pids,
    percent_between,
    publisher,
)
from nstui.analysis.tree.tree import (
    Amounts,
    RowKind,
    SortOrder,
    SortValue,
    UnknownValue,
)
from nstui.model.container import ContainerState
from nstui.model.finding import GroupBond
from nstui.model.namespace import NamespaceKind
from nstui.model.network import Usage

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from nstui.analysis.report import Report
    from nstui.analysis.tree.members import Usages
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.container import Container, ContainerId
    from nstui.model.snapshot import ReadProblem


_STATES = (
    ContainerState.DEAD,
    ContainerState.RESTARTING,
    ContainerState.REMOVING,
    ContainerState.EXITED,
    ContainerState.CREATED,
    ContainerState.PAUSED,
    ContainerState.RUNNING,
    ContainerState.UNKNOWN,
)
"""Stopped states come first, unknown ones last."""

_DIGITS = {SortOrder.CPU: 1, SortOrder.MEMORY: -6}
"""The digits to which values are rounded for sorting, so that rows that look equal do
not change places at every reading."""

_KNOWN, _NOTHING, _UNKNOWN = range(3)

_NO_GROUP = frozenset(
    {RowKind.UNSHARED, RowKind.HELD, RowKind.NAMESPACE, RowKind.UNREAD}
)
"""The rows that stand for no group of containers."""


@lru_cache(maxsize=8)
def _pattern(words: str) -> re.Pattern[str]:
    heeds_case = any(character.isupper() for character in words)
    return re.compile(re.escape(words), 0 if heeds_case else re.IGNORECASE)


def find_all(words: str, text: str) -> tuple[tuple[int, int], ...]:
    """Return the occurrences of words in a text, as pairs of start and end.

    Words are taken literally. Case matters only if the words contain capitals. Empty
    words have no occurrences.
    """
    if not words:
        return ()
    return tuple(found.span() for found in _pattern(words).finditer(text))


def grouped_with(report: Report, row: TreeRow) -> tuple[ContainerId, ...]:
    """Return the members of the group that a row is in, the owner first.

    The group is that of the tree's kind of namespace. For a row that is not a container
    it consists of the containers below the row.
    """
    if row.container is None:
        return tuple(b.container for b in row.walk() if b.container is not None)
    return group_members(report, row.container, row.shared)


def selected_with(report: Report, row: TreeRow) -> tuple[ContainerId, ...]:
    """Return the containers that are selected together with a row.

    It is the group that the row is in, or else its whole compose project, including
    the project's containers elsewhere in the tree, or else the container alone. Returns
    nothing for a row that stands for no group and no project.
    """
    if row.kind in _NO_GROUP:
        return ()
    if row.kind is RowKind.PROJECT:
        return _members_of_project(report, row.label)
    if row.container is None:
        return grouped_with(report, row)
    bonds = {
        group.bond
        for group in report.groups(row.shared)
        if row.container in group.members
    }
    if bonds - {GroupBond.HOST}:
        return grouped_with(report, row)
    compose = report.graph.containers[row.container].compose
    if compose is None:
        return (row.container,)
    return _members_of_project(report, compose.project)


def _members_of_project(report: Report, project: str) -> tuple[ContainerId, ...]:
    containers = report.snapshot.containers
    return tuple(
        c.id
        for c in containers
        if c.compose is not None and c.compose.project == project
    )


def row_network(report: Report, row: TreeRow) -> ContainerId | None:
    """Return the container through which the network of a row can be read.

    It is the same container for all that the kernel shows in one network, so that a
    reading made for one of them is valid for the others. Returns None if a row stands
    for no network, or for several.
    """
    if row.container is not None:
        return publisher(report, row.container) or row.container
    is_net = row.shared is NamespaceKind.NET
    if row.kind is RowKind.UNDECLARED and is_net:
        return next(iter(member_pids(report, grouped_with(report, row))), None)
    return None


class _Weight(NamedTuple):
    """The position of a row in the order; the smallest comes first."""

    rank: int
    """Whether there is no number; such rows come after the others."""

    number: float

    is_partial: bool = False
    """Whether a number is missing in a sum."""


class _Weighed(NamedTuple):
    row: TreeRow
    weight: _Weight


def sort_rows(
    rows: tuple[TreeRow, ...], report: Report, order: SortOrder, amounts: Amounts
) -> tuple[TreeRow, ...]:
    """Return rows in the given order, each with the value it is sorted by.

    Args:
        rows: The rows, ordered by their findings.
        report: The report that the rows show.
        order: The order.
        amounts: The value of each container, if the order is by one.

    """
    if order is SortOrder.FINDINGS:
        return rows
    sorter = _Sorter(report, order, amounts)
    return tuple(one.row for one in sorter.sort(rows))


class _Sorter:
    def __init__(self, report: Report, order: SortOrder, amounts: Amounts) -> None:
        self._containers = report.graph.containers
        self._order = order
        self._amounts = amounts

    def sort(self, rows: Iterable[TreeRow]) -> list[_Weighed]:
        """Return rows in order, together with all rows below them."""
        return sorted((self._weigh(row) for row in rows), key=self._sort_key)

    def _weigh(self, row: TreeRow) -> _Weighed:
        own = self._own_weight(row)
        below = self.sort(row.children)
        whole = self._combine([own, *(one.weight for one in below)])
        lines = tuple(one.row for one in below)
        measure = self._value(row, whole if below else None)
        return _Weighed(replace(row, children=lines, measure=measure), whole)

    def _own_weight(self, row: TreeRow) -> _Weight:
        """Return the weight of a row without the rows below it."""
        if row.container is None:
            return _Weight(_NOTHING, 0)
        if self._order is SortOrder.NAME:
            return _Weight(_KNOWN, 0)
        if self._order is SortOrder.STATE:
            state = self._containers[row.container].state
            return _Weight(_KNOWN, _STATES.index(state))
        amount = self._amounts.get(row.container)
        if amount is None:
            return _Weight(_NOTHING, 0)
        if isinstance(amount, UnknownValue):
            return _Weight(_UNKNOWN, 0, is_partial=True)
        return _Weight(_KNOWN, -amount if self._order.is_usage else amount)

    def _combine(self, weights: list[_Weight]) -> _Weight:
        """Return the joint weight of rows: their sum, or the weight of the first."""
        known = [weight for weight in weights if weight.rank == _KNOWN]
        if not known:
            return max(weights)
        if not self._order.is_usage:
            return min(known)
        is_partial = any(weight.is_partial for weight in weights)
        return _Weight(_KNOWN, sum(weight.number for weight in known), is_partial)

    def _value(self, row: TreeRow, whole: _Weight | None) -> SortValue | None:
        """Return the value to show for a row."""
        if self._order in {SortOrder.NAME, SortOrder.STATE}:
            return None
        own = None if row.container is None else self._amounts.get(row.container)
        if whole is None or whole.rank != _KNOWN or not self._order.is_usage:
            return SortValue(self._order, own)
        return SortValue(self._order, own, abs(whole.number), whole.is_partial)

    def _sort_key(self, one: _Weighed) -> tuple[bool, bool, int, float, str, str]:
        """Return the sort key of a row; rows of equal weight are sorted by name."""
        row, weight = one
        digits = _DIGITS.get(self._order)
        number = weight.number if digits is None else round(weight.number, digits)
        is_fold = row.kind is RowKind.UNSHARED
        # Only those without a project are beside a heading of one.
        is_loose = row.kind is not RowKind.PROJECT
        name = row.label.casefold()
        return (is_fold, is_loose, weight.rank, number, name, row.key)


def ages(report: Report) -> Amounts:
    """Return the seconds since each container was started or ended."""
    now = report.snapshot.taken_at
    found: dict[ContainerId, float | UnknownValue] = {}
    for container in report.snapshot.containers:
        since = _changed_at(container)
        seconds = None if since is None else (now - since).total_seconds()
        found[container.id] = (
            UnknownValue.UNREAD if seconds is None else max(0.0, seconds)
        )
    return MappingProxyType(found)


def _changed_at(container: Container) -> datetime | None:
    """Return when a container was last started or ended, or else created."""
    if container.inspection is None:
        return None
    inspection = container.inspection
    known = (inspection.started_at, inspection.finished_at, container.created_at)
    return max((each for each in known if each is not None), default=None)


def memory(after: Usages) -> Amounts:
    """Return the memory usage of containers in bytes."""
    unread = UnknownValue.UNREAD
    return MappingProxyType(
        {
            container: float(usage.memory) if isinstance(usage, Usage) else unread
            for container, usage in after.items()
        }
    )


def cpu(before: Usages, after: Usages) -> Amounts:
    """Return the CPU usage of containers between two readings, in percent."""
    return MappingProxyType(
        {
            container: _percent(before.get(container), usage)
            for container, usage in after.items()
        }
    )


def _percent(
    before: Usage | ReadProblem | None, after: Usage | ReadProblem
) -> float | UnknownValue:
    if not isinstance(after, Usage):
        return UnknownValue.UNREAD
    percent = percent_between(before, after)
    return UnknownValue.AWAITED if percent is None else percent

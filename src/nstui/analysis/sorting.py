"""The lines of the tree in another order.

A group is where its best member would be: by name its owner, by state what is down, by
age what changed last. By CPU and memory it is where the sum of its members is. In a
group the members of each line are ordered in the same way. The fold of what shares with
nobody stays at the end.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from nstui.analysis.forest import BranchKind
from nstui.analysis.orders import Measure, Order, Unknown
from nstui.model.container import ContainerState

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.forest import Branch
    from nstui.analysis.orders import Amounts
    from nstui.analysis.report import Report

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
"""What is down comes first; what nobody knows, last."""

_DIGITS = {Order.CPU: 1, Order.MEMORY: -6}
"""To how many digits numbers are compared: what looks the same must not change places
at every reading."""

_KNOWN, _NOTHING, _UNKNOWN = range(3)


class _Weight(NamedTuple):
    """Where a line belongs: the least comes first."""

    rank: int
    """Whether there is a number; without one it comes after those that have one."""

    number: float

    is_partial: bool = False
    """Whether a number is missing in a sum."""


class _Weighed(NamedTuple):
    branch: Branch
    weight: _Weight


def sort_branches(
    branches: tuple[Branch, ...], report: Report, order: Order, amounts: Amounts
) -> tuple[Branch, ...]:
    """Return lines in some order, each with what it is ordered by.

    Args:
        branches: The lines, in the order of their findings.
        report: What they are of.
        order: Which order.
        amounts: What the containers are measured by, if the order is by a measure.

    """
    if order is Order.FINDINGS:
        return branches
    sorter = _Sorter(report, order, amounts)
    return tuple(one.branch for one in sorter.sort(branches))


class _Sorter:
    def __init__(self, report: Report, order: Order, amounts: Amounts) -> None:
        self._containers = report.graph.containers
        self._order = order
        self._amounts = amounts

    def sort(self, branches: Iterable[Branch]) -> list[_Weighed]:
        """Return lines in order, with all beneath them."""
        return sorted((self._weigh(branch) for branch in branches), key=self._place)

    def _weigh(self, branch: Branch) -> _Weighed:
        own = self._own(branch)
        beneath = self.sort(branch.branches)
        whole = self._together([own, *(one.weight for one in beneath)])
        lines = tuple(one.branch for one in beneath)
        measure = self._measure(branch, whole if beneath else None)
        return _Weighed(replace(branch, branches=lines, measure=measure), whole)

    def _own(self, branch: Branch) -> _Weight:
        """Weigh a line without what is beneath it."""
        if branch.container is None:
            return _Weight(_NOTHING, 0)
        if self._order is Order.NAME:
            return _Weight(_KNOWN, 0)
        if self._order is Order.STATE:
            state = self._containers[branch.container].state
            return _Weight(_KNOWN, _STATES.index(state))
        amount = self._amounts.get(branch.container)
        if amount is None:
            return _Weight(_NOTHING, 0)
        if isinstance(amount, Unknown):
            return _Weight(_UNKNOWN, 0, is_partial=True)
        return _Weight(_KNOWN, -amount if self._order.is_usage else amount)

    def _together(self, weights: list[_Weight]) -> _Weight:
        """Weigh lines as one: by their sum, or by the first of them."""
        known = [weight for weight in weights if weight.rank == _KNOWN]
        if not known:
            return max(weights)
        if not self._order.is_usage:
            return min(known)
        is_partial = any(weight.is_partial for weight in weights)
        return _Weight(_KNOWN, sum(weight.number for weight in known), is_partial)

    def _measure(self, branch: Branch, whole: _Weight | None) -> Measure | None:
        """Return what to show of what a line is ordered by."""
        if self._order in {Order.NAME, Order.STATE}:
            return None
        own = None if branch.container is None else self._amounts.get(branch.container)
        if whole is None or whole.rank != _KNOWN or not self._order.is_usage:
            return Measure(self._order, own)
        return Measure(self._order, own, abs(whole.number), whole.is_partial)

    def _place(self, one: _Weighed) -> tuple[bool, int, float, str, str]:
        """Return where a line belongs; those that weigh the same go by their names."""
        branch, weight = one
        digits = _DIGITS.get(self._order)
        number = weight.number if digits is None else round(weight.number, digits)
        is_fold = branch.kind is BranchKind.UNSHARED
        return (is_fold, weight.rank, number, branch.label.casefold(), branch.key)

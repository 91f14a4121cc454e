"""The rows of the tree, made of all that is known, in the way that the user chose."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from nstui.analysis.tree.arrangement import ages, cpu, filter_rows, memory, sort_rows
from nstui.analysis.tree.namespaces import NOT_HERE, HolderScan, record_namespaces
from nstui.analysis.tree.tree import (
    NO_AMOUNTS,
    Amounts,
    SortOrder,
    UnknownValue,
    build_held_rows,
    build_tree,
    held_row,
)
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind
from nstui.tui.poller import Poller

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.timer import Timer
    from textual.widget import Widget

    from nstui.analysis.report import Report
    from nstui.analysis.tree.members import Usages
    from nstui.analysis.tree.namespaces import Past
    from nstui.analysis.tree.tree import TreeRow
    from nstui.ports import HostEvidence
    from nstui.tui.poller import Pids

    Choice = TypeVar("Choice")


SCAN_S = 10.0
"""Seconds between two looks at all processes of a machine: nothing tells of them."""

CALM_S = 1.0
"""Seconds from a change of the containers to the next such look: a storm of changes
causes few."""

NO_USAGES: Usages = MappingProxyType({})

_ORDER_WORDS = {
    SortOrder.NAME: "by name",
    SortOrder.STATE: "by state, what is down first",
    SortOrder.AGE: "by age, what changed last first",
    SortOrder.CPU: "by CPU, groups by their sums",
    SortOrder.MEMORY: "by memory, groups by their sums",
}


class ViewModel:
    """Makes the lines of the tree of all that is known."""

    def __init__(
        self,
        widget: Widget,
        evidence: HostEvidence | None,
        *,
        interval: float | None,
        on_change: Callable[[], None],
    ) -> None:
        """Take who is asked for more than a look tells.

        Args:
            widget: For whom it is read; nothing is while its screen is not on top.
            evidence: Who is asked, in the background; None if nobody can be.
            interval: Seconds between two readings of what containers use; None: the
                usual.
            on_change: Told that the lines may be others now.

        """
        self.report: Report | None = None
        self._widget = widget
        self._evidence = evidence
        self._past: Past = MappingProxyType({})
        self._scan: HolderScan | None = None
        self._before: Usages = NO_USAGES
        self._after: Usages = NO_USAGES
        self._scanning = Poller(widget, interval=SCAN_S, on_change=on_change)
        self._using = Poller(widget, interval=interval, on_change=on_change)
        self._calm: Timer | None = None

    def take(self, report: Report, view: TreeView) -> None:
        """Take a newer look."""
        before, self.report = self.report, report
        scan = self._scan
        if before is not None and _moved(before, report):
            holders = None if scan is None else scan.holders
            self._past = record_namespaces(self._past, before, report, holders)
        if scan is not None and self._calm is None and _moved(scan.report, report):
            self._calm = self._widget.set_timer(CALM_S, self._scan_again)
        self.read_for(view)

    def read_for(self, view: TreeView) -> None:
        """Read what a view needs from now on, and nothing else."""
        evidence, report = self._evidence, self.report
        if evidence is None or report is None:
            return
        if view.with_all:
            self._scanning.want(view.kind, lambda: self._read_holders(evidence, view))
        else:
            self._scanning.want_nothing()
            self._scan = None
        if view.order.is_usage:
            pids = _pids(report)
            key = frozenset(pids.items())
            self._using.want(key, lambda: self._read_usage(evidence, pids))
        else:
            self._using.want_nothing()
            self._before = self._after = NO_USAGES

    def read_again(self) -> None:
        """Read without waiting what is read at all."""
        self._scanning.read_again()
        self._using.read_again()

    def resume(self) -> None:
        """Read what became due while another screen was on top."""
        self._scanning.resume()
        self._using.resume()

    def rows(self, view: TreeView, text: str) -> tuple[TreeRow, ...]:
        """Return the lines of a view that match a filter's text."""
        report = self.report
        if report is None:
            return ()
        lines = build_tree(report, view.kind)
        if view.order is not SortOrder.FINDINGS:
            amounts = self._amounts(report, view)
            lines = sort_rows(lines, report, view.order, amounts)
        if view.with_all:
            lines = (*lines, self._held(report, view))
        return filter_rows(lines, report, text)

    def is_settled(self, view: TreeView) -> bool:
        """Tell whether all that the order of a view goes by is here."""
        if self._evidence is None or not view.order.is_usage:
            return True
        return bool(self._before if view.order is SortOrder.CPU else self._after)

    def _held(self, report: Report, view: TreeView) -> TreeRow:
        kind = view.kind
        if self._evidence is None:
            return held_row(kind, NOT_HERE)
        is_read = self._scan is not None and kind in self._scan.kinds
        if self._scan is None or not is_read or report.snapshot.is_glimpse:
            return held_row(kind, f"reading all {kind} namespaces …")
        return build_held_rows(report, kind, self._scan, self._past)

    def _amounts(self, report: Report, view: TreeView) -> Amounts:
        if view.order is SortOrder.AGE:
            return ages(report)
        if not view.order.is_usage:
            return NO_AMOUNTS
        is_cpu = view.order is SortOrder.CPU
        known = cpu(self._before, self._after) if is_cpu else memory(self._after)
        awaited = (
            UnknownValue.UNREAD if self._evidence is None else UnknownValue.AWAITED
        )
        pids = _pids(report)
        return MappingProxyType(
            {
                c.id: known.get(c.id, awaited if c.id in pids else UnknownValue.UNREAD)
                for c in report.snapshot.containers
                if c.state.has_process
            }
        )

    def _read_holders(
        self, evidence: HostEvidence, view: TreeView
    ) -> Callable[[], None]:
        """Read in a thread what holds namespaces; return what keeps it."""
        before = self.report
        holders = evidence.holders((view.kind,))

        def keep() -> None:
            if before is not None:
                self._scan = HolderScan(holders, (view.kind,), before)

        return keep

    def _read_usage(self, evidence: HostEvidence, pids: Pids) -> Callable[[], None]:
        """Read in a thread what containers use; return what keeps it."""
        usages = evidence.usage(pids)

        def keep() -> None:
            self._before, self._after = self._after, usages

        return keep

    def _scan_again(self) -> None:
        self._calm = None
        self._scanning.read_again()


def _pids(report: Report) -> Pids:
    """Return the first process of each container that runs."""
    return {
        container.id: container.pid
        for container in report.snapshot.containers
        if container.pid is not None and container.state.has_process
    }


def _moved(before: Report, after: Report) -> bool:
    """Tell whether containers have been started or have ended between two looks.

    A process stays in its namespaces, at least if it is a container's first one.
    """
    return _pids(before) != _pids(after)


@dataclass(frozen=True, slots=True)
class TreeView:
    """One way to show a host."""

    kind: NamespaceKind = NamespaceKind.NET
    """Whose groups are shown."""

    order: SortOrder = SortOrder.FINDINGS
    """Of the groups, and of the containers in them."""

    with_all: bool = False
    """Whether namespaces that no container is in are shown, too."""

    def with_next_kind(self, kinds: Sequence[NamespaceKind]) -> TreeView:
        """Show the next of some kinds, which are all that there are."""
        return replace(self, kind=_next(kinds, self.kind, 1))

    def with_next_order(self, step: int) -> TreeView:
        """Show another order: with 1 the next one, with -1 the one before."""
        return replace(self, order=_next(tuple(SortOrder), self.order, step))

    @property
    def words(self) -> str:
        """What is shown, in so far as it is not what is shown at first."""
        what = f"{'all ' if self.with_all else ''}{self.kind} namespaces"
        is_first = self.kind is NamespaceKind.NET and not self.with_all
        order = _ORDER_WORDS.get(self.order, "")
        return " · ".join(part for part in ("" if is_first else what, order) if part)


def _next(choices: Sequence[Choice], present: Choice, step: int) -> Choice:
    """Return the choice so many steps on, around the end; the first if it is none."""
    if present not in choices:
        return choices[0]
    return choices[(choices.index(present) + step) % len(choices)]

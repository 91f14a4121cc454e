"""The rows of the tree, from everything known, in the view that the user chose."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeVar

from nstui.analysis.tree.arrangement import ages, cpu, memory, sort_rows
from nstui.analysis.tree.filtering import filter_rows
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
"""Seconds between two scans of all processes, which cause no events."""

RESCAN_S = 1.0
"""Seconds from a change of the containers to the next scan, so that a burst of changes
causes only one."""

NO_USAGES: Usages = MappingProxyType({})

_ORDER_WORDS = {
    SortOrder.NAME: "by name",
    SortOrder.STATE: "by state, stopped first",
    SortOrder.AGE: "by age, last changed first",
    SortOrder.CPU: "by CPU, groups by their sums",
    SortOrder.MEMORY: "by memory, groups by their sums",
}


class ViewModel:
    """Builds the rows of the tree from reports and readings."""

    def __init__(
        self,
        widget: Widget,
        evidence: HostEvidence | None,
        *,
        interval: float | None,
        on_change: Callable[[], None],
    ) -> None:
        """Create a model without a report.

        Args:
            widget: Shows the rows; nothing is read unless its screen is on top.
            evidence: Read in the background; None if the host cannot be read.
            interval: Seconds between two readings of CPU time and memory; None for
                the default.
            on_change: Called when the rows may have changed.

        """
        self.report: Report | None = None
        self._widget = widget
        self._evidence = evidence
        self._past: Past = MappingProxyType({})
        self._scan: HolderScan | None = None
        self._before: Usages = NO_USAGES
        self._after: Usages = NO_USAGES
        self._holder_poller = Poller(widget, interval=SCAN_S, on_change=on_change)
        self._usage_poller = Poller(widget, interval=interval, on_change=on_change)
        self._scan_timer: Timer | None = None

    def take(self, report: Report, view: TreeView) -> None:
        """Use a newer look."""
        before, self.report = self.report, report
        scan = self._scan
        if before is not None and _has_new_processes(before, report):
            holders = None if scan is None else scan.holders
            self._past = record_namespaces(self._past, before, report, holders)
        if (
            scan is not None
            and self._scan_timer is None
            and _has_new_processes(scan.report, report)
        ):
            self._scan_timer = self._widget.set_timer(RESCAN_S, self._scan_again)
        self.read_for(view)

    def read_for(self, view: TreeView) -> None:
        """Start the readings that a view needs, and stop the others."""
        evidence, report = self._evidence, self.report
        if evidence is None or report is None:
            return
        if view.with_all:
            self._holder_poller.want(
                view.kind, lambda: self._read_holders(evidence, view)
            )
        else:
            self._holder_poller.want_nothing()
            self._scan = None
        if view.order.is_usage:
            pids = _pids(report)
            key = frozenset(pids.items())
            self._usage_poller.want(key, lambda: self._read_usage(evidence, pids))
        else:
            self._usage_poller.want_nothing()
            self._before = self._after = NO_USAGES

    def read_again(self) -> None:
        """Repeat the current readings at once."""
        self._holder_poller.read_again()
        self._usage_poller.read_again()

    def resume(self) -> None:
        """Read what became due while another screen was on top."""
        self._holder_poller.resume()
        self._usage_poller.resume()

    def rows(self, view: TreeView, text: str) -> tuple[TreeRow, ...]:
        """Return the rows of a view that match a filter's text."""
        report = self.report
        if report is None:
            return ()
        lines = build_tree(report, view.kind)
        if view.order is not SortOrder.FINDINGS:
            amounts = self._amounts(report, view)
            lines = sort_rows(lines, report, view.order, amounts)
        if view.with_all:
            lines = (*lines, self._held_row(report, view))
        return filter_rows(lines, report, text)

    def has_sort_values(self, view: TreeView) -> bool:
        """Return whether the values that the view is sorted by are known."""
        if self._evidence is None or not view.order.is_usage:
            return True
        return bool(self._before if view.order is SortOrder.CPU else self._after)

    def _held_row(self, report: Report, view: TreeView) -> TreeRow:
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
        """Read in a thread what holds namespaces; return a function that keeps it."""
        before = self.report
        holders = evidence.holders((view.kind,))

        def keep() -> None:
            if before is not None:
                self._scan = HolderScan(holders, (view.kind,), before)

        return keep

    def _read_usage(self, evidence: HostEvidence, pids: Pids) -> Callable[[], None]:
        """Read in a thread what containers use; return a function that keeps it."""
        usages = evidence.usage(pids)

        def keep() -> None:
            self._before, self._after = self._after, usages

        return keep

    def _scan_again(self) -> None:
        self._scan_timer = None
        self._holder_poller.read_again()


def _pids(report: Report) -> Pids:
    """Return the first process of each running container."""
    return {
        container.id: container.pid
        for container in report.snapshot.containers
        if container.pid is not None and container.state.has_process
    }


def _has_new_processes(before: Report, after: Report) -> bool:
    """Return whether containers have been started or have ended between two looks.

    The first process of a container stays in its namespaces.
    """
    return _pids(before) != _pids(after)


@dataclass(frozen=True, slots=True)
class TreeView:
    """A way to show a host."""

    kind: NamespaceKind = NamespaceKind.NET
    """The kind of namespace that the groups share."""

    order: SortOrder = SortOrder.FINDINGS
    """The order of the groups, and of the containers in them."""

    with_all: bool = False
    """Whether namespaces without a container are shown, too."""

    def with_next_kind(self, kinds: Sequence[NamespaceKind]) -> TreeView:
        """Return the view with the next of these kinds."""
        return replace(self, kind=_next(kinds, self.kind, 1))

    def with_next_order(self, step: int) -> TreeView:
        """Return the view with the next order (1), or with the previous one (-1)."""
        return replace(self, order=_next(tuple(SortOrder), self.order, step))

    @property
    def text(self) -> str:
        """What the view shows if that is not the default; empty if it is."""
        what = f"{'all ' if self.with_all else ''}{self.kind} namespaces"
        is_first = self.kind is NamespaceKind.NET and not self.with_all
        order = _ORDER_WORDS.get(self.order, "")
        return " · ".join(part for part in ("" if is_first else what, order) if part)


def _next(choices: Sequence[Choice], present: Choice, step: int) -> Choice:
    """Return the choice `step` further, around the end; the first if unknown."""
    if present not in choices:
        return choices[0]
    return choices[(choices.index(present) + step) % len(choices)]

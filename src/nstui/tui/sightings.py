"""What was seen of a host, and what is read besides while the view asks for it."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.filtering import filter_branches
from nstui.analysis.forest import grow
from nstui.analysis.orders import NO_AMOUNTS, Amounts, Order, Unknown
from nstui.tui.readings import Readings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from textual.timer import Timer
    from textual.widget import Widget

    from nstui.analysis.forest import Branch
    from nstui.analysis.members import Usages
    from nstui.analysis.namespaces import Scan
    from nstui.analysis.past import Past
    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.ports import HostEvidence
    from nstui.tui.view import View

    Pids = Mapping[ContainerId, int]

SCAN_S = 10.0
"""Seconds between two looks at all processes of a machine: nothing tells of them."""

CALM_S = 1.0
"""Seconds from a change of the containers to the next such look: a storm of changes
causes few."""

NO_USAGES: Usages = MappingProxyType({})


class Sightings:
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
        self._scan: Scan | None = None
        self._before: Usages = NO_USAGES
        self._after: Usages = NO_USAGES
        self._scanning = Readings(widget, interval=SCAN_S, on_change=on_change)
        self._using = Readings(widget, interval=interval, on_change=on_change)
        self._calm: Timer | None = None

    def take(self, report: Report, view: View) -> None:
        """Take a newer look."""
        before, self.report = self.report, report
        scan = self._scan
        if before is not None and _moved(before, report):
            from nstui.analysis.past import remember  # noqa: PLC0415 - when needed

            holders = None if scan is None else scan.holders
            self._past = remember(self._past, before, report, holders)
        if scan is not None and self._calm is None and _moved(scan.report, report):
            self._calm = self._widget.set_timer(CALM_S, self._scan_again)
        self.read_for(view)

    def read_for(self, view: View) -> None:
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

    def branches(self, view: View, text: str) -> tuple[Branch, ...]:
        """Return the lines of a view that match a filter's text."""
        report = self.report
        if report is None:
            return ()
        lines = grow(report, view.kind)
        if view.order is not Order.FINDINGS:
            from nstui.analysis.sorting import sort_branches  # noqa: PLC0415 - when asked

            amounts = self._amounts(report, view)
            lines = sort_branches(lines, report, view.order, amounts)
        if view.with_all:
            lines = (*lines, self._held(report, view))
        return filter_branches(lines, report, text)

    def is_settled(self, view: View) -> bool:
        """Tell whether all that the order of a view goes by is here."""
        if self._evidence is None or not view.order.is_usage:
            return True
        return bool(self._before if view.order is Order.CPU else self._after)

    def _held(self, report: Report, view: View) -> Branch:
        from nstui.analysis.held_forest import grow_held, held_branch  # noqa: PLC0415 - when asked
        from nstui.analysis.unread import NOT_HERE  # noqa: PLC0415 - as above

        kind = view.kind
        if self._evidence is None:
            return held_branch(kind, NOT_HERE)
        is_read = self._scan is not None and kind in self._scan.kinds
        if self._scan is None or not is_read or report.snapshot.is_glimpse:
            return held_branch(kind, f"reading all {kind} namespaces …")
        return grow_held(report, kind, self._scan, self._past)

    def _amounts(self, report: Report, view: View) -> Amounts:
        from nstui.analysis.measures import ages, cpu, memory  # noqa: PLC0415 - when asked

        if view.order is Order.AGE:
            return ages(report)
        if not view.order.is_usage:
            return NO_AMOUNTS
        is_cpu = view.order is Order.CPU
        known = cpu(self._before, self._after) if is_cpu else memory(self._after)
        awaited = Unknown.UNREAD if self._evidence is None else Unknown.AWAITED
        pids = _pids(report)
        return MappingProxyType(
            {
                c.id: known.get(c.id, awaited if c.id in pids else Unknown.UNREAD)
                for c in report.snapshot.containers
                if c.state.has_process
            }
        )

    def _read_holders(self, evidence: HostEvidence, view: View) -> Callable[[], None]:
        """Read in a thread what holds namespaces; return what keeps it."""
        from nstui.analysis.namespaces import Scan  # noqa: PLC0415 - when asked

        before = self.report
        holders = evidence.holders((view.kind,))

        def keep() -> None:
            if before is not None:
                self._scan = Scan(holders, (view.kind,), before)

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

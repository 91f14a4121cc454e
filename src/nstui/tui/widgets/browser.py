"""The tree and the details of the row under its cursor, in a view of the report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Tree

from nstui.render.findings import nothing_text
from nstui.render.text import printable
from nstui.tui.keys import BROWSE_KEYS, FILTER_KEY, Tab
from nstui.tui.notices import ViewLine
from nstui.tui.view_model import TreeView, ViewModel
from nstui.tui.widgets.details_panel import DetailsPanel, DetailsScroll
from nstui.tui.widgets.group_tree import GroupTree
from nstui.tui.widgets.key_order import focus_at_once
from nstui.tui.widgets.reconcile import Folds
from nstui.tui.widgets.search import FilterBar
from nstui.tui.widgets.tree_pane import TreePane

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.analysis.report import Report
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.container import ContainerId
    from nstui.ports import HostEvidence
    from nstui.tui.session import Session


ZOOMED = "-zoomed"
"""The class of the browser while the details have the whole screen."""


def next_with_finding(
    rows: Sequence[TreeRow],
    start: TreeRow | None,
    wrong: Collection[ContainerId],
    step: int,
) -> ContainerId | None:
    """Return the container of the nearest row with a finding, around the end.

    Args:
        rows: All rows, including those that a fold hides.
        start: The row to start from; None for a start before the first one.
        wrong: The containers that have findings.
        step: 1 for the next row, -1 for the previous one.

    Returns:
        The container; None if no row has a finding.

    """
    index = rows.index(start) if start in rows else (-1 if step > 0 else 0)
    for distance in range(1, len(rows) + 1):
        container = rows[(index + step * distance) % len(rows)].container
        if container is not None and container in wrong:
            return container
    return None


class Browser(Horizontal):
    """Shows a report in the view that the user chooses.

    Attributes:
        groups: The tree of groups.
        view: The view.

    """

    BINDINGS: ClassVar[list[BindingType]] = BROWSE_KEYS

    class ViewChanged(Message):
        """The view has changed."""

    def __init__(
        self,
        evidence: HostEvidence | None,
        *,
        interval: float | None,
        session: Session,
        endpoint: str,
    ) -> None:
        """Create the widget.

        Args:
            evidence: Read in the background for what is on the screen; None if the host
                cannot be read.
            interval: Seconds between two such readings; None for the default.
            session: The user's preferences.
            endpoint: The address of the engine, whose folds are kept.

        """
        super().__init__(id="body")
        self._session = session
        self.view = TreeView(order=session.order)
        self._model = ViewModel(
            self, evidence, interval=interval, on_change=self._show_tree
        )
        self.groups = GroupTree(
            Folds(*session.folds_of(endpoint)),
            columns=session.columns,
            filter_keys=session.keymap.get("filter", FILTER_KEY).split(","),
            id="groups",
        )
        self._pane = TreePane(self.groups, self._show_tree, self.action_clear)
        self._details = DetailsPanel(evidence, interval=interval)

    def compose(self) -> ComposeResult:
        """Yield the tree, and the details beside it."""
        yield self._pane
        yield self._details

    def on_mount(self) -> None:
        """Say which view it is, and resume reading when a screen above has gone."""
        self.query_one(ViewLine).say(self.view.text)
        self.app.screen_change_signal.subscribe(self, lambda _: self._model.resume())

    def show(self, report: Report) -> None:
        """Show a newer look, in place."""
        self._model.take(report, self.view)
        self._show_tree()

    @on(Input.Changed, "#filter-input")
    def _show_tree(self) -> None:
        if self._model.report is None:
            return
        self._pane.show(
            self._model.rows(self.view, self._pane.text),
            self._model.report,
            is_volatile=self.view.order.is_usage,
            is_order_known=self._model.has_sort_values(self.view),
        )
        self._show_details()

    @on(Tree.NodeHighlighted)
    def _show_details(self) -> None:
        if self._model.report is not None:
            self._details.show(self.groups.row_at_cursor(), self._model.report)
            self.query_one(FilterBar).show_position(*self.groups.match_position)

    def action_tab(self, name: str) -> None:
        """Show a tab of the details, by its name."""
        self._details.choose(Tab(name))

    def action_step_tab(self, by: int) -> None:
        """Show the tab that is `by` positions further."""
        self._details.step(by)

    def read_again(self) -> None:
        """Repeat the readings of the current tab and of the tree at once."""
        self._details.read_again()
        self._model.read_again()

    def action_select_group(self) -> None:
        """Select or deselect the whole group or project of the row under the cursor."""
        self.groups.select_group()

    def action_next_kind(self) -> None:
        """Show the groups of another kind of namespace."""
        if self._model.report is not None:
            self._change(self.view.with_next_kind(self._model.report.kinds))

    def action_next_order(self, step: int) -> None:
        """Show the rows in the next order (1), or in the previous one (-1)."""
        self._change(self.view.with_next_order(step))

    def action_with_all(self) -> None:
        """Show or hide the namespaces without a container."""
        self._change(replace(self.view, with_all=not self.view.with_all))

    def _change(self, view: TreeView) -> None:
        is_reordering = view.order is not self.view.order
        self._pane.keeper.remember(self.groups, is_reordering=is_reordering)
        self.view = view
        self._session.choose_order(view.order)
        self._model.read_for(view)
        self.query_one(ViewLine).say(view.text)
        self._show_tree()
        if not is_reordering:
            self._pane.keeper.restore(self.groups)
        self.post_message(self.ViewChanged())

    @on(DetailsScroll.ZoomAsked)
    def action_zoom(self) -> None:
        """Give the details the whole screen, or show the tree beside them again."""
        self.toggle_class(ZOOMED)
        self._focus()

    def _focus(self) -> None:
        """Give the focus to what the keys are for."""
        if self.has_class(ZOOMED):
            self._details.focus_text()
        else:
            self.groups.focus()

    def action_filter(self) -> None:
        """Open the filter to type into it."""
        self.remove_class(ZOOMED)
        self.query_one(FilterBar).open()

    def action_clear(self) -> None:
        """Show the tree again, or else clear the filter and the selection."""
        if self.has_class(ZOOMED):
            self.action_zoom()
            return
        self.query_one(FilterBar).close()
        focus_at_once(self.groups)
        self.groups.clear_selection()

    def go_to(self, container: ContainerId) -> None:
        """Move the cursor to a container, if it still exists.

        A filter that hides it is cleared.
        """
        if self.groups.move_to(container):
            return
        self.query_one(FilterBar).close()
        self._focus()
        self._show_tree()
        self.groups.move_to(container)

    def action_jump(self, step: int) -> None:
        """Go to the nearest row with a finding; with a filter, to the nearest match.

        Args:
            step: 1 for the next row, -1 for the previous one.

        """
        if self._model.report is None:
            return
        if self._pane.text.split():
            self.groups.step_match(step)
            return
        wrong = self._model.report.findings_by_container
        rows = tuple(self.groups.rows())
        found = next_with_finding(rows, self.groups.row_at_cursor(), wrong, step)
        if found is None:
            self.notify(printable(nothing_text(self._model.report)), markup=False)
        else:
            self.groups.move_to(found)

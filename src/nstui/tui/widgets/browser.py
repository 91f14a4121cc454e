"""The tree, the details and the filter, with a cursor that stays on one container."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Tree

from nstui.analysis.tree.filtering import best_match
from nstui.model.finding import Severity
from nstui.render.findings import nothing_text
from nstui.render.text import printable
from nstui.tui.keys import BROWSE_KEYS, FILTER_KEY, Tab
from nstui.tui.notices import ViewLine
from nstui.tui.view_model import TreeView, ViewModel
from nstui.tui.widgets.details_panel import DetailsPanel, DetailsScroll
from nstui.tui.widgets.group_tree import GroupTree
from nstui.tui.widgets.reconcile import Folds
from nstui.tui.widgets.search import FilterBar, NoMatch

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


class CursorKeeper:
    """Keeps the cursor of a tree on one container from view to view.

    If a fold hides that container, the cursor is on the fold until a view shows the
    container again. A cursor at the top that was not moved stays at the top of another
    order, so that its first row is seen.
    """

    def __init__(self) -> None:
        """Begin without a container."""
        self._container: ContainerId | None = None
        self._at_top: str | None = None
        """The key of the row that was the first one, until another one is at the
        top."""

        self._is_starting = True
        """Whether findings may still come in, and the user has done nothing."""

    def start(self, tree: GroupTree, report: Report) -> None:
        """Move the cursor to the worst finding, or else to the first row.

        This ends with the first complete report, and as soon as the user has pressed a
        key in the tree: from then on the cursor stays on its container.
        """
        self._is_starting = self._is_starting and not tree.was_used
        if not self._is_starting:
            return
        self._is_starting = report.snapshot.is_glimpse
        worst = next(iter(report.findings), None)
        if worst is None:
            tree.action_scroll_home()
        else:
            # A fold is not opened for what is only worth knowing.
            is_urgent = worst.severity is not Severity.NOTICE
            tree.move_to(worst.container, unfold=is_urgent)

    def remember(self, tree: GroupTree, *, is_reordering: bool) -> None:
        """Remember the position of the cursor, before another view is shown."""
        row = tree.row_at_cursor()
        if row is None:
            return
        if not (row.container is None and self._is_in(row)):
            self._container = row.container
        is_at_top = is_reordering and tree.cursor_line == 0
        self._at_top = row.key if is_at_top else None

    def restore(self, tree: GroupTree) -> None:
        """Move the cursor back, once another view is shown."""
        if self._container is not None:
            tree.move_to(self._container, unfold=False)

    def return_to_top(self, tree: GroupTree, *, is_order_known: bool) -> None:
        """Move the cursor to the top if it was there, once the order is known.

        It stays on its container if it has been moved meanwhile, and after the first
        call that knows the order.
        """
        row = tree.row_at_cursor()
        if self._at_top is None or row is None or row.key != self._at_top:
            self._at_top = None
        elif is_order_known:
            self._at_top = None
            tree.action_scroll_home()

    def _is_in(self, fold: TreeRow) -> bool:
        """Return whether the container is in a fold, which may merely hide it."""
        return any(row.container == self._container for row in fold.children)


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
    """Shows a report in the view that the user chooses."""

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
        self._endpoint = endpoint
        self.view = TreeView(order=session.order)
        self._model = ViewModel(
            self, evidence, interval=interval, on_change=self._show_tree
        )
        self._cursor = CursorKeeper()
        self._filtered_by = ""
        self._details = DetailsPanel(evidence, interval=interval)

    def compose(self) -> ComposeResult:
        """Yield the tree, the filter below it, and the details beside it."""
        with Vertical(id="left"):
            yield ViewLine()
            yield NoMatch()
            yield GroupTree(
                Folds(*self._session.folds_of(self._endpoint)),
                columns=self._session.columns,
                filter_keys=self._session.keymap.get("filter", FILTER_KEY).split(","),
                id="groups",
            )
            yield FilterBar(self._leave_filter)
        yield self._details

    @property
    def groups(self) -> GroupTree:
        """The tree of groups."""
        return self.query_one(GroupTree)

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
        text = self.query_one(FilterBar).text
        rows = self._model.rows(self.view, text)
        if self.screen.focused is None:
            self.groups.focus()
        self.groups.show(
            rows,
            self._model.report,
            filter_text=text,
            is_volatile=self.view.order.is_usage,
        )
        self._cursor.return_to_top(
            self.groups, is_order_known=self._model.has_sort_values(self.view)
        )
        self._cursor.start(self.groups, self._model.report)
        self._go_to_match(rows, text)
        self.query_one(NoMatch).say("" if rows else text.strip())
        self._show_details()

    def _go_to_match(self, rows: Sequence[TreeRow], text: str) -> None:
        """Move the cursor to the match that another filter's text means."""
        if text == self._filtered_by:
            return
        self._filtered_by = text
        found = best_match(rows, text) if text.split() else None
        if found is not None:
            self.groups.move_to(found.key)

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
        self._cursor.remember(self.groups, is_reordering=is_reordering)
        self.view = view
        self._session.choose_order(view.order)
        self._model.read_for(view)
        self.query_one(ViewLine).say(view.text)
        self._show_tree()
        if not is_reordering:
            self._cursor.restore(self.groups)
        self.post_message(self.ViewChanged())

    @property
    def is_zoomed(self) -> bool:
        """Whether the details have the whole screen."""
        return self.has_class(ZOOMED)

    @on(DetailsScroll.ZoomAsked)
    def action_zoom(self) -> None:
        """Give the details the whole screen, or show the tree beside them again."""
        self.toggle_class(ZOOMED)
        self._focus()

    def _focus(self) -> None:
        """Give the focus to what the keys are for."""
        if self.is_zoomed:
            self._details.focus_text()
        else:
            self.groups.focus()

    def _leave_filter(self, key: str) -> GroupTree:
        """Return the focus to the tree; escape also clears the filter.

        The keys typed after that one act on the matches, so that these are shown first.
        """
        if key == "escape" or not self.query_one(FilterBar).text.split():
            self.action_clear()
        self._show_tree()
        self.screen.set_focus(self.groups)
        return self.groups

    def action_filter(self) -> None:
        """Open the filter to type into it."""
        self.remove_class(ZOOMED)
        self.query_one(FilterBar).open()

    def action_clear(self) -> None:
        """Show the tree again, or else clear the filter and the selection."""
        if self.is_zoomed:
            self.action_zoom()
            return
        self._clear_filter()
        self.groups.clear_selection()

    def _clear_filter(self) -> None:
        self.query_one(FilterBar).close()
        self._focus()

    def go_to(self, container: ContainerId) -> None:
        """Move the cursor to a container, if it still exists.

        A filter that hides it is cleared.
        """
        if self.groups.move_to(container):
            return
        self._clear_filter()
        self._show_tree()
        self.groups.move_to(container)

    def action_jump(self, step: int) -> None:
        """Go to the nearest row with a finding; with a filter, to the nearest match.

        Args:
            step: 1 for the next row, -1 for the previous one.

        """
        if self._model.report is None:
            return
        if self.query_one(FilterBar).text.split():
            self.groups.step_match(step)
            return
        wrong = self._model.report.findings_by_container
        rows = tuple(self.groups.rows())
        found = next_with_finding(rows, self.groups.row_at_cursor(), wrong, step)
        if found is None:
            self.notify(printable(nothing_text(self._model.report)), markup=False)
        else:
            self.groups.move_to(found)

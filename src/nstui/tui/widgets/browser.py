"""The tree, the details and the filter, and the cursor that stays on one container."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Tree

from nstui.render.findings import nothing_text
from nstui.render.text import printable
from nstui.tui.keys import BROWSE_KEYS, Tab
from nstui.tui.notices import ViewLine
from nstui.tui.view_model import TreeView, ViewModel
from nstui.tui.widgets.details_panel import DetailsPanel
from nstui.tui.widgets.group_tree import GroupTree
from nstui.tui.widgets.search import FilterBox

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.analysis.report import Report
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.container import ContainerId
    from nstui.ports import HostEvidence


class CursorKeeper:
    """Keeps the cursor of a tree on one container from view to view.

    Where a fold hides that container the cursor is on the fold, until a view shows it
    again. At the top, where nothing was chosen yet, it stays at the top of another
    order: what comes first is what one wants to see.
    """

    def __init__(self) -> None:
        """Follow nothing yet."""
        self._container: ContainerId | None = None
        self._at_top: str | None = None
        """The line that was the first one, until another one is at the top."""

    def note(self, tree: GroupTree, *, is_reordering: bool) -> None:
        """Remember where the cursor is, before another view is shown."""
        at = tree.row_at_cursor()
        if at is None:
            return
        if not (at.container is None and self._is_in(at)):
            self._container = at.container
        is_at_top = is_reordering and tree.cursor_line == 0
        self._at_top = at.key if is_at_top else None

    def follow(self, tree: GroupTree) -> None:
        """Bring the cursor back, once another view is shown."""
        if self._container is not None:
            tree.move_to(self._container, unfold=False)

    def settle(self, tree: GroupTree, *, is_settled: bool) -> None:
        """Bring the cursor to the top if it was there, as soon as the order is known.

        Not if it has been moved meanwhile. After that it stays on its container.
        """
        at = tree.row_at_cursor()
        if self._at_top is None or at is None or at.key != self._at_top:
            self._at_top = None
        elif is_settled:
            self._at_top = None
            tree.action_scroll_home()

    def _is_in(self, fold: TreeRow) -> bool:
        """Tell whether what is followed is in a fold, and may only be hidden."""
        return any(row.container == self._container for row in fold.children)


def next_with_finding(
    lines: Sequence[TreeRow],
    at: TreeRow | None,
    wrong: Collection[ContainerId],
    step: int,
) -> ContainerId | None:
    """Return the container of the nearest line with a finding, around the end.

    Args:
        lines: All lines, also those that a fold hides.
        at: The line to go from; None: from before the first.
        wrong: The containers that have findings.
        step: 1 for the next, -1 for the one before.

    Returns:
        None if no line has a finding.

    """
    start = lines.index(at) if at in lines else (-1 if step > 0 else 0)
    for distance in range(1, len(lines) + 1):
        container = lines[(start + step * distance) % len(lines)].container
        if container is not None and container in wrong:
            return container
    return None


class Browser(Horizontal):
    """Shows a report: what of it, and in which way, is for the user to choose."""

    BINDINGS: ClassVar[list[BindingType]] = BROWSE_KEYS

    class ViewChanged(Message):
        """Something else is shown of the host, or in another way."""

    def __init__(
        self, evidence: HostEvidence | None, *, interval: float | None
    ) -> None:
        """Take who tells more of the host than a look does, if anybody can.

        Args:
            evidence: Asked in the background for what is on the screen.
            interval: Seconds between two such readings; None: the usual.

        """
        super().__init__(id="body")
        self.view = TreeView()
        self._model = ViewModel(
            self, evidence, interval=interval, on_change=self._show_tree
        )
        self._cursor = CursorKeeper()
        self._details = DetailsPanel(evidence, interval=interval)

    def compose(self) -> ComposeResult:
        """Lay out the tree, the filter below it, and the details beside it."""
        with Vertical(id="left"):
            yield ViewLine()
            yield GroupTree(id="groups")
            yield FilterBox(self._leave_filter)
        yield self._details

    @property
    def groups(self) -> GroupTree:
        """The tree of groups."""
        return self.query_one(GroupTree)

    def on_mount(self) -> None:
        """Go on reading when a screen that was in front has gone."""
        self.app.screen_change_signal.subscribe(self, lambda _: self._model.resume())

    def show(self, report: Report) -> None:
        """Show a newer look, in place."""
        self._model.take(report, self.view)
        self._show_tree()

    @property
    def _report(self) -> Report | None:
        return self._model.report

    def _show_tree(self) -> None:
        if self._report is None:
            return
        text = self.query_one(FilterBox).value
        rows = self._model.rows(self.view, text)
        if self.screen.focused is None:
            self.groups.focus()
        self.groups.show(
            rows,
            self._report,
            is_filtered=bool(text.split()),
            is_restless=self.view.order.is_usage,
        )
        self._cursor.settle(self.groups, is_settled=self._model.is_settled(self.view))
        self._show_details()

    @on(Tree.NodeHighlighted)
    def _show_details(self) -> None:
        if self._report is not None:
            self._details.show(self.groups.row_at_cursor(), self._report)

    # The tabs of the details

    def action_tab(self, name: str) -> None:
        """Show a tab of the details, by its name."""
        self._details.choose(Tab(name))

    def action_step_tab(self, by: int) -> None:
        """Show the tab so many further."""
        self._details.step(by)

    def read_again(self) -> None:
        """Read anew what is read for the tab that is shown, and for the tree."""
        self._details.read_again()
        self._model.read_again()

    # The view

    def action_next_kind(self) -> None:
        """Show the groups of another kind of namespace."""
        if self._report is not None:
            self._change(self.view.with_next_kind(self._report.kinds))

    def action_next_order(self, step: int) -> None:
        """Show the lines in another order: with 1 the next one, with -1 the last."""
        self._change(self.view.with_next_order(step))

    def action_with_all(self) -> None:
        """Show the namespaces that no container is in, or not any more."""
        self._change(replace(self.view, with_all=not self.view.with_all))

    def _change(self, view: TreeView) -> None:
        is_reordering = view.order is not self.view.order
        self._cursor.note(self.groups, is_reordering=is_reordering)
        self.view = view
        self._model.read_for(view)
        self.query_one(ViewLine).say(view.words)
        self._show_tree()
        if not is_reordering:
            self._cursor.follow(self.groups)
        self.post_message(self.ViewChanged())

    # The filter

    @on(Input.Changed, "#filter-input")
    def _filter(self) -> None:
        self._show_tree()

    def _leave_filter(self, key: str) -> GroupTree:
        """Give the focus back to the tree, and with escape show everything again."""
        if key == "escape":
            self.action_clear()
        self.screen.set_focus(self.groups)
        return self.groups

    def action_filter(self) -> None:
        """Show the filter and type into it."""
        self.query_one(FilterBox).open()

    def action_clear(self) -> None:
        """Show everything again, and select nothing."""
        self._clear_filter()
        self.groups.clear_selection()

    def _clear_filter(self) -> None:
        self.query_one(FilterBox).close()
        self.groups.focus()

    # Going somewhere

    def go_to(self, container: ContainerId) -> None:
        """Move the cursor to a container, if it is still there.

        A filter that hides it is cleared: who asks to see it wants none now.
        """
        if self.groups.move_to(container):
            return
        self._clear_filter()
        self._show_tree()
        self.groups.move_to(container)

    def action_jump(self, step: int) -> None:
        """Go to the nearest line with a finding.

        Args:
            step: 1 for the next, -1 for the one before.

        """
        if self._report is None:
            return
        wrong = self._report.findings_by_container
        lines = tuple(self.groups.rows())
        found = next_with_finding(lines, self.groups.row_at_cursor(), wrong, step)
        if found is None:
            self.notify(printable(nothing_text(self._report)), markup=False)
        else:
            self.groups.move_to(found)

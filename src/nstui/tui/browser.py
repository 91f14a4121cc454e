"""The tree and what is known of the line under its cursor, side by side."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Tree

from nstui.render.finding_rows import nothing_words
from nstui.render.text import printable
from nstui.tui.details_panel import DetailsPanel
from nstui.tui.filter_box import FilterBox
from nstui.tui.following import Following
from nstui.tui.group_tree import GroupTree
from nstui.tui.jump import next_wrong
from nstui.tui.keys import BROWSE_KEYS
from nstui.tui.notices import ViewLine
from nstui.tui.sightings import Sightings
from nstui.tui.tab_strip import Tab
from nstui.tui.view import View

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.ports import HostEvidence


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
        self.view = View()
        self._seen = Sightings(
            self, evidence, interval=interval, on_change=self._show_tree
        )
        self._following = Following()
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
        self.app.screen_change_signal.subscribe(self, lambda _: self._seen.resume())

    def show(self, report: Report) -> None:
        """Show a newer look, in place."""
        self._seen.take(report, self.view)
        self._show_tree()

    @property
    def _report(self) -> Report | None:
        return self._seen.report

    def _show_tree(self) -> None:
        if self._report is None:
            return
        text = self.query_one(FilterBox).value
        branches = self._seen.branches(self.view, text)
        if self.screen.focused is None:
            self.groups.focus()
        self.groups.show(
            branches,
            self._report,
            is_filtered=bool(text.split()),
            is_restless=self.view.order.is_usage,
        )
        self._following.settle(self.groups, is_settled=self._seen.is_settled(self.view))
        self._show_details()

    @on(Tree.NodeHighlighted)
    def _show_details(self) -> None:
        if self._report is not None:
            self._details.show(self.groups.branch_at_cursor(), self._report)

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
        self._seen.read_again()

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

    def _change(self, view: View) -> None:
        is_reordering = view.order is not self.view.order
        self._following.note(self.groups, is_reordering=is_reordering)
        self.view = view
        self._seen.read_for(view)
        self.query_one(ViewLine).say(view.words)
        self._show_tree()
        if not is_reordering:
            self._following.follow(self.groups)
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
        lines = tuple(self.groups.branches())
        found = next_wrong(lines, self.groups.branch_at_cursor(), wrong, step)
        if found is None:
            self.notify(printable(nothing_words(self._report)), markup=False)
        else:
            self.groups.move_to(found)

"""The tree and what is known of the line under its cursor, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Tree

from nstui.analysis.filtering import filter_branches
from nstui.analysis.forest import grow
from nstui.render.finding_rows import nothing_words
from nstui.render.text import printable
from nstui.tui.details_panel import DetailsPanel
from nstui.tui.group_tree import GroupTree
from nstui.tui.jump import next_wrong
from nstui.tui.keys import BROWSE_KEYS
from nstui.tui.notices import ViewLine
from nstui.tui.view import View

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.analysis.forest import Branch
    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId


class Browser(Horizontal):
    """Shows a report: what of it, and in which way, is for the user to choose."""

    BINDINGS: ClassVar[list[BindingType]] = BROWSE_KEYS

    class ViewChanged(Message):
        """Something else is shown of the host, or in another way."""

    def __init__(self) -> None:
        super().__init__(id="body")
        self.view = View()
        self._report: Report | None = None
        self._followed: ContainerId | None = None
        """What the cursor was on when the view was last changed."""

    def compose(self) -> ComposeResult:
        """Lay out the tree, the filter below it, and the details beside it."""
        with Vertical(id="left"):
            yield ViewLine()
            yield GroupTree(id="groups")
            yield Input(placeholder="filter", id="filter-input")
        yield DetailsPanel()

    @property
    def groups(self) -> GroupTree:
        """The tree of groups."""
        return self.query_one(GroupTree)

    def show(self, report: Report) -> None:
        """Show a newer look, in place."""
        self._report = report
        self._show_tree()

    def _show_tree(self) -> None:
        if self._report is None:
            return
        text = self._filter_box.value
        branches = filter_branches(
            grow(self._report, self.view.kind), self._report, text
        )
        if self.screen.focused is None:
            self.groups.focus()
        self.groups.show(branches, self._report, is_filtered=bool(text.split()))
        self._show_details()

    @on(Tree.NodeHighlighted)
    def _show_details(self) -> None:
        if self._report is not None:
            branch = self.groups.branch_at_cursor()
            self.query_one(DetailsPanel).show(branch, self._report)

    # The view

    def action_next_kind(self) -> None:
        """Show the groups of another kind of namespace."""
        if self._report is not None:
            self._change(self.view.with_next_kind(self._report.kinds))

    def _change(self, view: View) -> None:
        """Show something else, with the cursor on the same container.

        Where a fold hides that, the cursor is on the fold until it can come back.
        """
        at = self.groups.branch_at_cursor()
        if at is not None and not (at.container is None and self._is_in(at)):
            self._followed = at.container
        self.view = view
        self.query_one(ViewLine).say(view.words)
        self._show_tree()
        if self._followed is not None:
            self.groups.move_to(self._followed, unfold=False)
        self.post_message(self.ViewChanged())

    def _is_in(self, fold: Branch) -> bool:
        """Tell whether what is followed is in a fold, and may only be hidden."""
        return any(branch.container == self._followed for branch in fold.branches)

    # The filter

    @property
    def _filter_box(self) -> Input:
        return self.query_one("#filter-input", Input)

    @on(GroupTree.Typed)
    def _type_into_filter(self, message: GroupTree.Typed) -> None:
        self._filter_box.insert_text_at_cursor(message.character)

    @on(Input.Changed, "#filter-input")
    def _filter(self) -> None:
        self._show_tree()

    @on(Input.Submitted, "#filter-input")
    def _leave_filter(self) -> None:
        self.groups.focus()

    def action_filter(self) -> None:
        """Show the filter and type into it."""
        self._filter_box.display = True
        self.screen.set_focus(self._filter_box)

    def action_clear(self) -> None:
        """Show everything again, and select nothing."""
        self._clear_filter()
        self.groups.clear_selection()

    def _clear_filter(self) -> None:
        self._filter_box.value = ""
        self._filter_box.display = False
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

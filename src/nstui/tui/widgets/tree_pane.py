"""The tree with its filter, and a cursor that stays on one container."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Vertical

from nstui.analysis.tree.filtering import best_match
from nstui.model.finding import Severity
from nstui.tui.notices import ViewLine
from nstui.tui.widgets.key_order import focus_at_once
from nstui.tui.widgets.search import FilterBar, NoMatch

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.app import ComposeResult

    from nstui.analysis.report import Report
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.container import ContainerId
    from nstui.tui.widgets.group_tree import GroupTree


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


class TreePane(Vertical):
    """The tree, below it the filter, and above it what is said of its view.

    Attributes:
        keeper: Keeps the cursor on its container.

    """

    def __init__(
        self,
        groups: GroupTree,
        show_again: Callable[[], None],
        clear: Callable[[], None],
    ) -> None:
        """Create the widget.

        Args:
            groups: The tree.
            show_again: Shows the rows at once that the filter chooses by now.
            clear: Does what escape does in the tree.

        """
        super().__init__(id="left")
        self.keeper = CursorKeeper()
        self._groups = groups
        self._show_again = show_again
        self._clear = clear
        self._filtered_by = ""

    def compose(self) -> ComposeResult:
        """Yield the parts from top to bottom."""
        yield ViewLine()
        yield NoMatch()
        yield self._groups
        yield FilterBar(self._leave_filter)

    @property
    def text(self) -> str:
        """The text of the filter; empty or blank if everything is shown."""
        return self.query_one(FilterBar).text

    def show(
        self,
        rows: Sequence[TreeRow],
        report: Report,
        *,
        is_volatile: bool,
        is_order_known: bool,
    ) -> None:
        """Show other rows.

        Args:
            rows: The rows that the filter has chosen.
            report: The report that they are made from.
            is_volatile: As for `GroupTree.show`.
            is_order_known: Whether all has been read that decides the order.

        """
        text = self.text
        if self.screen.focused is None:
            self._groups.focus()
        self._groups.show(rows, report, filter_text=text, is_volatile=is_volatile)
        self.keeper.return_to_top(self._groups, is_order_known=is_order_known)
        self.keeper.start(self._groups, report)
        self._go_to_match(rows, text)
        self.query_one(NoMatch).say("" if rows else text.strip())

    def _go_to_match(self, rows: Sequence[TreeRow], text: str) -> None:
        """Move the cursor to the match that another filter's text means."""
        if text == self._filtered_by:
            return
        self._filtered_by = text
        found = best_match(rows, text) if text.split() else None
        if found is not None:
            self._groups.move_to(found.key)

    def _leave_filter(self, key: str) -> GroupTree:
        """Return the focus to the tree; escape also does what it does there.

        The keys typed after that one act on the matches, so that these are shown first.
        """
        if key == "escape" or not self.text.split():
            self._clear()
        self._show_again()
        return focus_at_once(self._groups)

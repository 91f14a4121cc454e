"""Where the cursor goes when something else is shown, or in another order."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.analysis.forest import Branch
    from nstui.model.container import ContainerId
    from nstui.tui.group_tree import GroupTree


class Following:
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
        at = tree.branch_at_cursor()
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
        at = tree.branch_at_cursor()
        if self._at_top is None or at is None or at.key != self._at_top:
            self._at_top = None
        elif is_settled:
            self._at_top = None
            tree.action_scroll_home()

    def _is_in(self, fold: Branch) -> bool:
        """Tell whether what is followed is in a fold, and may only be hidden."""
        return any(branch.container == self._container for branch in fold.branches)

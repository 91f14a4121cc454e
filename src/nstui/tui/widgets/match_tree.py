"""A tree whose cursor stays among the matches while a filter is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Tree

from nstui.tui.widgets.reconcile import Folds, NodeData, every_node

if TYPE_CHECKING:
    from rich.text import TextType
    from textual import events
    from textual.widgets.tree import TreeNode


def is_context(node: TreeNode[NodeData]) -> bool:
    """Return whether a filter shows a node only for the matches around it."""
    return node.data is not None and node.data.row.is_context


class MatchTree(Tree[NodeData]):
    """A tree of rows that a filter may have chosen.

    While a filter is on, the cursor is on a match: no key and no click moves it to a
    row that is only there to show where the matches belong.
    """

    def __init__(self, label: TextType, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        self._folds = Folds()
        super().__init__(label, id=id)

    @property
    def match_position(self) -> tuple[int, int]:
        """The number of the match under the cursor, from 1, and of all matches.

        Both are 0 without a filter.
        """
        matches = self._matches()
        node = self.cursor_node
        return (matches.index(node) + 1 if node in matches else 0), len(matches)

    def step_match(self, step: int) -> None:
        """Go to the next match (1) or to the previous one (-1), around the end.

        The folds that hide it are opened.
        """
        matches = self._matches()
        if not matches:
            return
        node = self.cursor_node
        index = matches.index(node) if node in matches else min(0, -step)
        found = matches[(index + step) % len(matches)]
        ancestor = found.parent
        while ancestor is not None:
            ancestor.expand()
            ancestor = ancestor.parent
        _ = self.last_line  # Number the lines anew.
        self.move_cursor(found)

    def match_near(self, line: int, step: int) -> int:
        """Return the line of the nearest match; the line itself without any.

        Args:
            line: The line to start from.
            step: Where to look first: 1 for below, -1 for above.

        """
        below = range(line, self.last_line + 1)
        above = range(line, -1, -1)
        for lines in (below, above) if step > 0 else (above, below):
            for each in lines:
                node = self.get_node_at_line(each)
                if node is not None and not is_context(node):
                    return each
        return line

    def validate_cursor_line(self, value: int) -> int:
        """Keep the cursor on a match."""
        line = super().validate_cursor_line(value)
        if not self._folds.is_filtered:
            return line
        return self.match_near(line, 1 if line >= self.cursor_line else -1)

    def scroll_to_line(self, line: int, animate: bool = True) -> None:  # noqa: FBT001, FBT002 - as in Textual
        """Scroll a line into view, as soon as there is a view."""
        if self.size.height:
            super().scroll_to_line(line, animate)

    def on_click(self, event: events.Click) -> None:
        """Ignore a click on a row that is only context."""
        line = event.style.meta.get("line")
        node = None if line is None else self.get_node_at_line(line)
        if node is not None and is_context(node):
            event.prevent_default()

    def _matches(self) -> list[TreeNode[NodeData]]:
        """Return the matches, including those in a fold; empty without a filter."""
        if not self._folds.is_filtered:
            return []
        return [node for node in every_node(self.root) if not is_context(node)]

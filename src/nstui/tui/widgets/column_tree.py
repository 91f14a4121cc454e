"""A tree whose rows are drawn in columns that fill its width."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text

from nstui.render.text import Tone
from nstui.render.tree_text import SIGN, Columns, PlacedRow, draw_row, fit_columns
from nstui.tui.widgets.reconcile import (
    MatchTree,
    NodeData,
    depth_of,
    shown_nodes,
    visible_node,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.style import Style
    from textual.widgets.tree import TreeNode

    from nstui.model.container import ContainerId


GUIDE = 3
"""The columns by which each level is indented."""

FOLD_MARK = "▸ "


def is_folded(node: TreeNode[NodeData]) -> bool:
    """Return whether a fold hides what is below a node."""
    return bool(node.children) and not node.is_expanded


class ColumnTree(MatchTree):
    """Draws its rows in columns, which have the same widths in all rows that are shown.

    Those of the selected containers are marked.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{tone}" for tone in Tone}

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(Text("groups"), id=id)
        self.show_root = False
        self.guide_depth = GUIDE
        self._columns = Columns(0, 0, 0, 0, 0, 0)
        self._fitted_width = 0
        self._selected: dict[ContainerId, None] = {}
        """The selected containers, in the order of their selection."""

    def _fit(self) -> bool:
        """Compute the widths of the columns; return whether they have changed."""
        placed = [
            PlacedRow(
                node.data.text,
                GUIDE * depth_of(node) + SIGN + len(FOLD_MARK) * is_folded(node),
            )
            for node in shown_nodes(self.root)
            if node.data is not None
        ]
        self._fitted_width = self.scrollable_content_region.width
        before = self._columns
        self._columns = fit_columns(placed, self._fitted_width)
        return self._columns != before

    def render_label(
        self, node: TreeNode[NodeData], base_style: Style, style: Style
    ) -> Text:
        """Draw one row in columns that fill the width of the tree."""
        if node.data is None:
            return Text("")
        if self._fitted_width != self.scrollable_content_region.width:
            # The first report may arrive before the first layout.
            self._fit()
        indent = GUIDE * depth_of(node)
        width = self.scrollable_content_region.width - indent
        text = Text(FOLD_MARK if is_folded(node) else "")
        drawn = draw_row(
            node.data.text,
            self._columns,
            taken=indent + len(text),
            width=indent + width,
            style_of=lambda tone: self.get_component_rich_style(
                f"tone--{tone}", partial=True
            ),
            is_selected=node.data.row.container in self._selected,
        )
        text.append_text(drawn)
        text.truncate(max(0, width), overflow="ellipsis", pad=True)
        text.stylize_before(base_style)
        text.stylize(style)
        return text

    def get_label_width(self, node: TreeNode[NodeData]) -> int:
        """Return a width that never makes the tree scroll sideways."""
        return max(1, self.scrollable_content_region.width - GUIDE * depth_of(node))

    def on_resize(self) -> None:
        """Fit the columns to the new width, and keep the cursor in view."""
        is_other = self._fitted_width != self.scrollable_content_region.width
        if is_other and self._fit():
            self._redraw()
        self.scroll_to_line(self.cursor_line, animate=False)

    def _redraw_nodes(self, nodes: Iterable[TreeNode[NodeData]]) -> None:
        """Redraw some nodes, those on the screen at once.

        Setting a node's label would take a message for each of them.
        """
        self._number_lines()
        self._line_cache.clear()
        top = self.scroll_offset.y
        for node in nodes:
            is_on_screen = top <= node.line < top + self.size.height
            if is_on_screen and visible_node(node) is node:
                node.refresh()

    def _redraw(self) -> None:
        self._clear_line_cache()
        self.refresh()

    def _number_lines(self) -> None:
        """Make the tree number its lines, which moving the cursor needs."""
        _ = self.last_line

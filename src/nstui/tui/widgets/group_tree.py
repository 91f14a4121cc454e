"""The tree of groups; it keeps its place while what it shows changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.message import Message
from textual.widgets import Tree

from nstui.model.frozen import dataclass
from nstui.render.text import Tone
from nstui.render.tree_text import SIGN, Columns, PlacedRow, draw_row, fit_columns
from nstui.tui.keys import FILTER_KEY, TREE_KEYS
from nstui.tui.widgets.reconcile import (
    Folds,
    NodeData,
    depth_of,
    every_node,
    lines_above,
    reconcile,
    shown_for,
)
from nstui.tui.widgets.search import FilterBox, KeyHandover

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.style import Style
    from textual import events
    from textual.binding import BindingType
    from textual.widgets.tree import TreeNode

    from nstui.analysis.report import Report
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.container import ContainerId


GUIDE = 3
"""The columns by which each level is indented."""

FOLD_MARK = "▸ "


@dataclass(frozen=True, slots=True)
class CursorPlace:
    """Where the cursor was."""

    keys: tuple[str, ...]
    """The line under it, and those above that one in the tree, nearest first."""

    line: int
    row_on_screen: int


class GroupTree(Tree[NodeData], KeyHandover):
    """Groups as a tree: owners with their dependents nested beneath them."""

    BINDINGS: ClassVar[list[BindingType]] = TREE_KEYS
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"tone--{tone}" for tone in Tone}

    class SelectionChanged(Message):
        """Other containers are selected than before."""

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's word
        super().__init__(Text("groups"), id=id)
        self.show_root = False
        self.guide_depth = GUIDE
        self._columns = Columns(0, 0, 0, 0, 0, 0)
        self._fitted_width = 0
        self._folds = Folds()
        self._selected: dict[ContainerId, None] = {}

    def show(
        self,
        rows: Iterable[TreeRow],
        report: Report,
        *,
        is_filtered: bool = False,
        is_restless: bool = False,
    ) -> None:
        """Show other lines, changing only what differs.

        Cursor, folds and scroll position stay where they are. If the line under the
        cursor has gone, the cursor moves to the nearest line above that is left.

        Args:
            rows: The lines.
            report: What they are of.
            is_filtered: Whether a filter chose them, so that no fold may hide them.
            is_restless: Whether lines change places again and again. Then what is
                scrolled to stays, and with it the top, not the line under the cursor.

        """
        place = self._place()
        has_changed = self._folds.is_filtered != is_filtered
        self._folds.is_filtered = is_filtered
        changed = reconcile(self.root, tuple(rows), report, self._folds)
        there = report.graph.containers
        left = {c: None for c in self._selected if c in there}
        if left != self._selected:
            self._selected = left
            self._selection_changed()
        if has_changed:
            self._folds.apply(self.root)
        if self._fit():
            self._redraw()
        else:
            self._draw_again(changed)
        self._restore(place, is_restless=is_restless)

    def rows(self) -> Iterator[TreeRow]:
        """Yield what each line shows, also those that a fold hides."""
        for node in every_node(self.root):
            if node.data is not None:
                yield node.data.row

    def row_at_cursor(self) -> TreeRow | None:
        """Return what the line under the cursor shows."""
        node = self.cursor_node
        return node.data.row if node is not None and node.data is not None else None

    def selected(self) -> tuple[ContainerId, ...]:
        """Return the selected containers, in the order of their selection."""
        return tuple(self._selected)

    def clear_selection(self) -> None:
        """Select nothing."""
        self._selected.clear()
        self._selection_changed()

    def action_select_line(self) -> None:
        """Select the container under the cursor, or not any more; go to the next."""
        row = self.row_at_cursor()
        if row is not None and row.container is not None:
            if row.container in self._selected:
                del self._selected[row.container]
            else:
                self._selected[row.container] = None
            self._selection_changed()
        self.action_cursor_down()

    def _selection_changed(self) -> None:
        self._redraw()
        self.post_message(self.SelectionChanged())

    def move_to(self, key: str, *, unfold: bool = True) -> bool:
        """Move the cursor to a line; tell if there is one.

        Args:
            key: Which line.
            unfold: Whether to open the folds that hide it; else the cursor goes to
                the outermost one of them.

        """
        for node in every_node(self.root):
            if node.data is not None and node.data.key == key:
                if unfold:
                    for above in lines_above(node):
                        above.expand()
                self._settle_lines()
                self.move_cursor(shown_for(node))
                return True
        return False

    def _fit(self) -> bool:
        """Find the widths of the cells; tell if they are others than before."""
        placed = [
            PlacedRow(node.data.text, GUIDE * depth_of(node) + SIGN)
            for node in every_node(self.root)
            if node.data is not None
        ]
        self._fitted_width = self.scrollable_content_region.width
        before = self._columns
        self._columns = fit_columns(placed, self._fitted_width)
        return self._columns != before

    def render_label(
        self, node: TreeNode[NodeData], base_style: Style, style: Style
    ) -> Text:
        """Draw one line in columns that fill the width of the tree."""
        if node.data is None:
            return Text("")
        if self._fitted_width != self.scrollable_content_region.width:
            # The first look can be here before the first layout.
            self._fit()
        indent = GUIDE * depth_of(node)
        is_folded = bool(node.data.row.children) and not node.is_expanded
        text = Text(FOLD_MARK if is_folded else "")
        drawn = draw_row(
            node.data.text,
            self._columns,
            taken=indent + len(text),
            style_of=self._style_of,
            is_selected=node.data.row.container in self._selected,
        )
        text.append_text(drawn)
        width = self.scrollable_content_region.width - indent
        text.truncate(max(0, width), overflow="ellipsis", pad=True)
        text.stylize_before(base_style)
        text.stylize(style)
        return text

    def get_label_width(self, node: TreeNode[NodeData]) -> int:
        """Return a width that never makes the tree scroll sideways."""
        return max(1, self.scrollable_content_region.width - GUIDE * depth_of(node))

    def on_resize(self) -> None:
        """Fit the columns to the new width."""
        is_other = self._fitted_width != self.scrollable_content_region.width
        if is_other and self._fit():
            self._redraw()

    def on_key(self, event: events.Key) -> None:
        """Give the focus to the filter by its key."""
        if not self.keeps(event) and event.key == FILTER_KEY:
            self.hand_over(event, self.screen.query_one(FilterBox).open)

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[NodeData]) -> None:
        """Remember that a fold was opened."""
        self._folds.choose(event.node, is_open=True)

    def on_tree_node_collapsed(self, event: Tree.NodeCollapsed[NodeData]) -> None:
        """Remember that a fold was closed."""
        self._folds.choose(event.node, is_open=False)

    def _draw_again(self, nodes: Iterable[TreeNode[NodeData]]) -> None:
        """Draw the lines of some nodes again, those on the screen at once.

        A node's own way, to give it another label, takes a message for each of them.
        """
        self._settle_lines()
        self._line_cache.clear()
        top = self.scroll_offset.y
        for node in nodes:
            is_on_screen = top <= node.line < top + self.size.height
            if is_on_screen and shown_for(node) is node:
                node.refresh()

    def _redraw(self) -> None:
        self._clear_line_cache()
        self.refresh()

    def _style_of(self, tone: Tone) -> Style:
        return self.get_component_rich_style(f"tone--{tone}", partial=True)

    def _settle_lines(self) -> None:
        """Have the tree number its lines anew: a cursor is moved by those numbers."""
        _ = self.last_line

    def _place(self) -> CursorPlace:
        self._settle_lines()
        keys = []
        node = self.cursor_node
        while node is not None:
            if node.data is not None:
                keys.append(node.data.key)
            node = node.parent
        line = max(0, self.cursor_line)
        return CursorPlace(tuple(keys), line, line - round(self.scroll_y))

    def _restore(self, place: CursorPlace, *, is_restless: bool) -> None:
        self._settle_lines()
        if self.last_line < 0:
            return
        nodes = {n.data.key: n for n in every_node(self.root) if n.data is not None}
        survivor = next((nodes[key] for key in place.keys if key in nodes), None)
        survivor = None if survivor is None else shown_for(survivor)
        if survivor is None:
            survivor = self.get_node_at_line(min(place.line, self.last_line))
        if survivor is None:
            return
        if survivor is not self.cursor_node or survivor.line != self.cursor_line:
            self.cursor_line = survivor.line
        if is_restless:
            self.scroll_to_line(survivor.line, animate=False)
        elif survivor.line != place.line:
            self.scroll_to(y=survivor.line - place.row_on_screen, animate=False)

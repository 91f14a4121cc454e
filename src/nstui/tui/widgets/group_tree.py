"""The tree of groups, which keeps its cursor and scroll position on changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import on
from textual.message import Message
from textual.widgets import Tree

from nstui.analysis.tree.arrangement import selected_with
from nstui.model.frozen import dataclass
from nstui.render.text import Tone
from nstui.render.tree_text import SIGN, Columns, PlacedRow, draw_row, fit_columns
from nstui.tui.keys import FILTER_KEY, TREE_KEYS
from nstui.tui.widgets.key_order import KeyHandover
from nstui.tui.widgets.reconcile import (
    MatchTree,
    NodeData,
    ancestors_of,
    depth_of,
    every_node,
    is_context,
    reconcile,
    shown_nodes,
    visible_node,
)
from nstui.tui.widgets.search import FilterBar

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from rich.style import Style
    from textual import events
    from textual.binding import BindingType
    from textual.widgets.tree import TreeNode

    from nstui.analysis.report import Report
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.container import ContainerId
    from nstui.tui.widgets.reconcile import Folds


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


@dataclass(frozen=True, slots=True)
class CursorPlace:
    """The position of the cursor."""

    keys: tuple[str, ...]
    """The keys of its row and of the rows above that in the tree, the nearest first."""

    line: int
    row_on_screen: int


class GroupTree(ColumnTree, KeyHandover):
    """The groups as a tree: owners, with their dependents nested below them."""

    BINDINGS: ClassVar[list[BindingType]] = TREE_KEYS

    class SelectionChanged(Message):
        """The selection has changed."""

    def __init__(
        self,
        folds: Folds | None = None,
        *,
        columns: Collection[str] | None = None,
        filter_keys: Collection[str] = (FILTER_KEY,),
        id: str | None = None,  # noqa: A002 - Textual's word
    ) -> None:
        """Create an empty tree.

        Args:
            folds: Which rows are unfolded; None for the default.
            columns: The optional columns to show; None for all.
            filter_keys: The keys that open the filter.
            id: The id of the widget.

        """
        super().__init__(id=id)
        if folds is not None:
            self._folds = folds
        self._shown_columns = columns
        self._filter_keys = filter_keys
        self.was_used = False
        """Whether the user has pressed a key or a button of the mouse in it."""

        self._report: Report | None = None

    def show(
        self,
        rows: Iterable[TreeRow],
        report: Report,
        *,
        filter_text: str = "",
        is_volatile: bool = False,
    ) -> None:
        """Show other rows, changing only what differs.

        The cursor, the folds and the scroll position stay where they are. If the row
        under the cursor has gone, the cursor moves to the nearest remaining row above
        it, or to the nearest match if a filter is on.

        Args:
            rows: The rows.
            report: The report that the rows are made from.
            filter_text: What they were filtered by, so that no fold hides the matches.
            is_volatile: Whether rows change places frequently. Then the scroll
                position is kept, instead of the place of the cursor on the screen.

        """
        self._report = report
        place = self._cursor_place()
        has_changed = self._folds.use_filter(filter_text)
        changed = reconcile(
            self.root, tuple(rows), report, self._folds, self._shown_columns
        )
        containers = report.graph.containers
        remaining = {c: None for c in self._selected if c in containers}
        if remaining != self._selected:
            self._selected = remaining
            self._selection_changed()
        if has_changed:
            self._folds.apply(self.root)
        if self._fit():
            self._redraw()
        else:
            self._redraw_nodes(changed)
        self._restore(place, is_volatile=is_volatile)

    def rows(self) -> Iterator[TreeRow]:
        """Yield every row, including those that a fold hides."""
        for node in every_node(self.root):
            if node.data is not None:
                yield node.data.row

    def row_at_cursor(self) -> TreeRow | None:
        """Return the row under the cursor, if there is one."""
        node = self.cursor_node
        return node.data.row if node is not None and node.data is not None else None

    def selected(self) -> tuple[ContainerId, ...]:
        """Return the selected containers, in the order of their selection."""
        return tuple(self._selected)

    def clear_selection(self) -> None:
        """Clear the selection."""
        self._selected.clear()
        self._selection_changed()

    def action_select_line(self) -> None:
        """Select or deselect the container under the cursor, and go to the next row."""
        row = self.row_at_cursor()
        if row is not None and row.container is not None:
            if row.container in self._selected:
                del self._selected[row.container]
            else:
                self._selected[row.container] = None
            self._selection_changed()
        self.action_cursor_down()

    def select_group(self) -> None:
        """Select the whole group, or compose project, of the row under the cursor.

        If all of it is selected already, it is deselected.
        """
        row = self.row_at_cursor()
        if row is None or self._report is None:
            return
        members = selected_with(self._report, row)
        if not members:
            return
        if self._selected.keys() >= set(members):
            for member in members:
                del self._selected[member]
        else:
            self._selected |= dict.fromkeys(members)
        self._selection_changed()

    def _selection_changed(self) -> None:
        self._redraw()
        self.post_message(self.SelectionChanged())

    def move_to(self, key: str, *, unfold: bool = True) -> bool:
        """Move the cursor to a row; return whether the row exists.

        A row that a filter shows only as context does not count.

        Args:
            key: The key of the row.
            unfold: Whether to open the folds that hide it; otherwise the cursor goes
                to the outermost of them.

        """
        for node in every_node(self.root):
            if node.data is not None and node.data.key == key:
                if node.data.row.is_context:
                    return False
                if unfold:
                    for ancestor in ancestors_of(node):
                        ancestor.expand()
                self._number_lines()
                self.move_cursor(visible_node(node))
                return True
        return False

    def on_key(self, event: events.Key) -> None:
        """Give the focus to the filter when its key is pressed."""
        self.was_used = True
        if not self.keeps(event) and event.key in self._filter_keys:
            self.hand_over(event, self.screen.query_one(FilterBar).open)

    def on_mouse_down(self) -> None:
        """Note that the user points somewhere."""
        self.was_used = True

    @on(Tree.NodeExpanded)
    @on(Tree.NodeCollapsed)
    def _remember_fold(
        self, event: Tree.NodeExpanded[NodeData] | Tree.NodeCollapsed[NodeData]
    ) -> None:
        """Remember that the user has folded or unfolded a row, and fit the columns."""
        is_open = isinstance(event, Tree.NodeExpanded)
        self._folds.choose(event.node, is_open=is_open)
        if self._fit():
            self._redraw()

    def _cursor_place(self) -> CursorPlace:
        self._number_lines()
        keys = []
        node = self.cursor_node
        while node is not None:
            if node.data is not None:
                keys.append(node.data.key)
            node = node.parent
        line = max(0, self.cursor_line)
        return CursorPlace(tuple(keys), line, line - round(self.scroll_y))

    def _restore(self, place: CursorPlace, *, is_volatile: bool) -> None:
        self._number_lines()
        if self.last_line < 0:
            return
        nodes = {n.data.key: n for n in every_node(self.root) if n.data is not None}
        survivor = next((nodes[key] for key in place.keys if key in nodes), None)
        survivor = None if survivor is None else visible_node(survivor)
        if survivor is None or is_context(survivor):
            line = self.match_near(min(place.line, self.last_line), 1)
            survivor = self.get_node_at_line(line)
        if survivor is None:
            return
        if survivor is not self.cursor_node or survivor.line != self.cursor_line:
            self.cursor_line = survivor.line
        if is_volatile:
            self.scroll_to_line(survivor.line, animate=False)
        elif survivor.line != place.line:
            self.scroll_to(y=survivor.line - place.row_on_screen, animate=False)

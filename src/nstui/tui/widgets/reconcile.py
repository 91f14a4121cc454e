"""Changes a tree into another one, touching only what differs.

Rebuilding it would lose the cursor, the folds and the scroll position. The cursor stays
among the matches while a filter is on.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from rich.text import Text
from textual.widgets import Tree

from nstui.analysis.preferences.choices import fold_name
from nstui.analysis.tree.tree import RowKind, TreeRow
from nstui.model.frozen import dataclass
from nstui.render.rows import RowText, row_of, with_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

    from rich.text import TextType
    from textual import events
    from textual.widgets.tree import TreeNode

    from nstui.analysis.report import Report


@dataclass(frozen=True, slots=True)
class NodeData:
    """The data of a node of the tree."""

    row: TreeRow
    text: RowText

    @property
    def key(self) -> str:
        """The key of the row, unique in the tree."""
        return self.row.key


class Folds:
    """Which rows are unfolded."""

    def __init__(
        self,
        left: Mapping[str, bool] = MappingProxyType({}),
        keep: Callable[[str, bool], None] = lambda _name, _is_open: None,
    ) -> None:
        """Begin as last left; otherwise unfolded, but for those that share nothing.

        Args:
            left: Whether rows were unfolded when the screen was last left, by
                `fold_name`.
            keep: Called with such a name when the user folds or unfolds its row.

        """
        self._left = left
        self._keep = keep
        self._chosen: dict[str, bool] = {}
        self._chosen_now: dict[str, bool] = {}
        """What was chosen while the present filter is on, which ends with it."""

        self._filter: tuple[str, ...] = ()

    @property
    def is_filtered(self) -> bool:
        """Whether a filter chose the rows, so that no fold hides them at first."""
        return bool(self._filter)

    def use_filter(self, text: str) -> bool:
        """Use another filter; return whether it differs from the one before."""
        words = tuple(text.casefold().split())
        if words == self._filter:
            return False
        self._filter = words
        self._chosen_now.clear()
        return True

    def is_open(self, row: TreeRow) -> bool:
        """Return whether a row is unfolded."""
        if self.is_filtered:
            return self._chosen_now.get(row.key, True)
        left = self._left.get(fold_name(row), row.kind is not RowKind.UNSHARED)
        return self._chosen.get(row.key, left)

    def choose(self, node: TreeNode[NodeData], *, is_open: bool) -> None:
        """Remember that the user has folded or unfolded a row."""
        if node.data is None:
            return
        if self.is_filtered:
            self._chosen_now[node.data.key] = is_open
            return
        if self.is_open(node.data.row) != is_open:
            self._keep(fold_name(node.data.row), is_open)
        self._chosen[node.data.key] = is_open

    def apply(self, root: TreeNode[NodeData]) -> None:
        """Fold and unfold the nodes of a tree accordingly."""
        for node in tuple(every_node(root)):
            if node.data is None or not node.data.row.children:
                continue
            if self.is_open(node.data.row) != node.is_expanded:
                node.toggle()


def reconcile(
    node: TreeNode[NodeData],
    rows: tuple[TreeRow, ...],
    report: Report,
    folds: Folds,
    columns: Collection[str] | None = None,
) -> list[TreeNode[NodeData]]:
    """Make the children of a node show these rows, in their order.

    Args:
        node: The node.
        rows: The rows.
        report: The report that the rows are made from.
        folds: Which rows are unfolded.
        columns: The optional columns to show; None for all.

    Returns:
        The existing nodes with a changed appearance, to be redrawn.

    """
    changed = []
    existing = _remove_unwanted(node, {row.key for row in rows})
    for row in rows:
        data = NodeData(row, with_columns(row_of(row, report), columns))
        child = existing.get(row.key)
        if child is None:
            child = node.add(Text(data.text.name.text), data, expand=folds.is_open(row))
        else:
            before, child.data = child.data, data
            if (
                before is None
                or before.text != data.text
                or _have_children_changed(before, data)
            ):
                changed.append(child)
        if row.children or child.children:
            changed += reconcile(child, row.children, report, folds, columns)
    _put_in_order(node, [row.key for row in rows])
    return changed


def _remove_unwanted(
    node: TreeNode[NodeData], wanted: Collection[str]
) -> dict[str, TreeNode[NodeData]]:
    """Remove the children that are not wanted; return the others by key."""
    kept = {}
    for old in tuple(node.children):
        if old.data is None or old.data.key not in wanted:
            old.remove()
        else:
            kept[old.data.key] = old
    return kept


def _have_children_changed(before: NodeData, after: NodeData) -> bool:
    """Return whether only one of two rows has children."""
    return bool(before.row.children) != bool(after.row.children)


def _put_in_order(node: TreeNode[NodeData], keys: list[str]) -> None:
    """Sort the children of a node, one for each key, in the order of the keys.

    Textual has no way to move a node. Removing it and adding another one would lose the
    cursor, and takes too long when a thousand rows change places.
    """
    if [child.data.key for child in node.children if child.data is not None] == keys:
        return
    position = {key: index for index, key in enumerate(keys)}
    node._children.sort(  # noqa: SLF001 - see above
        key=lambda child: -1 if child.data is None else position[child.data.key]
    )
    node.tree._invalidate()  # noqa: SLF001 - this is what add and remove do


def every_node(root: TreeNode[NodeData]) -> Iterator[TreeNode[NodeData]]:
    """Yield every node below a root in its order, including those that a fold hides."""
    pending = list(reversed(root.children))
    while pending:
        node = pending.pop()
        yield node
        pending.extend(reversed(node.children))


def shown_nodes(root: TreeNode[NodeData]) -> Iterator[TreeNode[NodeData]]:
    """Yield every node below a root that no fold hides, in its order."""
    pending = list(reversed(root.children))
    while pending:
        node = pending.pop()
        yield node
        if node.is_expanded:
            pending.extend(reversed(node.children))


def depth_of(node: TreeNode[NodeData]) -> int:
    """Return how many guides are before a node; a node at the top has none."""
    return sum(1 for _ in ancestors_of(node))


def ancestors_of(node: TreeNode[NodeData]) -> Iterator[TreeNode[NodeData]]:
    """Yield the ancestors of a node, the nearest first, without the root."""
    ancestor = node.parent
    while ancestor is not None and ancestor.parent is not None:
        yield ancestor
        ancestor = ancestor.parent


def visible_node(node: TreeNode[NodeData]) -> TreeNode[NodeData]:
    """Return a node or, if folds hide it, the outermost of the folded nodes."""
    closed = [ancestor for ancestor in ancestors_of(node) if not ancestor.is_expanded]
    return closed[-1] if closed else node


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

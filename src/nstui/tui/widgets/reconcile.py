"""Changes a tree into another one, touching only what differs.

Rebuilding it would lose the cursor, the folds and the scroll position.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from rich.text import Text

from nstui.analysis.preferences.choices import fold_name
from nstui.analysis.tree.tree import RowKind, TreeRow
from nstui.model.frozen import dataclass
from nstui.render.rows import RowText, row_of, with_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping

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

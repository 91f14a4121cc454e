"""Changes a tree into another one, touching only what differs.

Rebuilding it would lose the cursor, the folds and the scroll position.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from nstui.analysis.tree.tree import RowKind, TreeRow
from nstui.model.frozen import dataclass
from nstui.render.rows import RowText, row_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from textual.widgets.tree import TreeNode

    from nstui.analysis.report import Report


@dataclass(frozen=True, slots=True)
class NodeData:
    """What a node of the tree shows."""

    row: TreeRow
    text: RowText

    @property
    def key(self) -> str:
        """What tells the line apart from all others."""
        return self.row.key


class Folds:
    """Which lines show what is beneath them."""

    def __init__(self) -> None:
        """Begin with everything open but the fold of what shares with nobody."""
        self._chosen: dict[str, bool] = {}
        self.is_filtered = False
        """Whether a filter chose the lines, so that no fold may hide them."""

    def is_open(self, row: TreeRow) -> bool:
        """Tell whether a line shows what is beneath it."""
        if self.is_filtered:
            return True
        return self._chosen.get(row.key, row.kind is not RowKind.UNSHARED)

    def choose(self, node: TreeNode[NodeData], *, is_open: bool) -> None:
        """Remember what the user did with a fold."""
        if node.data is not None and not self.is_filtered:
            self._chosen[node.data.key] = is_open

    def apply(self, root: TreeNode[NodeData]) -> None:
        """Open and close the nodes of a tree as they should be."""
        for node in tuple(every_node(root)):
            if node.data is None or not node.data.row.children:
                continue
            if self.is_open(node.data.row) != node.is_expanded:
                node.toggle()


def reconcile(
    node: TreeNode[NodeData], rows: tuple[TreeRow, ...], report: Report, folds: Folds
) -> list[TreeNode[NodeData]]:
    """Make the nodes beneath a node show some lines, in their order.

    Returns:
        Those that were there and look otherwise now, to be drawn again.

    """
    changed = []
    there = _keep(node, {row.key for row in rows})
    for row in rows:
        line = NodeData(row, row_of(row, report))
        here = there.get(row.key)
        if here is None:
            here = node.add(Text(line.text.name.text), line, expand=folds.is_open(row))
        else:
            before, here.data = here.data, line
            if before is None or before.text != line.text or _has_more(before, line):
                changed.append(here)
        if row.children or here.children:
            changed += reconcile(here, row.children, report, folds)
    _put_in_order(node, [row.key for row in rows])
    return changed


def _keep(
    node: TreeNode[NodeData], wanted: Collection[str]
) -> dict[str, TreeNode[NodeData]]:
    """Remove the nodes that are not wanted any more; return the others."""
    kept = {}
    for old in tuple(node.children):
        if old.data is None or old.data.key not in wanted:
            old.remove()
        else:
            kept[old.data.key] = old
    return kept


def _has_more(before: NodeData, after: NodeData) -> bool:
    """Tell whether there is something beneath only one of two lines."""
    return bool(before.row.children) != bool(after.row.children)


def _put_in_order(node: TreeNode[NodeData], keys: list[str]) -> None:
    """Bring the nodes beneath a node, one for each key, into the order of the keys.

    Textual has no way to move a node. Removing it and adding another one would lose
    the cursor, and takes too long where a thousand lines change places.
    """
    if [child.data.key for child in node.children if child.data is not None] == keys:
        return
    place = {key: number for number, key in enumerate(keys)}
    node._children.sort(  # noqa: SLF001 - see above
        key=lambda child: -1 if child.data is None else place[child.data.key]
    )
    node.tree._invalidate()  # noqa: SLF001 - this is what add and remove do


def every_node(root: TreeNode[NodeData]) -> Iterator[TreeNode[NodeData]]:
    """Yield every node beneath a root, as shown, also those that a fold hides."""
    waiting = list(reversed(root.children))
    while waiting:
        node = waiting.pop()
        yield node
        waiting.extend(reversed(node.children))


def depth_of(node: TreeNode[NodeData]) -> int:
    """Return how many guides are in front of a node; those at the top have none."""
    return sum(1 for _ in lines_above(node))


def lines_above(node: TreeNode[NodeData]) -> Iterator[TreeNode[NodeData]]:
    """Yield the nodes that a node is beneath, the nearest first, without the root."""
    above = node.parent
    while above is not None and above.parent is not None:
        yield above
        above = above.parent


def shown_for(node: TreeNode[NodeData]) -> TreeNode[NodeData]:
    """Return a node, or if folds hide it the outermost of these."""
    closed = [above for above in lines_above(node) if not above.is_expanded]
    return closed[-1] if closed else node

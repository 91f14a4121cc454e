"""A document as a tree that can be folded and searched."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Tree

from nstui.analysis.tree.arrangement import find_all
from nstui.render.entries import DocumentEntry
from nstui.render.text import Tone
from nstui.tui.widgets.search import SearchedWidget

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from rich.style import Style
    from textual.binding import BindingType
    from textual.widgets.tree import TreeNode

    from nstui.render.entries import Step


GUIDE = 3
"""The columns by which each level is indented."""

MAX_UNFOLDED = 12
"""An entry with at most this many lines is unfolded at first."""


class DocumentTree(Tree[DocumentEntry], SearchedWidget):
    """Shows a document; small entries are unfolded at first.

    Attributes:
        found: The entries that match the search, in their order.

    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter,space",
            "select_cursor",
            "Fold",
            key_display="⏎",
            tooltip="Fold or unfold the entry",
            id="document.fold",
        ),
        Binding(
            "asterisk",
            "toggle_all",
            "All",
            key_display="*",
            tooltip="Unfold everything, or fold it",
            id="document.all",
        ),
        Binding(
            "j,down",
            "cursor_down",
            "Down",
            show=False,
            tooltip="Go to the next entry",
            id="document.down",
        ),
        Binding(
            "k,up",
            "cursor_up",
            "Up",
            show=False,
            tooltip="Go to the entry before",
            id="document.up",
        ),
        Binding(
            "left",
            "close",
            "Close",
            show=False,
            tooltip="Fold the entry, or go to the one it is in",
            id="document.close",
        ),
        Binding(
            "right",
            "open",
            "Open",
            show=False,
            tooltip="Unfold the entry, or go into it",
            id="document.open",
        ),
        Binding(
            "g,home",
            "scroll_home",
            "First",
            show=False,
            tooltip="Go to the first entry",
            id="document.first",
        ),
        Binding(
            "G,end",
            "scroll_end",
            "Last",
            show=False,
            tooltip="Go to the last entry",
            id="document.last",
        ),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "document--found",
        *(f"tone--{tone}" for tone in Tone),
    }

    class Searched(Message):
        """The matching entries have changed, or the cursor has moved to another one."""

    def __init__(self) -> None:
        super().__init__(Text("document"), id="document")
        self.show_root = False
        self.guide_depth = GUIDE
        self.found: list[TreeNode[DocumentEntry]] = []
        self._words = ""
        self._folds: dict[tuple[Step, ...], bool] = {}

    def show(self, entries: Iterable[DocumentEntry]) -> None:
        """Show a document; the folds and the cursor stay where they were."""
        at_cursor, line = self.entry_at_cursor(), self.cursor_line
        self.clear()
        self._fill(self.root, entries)
        self.root.expand()
        self._find()
        _ = self.last_line
        steps = None if at_cursor is None else at_cursor.steps
        same = next(
            (n for n in self._all_nodes() if n.data and n.data.steps == steps), None
        )
        if same is not None and same.line >= 0:
            self.move_cursor(same)
        else:
            self.cursor_line = max(0, min(line, self.last_line))

    def entry_at_cursor(self) -> DocumentEntry | None:
        """Return the entry under the cursor."""
        return None if self.cursor_node is None else self.cursor_node.data

    def search(self, text: str) -> None:
        """Highlight a text, and go to the first match from the cursor on."""
        if text == self._words:
            return
        self._words = text
        self._find()
        node = self.cursor_node
        if node is not None and node not in self.found:
            self.step(1)
        self._clear_line_cache()
        self.refresh()

    def step(self, by: int) -> None:
        """Go to the next match (1), or to the previous one (-1)."""
        numbers = {id(node): number for number, node in enumerate(self._all_nodes())}
        current = numbers.get(id(self.cursor_node), -1)
        after = [node for node in self.found if (numbers[id(node)] - current) * by > 0]
        if self.found:
            chosen = (after or self.found)[0 if by > 0 else -1]
            self._go_to(chosen)
        self.post_message(self.Searched())

    @property
    def position(self) -> tuple[int, int]:
        """The number of the match under the cursor, from 1, and of all matches."""
        node = self.cursor_node
        number = self.found.index(node) + 1 if node in self.found else 0
        return number, len(self.found)

    def action_toggle_all(self) -> None:
        """Unfold everything; if everything is unfolded, fold it."""
        current = self.cursor_node
        inner = [node for node in self._all_nodes() if node.children]
        is_open = not all(node.is_expanded for node in inner)
        for node in inner:
            if node.is_expanded != is_open:
                node.toggle()
        if current is not None:
            self._go_to(current if is_open else _top_of(current))

    def action_close(self) -> None:
        """Fold the entry, or go to its parent."""
        node = self.cursor_node
        if node is None:
            return
        if node.is_expanded and node.children:
            node.collapse()
        elif node.parent is not None and node.parent is not self.root:
            self.move_cursor(node.parent)

    def action_open(self) -> None:
        """Unfold the entry, or go to its first child."""
        node = self.cursor_node
        if node is None or not node.children:
            return
        if node.is_expanded:
            self.move_cursor(node.children[0])
        else:
            node.expand()

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[DocumentEntry]) -> None:
        """Remember that the user has unfolded an entry."""
        if event.node.data is not None:
            self._folds[event.node.data.steps] = True

    def on_tree_node_collapsed(self, event: Tree.NodeCollapsed[DocumentEntry]) -> None:
        """Remember that the user has folded an entry."""
        if event.node.data is not None:
            self._folds[event.node.data.steps] = False

    def _fill(
        self, parent: TreeNode[DocumentEntry], entries: Iterable[DocumentEntry]
    ) -> None:
        for entry in entries:
            node = parent.add(
                Text(entry.words),
                entry,
                expand=self._folds.get(entry.steps, _size(entry) <= MAX_UNFOLDED),
                allow_expand=bool(entry.entries),
            )
            self._fill(node, entry.entries)

    def _find(self) -> None:
        self.found = [
            node
            for node in self._all_nodes()
            if node.data is not None and find_all(self._words, node.data.words)
        ]
        self.post_message(self.Searched())

    def _all_nodes(self) -> Iterator[TreeNode[DocumentEntry]]:
        """Yield every node in its order, including those that a fold hides."""
        pending = list(reversed(self.root.children))
        while pending:
            node = pending.pop()
            yield node
            pending.extend(reversed(node.children))

    def _go_to(self, node: TreeNode[DocumentEntry]) -> None:
        """Move the cursor to a node, and unfold what hides it."""
        parent = node.parent
        while parent is not None:
            parent.expand()
            parent = parent.parent
        # Reading last_line numbers the lines again, which moving the cursor needs.
        _ = self.last_line
        self.move_cursor(node)

    def render_label(
        self, node: TreeNode[DocumentEntry], base_style: Style, style: Style
    ) -> Text:
        """Draw one line, with the matches highlighted."""
        text = Text(no_wrap=True, end="")
        if node.data is None:
            return text
        if node.children and not node.is_expanded:
            text.append("▸ ")
        shift = len(text)
        for piece in node.data.label:
            tone = f"tone--{piece.tone}"
            text.append(piece.text, self.get_component_rich_style(tone, partial=True))
        found = self.get_component_rich_style("document--found", partial=True)
        for start, end in find_all(self._words, node.data.words):
            text.stylize(found, shift + start, shift + end)
        width = self.get_label_width(node)
        text.truncate(width, overflow="ellipsis", pad=True)
        text.stylize_before(base_style)
        text.stylize(style)
        return text

    def get_label_width(self, node: TreeNode[DocumentEntry]) -> int:
        """Return a width that never makes the tree scroll sideways."""
        depth = 0 if node.data is None else len(node.data.steps) - 1
        return max(1, self.scrollable_content_region.width - GUIDE * depth)

    def on_resize(self) -> None:
        """Draw the lines in the new width."""
        self._clear_line_cache()
        self.refresh()


def _size(entry: DocumentEntry) -> int:
    """Return the number of lines in an entry."""
    return sum(1 for _ in entry.walk()) - 1


def _top_of(node: TreeNode[DocumentEntry]) -> TreeNode[DocumentEntry]:
    """Return the top-level node that a node is in."""
    while node.parent is not None and not node.parent.is_root:
        node = node.parent
    return node

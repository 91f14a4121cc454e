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

UNFOLDED = 12
"""Up to how many lines an entry shows from the start."""


class DocumentTree(Tree[DocumentEntry], SearchedWidget):
    """Shows a document; what is small is unfolded from the start.

    Attributes:
        found: The entries in which the words searched for are, in their order.

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
        Binding("j,down", "cursor_down", "Down", show=False, id="document.down"),
        Binding("k,up", "cursor_up", "Up", show=False, id="document.up"),
        Binding("left", "close", "Close", show=False, id="document.close"),
        Binding("right", "open", "Open", show=False, id="document.open"),
        Binding("g,home", "scroll_home", "First", show=False, id="document.first"),
        Binding("G,end", "scroll_end", "Last", show=False, id="document.last"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "document--found",
        *(f"tone--{tone}" for tone in Tone),
    }

    class Searched(Message):
        """Other entries are found than before, or the cursor went to another one."""

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
            (n for n in self._each_node() if n.data and n.data.steps == steps), None
        )
        if same is not None and same.line >= 0:
            self.move_cursor(same)
        else:
            self.cursor_line = max(0, min(line, self.last_line))

    def entry_at_cursor(self) -> DocumentEntry | None:
        """Return the entry under the cursor."""
        return None if self.cursor_node is None else self.cursor_node.data

    def search(self, words: str) -> None:
        """Mark some words, and go to the first place from the cursor on."""
        if words == self._words:
            return
        self._words = words
        self._find()
        here = self.cursor_node
        if here is not None and here not in self.found:
            self.step(1)
        self._clear_line_cache()
        self.refresh()

    def step(self, by: int) -> None:
        """Go to the next entry found (1), or to the one before (-1)."""
        places = {id(node): place for place, node in enumerate(self._each_node())}
        here = places.get(id(self.cursor_node), -1)
        after = [node for node in self.found if (places[id(node)] - here) * by > 0]
        if self.found:
            chosen = (after or self.found)[0 if by > 0 else -1]
            self._go_to(chosen)
        self.post_message(self.Searched())

    @property
    def position(self) -> tuple[int, int]:
        """Which entry found is under the cursor, from 1, and how many there are."""
        here = self.cursor_node
        place = self.found.index(here) + 1 if here in self.found else 0
        return place, len(self.found)

    # Folds

    def action_toggle_all(self) -> None:
        """Unfold everything; if all is unfolded, fold it."""
        here = self.cursor_node
        inner = [node for node in self._each_node() if node.children]
        is_open = not all(node.is_expanded for node in inner)
        for node in inner:
            if node.is_expanded != is_open:
                node.toggle()
        if here is not None:
            self._go_to(here if is_open else _top_of(here))

    def action_close(self) -> None:
        """Fold the entry, or go to the one that it is in."""
        node = self.cursor_node
        if node is None:
            return
        if node.is_expanded and node.children:
            node.collapse()
        elif node.parent is not None and node.parent is not self.root:
            self.move_cursor(node.parent)

    def action_open(self) -> None:
        """Unfold the entry, or go to the first one in it."""
        node = self.cursor_node
        if node is None or not node.children:
            return
        if node.is_expanded:
            self.move_cursor(node.children[0])
        else:
            node.expand()

    def on_tree_node_expanded(self, event: Tree.NodeExpanded[DocumentEntry]) -> None:
        """Remember that a fold was opened."""
        if event.node.data is not None:
            self._folds[event.node.data.steps] = True

    def on_tree_node_collapsed(self, event: Tree.NodeCollapsed[DocumentEntry]) -> None:
        """Remember that a fold was closed."""
        if event.node.data is not None:
            self._folds[event.node.data.steps] = False

    # Nodes

    def _fill(
        self, above: TreeNode[DocumentEntry], entries: Iterable[DocumentEntry]
    ) -> None:
        for entry in entries:
            node = above.add(
                Text(entry.words),
                entry,
                expand=self._folds.get(entry.steps, _size(entry) <= UNFOLDED),
                allow_expand=bool(entry.entries),
            )
            self._fill(node, entry.entries)

    def _find(self) -> None:
        self.found = [
            node
            for node in self._each_node()
            if node.data is not None and find_all(self._words, node.data.words)
        ]
        self.post_message(self.Searched())

    def _each_node(self) -> Iterator[TreeNode[DocumentEntry]]:
        """Yield every node, as shown, also those that a fold hides."""
        waiting = list(reversed(self.root.children))
        while waiting:
            node = waiting.pop()
            yield node
            waiting.extend(reversed(node.children))

    def _go_to(self, node: TreeNode[DocumentEntry]) -> None:
        """Move the cursor to a node, and unfold what hides it."""
        above = node.parent
        while above is not None:
            above.expand()
            above = above.parent
        # The tree numbers its lines anew: a cursor is moved by those numbers.
        _ = self.last_line
        self.move_cursor(node)

    # Drawing

    def render_label(
        self, node: TreeNode[DocumentEntry], base_style: Style, style: Style
    ) -> Text:
        """Draw one line, with the words searched for marked in it."""
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
    """Return how many lines are in an entry."""
    return sum(1 for _ in entry.walk()) - 1


def _top_of(node: TreeNode[DocumentEntry]) -> TreeNode[DocumentEntry]:
    """Return the entry of the whole document that a node is in."""
    while node.parent is not None and not node.parent.is_root:
        node = node.parent
    return node

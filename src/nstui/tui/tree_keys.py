"""The keys that move through the tree, fold it and select in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.binding import Binding

if TYPE_CHECKING:
    from textual.binding import BindingType

FILTER_KEY = "slash"

TREE_KEYS: list[BindingType] = [
    Binding(
        "enter",
        "select_cursor",
        "Fold",
        tooltip="Fold or unfold what is beneath the line",
        id="tree.fold",
    ),
    Binding(
        "space",
        "select_line",
        "Select",
        show=False,
        tooltip="Select the container, to act on several at once",
        id="tree.select",
    ),
    Binding(
        "j,down",
        "cursor_down",
        "Down",
        show=False,
        tooltip="Go to the next line",
        id="tree.down",
    ),
    Binding(
        "k,up",
        "cursor_up",
        "Up",
        show=False,
        tooltip="Go to the line before",
        id="tree.up",
    ),
    Binding(
        "g,home",
        "scroll_home",
        "First",
        show=False,
        tooltip="Go to the first line",
        id="tree.first",
    ),
    Binding(
        "G,end",
        "scroll_end",
        "Last",
        show=False,
        tooltip="Go to the last line",
        id="tree.last",
    ),
]

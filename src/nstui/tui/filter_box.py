"""The line below the tree in which the filter is typed."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.widgets import Input

from nstui.tui.handover import KeyHandover

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.events import Key
    from textual.widget import Widget


class FilterBox(Input, KeyHandover):
    """Takes no room while there is no filter."""

    def __init__(self, give: Callable[[str], Widget]) -> None:
        """Take what gives the focus back, by the key that asks for it."""
        super().__init__(placeholder="filter", id="filter-input")
        self._give = give

    def open(self) -> FilterBox:
        """Show itself, and take what is typed."""
        self.display = True
        self.screen.set_focus(self)
        return self

    def close(self) -> None:
        """Filter nothing any more."""
        self.value = ""
        self.display = False

    def on_key(self, event: Key) -> None:
        """Keep what is typed after the filter for whatever will have the focus."""
        if not self.keeps(event) and event.key in {"enter", "escape"}:
            self.hand_over(event, partial(self._give, event.key))

"""The line below the tree in which the filter is typed."""

from __future__ import annotations

from textual.widgets import Input


class FilterBox(Input):
    """Takes no room while there is no filter."""

    def __init__(self) -> None:
        super().__init__(placeholder="filter", id="filter-input")

    def open(self) -> None:
        """Show itself, and take what is typed."""
        self.display = True
        self.screen.set_focus(self)

    def close(self) -> None:
        """Filter nothing any more."""
        self.value = ""
        self.display = False

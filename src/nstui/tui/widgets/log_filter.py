"""The bar that shows only the lines of a log that match."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.render.logs import matching_text
from nstui.tui.widgets.search import TypingBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.tui.widgets.search import SearchedWidget

FILTER_LINES_KEY = "ampersand"
"""The key that begins to filter, as in less."""


class LineFilterBar(TypingBar):
    """Filters the lines of a log; visible only while it does."""

    NAME = "filter-lines"
    SIGN = "&"

    def __init__(
        self,
        searched: SearchedWidget,
        show_only: Callable[[str], object],
        count: Callable[[], tuple[int, int]],
    ) -> None:
        """Create the bar.

        Args:
            searched: The widget with the lines.
            show_only: Hides the lines that do not match a text.
            count: Returns how many lines match, and how many there are.

        """
        super().__init__(searched)
        self._show_only = show_only
        self._count = count

    def apply(self, words: str) -> None:
        """Show only the lines that match what has been typed."""
        self._show_only(words)

    def count_text(self) -> str:
        """Return how many lines match."""
        return matching_text(*self._count())

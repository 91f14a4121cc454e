"""Keys that are typed faster than a search can take the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.widget import Widget

if TYPE_CHECKING:
    from textual import events

SEARCH_KEY = "slash"


class Typed(Message):
    """A character was typed that was meant for the search."""

    def __init__(self, character: str) -> None:
        """Take the character."""
        super().__init__()
        self.character = character


class TypeAhead(Widget):
    """Mixed into a widget whose screen has a search.

    What is typed after the key that opens it waits in this widget's queue already, and
    here letters are actions.
    """

    _yields_keys = False

    def on_key(self, event: events.Key) -> None:
        """Pass on what was meant for the search."""
        if self._yields_keys:
            event.stop()
            event.prevent_default()
            if event.is_printable and event.character is not None:
                self.post_message(Typed(event.character))
        elif event.key == SEARCH_KEY:
            self._yields_keys = True

    def on_blur(self) -> None:
        """Take keys as usual when the focus comes back."""
        self._yields_keys = False

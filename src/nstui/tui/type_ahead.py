"""Keys that are typed faster than a search can take the focus."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message
from textual.widget import Widget

if TYPE_CHECKING:
    from textual import events

SEARCH_KEY = "slash"


class TypeAhead(Widget):
    """Mixed into a widget whose screen has a search, as the last of its bases.

    What is typed after the key that begins a search waits in this widget's queue
    already, and here letters are actions. Both go the same way, so they keep their
    order.
    """

    _yields_keys = False

    class Begun(Message):
        """The key that begins a search was typed."""

    class Typed(Message):
        """A character was typed that was meant for the search."""

        def __init__(self, character: str) -> None:
            """Take the character."""
            super().__init__()
            self.character = character

    def on_key(self, event: events.Key) -> None:
        """Pass on what was meant for the search."""
        if not self._yields_keys and event.key != SEARCH_KEY:
            return
        event.stop()
        event.prevent_default()
        if not self._yields_keys:
            self._yields_keys = True
            self.post_message(self.Begun())
        elif event.is_printable and event.character is not None:
            self.post_message(self.Typed(event.character))

    def on_blur(self) -> None:
        """Take keys as usual when the focus comes back."""
        self._yields_keys = False

"""The line in which one types what to search for, and reads how often it is there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import events, on
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from textual.app import ComposeResult


class SearchInput(Input):
    """Passes on what is typed after the search, before the focus is elsewhere.

    Such keys wait in this widget's queue already, and here letters are words.
    """

    _yields_keys = False

    def on_key(self, event: events.Key) -> None:
        """Pass a key on to whatever will have the focus."""
        if self._yields_keys:
            event.stop()
            event.prevent_default()
            self.app.post_message(events.Key(event.key, event.character))
        elif event.key in {"enter", "escape"}:
            self._yields_keys = True

    def on_blur(self) -> None:
        """Take keys as usual when the focus comes back."""
        self._yields_keys = False


class SearchBar(Horizontal):
    """There only while something is searched for."""

    class Sought(Message):
        """Other words are searched for; none if the search is over."""

        def __init__(self, words: str) -> None:
            """Take the words."""
            super().__init__()
            self.words = words

    class Left(Message):
        """The words are complete; now they are gone through."""

    def __init__(self) -> None:
        super().__init__(id="search-bar")
        self._told = ""

    def compose(self) -> ComposeResult:
        """Lay out the words and their count."""
        yield Static("/", id="search-sign")
        # What is typed before the focus is here must not be selected with it.
        yield SearchInput(
            id="search-input", placeholder="search", select_on_focus=False
        )
        yield Static(id="search-count", markup=False)

    def open(self) -> None:
        """Appear, and take what is typed from now on."""
        self.display = True
        self.query_one(Input).value = ""
        self.screen.set_focus(self.query_one(Input))

    def close(self) -> bool:
        """Search for nothing and disappear; tell whether it was there."""
        was_there = self.display
        self.query_one(Input).value = ""
        self.display = False
        return was_there

    def type(self, character: str) -> None:
        """Take a character that was typed before the focus was here."""
        self.query_one(Input).insert_text_at_cursor(character)

    def count(self, current: int, total: int) -> None:
        """Show which of the places found is the current one, from 1, and of how many.

        Args:
            current: 0 if there is no current one.
            total: How many there are.

        """
        words = f"{current or '-'}/{total:,}" if total else "nothing found"
        told = words if self.query_one(Input).value else ""
        if told != self._told:
            self._told = told
            self.query_one("#search-count", Static).update(told)

    @on(Input.Submitted)
    def _leave(self, event: Input.Submitted) -> None:
        event.stop()
        if not event.value:
            self.close()
        self.post_message(self.Left())

    @on(Input.Changed)
    def _seek(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Sought(event.value))

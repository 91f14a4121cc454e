"""The line in which one types what to search for, and reads how often it is there."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import events, on
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Static

from nstui.tui.handover import SEARCH_KEY, KeyHandover

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.widget import Widget


class SearchInput(Input, KeyHandover):
    """Takes words; gives the focus back by the keys that end or leave a search."""

    def __init__(self, give: Callable[[str], Widget]) -> None:
        """Take what gives the focus back, by the key that asks for it."""
        # What is typed before the focus is here must not be selected with it.
        super().__init__(id="search-input", placeholder="search", select_on_focus=False)
        self._give = give

    def on_key(self, event: events.Key) -> None:
        """Keep what is typed after the search for whatever will have the focus."""
        if not self.keeps(event) and event.key in {"enter", "escape"}:
            self.hand_over(event, partial(self._give, event.key))


class SearchedWidget(KeyHandover):
    """Mixed into a widget whose screen has a search bar, as the last of its bases."""

    def on_key(self, event: events.Key) -> None:
        """Give the focus to the search bar by its key."""
        if not self.keeps(event) and event.key == SEARCH_KEY:
            self.hand_over(event, self.screen.query_one(SearchBar).open)


class SearchBar(Horizontal):
    """There only while something is searched for."""

    class Sought(Message):
        """Other words are searched for; none if the search is over."""

        def __init__(self, words: str) -> None:
            """Take the words."""
            super().__init__()
            self.words = words

    def __init__(self, searched: type[Widget]) -> None:
        """Take the kind of widget that is searched, of which the screen has one."""
        super().__init__(id="search-bar")
        self._searched = searched
        self._told = ""

    def compose(self) -> ComposeResult:
        """Lay out the words and their count."""
        yield Static("/", id="search-sign")
        yield SearchInput(self._leave)
        yield Static(id="search-count", markup=False)

    def open(self) -> Input:
        """Appear, and take what is typed from now on; return what has the focus."""
        self.display = True
        words = self.query_one(Input)
        words.value = ""
        self.screen.set_focus(words)
        return words

    def close(self) -> bool:
        """Search for nothing and disappear; tell whether it was there."""
        was_there = self.display
        self.query_one(Input).value = ""
        self.display = False
        return was_there

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

    def _leave(self, key: str) -> Widget:
        """Give the focus back: to go through what was found, or as before."""
        if key == "escape" or not self.query_one(Input).value:
            self.close()
        searched = self.screen.query_one(self._searched)
        self.screen.set_focus(searched)
        return searched

    @on(Input.Changed)
    def _seek(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Sought(event.value))

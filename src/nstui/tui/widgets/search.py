"""The lines in which one types what to search for or to filter by."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import events, on
from textual.containers import Horizontal
from textual.events import Key
from textual.widget import Widget
from textual.widgets import Input, Static

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult


SEARCH_KEY = "slash"
"""What begins a search, or a filter."""

_MOST_ROUNDS = 50
"""How often a widget that always has something else to do looks for more keys."""


class KeyHandover(Widget):
    """Mixed into a widget that gives the focus away by a key, as the last of its bases.

    What is typed after that key waits in this widget's queue already, and means
    something else here: a letter is an action in a tree, and a word in a search. Such
    keys are kept, and go to the other widget in their order at the moment when it gets
    the focus, before any key that comes later.
    """

    _kept: list[Key] | None = None

    def hand_over(self, event: Key, give: Callable[[], Widget]) -> None:
        """Give the focus to another widget, with all that was typed since.

        Args:
            event: The key that asks for it, which does nothing else.
            give: Moves the focus at once, and returns the widget that has it then.

        """
        _swallow(event)
        self._kept = []
        self.call_later(self._pass_on, give)

    def keeps(self, event: Key) -> bool:
        """Keep a key for the widget that is to have the focus; tell whether it was."""
        if self._kept is None:
            return False
        _swallow(event)
        self._kept.append(event)
        return True

    def _pass_on(self, give: Callable[[], Widget], rounds: int = _MOST_ROUNDS) -> None:
        if self.message_queue_size and rounds:
            self.call_later(partial(self._pass_on, give, rounds - 1))
            return
        kept, self._kept = self._kept or [], None
        if not self.is_attached:
            return
        target = give()
        for event in kept:
            # As the app does it: it comes back there only to look for a binding.
            again = Key(event.key, event.character)
            target._forward_event(again)  # noqa: SLF001 - there is no other way


def _swallow(event: Key) -> None:
    event.stop()
    event.prevent_default()


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

    def search(self, words: str) -> None:
        """Mark some words, and go to a place where they are; none: mark nothing."""
        raise NotImplementedError

    def step(self, by: int) -> None:
        """Go to the next place found (1), or to the one before (-1)."""
        raise NotImplementedError

    @property
    def position(self) -> tuple[int, int]:
        """Which of the places found is the current one, from 1, and of how many.

        0 if there is no current one.
        """
        raise NotImplementedError

    def on_key(self, event: events.Key) -> None:
        """Give the focus to the search bar by its key."""
        if not self.keeps(event) and event.key == SEARCH_KEY:
            self.hand_over(event, self.screen.query_one(SearchBar).open)


class SearchBar(Horizontal):
    """Searches a widget of its screen; there only while something is searched for."""

    def __init__(self, searched: SearchedWidget) -> None:
        """Take the widget that is searched."""
        super().__init__(id="search-bar")
        self._searched = searched
        self._told = ""

    def compose(self) -> ComposeResult:
        """Lay out the words and their count."""
        yield Static("/", id="search-sign")
        yield SearchInput(self._end_typing)
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

    def leave(self) -> bool:
        """End the search and give the focus back; tell whether there was a search."""
        was_there = self.close()
        if was_there:
            self._searched.focus()
        return was_there

    def show_position(self) -> None:
        """Show which of the places found is the current one, and of how many."""
        current, total = self._searched.position
        words = f"{current or '-'}/{total:,}" if total else "nothing found"
        told = words if self.query_one(Input).value else ""
        if told != self._told:
            self._told = told
            self.query_one("#search-count", Static).update(told)

    def _end_typing(self, key: str) -> Widget:
        """Give the focus back: to go through what was found, or as before."""
        if key == "escape" or not self.query_one(Input).value:
            self.close()
        self.screen.set_focus(self._searched)
        return self._searched

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        event.stop()
        self._searched.search(event.value)


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

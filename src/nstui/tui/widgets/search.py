"""The inputs for a search and for a filter."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events, on
from textual.containers import Horizontal
from textual.widgets import Input, Static

from nstui.render.text import printable
from nstui.tui.widgets.key_order import KeyHandover, TypedInput, focus_at_once

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.events import Key
    from textual.widget import Widget


SEARCH_KEY = "slash"
"""The key that begins a search."""

FILTER_PLACEHOLDER = "name, image, port, address, network, project, state or id"


class SearchInput(TypedInput, KeyHandover):
    """The input of a search; the keys that end or leave a search return the focus."""

    def __init__(
        self, move_focus: Callable[[str], Widget], name: str = "search"
    ) -> None:
        """Take a function that returns the focus, given the key."""
        # What is typed before the focus arrives must not be selected.
        super().__init__(
            id=f"{name}-input",
            classes="typing-input",
            placeholder=name,
            select_on_focus=False,
        )
        self._move_focus = move_focus

    async def on_key(self, event: events.Key) -> None:
        """Keep what is typed after the search for the widget that gets the focus."""
        if not self.keeps(event) and event.key in {"enter", "escape"}:
            self.hand_over(event, partial(self._move_focus, event.key))


class SearchedWidget(KeyHandover):
    """A mixin, to be the last base, for a widget of a screen with a search bar."""

    def search(self, words: str) -> None:
        """Highlight a text, and go to a match; an empty text ends the search."""
        raise NotImplementedError

    def step(self, by: int) -> None:
        """Go to the next match (1), or to the previous one (-1)."""
        raise NotImplementedError

    @property
    def position(self) -> tuple[int, int]:
        """The number of the current match, from 1, and of all matches.

        The first is 0 if there is no current match.
        """
        raise NotImplementedError

    def bar_of(self, key: str) -> TypingBar | None:
        """Return the bar that a key opens; None if it opens none."""
        return self.screen.query_one(SearchBar) if key == SEARCH_KEY else None

    def on_key(self, event: events.Key) -> None:
        """Give the focus to a bar when its key is pressed."""
        if not self.keeps(event) and (bar := self.bar_of(event.key)) is not None:
            self.hand_over(event, bar.open)


class TypingBar(Horizontal):
    """A sign, an input and a count; visible only while it has a text.

    Attributes:
        NAME: The beginning of the ids of its widgets.
        SIGN: What stands before the input.

    """

    NAME: ClassVar[str]
    SIGN: ClassVar[str]

    def __init__(self, searched: SearchedWidget) -> None:
        """Take the widget to search."""
        super().__init__(id=f"{self.NAME}-bar", classes="typing-bar")
        self._searched = searched
        self._shown_count = ""

    def compose(self) -> ComposeResult:
        """Yield the input and the count of matches."""
        yield Static(self.SIGN, id=f"{self.NAME}-sign", classes="typing-sign")
        yield SearchInput(self._end_typing, name=self.NAME)
        yield Static(id=f"{self.NAME}-count", classes="typing-count", markup=False)

    def apply(self, words: str) -> None:
        """Use what has been typed."""
        raise NotImplementedError

    def count_text(self) -> str:
        """Return how much matches what has been typed."""
        raise NotImplementedError

    def open(self) -> Input:
        """Show the bar with an empty input; return the input, which has the focus."""
        self.display = True
        words = self.query_one(Input)
        words.value = ""
        return focus_at_once(words)

    def close(self) -> bool:
        """Clear the text and hide the bar; return whether it was visible."""
        was_there = self.display
        self.query_one(Input).value = ""
        self.display = False
        return was_there

    def leave(self) -> bool:
        """Close the bar and return the focus; return whether it was visible."""
        was_there = self.close()
        if was_there:
            focus_at_once(self._searched)
        return was_there

    def show_position(self) -> None:
        """Show how much matches what has been typed."""
        shown = self.count_text() if self.query_one(Input).value else ""
        if shown != self._shown_count:
            self._shown_count = shown
            self.query_one(f"#{self.NAME}-count", Static).update(shown)

    def _end_typing(self, key: str) -> Widget:
        """Return the focus; escape and an empty text also close the bar."""
        if key == "escape" or not self.query_one(Input).value:
            self.close()
        return focus_at_once(self._searched)

    @on(Input.Changed)
    def _apply(self, event: Input.Changed) -> None:
        event.stop()
        self.apply(event.value)


class SearchBar(TypingBar):
    """Searches a widget of its screen; visible only during a search."""

    NAME = "search"
    SIGN = "/"

    def apply(self, words: str) -> None:
        """Search for what has been typed."""
        self._searched.search(words)

    def count_text(self) -> str:
        """Return the number of the current match, and of all matches."""
        current, total = self._searched.position
        return f"{current or '-'}/{total:,}" if total else "nothing found"


class FilterInput(TypedInput, KeyHandover):
    """The input of the filter; the keys that end or leave it return the focus."""

    def __init__(self, move_focus: Callable[[str], Widget]) -> None:
        """Take a function that returns the focus, given the key."""
        super().__init__(placeholder=FILTER_PLACEHOLDER, id="filter-input")
        self._move_focus = move_focus

    async def on_key(self, event: Key) -> None:
        """Keep what is typed after the filter for the widget that gets the focus."""
        if not self.keeps(event) and event.key in {"enter", "escape"}:
            self.hand_over(event, partial(self._move_focus, event.key))


class FilterBar(Horizontal):
    """The filter and the number of its matches, hidden while there is no filter."""

    def __init__(self, move_focus: Callable[[str], Widget]) -> None:
        """Take a function that returns the focus, given the key that leaves the bar."""
        super().__init__(id="filter-bar")
        self._move_focus = move_focus
        self._shown_count = ""

    def compose(self) -> ComposeResult:
        """Yield the input and the count of matches."""
        yield Static("/", id="filter-sign")
        yield FilterInput(self._move_focus)
        yield Static(id="filter-count", markup=False)

    @property
    def text(self) -> str:
        """The text of the filter; empty or blank if everything is shown."""
        return self.query_one(FilterInput).value

    def open(self) -> FilterInput:
        """Show the bar, give its input the focus, and return that."""
        self.display = True
        return focus_at_once(self.query_one(FilterInput))

    def close(self) -> None:
        """Clear the filter and hide the bar."""
        self.query_one(FilterInput).value = ""
        self.display = False

    def show_position(self, current: int, total: int) -> None:
        """Show which match the cursor is on, and how many there are."""
        count = f"{current or '-'} of {total:,}" if total else "no match"
        shown = count if self.text.split() else ""
        if shown != self._shown_count:
            self._shown_count = shown
            self.query_one("#filter-count", Static).update(shown)


class NoMatch(Static):
    """The line that says that nothing matches the filter, visible only then."""

    def __init__(self) -> None:
        """Begin without a line."""
        super().__init__(id="no-match", markup=False)
        self._text = ""

    def say(self, text: str) -> None:
        """Show that nothing matches a text; an empty one hides the line."""
        if text != self._text:
            self._text = text
            self.display = bool(text)
            self.update(f"nothing matches '{printable(text)}' · escape shows all")

"""Keys that are typed faster than the focus moves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.events import Key
from textual.widget import Widget

if TYPE_CHECKING:
    from collections.abc import Callable

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

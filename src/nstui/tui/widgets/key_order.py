"""Keys that come together keep their order, though the focus moves between them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, TypeVar

from textual.events import Key, Paste
from textual.widget import Widget
from textual.widgets import Input

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from textual.message_pump import MessagePump

_MAX_ROUNDS = 50
"""How often a widget with a busy queue looks for more keys."""


Focused = TypeVar("Focused", bound=Widget)


class KeyHandover(Widget):
    """A mixin, to be the last base, for a widget that gives the focus away by a key.

    Keys that come with that one are in the queues of widgets, where the other focus
    would give them another meaning. Those typed before it bubble up to the app, which
    looks for their bindings from the focus: the focus stays until they had their
    effect. Those typed after it are in this widget's queue, where a letter is an action
    of a tree, but text in a search: they are kept, and passed on in order when the
    other widget gets the focus, before any later key.
    """

    _kept: list[Key | Paste] | None = None

    def hand_over(self, event: Key, move_focus: Callable[[], Widget]) -> None:
        """Give the focus to another widget, along with the keys typed since.

        If a key from before has put another screen on top, that gets all of them.

        Args:
            event: The key that causes it; it has no other effect.
            move_focus: Moves the focus at once, and returns the widget that has it.

        """
        _swallow(event)
        self._kept = [event]
        # The same queues in the same order as the keys from before.
        _call_after([*self.ancestors, self], partial(self._pass_on, move_focus))

    def on_paste(self, event: Paste) -> None:
        """Keep what is pasted for the widget that gets the focus."""
        self.keeps(event)

    def keeps(self, event: Key | Paste) -> bool:
        """Keep a key if the focus is about to move; return whether it was kept."""
        if self._kept is None:
            return False
        _swallow(event)
        self._kept.append(event)
        return True

    def _pass_on(
        self, move_focus: Callable[[], Widget], rounds: int = _MAX_ROUNDS
    ) -> None:
        if self._has_messages and rounds:
            self.call_later(partial(self._pass_on, move_focus, rounds - 1))
            return
        kept, self._kept = self._kept or [], None
        if not self.is_attached:
            return
        copies = [_copy(event) for event in kept]
        if not self.screen.is_active:
            for event in copies:
                self.app.post_message(event)
            return
        target = move_focus()
        for event in copies[1:]:
            # As the app does: the key returns to the app only to look for a binding.
            target._forward_event(event)  # noqa: SLF001 - there is no other way

    @property
    def _has_messages(self) -> bool:
        """Whether anything is left to handle, and so perhaps a key."""
        # Textual takes the next message out of the queue before it handles this one.
        return self.message_queue_size > 0 or self._pending_message is not None


def _call_after(pumps: Sequence[MessagePump], call: Callable[[], object]) -> None:
    """Call something once these have handled all that each has by then, in turn."""
    first, *others = pumps
    first.call_later(partial(_call_after, others, call) if others else call)


def _copy(event: Key | Paste) -> Key | Paste:
    """Return a key that is handled anew, and was typed when the first one was."""
    copy: Key | Paste
    if isinstance(event, Key):
        copy = Key(event.key, event.character)
    else:
        copy = Paste(event.text)
    copy.time = event.time
    return copy


def focus_at_once(target: Focused) -> Focused:
    """Give a widget the focus, and return it.

    `Widget.focus` does so only after the keys that the app has not handled yet: these
    would go to the widget that had the focus before.
    """
    target.screen.set_focus(target)
    return target


def _swallow(event: Key | Paste) -> None:
    event.stop()
    event.prevent_default()


class TypedInput(Input):
    """An input where every key has its effect in its turn.

    Textual inserts text at once, but looks for what other keys are bound to only after
    they have bubbled up to the app: text that comes with them would overtake them.
    """

    async def on_key(self, event: Key) -> None:
        """Do what a key is bound to, here or around what has the focus by now."""
        if event.is_printable or not self.screen.is_active:
            return
        # As the app does. What is done then must not be overtaken either.
        if await self.app._check_bindings(event.key):  # noqa: SLF001 - nothing else does
            _swallow(event)

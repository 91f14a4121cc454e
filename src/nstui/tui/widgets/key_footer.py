"""The line with the most needed keys: the help first, and nothing cut off."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.widgets import Footer
from textual.widgets._footer import FooterKey

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from textual.app import ComposeResult
    from textual.events import Resize
    from textual.screen import Screen

FIRST = [
    "help",
    "hosts",
    "filter",
    "findings",
    "logs",
    "heal",
    "restart",
    "remove",
    "stop",
    "start",
    "tree.fold",
    "quit",
]
"""The ids of the keys of the main screen, the most needed first.

Other screens have the help first, and the others in their own order.
"""

PADDING = 3
"""The columns around a key and around its words."""


class KeyFooter(Footer):
    """Shows as many keys as have room, each as a whole."""

    def __init__(self) -> None:
        super().__init__(show_command_palette=False)
        self._fitted_to = 0
        self._composed_of: object = None

    def compose(self) -> ComposeResult:
        """Yield the keys that have room."""
        if self._bindings_ready:
            self._composed_of = self._made_from()
        keys = [key for key in super().compose() if isinstance(key, FooterKey)]
        self._fitted_to = self.app.size.width
        shown = list(fitting(sorted(keys, key=self._rank), self._fitted_to))
        self.styles.grid_size_columns = max(1, len(shown))
        yield from shown

    def bindings_changed(self, screen: Screen[object]) -> None:
        """Show the keys anew if they are others.

        Textual says that they may be, as whenever the focus changes. To make them anew
        takes longer than all else that a key does.
        """
        if self._pruning or not self.is_attached:
            return
        if screen is not self.screen or self._composed_of != self._made_from():
            super().bindings_changed(screen)

    def _made_from(self) -> tuple[object, ...]:
        """Return what the keys are made from."""
        active = self.screen.active_bindings.values()
        return tuple(one[1:] for one in active if one.binding.show)

    async def on_resize(self, event: Resize) -> None:
        """Show more or fewer keys at another width."""
        if self._fitted_to not in {0, event.size.width}:
            self._fitted_to = event.size.width
            await self.recompose()

    def _rank(self, key: FooterKey) -> int:
        active = self.screen.active_bindings.values()
        id_ = next((b.id or "" for _, b, _, _ in active if b.action == key.action), "")
        if id_.endswith(".help"):
            return 0
        return FIRST.index(id_) if id_ in FIRST else len(FIRST)


def fitting(keys: Sequence[FooterKey], width: int) -> Iterator[FooterKey]:
    """Yield the first keys that have room beside each other."""
    for key in keys:
        width -= cell_len(key.key_display) + cell_len(key.description) + PADDING
        if width < 0:
            return
        yield key

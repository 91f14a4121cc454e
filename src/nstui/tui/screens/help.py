"""The screen with the keys and the meaning of the signs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static

from nstui.render.incidents import SEVERITY_GLYPHS, SEVERITY_TONES
from nstui.render.rows import (
    AT_LEAST,
    NO_NETWORK,
    NO_NETWORK_GLYPH,
    STATE_GLYPHS,
    SUM,
)
from nstui.render.text import Piece, Tone
from nstui.tui.screens.closing import ClosingModal
from nstui.tui.styles import content_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType

KEY_WIDTH = 14

_SIGNS = (
    ("◆", "the host's own namespace"),
    ("◇", "a fold"),
    ("□", "a namespace without a container"),
    ("+pid", "shares a namespace of that kind, too"),
    (SUM, "a line with all beneath it; groups go by it"),
    (AT_LEAST, "at least that: not all of it could be read"),
)
"""The signs that are neither a state nor a severity."""

_TEXTUALS_KEYS = {
    "tab": "Go to the details, to scroll them, and back",
    "ctrl+p": "Palette: go to a container, change the theme",
    "ctrl+l": "Draw everything anew, if another program wrote over it",
}
"""Keys that work on every screen."""


class HelpScreen(ClosingModal[None]):
    """Lists every key with its function, generated from the bindings."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "Close", id="help.close"),
    ]

    def __init__(
        self,
        *bindings: Iterable[BindingType],
        signs: Sequence[tuple[str, str]] | None = None,
    ) -> None:
        """Take what to explain.

        Args:
            bindings: The keys; those without a tooltip are left out.
            signs: The signs of the screen; None for those of the main screen.

        """
        super().__init__()
        self._signs = signs
        self._keys = tuple(
            (_key_text(binding), binding.tooltip)
            for group in bindings
            for binding in group
            if isinstance(binding, Binding) and binding.tooltip
        )

    def compose(self) -> ComposeResult:
        """Yield the list."""
        with VerticalScroll(id="help"):
            yield Static(content_lines(self._lines()), markup=False)

    def _lines(self) -> Iterator[tuple[Piece, ...]]:
        yield (Piece("Keys", Tone.STRONG),)
        for key, words in self._keys:
            yield (Piece(f"  {key:<{KEY_WIDTH}}", Tone.NOTICE), Piece(words))
        for key, words in _TEXTUALS_KEYS.items():
            if self._signs is not None and key == "tab":
                continue
            yield (Piece(f"  {key:<{KEY_WIDTH}}", Tone.NOTICE), Piece(words))
        yield ()
        yield (Piece("Signs", Tone.STRONG),)
        if self._signs is not None:
            for sign, words in self._signs:
                yield (Piece(f"  {sign:<{KEY_WIDTH}}"), Piece(words))
            return
        for state, glyph in STATE_GLYPHS.items():
            yield (Piece(f"  {glyph:<{KEY_WIDTH}}"), Piece(state))
        lost = Piece(f"  {NO_NETWORK_GLYPH:<{KEY_WIDTH}}", Tone.ERROR)
        yield lost, Piece(f"{NO_NETWORK}: running, with no interface but lo")
        for severity, glyph in SEVERITY_GLYPHS.items():
            tone = SEVERITY_TONES[severity]
            yield (Piece(f"  {glyph:<{KEY_WIDTH}}", tone), Piece(severity))
        for sign, words in _SIGNS:
            yield (Piece(f"  {sign:<{KEY_WIDTH}}"), Piece(words))


def _key_text(binding: Binding) -> str:
    """Return the keys of a binding as a user names them."""
    if binding.key_display:
        return binding.key_display
    return ", ".join(binding.key.split(","))

"""The screen with the keys and the meaning of the signs of another screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from nstui.render.help_text import HelpEntry, HelpGroup, help_lines
from nstui.render.incidents import SEVERITY_GLYPHS, SEVERITY_TONES
from nstui.render.prompt_text import below_text, hint_pieces
from nstui.render.rows import (
    AT_LEAST,
    NO_NETWORK,
    NO_NETWORK_GLYPH,
    STATE_GLYPHS,
    SUM,
)
from nstui.render.text import Piece, Tone
from nstui.tui.key_groups import KeyGroup, grouped, key_text, own_keys
from nstui.tui.screens.closing import ClosingModal
from nstui.tui.styles import content_lines, content_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.dom import DOMNode

MAX_WIDTH = 116
FRAME = 6
"""The columns of the border, the space beside the text, and the scroll bar."""

MIN_WIDTH = 24

_SIGNS = (
    ("◆", "the host's own namespace"),
    ("◇", "a fold"),
    ("□", "a namespace without a container"),
    ("+pid", "shares a namespace of that kind, too"),
    (SUM, "a line with all beneath it; groups go by it"),
    (AT_LEAST, "at least that: not all of it could be read"),
)
"""The signs that are neither a state nor a severity."""

_TEXTUALS_KEYS: dict[KeyGroup, tuple[tuple[str, str], ...]] = {
    KeyGroup.MOVE: (("pgup pgdn", "Go up or down a page"),),
    KeyGroup.SCREEN: (
        ("ctrl+p", "Palette: find a command, go to a container, choose a theme"),
        ("ctrl+q", "Quit, from every screen"),
    ),
}
"""Keys that no binding of nstui defines, on every screen."""

_MAIN_KEYS: dict[KeyGroup, tuple[tuple[str, str], ...]] = {
    KeyGroup.DETAILS: (("tab", "Go to the details, to scroll them, and back"),),
}
"""Those of the main screen."""


def state_signs() -> Iterator[HelpEntry]:
    """Yield the signs of the states of a container."""
    for state, glyph in STATE_GLYPHS.items():
        yield HelpEntry(Piece(glyph), state)
    lost = Piece(NO_NETWORK_GLYPH, Tone.ERROR)
    yield HelpEntry(lost, f"{NO_NETWORK}: running, with no interface but lo")


def severity_signs() -> Iterator[HelpEntry]:
    """Yield the signs of the severities of a finding."""
    for severity, glyph in SEVERITY_GLYPHS.items():
        yield HelpEntry(Piece(glyph, SEVERITY_TONES[severity]), severity)


def host_signs() -> Iterator[HelpEntry]:
    """Yield the signs of hosts."""
    yield from severity_signs()
    yield HelpEntry(Piece("?", Tone.WARNING), "not reached, or not all could be read")
    yield HelpEntry(Piece("✓", Tone.GOOD), "nothing wrong")
    yield HelpEntry(Piece("…", Tone.MUTED), "asking for the first time")


def main_signs() -> tuple[HelpEntry, ...]:
    """Return the signs of the main screen."""
    further = (HelpEntry(Piece(sign), words) for sign, words in _SIGNS)
    return (*state_signs(), *severity_signs(), *further)


def help_groups(
    screen: DOMNode,
    keymap: Mapping[str, str],
    signs: Sequence[HelpEntry] = (),
    *,
    is_main: bool = False,
) -> tuple[HelpGroup, ...]:
    """Return the keys of a screen and its widgets, and its signs.

    Args:
        screen: The screen.
        keymap: The user's own keys by the id of their binding.
        signs: The signs of the screen.
        is_main: Whether it is the main screen.

    """
    found = grouped(own_keys(screen, keymap))
    groups = []
    for group in KeyGroup:
        pairs = [(key_text(key.key), key.tooltip) for _, key in found.get(group, ())]
        if not any(words.startswith("Scroll down a page") for _, words in pairs):
            pairs += _TEXTUALS_KEYS.get(group, ())
        if is_main:
            pairs += _MAIN_KEYS.get(group, ())
        entries = (HelpEntry(Piece(key, Tone.NOTICE), words) for key, words in pairs)
        groups.append(HelpGroup(group, tuple(entries)))
    groups.append(HelpGroup("Signs", tuple(signs)))
    return tuple(group for group in groups if group.entries)


class HelpText(VerticalScroll, can_focus=True):
    """The help, which scrolls if there is no room for all of it."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "scroll_down", "Down", show=False),
        Binding("k", "scroll_up", "Up", show=False),
        Binding("space", "page_down", "Page down", show=False),
        Binding("b", "page_up", "Page up", show=False),
        Binding("g", "scroll_home", "First", show=False),
        Binding("G", "scroll_end", "Last", show=False),
    ]

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Tell the screen how much is below."""
        super().watch_scroll_y(old_value, new_value)
        if self.is_attached and isinstance(self.screen, HelpScreen):
            self.screen.show_below()


class HelpScreen(ClosingModal[None]):
    """Lists every key of a screen with its function, and explains the signs."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,question_mark,q", "dismiss", "Close", id="help.close"),
    ]
    AUTO_FOCUS = "HelpText"

    def __init__(self, groups: Sequence[HelpGroup] = ()) -> None:
        """Take what to explain."""
        super().__init__()
        self._groups = groups

    def compose(self) -> ComposeResult:
        """Yield the list, and below it how much of it is not visible."""
        with Vertical(id="help"):
            with HelpText(id="help-scroll"):
                yield Static(id="help-text", markup=False)
            yield Static(id="help-below", markup=False)

    def on_resize(self) -> None:
        """Arrange the list for another size."""
        width = max(MIN_WIDTH, min(self.app.size.width, MAX_WIDTH) - FRAME)
        lines = help_lines(self._groups, width)
        self.query_one("#help-text", Static).update(content_lines(lines))
        self.call_after_refresh(self.show_below)

    def show_below(self) -> None:
        """Show how many lines are not visible, and the keys of the help."""
        # An animation goes on for a moment while the parts of the screen are removed.
        places = self.query("#help-below").results(Static)
        for scrolled, place in zip(self.query(HelpText), places, strict=False):
            above, below = round(scrolled.scroll_y), round(scrolled.max_scroll_y)
            more = below_text(above, below - above)
            hints = [("↑↓", "scroll")] if below else []
            pieces = hint_pieces((*hints, ("esc", "close")))
            if more:
                pieces = (Piece(f"{more} · ", Tone.NOTICE), *pieces)
            place.update(content_of(pieces))

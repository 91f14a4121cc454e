"""What the screens about one container have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from textual.binding import Binding
from textual.widgets import Static

from nstui.render.rows import state_glyph, state_text
from nstui.render.text import Piece, Tone, printable
from nstui.tui.notices import Banner
from nstui.tui.screens.closing import ClosingScreen
from nstui.tui.screens.help import HelpScreen, help_groups, state_signs
from nstui.tui.styles import content_lines
from nstui.tui.widgets.search import (
    SEARCH_KEY,
    SearchBar,
    SearchedWidget,
    TypingBar,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.geometry import Region
    from textual.widget import Widget

    from nstui.analysis.report import Report
    from nstui.model.container import Container
    from nstui.render.help_text import HelpEntry

GONE = "no longer exists"


class ContainerScreen(ClosingScreen[None]):
    """A screen about one container, updated by every look at the host.

    Attributes:
        CONTENT: The type of the screen's main widget, of which it has one.
        container: The container as it was last seen.
        is_gone: Whether it no longer exists.

    """

    CONTENT: ClassVar[type[Widget]]

    def __init__(self, container: Container) -> None:
        """Show this container."""
        super().__init__()
        self.container = container
        self.is_gone = False
        self._shown_title: tuple[tuple[Piece, ...], ...] = ()

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Redraw, unless only regions of a screen below have changed.

        Textual passes those regions to whatever screen is on top.
        """
        if regions:
            return self
        return super().refresh(repaint=repaint, layout=layout, recompose=recompose)

    def show(self, report: Report) -> None:
        """Update the container from a newer look."""
        found = report.graph.containers.get(self.container.id)
        self.is_gone = found is None
        self.container = found or self.container
        if self.is_open:
            self.follow_report()

    def follow_report(self) -> None:
        """Show what has changed after a newer look."""

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(HelpScreen(help_groups(self, {}, self.signs())))

    def signs(self) -> tuple[HelpEntry, ...]:
        """Return its signs, with what they mean."""
        return tuple(state_signs())

    def say(self, text: str) -> None:
        """Show a line about the engine, which must be safe to show; empty for none."""
        if self.query(Banner):
            self.query_one(Banner).say(text)

    def set_title(self, *lines: Iterable[Piece]) -> None:
        """Show lines at the top; redraw only if they differ from those shown."""
        title = tuple(tuple(line) for line in lines)
        if title != self._shown_title:
            self._shown_title = title
            self.query_one("#container-title", Static).update(content_lines(title))

    def heading(self, what: str) -> tuple[Piece, ...]:
        """Return the screen's name, the container's name and its state."""
        named = Piece(f"{what} of {printable(self.container.name)}", Tone.STRONG)
        if self.is_gone:
            return named, Piece(f"  ✗ {GONE}", Tone.ERROR)
        glyph, state = state_glyph(self.container), state_text(self.container)
        return named, Piece(f"  {glyph.text} {state.text}", glyph.tone)


def search_bindings(  # noqa: PLR0913 - one for each word of the help
    screen: str,
    *,
    of: str,
    close: str,
    search: str,
    found: str,
    ends: str = "the search",
) -> tuple[Binding, ...]:
    """Return the keys that close a screen and search in it.

    Args:
        screen: The prefix of their ids.
        of: What the screen shows, for the help.
        close: The keys that close it at once.
        search: The help of the key that begins a search.
        found: What a search finds, for the help.
        ends: What escape ends before it closes the screen, for the help.

    """
    end = f"End {ends}, or close the {of}"
    search += "; capitals count only if there are some"
    after, before = f"Go to the next {found} found", f"Go to the previous {found} found"
    return (
        Binding(
            "escape",
            "leave",
            "Close",
            key_display="esc",
            tooltip=end,
            id=f"{screen}.leave",
        ),
        Binding(
            close,
            "dismiss",
            "Close",
            show=False,
            tooltip=f"Close the {of}",
            id=f"{screen}.close",
        ),
        Binding(
            SEARCH_KEY,
            "search",
            "Search",
            key_display="/",
            tooltip=search,
            id=f"{screen}.search",
        ),
        Binding("n", "step(1)", "Next", tooltip=after, id=f"{screen}.next"),
        Binding(
            "N",
            "step(-1)",
            "Before",
            show=False,
            tooltip=before,
            id=f"{screen}.before",
        ),
    )


class SearchScreen(ContainerScreen):
    """A screen with a search bar for its content; see `search_bindings`.

    It may have other bars to type into above that.
    """

    CONTENT: ClassVar[type[SearchedWidget]]

    def action_leave(self) -> None:
        """Close the lowest bar that is open, which ends its search, or the screen."""
        if not any(bar.leave() for bar in reversed(self.query(TypingBar))):
            self.dismiss()

    def action_search(self) -> None:
        """Open the search bar."""
        self.query_one(SearchBar).open()

    def action_step(self, by: int) -> None:
        """Go to the next match (1), or to the previous one (-1)."""
        self.query_one(self.CONTENT).step(by)

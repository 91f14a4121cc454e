"""What the screens have in common that are opened on one container."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Self

from textual.binding import Binding
from textual.widgets import Static

from nstui.render.rows import state_glyph, state_text
from nstui.render.text import Piece, Tone, printable
from nstui.tui.notices import Banner
from nstui.tui.screens.closing import ClosingScreen
from nstui.tui.screens.help import HelpScreen
from nstui.tui.styles import content_lines
from nstui.tui.widgets.search import SEARCH_KEY, SearchBar, SearchedWidget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.geometry import Region
    from textual.widget import Widget

    from nstui.analysis.report import Report
    from nstui.model.container import Container

GONE = "no longer exists"


def help_binding(screen: str) -> Binding:
    """Return the key that shows the keys of a screen, by the prefix of their ids."""
    return Binding(
        "question_mark",
        "help",
        "Help",
        show=False,
        key_display="?",
        tooltip="Show the keys",
        id=f"{screen}.help",
    )


class ContainerScreen(ClosingScreen[None]):
    """Is told of every look at the host for as long as it is open.

    Attributes:
        CONTENT: The widget that the screen is about, of which it has one.
        container: As it was when it was last seen.
        is_gone: Whether it no longer exists.

    """

    CONTENT: ClassVar[type[Widget]]

    def __init__(self, container: Container) -> None:
        """Take the container to show."""
        super().__init__()
        self.container = container
        self.is_gone = False
        self._titled: tuple[tuple[Piece, ...], ...] = ()

    def refresh(
        self,
        *regions: Region,
        repaint: bool = True,
        layout: bool = False,
        recompose: bool = False,
    ) -> Self:
        """Draw anew, but not for what changes beneath, of which nothing is seen.

        Textual passes the regions of those changes to whatever screen is on top.
        """
        if regions:
            return self
        return super().refresh(repaint=repaint, layout=layout, recompose=recompose)

    def show(self, report: Report) -> None:
        """Take note of what a newer look saw of the container."""
        found = report.graph.containers.get(self.container.id)
        self.is_gone = found is None
        self.container = found or self.container
        if self.is_open:
            self.follow_report()

    def follow_report(self) -> None:
        """Show what is different after a newer look."""

    def action_help(self) -> None:
        """Show the keys."""
        self.app.push_screen(HelpScreen(self.BINDINGS, self.CONTENT.BINDINGS))

    def say(self, words: str) -> None:
        """Show a line about the engine, which must be safe to show."""
        if self.query(Banner):
            self.query_one(Banner).say(words)

    def set_title(self, *lines: Iterable[Piece]) -> None:
        """Show lines on top; draw only if they differ from what is shown."""
        titled = tuple(tuple(line) for line in lines)
        if titled != self._titled:
            self._titled = titled
            self.query_one("#container-title", Static).update(content_lines(titled))

    def heading(self, what: str) -> tuple[Piece, ...]:
        """Return what is shown of whom, and the container's state."""
        named = Piece(f"{what} of {printable(self.container.name)}", Tone.STRONG)
        if self.is_gone:
            return named, Piece(f"  ✗ {GONE}", Tone.ERROR)
        glyph, words = state_glyph(self.container), state_text(self.container)
        return named, Piece(f"  {glyph.text} {words.text}", glyph.tone)


def search_bindings(
    screen: str, *, of: str, close: str, search: str, found: str
) -> tuple[Binding, ...]:
    """Return the keys that leave a screen and search in it.

    Args:
        screen: The prefix of their ids.
        of: What the screen shows.
        close: The keys that close it at once.
        search: What the key that begins a search does.
        found: What is found.

    """
    end = f"End the search, or close the {of}"
    search += "; capitals count only if there are some"
    after, before = f"Go to the next {found} found", f"Go to the {found} found before"
    return (
        Binding(
            "escape",
            "leave",
            "Close",
            key_display="esc",
            tooltip=end,
            id=f"{screen}.leave",
        ),
        Binding(close, "dismiss", "Close", show=False, id=f"{screen}.close"),
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
    """Has a search bar for its content; see `search_bindings`."""

    CONTENT: ClassVar[type[SearchedWidget]]

    def action_leave(self) -> None:
        """End the search if there is one, or close the screen."""
        if not self.query_one(SearchBar).leave():
            self.dismiss()

    def action_search(self) -> None:
        """Type what to search for."""
        self.query_one(SearchBar).open()

    def action_step(self, by: int) -> None:
        """Go to the next place found (1), or to the one before (-1)."""
        self.query_one(self.CONTENT).step(by)

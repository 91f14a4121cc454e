"""What the screens have in common that are opened on one container."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from textual.widgets import Static

from nstui.render.rows import state_glyph, state_words
from nstui.render.text import Piece, Tone, printable
from nstui.tui.notices import Banner
from nstui.tui.screens.closing import ClosingScreen
from nstui.tui.tones import lines_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from textual.geometry import Region

    from nstui.analysis.report import Report
    from nstui.model.container import Container

GONE = "no longer exists"


class ContainerScreen(ClosingScreen[None]):
    """Is told of every look at the host for as long as it is open.

    Attributes:
        container: As it was when it was last seen.
        is_gone: Whether it no longer exists.

    """

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

    def say(self, words: str) -> None:
        """Show a line about the engine, which must be safe to show."""
        if self.query(Banner):
            self.query_one(Banner).say(words)

    def set_title(self, *lines: Iterable[Piece]) -> None:
        """Show lines on top; draw only if they differ from what is shown."""
        titled = tuple(tuple(line) for line in lines)
        if titled != self._titled:
            self._titled = titled
            self.query_one("#container-title", Static).update(lines_of(titled))

    def heading(self, what: str) -> tuple[Piece, ...]:
        """Return what is shown of whom, and the container's state."""
        named = Piece(f"{what} of {printable(self.container.name)}", Tone.STRONG)
        if self.is_gone:
            return named, Piece(f"  ✗ {GONE}", Tone.ERROR)
        glyph, words = state_glyph(self.container), state_words(self.container)
        return named, Piece(f"  {glyph.text} {words.text}", glyph.tone)

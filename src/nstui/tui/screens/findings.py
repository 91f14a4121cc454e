"""All findings of a host, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.widgets import Footer, OptionList, Static

from nstui.model.container import ContainerId
from nstui.render.findings import (
    blind_spots,
    finding_rows,
    namespaces_text,
    nothing_text,
    summary_pieces,
)
from nstui.render.text import Piece, Tone
from nstui.tui.notices import Banner
from nstui.tui.screens.closing import ClosingScreen
from nstui.tui.styles import content_of
from nstui.tui.widgets.finding_list import FindingList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.analysis.report import Report


class FindingsScreen(ClosingScreen[ContainerId | None]):
    """Lists the findings; returns the container that the user wants to go to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,f", "leave", "Close", key_display="esc", id="findings.close"),
    ]
    AUTO_FOCUS = "#findings"

    def __init__(self, report: Report, *, is_past: bool = False) -> None:
        """Take what to show at first, and whether the engine is silent since."""
        super().__init__()
        self._report = report
        self._is_past = is_past

    def compose(self) -> ComposeResult:
        """Lay the counts out above the list."""
        yield Static(id="findings-title", markup=False)
        yield Banner()
        yield Static(id="findings-unseen", markup=False)
        yield Static(id="findings-none", markup=False)
        yield FindingList()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Show the findings."""
        self.show(self._report)

    def show(self, report: Report) -> None:
        """Show the findings of a newer look, in place."""
        self._report = report
        if not self.query(FindingList):
            return
        title = (
            Piece("findings", Tone.STRONG),
            *summary_pieces(report, is_past=self._is_past),
            namespaces_text(report),
        )
        self.query_one("#findings-title", Static).update(content_of(title, "  "))
        unseen = self.query_one("#findings-unseen", Static)
        unseen.update("\n".join(f"? {spot}" for spot in blind_spots(report)))
        unseen.display = bool(blind_spots(report))
        nothing = self.query_one("#findings-none", Static)
        nothing.update(nothing_text(report))
        nothing.display = not report.findings and not self._is_past
        listed = self.query_one(FindingList)
        listed.display = bool(report.findings)
        listed.show(finding_rows(report))
        if report.findings and self.focused is None:
            listed.focus()

    def mark_past(self, *, is_past: bool) -> None:
        """Say whether the engine has not answered since what is shown."""
        if is_past != self._is_past:
            self._is_past = is_past
            self.show(self._report)

    def say(self, words: str) -> None:
        """Show a line about the engine, which must be safe to show."""
        if self.query(Banner):
            self.query_one(Banner).say(words)

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        listed = self.query_one(FindingList)
        self.dismiss(listed.container_at(event.option_index))

    def action_leave(self) -> None:
        """Go nowhere."""
        self.dismiss(None)

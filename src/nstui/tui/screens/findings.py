"""The screen with all incidents of a host, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.widgets import OptionList, Static

from nstui.analysis.certainty import blind_spots
from nstui.model.container import ContainerId
from nstui.render.findings import (
    FindingRow,
    can_unfold,
    finding_rows,
    namespaces_text,
    nothing_text,
    summary_pieces,
)
from nstui.render.ignored import ignored_rows
from nstui.render.text import Piece, Tone, printable
from nstui.tui.keys import help_binding
from nstui.tui.notices import Banner
from nstui.tui.screens.closing import ClosingScreen
from nstui.tui.styles import content_of
from nstui.tui.widgets.key_footer import KeyFooter
from nstui.tui.widgets.row_list import RowList

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.analysis.report import Report
    from nstui.model.finding import Incident

    Intent = Callable[[Incident], Piece | None]
    """Returns what a standing watch does about an incident; None for nothing that is
    known."""


def says_nothing(_: Incident) -> Piece | None:
    """Return None: no watch is known."""
    return None


class FindingList(RowList[FindingRow]):
    """Three lines or more for each incident: its cause, the sentence, the remedy.

    An incident can be unfolded: then its findings follow it, each with its evidence.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "enter",
            "select",
            "Go to it",
            tooltip="Go to its container in the tree",
            id="findings.go",
        ),
        Binding(
            "space",
            "unfold",
            "Unfold",
            tooltip="Show the findings of an incident, or hide them",
            id="findings.unfold",
        ),
        Binding(
            "right",
            "unfold(True)",
            "Unfold",
            show=False,
            tooltip="Show the findings of the incident",
            id="findings.open",
        ),
        Binding(
            "left",
            "unfold(False)",
            "Fold",
            show=False,
            tooltip="Hide the findings of the incident",
            id="findings.fold",
        ),
        *(
            Binding(keys, action, name, show=False, tooltip=words, id=f"findings.{id_}")
            for id_, keys, action, name, words in (
                ("down", "j,down", "cursor_down", "Down", "Go to the next incident"),
                ("up", "k,up", "cursor_up", "Up", "Go to the incident before"),
                ("first", "g,home", "first", "First", "Go to the worst incident"),
                ("last", "G,end", "last", "Last", "Go to the last incident"),
            )
        ),
    ]

    def __init__(self) -> None:
        super().__init__(id_="findings")
        self._report: Report | None = None
        self._intent: Intent = says_nothing
        self._with_ignored = False
        self._unfolded: set[str] = set()
        """The keys of the incidents that are unfolded."""

    def show(
        self,
        report: Report,
        *,
        with_ignored: bool = False,
        intent: Intent | None = None,
    ) -> None:
        """Show the incidents of a report; the cursor stays on the same line.

        If that has gone, the cursor moves to the one in its place.

        Args:
            report: The report.
            with_ignored: Whether the ignored findings follow.
            intent: Returns what a standing watch does about an incident; None for what
                was given last.

        """
        self._report = report
        self._with_ignored = with_ignored
        self._intent = intent or self._intent
        rows = finding_rows(report, self._unfolded, self._intent)
        if with_ignored:
            rows += ignored_rows(report)
        self.show_rows(rows)

    def action_unfold(self, is_unfolded: bool | None = None) -> None:  # noqa: FBT001 - Textual passes it by its place
        """Show or hide the findings of the incident under the cursor.

        Args:
            is_unfolded: Whether to show them; None to change that.

        """
        row = self.row_at_cursor()
        if row is None or row.incident is None or self._report is None:
            return
        if not can_unfold(row.incident):
            return
        key = row.key if not row.depth else row.above
        was_unfolded = key in self._unfolded
        if is_unfolded is None:
            is_unfolded = not was_unfolded
        if is_unfolded == was_unfolded:
            return
        self._unfolded ^= {key}
        self.show(self._report, with_ignored=self._with_ignored)
        self.highlighted = [row.key for row in self.rows_shown].index(key)


class FindingsScreen(ClosingScreen[ContainerId | None]):
    """Lists the incidents; returns the container that the user wants to go to."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("H", "heal", "Heal", tooltip="Heal the incident", id="findings.heal"),
        Binding(
            "y", "copy", "Copy remedy", tooltip="Copy the remedy", id="findings.copy"
        ),
        Binding(
            "escape,q,f",
            "leave",
            "Close",
            key_display="esc",
            tooltip="Close the list",
            id="findings.close",
        ),
        Binding(
            "i",
            "ignored",
            "Ignored",
            tooltip="Show or hide the findings that are ignored",
            id="findings.ignored",
        ),
        help_binding("findings"),
    ]
    AUTO_FOCUS = "#findings"

    def __init__(
        self,
        report: Report,
        *,
        heal: Callable[[Incident], object],
        is_outdated: bool = False,
        intent: Intent = says_nothing,
    ) -> None:
        """Create the screen.

        Args:
            report: The first report.
            heal: Heals an incident, after asking.
            is_outdated: Whether the engine has not answered since the report.
            intent: Returns what a standing watch does about an incident.

        """
        super().__init__()
        self._intent = intent
        self._heal = heal
        self._report = report
        self._is_outdated = is_outdated
        self._with_ignored = False

    def compose(self) -> ComposeResult:
        """Yield the counts, and the list below them."""
        yield Static(id="findings-title", markup=False)
        yield Banner()
        yield Static(id="findings-unseen", markup=False)
        yield Static(id="findings-none", markup=False)
        yield FindingList()
        yield KeyFooter()

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
            *summary_pieces(report, is_outdated=self._is_outdated),
            namespaces_text(report),
        )
        self.query_one("#findings-title", Static).update(content_of(title, "  "))
        unseen = self.query_one("#findings-unseen", Static)
        unseen.update("\n".join(f"? {spot}" for spot in blind_spots(report)))
        unseen.display = bool(blind_spots(report))
        nothing = self.query_one("#findings-none", Static)
        nothing.update(nothing_text(report))
        nothing.display = not report.findings and not self._is_outdated
        listed = self.query_one(FindingList)
        listed.show(report, with_ignored=self._with_ignored, intent=self._intent)
        listed.display = bool(listed.option_count)
        if listed.option_count and self.focused is None:
            listed.focus()
        self.refresh_bindings()

    def follow_watch(self) -> None:
        """Show what a standing watch does about each incident by now, in place."""
        self.show(self._report)

    def mark_outdated(self, *, is_outdated: bool) -> None:
        """Show whether the engine has not answered since the report."""
        if is_outdated != self._is_outdated:
            self._is_outdated = is_outdated
            self.show(self._report)

    def say(self, text: str) -> None:
        """Show a line about the engine, which must be safe to show; empty for none."""
        if self.query(Banner):
            self.query_one(Banner).say(text)

    @on(OptionList.OptionSelected)
    def _choose(self, event: OptionList.OptionSelected) -> None:
        row = self.query_one(FindingList).row_of(event)
        if row is not None:
            self.dismiss(row.container)

    def action_heal(self) -> None:
        """Heal the incident under the cursor."""
        row = self.query_one(FindingList).row_at_cursor()
        if row is not None and row.incident is not None:
            self._heal(row.incident)

    def action_copy(self) -> None:
        """Copy the remedy of the line under the cursor."""
        row = self.query_one(FindingList).row_at_cursor()
        if row is not None:
            self.app.copy_to_clipboard(row.copied)
            self.notify(f"copied: {printable(row.copied)}", markup=False)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to show the ignored findings only where there are some."""
        if action == "ignored":
            return bool(self._report.ignored)
        return super().check_action(action, parameters)

    def action_help(self) -> None:
        """Show the keys."""
        from nstui.tui.screens.help import (  # noqa: PLC0415
            HelpScreen,
            help_groups,
            severity_signs,
        )

        signs = tuple(severity_signs())
        self.app.push_screen(HelpScreen(help_groups(self, {}, signs)))

    def action_ignored(self) -> None:
        """Show or hide the findings that are ignored."""
        self._with_ignored = not self._with_ignored
        self.show(self._report)

    def action_leave(self) -> None:
        """Close without choosing a finding."""
        self.dismiss(None)

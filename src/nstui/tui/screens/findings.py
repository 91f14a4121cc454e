"""The screen with all incidents of a host, the worst first."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from nstui.model.container import ContainerId
from nstui.render.findings import (
    blind_spots,
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

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.analysis.report import Report
    from nstui.model.finding import Incident
    from nstui.render.findings import FindingRow


CURSOR = "▌ "
"""The sign before the finding under the cursor, so that it does not depend on
colour."""

NO_CURSOR = " " * len(CURSOR)
INDENT = 2
"""The columns by which a sentence and a remedy are indented."""

MIN_WIDTH = 20
"""The columns to wrap to if there are fewer, or before the layout is known."""


class Options(OptionList):
    """A list whose cursor stays in place while there is no room to show any of it.

    Otherwise Textual's list looks for lines that have not been laid out, and fails.
    """

    def action_page_up(self) -> None:
        """Move the cursor up by a page."""
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move the cursor down by a page."""
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]


class FindingList(Options):
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
        super().__init__(id="findings")
        self._report: Report | None = None
        self._with_ignored = False
        self._unfolded: set[str] = set()
        """The keys of the incidents that are unfolded."""

        self._rows: tuple[FindingRow, ...] = ()
        self._width = 0
        self._marked: int | None = None
        """The index of the finding with the cursor's sign."""

    def show(self, report: Report, *, with_ignored: bool = False) -> None:
        """Show the incidents of a report; the cursor stays on the same line.

        If that has gone, the cursor moves to the one in its place.

        Args:
            report: The report.
            with_ignored: Whether the ignored findings follow.

        """
        self._report = report
        self._with_ignored = with_ignored
        rows = finding_rows(report, self._unfolded)
        if with_ignored:
            rows += ignored_rows(report)
        before, self._rows = self._rows, rows
        if [row.key for row in rows] != [row.key for row in before]:
            self._relist(self._cursor_after(before))
            return
        for index, row in enumerate(rows):
            if row != before[index]:
                self._draw(index)

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Move the cursor's sign to another finding."""
        before, self._marked = self._marked, highlighted
        for index in (before, highlighted):
            if index is not None and index < self.option_count:
                self._draw(index)
        super().watch_highlighted(highlighted)

    def container_at(self, index: int) -> ContainerId:
        """Return the container of the line at an index."""
        return self._rows[index].container

    def row_at_cursor(self) -> FindingRow | None:
        """Return the line under the cursor, if there is one."""
        index = self.highlighted
        return None if index is None or not self._rows else self._rows[index]

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
        self.highlighted = [row.key for row in self._rows].index(key)

    def on_resize(self) -> None:
        """Wrap the sentences to the new width."""
        if self._width != self.scrollable_content_region.width:
            self._relist(self.highlighted)

    def _cursor_after(self, before: tuple[FindingRow, ...]) -> int | None:
        if self.highlighted is None:
            return None
        indexes = {row.key: index for index, row in enumerate(self._rows)}
        return indexes.get(before[self.highlighted].key, self.highlighted)

    def _relist(self, cursor: int | None) -> None:
        scrolled = self.scroll_y
        self._width = self.scrollable_content_region.width
        self.set_options(
            Option(self._content_of_row(row), id=row.key) for row in self._rows
        )
        self.scroll_to(y=scrolled, animate=False, immediate=True)
        self.highlighted = cursor or 0

    def _draw(self, index: int) -> None:
        sign = CURSOR if index == self._marked else NO_CURSOR
        content = self._content_of_row(self._rows[index], sign)
        self.replace_option_prompt_at_index(index, content)

    def _content_of_row(self, row: FindingRow, sign: str = NO_CURSOR) -> Content:
        sign += " " * (2 * INDENT * row.depth)
        width = self._width - len(sign)
        lines = [
            content_of(row.head),
            *_wrapped(row.sentence, width),
            *_wrapped(row.remedy, width),
        ]
        return Content("\n").join(Content(sign) + line for line in lines)


def _wrapped(piece: Piece, width: int) -> list[Content]:
    """Return a piece as indented lines of at most this width."""
    lines = content_of((piece,)).wrap(max(MIN_WIDTH, width - INDENT))
    return [line.pad_left(INDENT) for line in lines]


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
    ) -> None:
        """Create the screen.

        Args:
            report: The first report.
            heal: Heals an incident, after asking.
            is_outdated: Whether the engine has not answered since the report.

        """
        super().__init__()
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
        listed.show(report, with_ignored=self._with_ignored)
        listed.display = bool(listed.option_count)
        if listed.option_count and self.focused is None:
            listed.focus()
        self.refresh_bindings()

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
        listed = self.query_one(FindingList)
        self.dismiss(listed.container_at(event.option_index))

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

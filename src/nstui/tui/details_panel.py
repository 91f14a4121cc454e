"""What is known of the line under the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from nstui.render.details import Section, details_of
from nstui.tui.tones import content_of

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from nstui.analysis.forest import Branch
    from nstui.analysis.report import Report


class DetailsPanel(VerticalScroll):
    """Sections of labelled values, as long as need be."""

    def __init__(self) -> None:
        super().__init__(id="details")
        self._shown: tuple[Section, ...] = ()

    def compose(self) -> ComposeResult:
        """Make the text."""
        yield Static(id="details-text", markup=False)

    def show(self, branch: Branch | None, report: Report) -> None:
        """Show one line of the tree; draw only if it differs from what is shown."""
        sections = () if branch is None else details_of(branch, report)
        if sections != self._shown:
            self._shown = sections
            self.query_one("#details-text", Static).update(_content(sections))


def _content(sections: tuple[Section, ...]) -> Content:
    parts = [_section(section) for section in sections]
    return Content("\n\n").join(parts)


def _section(section: Section) -> Content:
    width = max(len(entry.label) for entry in section.entries)
    lines = [Content.styled(section.title, "bold $accent")] if section.title else []
    for entry in section.entries:
        label = f"  {entry.label.ljust(width)}  " if width else "  "
        lines.append(Content.styled(label, "dim") + content_of(entry.value))
    return Content("\n").join(lines)

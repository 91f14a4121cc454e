"""The lines of a log as they are drawn, scrolled and selected."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.scroll_view import ScrollView
from textual.strip import Strip

from nstui.model.audit import LogSource
from nstui.tui.widgets.log_layout import LogLayout

if TYPE_CHECKING:
    from textual.selection import Selection


NAME_STYLES = 5
"""How many colours names have; more names than these share them."""

SHIFT = 8
"""By how many columns a key scrolls sideways."""


class LogLines(ScrollView):
    """Draws the rows of a log, and scrolls by the actions of its keys.

    Attributes:
        log_layout: The layout of the lines.

    """

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--time",
        "log--found",
        "log--current",
        *(f"log--{source}" for source in LogSource),
        *(f"log--name-{number}" for number in range(NAME_STYLES)),
    }

    def __init__(self) -> None:
        super().__init__(id="log")
        self.log_layout = LogLayout()

    @property
    def visible_height(self) -> int:
        """The number of rows that are visible."""
        return self.scrollable_content_region.height

    def action_first(self) -> None:
        """Go to the oldest line."""
        self.scroll_to(y=0, animate=False)

    def action_move(self, rows: int) -> None:
        """Scroll by some rows."""
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by pages, which overlap by one row."""
        self.action_move(pages * max(1, self.visible_height - 1))

    def action_shift(self, by: int) -> None:
        """Scroll sideways, if lines are not wrapped."""
        self.scroll_to(x=self.scroll_offset.x + by * SHIFT, animate=False)

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen."""
        scroll_x, scroll_y = self.scroll_offset
        row, width = scroll_y + y, self.scrollable_content_region.width
        if row >= self.log_layout.height:
            return Strip.blank(width, self.rich_style)
        text = self._row_text(row)
        strip = Strip(text.render(self.app.console), text.cell_len)
        strip = strip.crop_extend(scroll_x, scroll_x + width, self.rich_style)
        return strip.apply_offsets(scroll_x, row)

    def _row_text(self, row: int) -> Text:
        """Return the text of a row with its highlights."""
        log_row = self.log_layout.row(row)
        style_of = partial(self.get_component_rich_style, partial=True)
        text = Text(style=self.rich_style, no_wrap=True, end="")
        text.append(log_row.name, style_of(f"log--name-{log_row.owner % NAME_STYLES}"))
        text.append(log_row.sign, style_of(f"log--{log_row.source}"))
        text.append(log_row.time, style_of("log--time"))
        text.append(log_row.text, style_of(f"log--{log_row.source}"))
        style = style_of("log--current" if log_row.is_current else "log--found")
        for start, end in log_row.found:
            text.stylize(style, len(log_row.prefix) + start, len(log_row.prefix) + end)
        span = self.text_selection and self.text_selection.get_span(row)
        if span:
            selected = self.screen.get_component_rich_style("screen--selection")
            text.stylize(selected, span[0], len(text) if span[1] < 0 else span[1])
        return text

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text; a wrapped line is not split."""
        last = self.log_layout.height - 1
        top = 0 if selection.start is None else selection.start.y
        bottom = last if selection.end is None else min(selection.end.y, last)
        chosen = ""
        for number in range(top, bottom + 1):
            row = self.log_layout.row(number)
            text = row.prefix + row.text
            start, end = selection.get_span(number) or (0, 0)
            start = max(start, len(row.prefix)) if row.is_continued else start
            if number != top and not row.is_continued:
                chosen += "\n"
            chosen += text[start : len(text) if end < 0 else end]
        return chosen, "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002 - Textual's
        """Draw the selection."""
        self.refresh()

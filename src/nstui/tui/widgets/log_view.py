"""The lines of a log on the screen, which follow new ones until the user scrolls."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from nstui.model.audit import LogSource
from nstui.tui.widgets.log_filter import FILTER_LINES_KEY, LineFilterBar
from nstui.tui.widgets.log_layout import LogLayout
from nstui.tui.widgets.search import SearchedWidget

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from textual.binding import BindingType
    from textual.selection import Selection

    from nstui.analysis.logs import PlacedLine
    from nstui.model.container import ContainerId
    from nstui.tui.widgets.search import TypingBar


NAME_STYLES = 5
"""How many colours names have; more names than these share them."""

SHIFT = 8
"""By how many columns a key scrolls sideways."""


class LogLines(ScrollView):
    """Draws the rows of a log, and has the actions that scroll it.

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


class LogView(LogLines, SearchedWidget, can_focus=True):
    """Shows a log; the newest line stays visible until the user scrolls.

    Attributes:
        is_following: Whether the newest line stays visible.
        unseen: How many lines have arrived since it does not.

    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "G,end,F",
            "follow",
            "Follow",
            key_display="G",
            tooltip="Go to the newest line, and follow (also F, end)",
            id="log.follow",
        ),
        Binding(
            "g,home",
            "first",
            "First",
            show=False,
            tooltip="Go to the oldest line",
            id="log.first",
        ),
        Binding(
            "space,pagedown",
            "page(1)",
            "Forward",
            show=False,
            key_display="space",
            tooltip="Scroll down a page (also pagedown)",
            id="log.forward",
        ),
        Binding(
            "b,pageup",
            "page(-1)",
            "Back",
            show=False,
            tooltip="Scroll up a page",
            id="log.back",
        ),
        Binding(
            "j,down",
            "move(1)",
            "Down",
            show=False,
            tooltip="Scroll down a line",
            id="log.down",
        ),
        Binding(
            "k,up",
            "move(-1)",
            "Up",
            show=False,
            tooltip="Scroll up a line",
            id="log.up",
        ),
        Binding(
            "right",
            "shift(1)",
            "Right",
            show=False,
            tooltip="Scroll right, if lines are not wrapped",
            id="log.right",
        ),
        Binding(
            "left",
            "shift(-1)",
            "Left",
            show=False,
            tooltip="Scroll left, if lines are not wrapped",
            id="log.left",
        ),
    ]

    class Changed(Message):
        """What is shown about the log, beside its lines, has changed."""

        def can_replace(self, message: Message) -> bool:
            """Post it once for several changes."""
            return isinstance(message, LogView.Changed)

    def __init__(self) -> None:
        super().__init__()
        self.is_following = True
        self.unseen = 0
        self._is_laying_out = False

    def add(
        self,
        lines: Sequence[PlacedLine],
        skipped: Mapping[ContainerId, int] | None = None,
    ) -> None:
        """Show more lines; see `LogBuffer.add`."""
        layout = self.log_layout
        before, top = layout.buffer.last, self.scroll_offset.y
        key = layout.key_at(top)
        part = top - layout.row_of_key(key)
        layout.add(lines, skipped)
        if not self.is_following:
            self.unseen += layout.buffer.last - before
        self._scroll_to_row(layout.row_of_key(key) + part)

    def set_names(self, names: Mapping[ContainerId, str]) -> None:
        """Put names before the lines, if they differ from those shown."""
        if names != self.log_layout.prefix.names:
            self._keeping_place(lambda: self.log_layout.set_names(names))

    def clear(self) -> None:
        """Remove all lines, and follow new ones."""
        self.log_layout.clear()
        self.is_following, self.unseen = True, 0
        self._scroll_to_row(0)

    def toggle_wrap(self) -> None:
        """Turn the wrapping of long lines on or off."""
        self.log_layout.wraps = not self.log_layout.wraps
        self._keeping_place(self.log_layout.rebuild)

    def toggle_times(self) -> None:
        """Show or hide the time of each line."""
        prefix = self.log_layout.prefix
        prefix.has_times = not prefix.has_times
        self._keeping_place(self.log_layout.rebuild)

    def search(self, text: str) -> None:
        """Highlight a text, and go to the last match that is not below the screen."""
        if text != self.log_layout.search.words:
            self.log_layout.search.start(text, self.log_layout.buffer)
            self._go_to(self.log_layout.search.go_near(self._last_visible_line()))

    def show_only(self, words: str) -> None:
        """Show only the lines that match a text; an empty text shows all."""
        if words != self.log_layout.only.words:
            self._keeping_place(lambda: self.log_layout.show_only(words))

    def bar_of(self, key: str) -> TypingBar | None:
        """Return the bar that a key opens; the one of the lines only while hidden."""
        lines = self.screen.query_one(LineFilterBar)
        if key == FILTER_LINES_KEY and not lines.display:
            return lines
        return super().bar_of(key)

    def step(self, by: int) -> None:
        """Go to the next line with a match (1), or to the previous one (-1)."""
        if by > 0:
            here = self.log_layout.number_at(self.scroll_offset.y) - 1
        else:
            here = self._last_visible_line() + 1
        # A match should stay visible for longer than until the next line arrives.
        self._follow(is_following=False)
        self._go_to(self.log_layout.search.step(by, here))

    @property
    def position(self) -> tuple[int, int]:
        """The number of the current match, from 1, and of all matches."""
        return self.log_layout.search.position

    def action_follow(self) -> None:
        """Go to the end, and follow new lines."""
        self._follow(is_following=True)
        self._scroll_to_row(0)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow new lines while the user is at the end."""
        super().watch_scroll_y(old_value, new_value)
        if not self._is_laying_out:
            self._follow(is_following=round(new_value) >= self.max_scroll_y)

    def on_resize(self) -> None:
        """Lay the lines out in the new width, or stay at the end."""
        width = self.scrollable_content_region.width
        if self.log_layout.width != width:
            self.log_layout.width = width
            self._keeping_place(self.log_layout.rebuild)
        else:
            self._scroll_to_row(self.scroll_offset.y)

    def _follow(self, *, is_following: bool) -> None:
        if is_following != self.is_following:
            self.is_following, self.unseen = is_following, 0
            self.post_message(self.Changed())

    def _keeping_place(self, lay_out: Callable[[], None]) -> None:
        """Lay all lines out again; the first visible one stays where it is."""
        key = self.log_layout.key_at(self.scroll_offset.y)
        lay_out()
        self._scroll_to_row(self.log_layout.row_of_key(key))

    def _scroll_to_row(self, row: int) -> None:
        """Redraw with a row at the top; while following, with the end visible."""
        self._is_laying_out = True
        try:
            self.virtual_size = Size(self.log_layout.widest, self.log_layout.height)
            end = self.max_scroll_y
            y = end if self.is_following else max(0, min(row, end))
            self.scroll_to(y=y, animate=False, force=True)
        finally:
            self._is_laying_out = False
        self.refresh()
        self.post_message(self.Changed())

    def _go_to(self, number: int | None) -> None:
        self.refresh()
        self.post_message(self.Changed())
        if number is None:
            return
        row, top = self.log_layout.row_of(number), self.scroll_offset.y
        height = self.visible_height
        if not top <= row < top + height:
            self.scroll_to(y=row - height // 2, animate=False)
        columns = (
            None if self.log_layout.wraps else self.log_layout.found_columns(number)
        )
        left, width = self.scroll_offset.x, self.log_layout.width
        if columns is not None and not left <= columns[0] <= columns[1] <= left + width:
            self.scroll_to(x=max(0, columns[1] - width // 2), animate=False)

    def _last_visible_line(self) -> int:
        end = self.scroll_offset.y + self.visible_height
        return self.log_layout.number_at(end - 1)

"""The lines of a log on the screen; they follow what comes until the user scrolls."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual.binding import Binding
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from nstui.model.audit import LogSource
from nstui.tui.widgets.log_layout import LogLayout
from nstui.tui.widgets.search import SearchedWidget

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.style import Style
    from textual.binding import BindingType
    from textual.selection import Selection

    from nstui.model.audit import LogLine


SHIFT = 8
"""By how many columns a key scrolls sideways."""


class LogView(ScrollView, SearchedWidget, can_focus=True):
    """Shows a log; the newest line stays in sight until the user goes elsewhere.

    Attributes:
        log_layout: The lines, as they are laid out.
        is_following: Whether the newest line stays in sight.
        unseen: How many lines have come since it does not.

    """

    ALLOW_SELECT = True
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "log--time",
        "log--found",
        "log--current",
        *(f"log--{source}" for source in LogSource),
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j,down", "move(1)", "Down", show=False, id="log.down"),
        Binding("k,up", "move(-1)", "Up", show=False, id="log.up"),
        Binding("space,pagedown", "page(1)", "Forward", show=False, id="log.forward"),
        Binding("b,pageup", "page(-1)", "Back", show=False, id="log.back"),
        Binding("right", "shift(1)", "Right", show=False, id="log.right"),
        Binding("left", "shift(-1)", "Left", show=False, id="log.left"),
        Binding("g,home", "first", "First", show=False, id="log.first"),
        Binding("G,end,F", "follow", "Follow", key_display="G", id="log.follow"),
    ]

    class Changed(Message):
        """What is told of the log beside its lines has changed."""

        def can_replace(self, message: Message) -> bool:
            """Tell it once for all changes before it is heard."""
            return isinstance(message, LogView.Changed)

    def __init__(self) -> None:
        super().__init__(id="log")
        self.log_layout = LogLayout()
        self.is_following = True
        self.unseen = 0
        self._is_placing = False

    def add(self, lines: Iterable[LogLine], skipped: int = 0) -> None:
        """Show more lines; see `LogLayout.add`."""
        before, top = self.log_layout.buffer.last, self.scroll_offset.y
        number = self.log_layout.number_at(top)
        part = top - self.log_layout.row_of(number)
        self.log_layout.add(lines, skipped)
        if not self.is_following:
            self.unseen += self.log_layout.buffer.last - before
        self._place(self.log_layout.row_of(number) + part)

    def clear(self) -> None:
        """Show nothing, and follow what comes."""
        self.log_layout.clear()
        self.is_following, self.unseen = True, 0
        self._place(0)

    def toggle_wrap(self) -> None:
        """Wrap long lines, or no more."""
        self.log_layout.wraps = not self.log_layout.wraps
        self._rebuild()

    def toggle_times(self) -> None:
        """Show when each line was written, or no more."""
        self.log_layout.has_times = not self.log_layout.has_times
        self._rebuild()

    def search(self, words: str) -> None:
        """Mark some words, and go to where they are last, if not after the screen."""
        if words != self.log_layout.search.words:
            self.log_layout.search.seek(words, self.log_layout.buffer)
            self._go_to(self.log_layout.search.go_near(self._last_in_sight()))

    def step(self, by: int) -> None:
        """Go to the next line in which the words are (1), or to the one before (-1)."""
        if by > 0:
            here = self.log_layout.number_at(self.scroll_offset.y) - 1
        else:
            here = self._last_in_sight() + 1
        # Who goes through them wants to see them for longer than until the next line.
        self._follow(is_following=False)
        self._go_to(self.log_layout.search.step(by, here))

    @property
    def position(self) -> tuple[int, int]:
        """Which of the lines found is the current one, from 1, and of how many."""
        return self.log_layout.search.position

    # Scrolling

    def action_follow(self) -> None:
        """Go to the end, and stay there."""
        self._follow(is_following=True)
        self._place(0)

    def action_first(self) -> None:
        """Go to the oldest line."""
        self.scroll_to(y=0, animate=False)

    def action_move(self, rows: int) -> None:
        """Scroll by some rows."""
        self.scroll_to(y=self.scroll_offset.y + rows, animate=False)

    def action_page(self, pages: int) -> None:
        """Scroll by screens, of which one row stays."""
        self.action_move(pages * max(1, self._rows_in_sight() - 1))

    def action_shift(self, by: int) -> None:
        """Scroll sideways, where lines are not wrapped."""
        self.scroll_to(x=self.scroll_offset.x + by * SHIFT, animate=False)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow while the user is at the end."""
        super().watch_scroll_y(old_value, new_value)
        if not self._is_placing:
            self._follow(is_following=round(new_value) >= self.max_scroll_y)

    def on_resize(self) -> None:
        """Lay the lines out in the new width, or stay at the end of a lower screen."""
        width = self.scrollable_content_region.width
        if self.log_layout.width != width:
            self.log_layout.width = width
            self._rebuild()
        else:
            self._place(self.scroll_offset.y)

    def _follow(self, *, is_following: bool) -> None:
        if is_following != self.is_following:
            self.is_following, self.unseen = is_following, 0
            self.post_message(self.Changed())

    def _rebuild(self) -> None:
        """Lay all lines out anew; the first one in sight stays where it is."""
        number = self.log_layout.number_at(self.scroll_offset.y)
        self.log_layout.rebuild()
        self._place(self.log_layout.row_of(number))

    def _place(self, row: int) -> None:
        """Draw anew with a row on top, or with the last row in sight if it follows."""
        self._is_placing = True
        try:
            self.virtual_size = Size(self.log_layout.widest, self.log_layout.height)
            end = self.max_scroll_y
            y = end if self.is_following else max(0, min(row, end))
            self.scroll_to(y=y, animate=False, force=True)
        finally:
            self._is_placing = False
        self.refresh()
        self.post_message(self.Changed())

    def _go_to(self, number: int | None) -> None:
        self.refresh()
        self.post_message(self.Changed())
        if number is None:
            return
        row, top, height = self.log_layout.row_of(number), *self._sight()
        if not top <= row < top + height:
            self.scroll_to(y=row - height // 2, animate=False)
        columns = (
            None if self.log_layout.wraps else self.log_layout.found_columns(number)
        )
        left, width = self.scroll_offset.x, self.log_layout.width
        if columns is not None and not left <= columns[0] <= columns[1] <= left + width:
            self.scroll_to(x=max(0, columns[1] - width // 2), animate=False)

    def _sight(self) -> tuple[int, int]:
        """Return the first row in sight, and how many are."""
        return self.scroll_offset.y, self._rows_in_sight()

    def _rows_in_sight(self) -> int:
        return self.scrollable_content_region.height

    def _last_in_sight(self) -> int:
        top, height = self._sight()
        return self.log_layout.number_at(top + height - 1)

    # Drawing

    def render_line(self, y: int) -> Strip:
        """Draw one row of the screen."""
        scroll_x, scroll_y = self.scroll_offset
        row, width = scroll_y + y, self.scrollable_content_region.width
        if row >= self.log_layout.height:
            return Strip.blank(width, self.rich_style)
        text = self._drawn(row)
        strip = Strip(text.render(self.app.console), text.cell_len)
        strip = strip.crop_extend(scroll_x, scroll_x + width, self.rich_style)
        return strip.apply_offsets(scroll_x, row)

    def _drawn(self, row: int) -> Text:
        """Return a row with what is marked in it."""
        drawn = self.log_layout.row(row)
        text = Text(style=self.rich_style, no_wrap=True, end="")
        text.append(drawn.sign, self._style(drawn.source))
        text.append(drawn.time, self._style("time"))
        text.append(drawn.text, self._style(drawn.source))
        style = self._style("current" if drawn.is_current else "found")
        for start, end in drawn.found:
            text.stylize(style, len(drawn.prefix) + start, len(drawn.prefix) + end)
        span = self.text_selection and self.text_selection.get_span(row)
        if span:
            selected = self.screen.get_component_rich_style("screen--selection")
            text.stylize(selected, span[0], len(text) if span[1] < 0 else span[1])
        return text

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"log--{name}", partial=True)

    # What is selected with the mouse

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return what is selected, each line as one, whatever rows it takes."""
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
        """Draw what is selected."""
        self.refresh()

"""A list of rows of several lines, of which only those that differ are drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from nstui.tui.styles import content_of

if TYPE_CHECKING:
    from nstui.render.text import Line, Piece


CURSOR = "▌ "
"""The sign before the row under the cursor, so that it does not depend on colour."""

NO_CURSOR = " " * len(CURSOR)
INDENT = 2
"""The columns by which what is below the head is indented."""

MIN_WIDTH = 20
"""The columns to wrap to if there are fewer, or before the layout is known."""


class ListedRow(Protocol):
    """A row; equal rows look the same."""

    @property
    def key(self) -> str:
        """What identifies it, also at the next look."""

    @property
    def head(self) -> Line:
        """Its first line."""

    @property
    def below(self) -> Line:
        """What is below the head, each piece on lines of its own."""

    @property
    def depth(self) -> int:
        """How far it is indented."""


Row = TypeVar("Row", bound=ListedRow)


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


class RowList(Options, Generic[Row]):
    """A list of rows; the cursor stays on its row when others appear or go."""

    def __init__(self, *, id_: str) -> None:
        super().__init__(id=id_)
        self.rows_shown: tuple[Row, ...] = ()
        self._width = 0
        self._marked: int | None = None
        """The index of the row with the cursor's sign."""

    def show_rows(self, rows: tuple[Row, ...]) -> None:
        """Show other rows; if they are the same, redraw only those that differ.

        If the row under the cursor has gone, the cursor moves to the one in its place.
        """
        before, self.rows_shown = self.rows_shown, rows
        if [row.key for row in rows] != [row.key for row in before]:
            self._relist(self._cursor_after(before))
            return
        for index, row in enumerate(rows):
            if row != before[index]:
                self._draw(index)

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Move the cursor's sign to another row."""
        before, self._marked = self._marked, highlighted
        for index in (before, highlighted):
            if index is not None and index < self.option_count:
                self._draw_sign(index)
        super().watch_highlighted(highlighted)

    def row_of(self, event: OptionList.OptionSelected) -> Row | None:
        """Return the row that was chosen; None if it is gone by now."""
        return next(
            (row for row in self.rows_shown if row.key == event.option_id), None
        )

    def row_at_cursor(self) -> Row | None:
        """Return the row under the cursor, if there is one."""
        index = self.highlighted
        return None if index is None or not self.rows_shown else self.rows_shown[index]

    def on_resize(self) -> None:
        """Wrap the sentences to the new width."""
        if self._width != self.scrollable_content_region.width:
            self._relist(self.highlighted)

    def _cursor_after(self, before: tuple[Row, ...]) -> int | None:
        if self.highlighted is None:
            return None
        indexes = {row.key: index for index, row in enumerate(self.rows_shown)}
        return indexes.get(before[self.highlighted].key, self.highlighted)

    def _relist(self, cursor: int | None) -> None:
        scrolled = self.scroll_y
        self._width = self.scrollable_content_region.width
        self.set_options(
            Option(self._content_of_row(row), id=row.key) for row in self.rows_shown
        )
        self.scroll_to(y=scrolled, animate=False, immediate=True)
        self.highlighted = cursor or 0

    def _draw(self, index: int) -> None:
        self.replace_option_prompt_at_index(index, self._content_at(index))

    def _draw_sign(self, index: int) -> None:
        """Draw a row that differs only by the cursor's sign, and so is as high.

        To replace a prompt, Textual draws every row that is visible, which takes far
        longer than a key may.
        """
        option = self.get_option_at_index(index)
        option._set_prompt(self._content_at(index))  # noqa: SLF001 - as said above
        drawn = self._option_render_cache
        for key in [key for key in drawn.keys() if key[0] is option]:  # noqa: SIM118 - it is no mapping
            drawn.discard(key)
        self.refresh()

    def _content_at(self, index: int) -> Content:
        sign = CURSOR if index == self._marked else NO_CURSOR
        return self._content_of_row(self.rows_shown[index], sign)

    def _content_of_row(self, row: Row, sign: str = NO_CURSOR) -> Content:
        sign += " " * (2 * INDENT * row.depth)
        width = self._width - len(sign)
        lines = _wrapped_head(content_of(row.head), width)
        for piece in row.below:
            lines += _wrapped(piece, width)
        return Content("\n").join(Content(sign) + line for line in lines)


def _wrapped_head(head: Content, width: int) -> list[Content]:
    """Return a head as lines of at most this width, the further ones indented most."""
    width = max(MIN_WIDTH, width)
    if head.cell_length <= width:
        return [head]
    first, *others = head.wrap(width - 2 * INDENT)
    return [first, *(line.pad_left(2 * INDENT) for line in others)]


def _wrapped(piece: Piece, width: int) -> list[Content]:
    """Return a piece as indented lines of at most this width."""
    lines = content_of((piece,)).wrap(max(MIN_WIDTH, width - INDENT))
    return [line.pad_left(INDENT) for line in lines]

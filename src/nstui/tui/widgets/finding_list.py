"""Lists to choose from, on terminals of any size."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from nstui.tui.styles import content_of

if TYPE_CHECKING:
    from textual.binding import BindingType

    from nstui.model.container import ContainerId
    from nstui.render.findings import FindingRow
    from nstui.render.text import Piece


class Options(OptionList):
    """A list whose cursor stays where it is while there is no room to show any of it.

    Textual's own looks for lines that have not been laid out, and fails.
    """

    def action_page_up(self) -> None:
        """Move the cursor up by as much as there is room for."""
        if self.scrollable_content_region:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        """Move the cursor down by as much as there is room for."""
        if self.scrollable_content_region:
            super().action_page_down()  # type: ignore[no-untyped-call]


CURSOR = "▌ "
"""In front of the finding under the cursor, which colour alone must not tell."""

NO_CURSOR = " " * len(CURSOR)
INDENT = 2
"""The columns by which a sentence and a remedy are indented."""

NARROWEST = 20
"""The columns to wrap to where there are fewer, or where nobody knows yet."""


class FindingList(Options):
    """Three lines or more for each finding: whose it is, the sentence, the remedy."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Go to it", id="findings.go"),
        Binding("j,down", "cursor_down", "Down", show=False, id="findings.down"),
        Binding("k,up", "cursor_up", "Up", show=False, id="findings.up"),
        Binding("g,home", "first", "First", show=False, id="findings.first"),
        Binding("G,end", "last", "Last", show=False, id="findings.last"),
    ]

    def __init__(self) -> None:
        super().__init__(id="findings")
        self._rows: tuple[FindingRow, ...] = ()
        self._width = 0
        self._marked: int | None = None
        """Where the sign of the cursor is."""

    def show(self, rows: tuple[FindingRow, ...]) -> None:
        """Show other findings; the cursor stays on the same one.

        If that has gone, the cursor moves to the one that takes its place.
        """
        before, self._rows = self._rows, rows
        if [row.key for row in rows] != [row.key for row in before]:
            self._list(self._cursor_after(before))
            return
        for index, row in enumerate(rows):
            if row != before[index]:
                self._draw(index)

    def watch_highlighted(self, highlighted: int | None) -> None:
        """Move the sign of the cursor to another finding."""
        before, self._marked = self._marked, highlighted
        for index in (before, highlighted):
            if index is not None and index < self.option_count:
                self._draw(index)
        super().watch_highlighted(highlighted)

    def container_at(self, index: int) -> ContainerId:
        """Return the container of a finding in the list."""
        return self._rows[index].container

    def on_resize(self) -> None:
        """Wrap the sentences to the new width."""
        if self._width != self.scrollable_content_region.width:
            self._list(self.highlighted)

    def _cursor_after(self, before: tuple[FindingRow, ...]) -> int | None:
        if self.highlighted is None:
            return None
        there = {row.key: index for index, row in enumerate(self._rows)}
        return there.get(before[self.highlighted].key, self.highlighted)

    def _list(self, cursor: int | None) -> None:
        scrolled = self.scroll_y
        self._width = self.scrollable_content_region.width
        self.set_options(Option(self._drawn(row), id=row.key) for row in self._rows)
        self.scroll_to(y=scrolled, animate=False, immediate=True)
        self.highlighted = cursor or 0

    def _draw(self, index: int) -> None:
        sign = CURSOR if index == self._marked else NO_CURSOR
        drawn = self._drawn(self._rows[index], sign)
        self.replace_option_prompt_at_index(index, drawn)

    def _drawn(self, row: FindingRow, sign: str = NO_CURSOR) -> Content:
        width = self._width - len(sign)
        lines = [
            content_of(row.head),
            *_wrapped(row.sentence, width),
            *_wrapped(row.remedy, width),
        ]
        return Content("\n").join(Content(sign) + line for line in lines)


def _wrapped(piece: Piece, width: int) -> list[Content]:
    """Return a piece in as many indented lines as it needs."""
    lines = content_of((piece,)).wrap(max(NARROWEST, width - INDENT))
    return [line.pad_left(INDENT) for line in lines]

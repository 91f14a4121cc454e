"""Sections of labelled values, of which only the lines that change are drawn again."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget

from nstui.tui.tones import content_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual import events

    from nstui.render.details import Entry, Section

_INDENT = 2
"""Of what stands under a title."""

_GAP = 2
_NARROWEST = 12
"""A value that would have fewer columns beside its label goes on at the left."""


class Sheet(Widget):
    """As high as what it shows, or as the window it scrolls in if that is higher.

    So its height changes only where it is higher than the window: a change of height
    has all of it drawn.
    """

    DEFAULT_CSS = "Sheet { height: auto; min-height: 100%; }"

    class Widened(Message):
        """It has another width than before."""

    def __init__(self) -> None:
        super().__init__(id="details-text", markup=False)
        self._sections: tuple[Section, ...] = ()
        self._lines: tuple[Content, ...] = ()
        self._broken_at = 0
        """The width that the lines are broken at."""

    @property
    def text(self) -> str:
        """What it shows, with no line broken."""
        return "\n".join(line.plain for line in lay_out(self._sections, 0))

    def render(self) -> Content:
        """Return what it shows."""
        return Content("\n").join(self._lines)

    def on_resize(self, event: events.Resize) -> None:
        """Tell that lines may break elsewhere now."""
        if event.size.width != self._broken_at:
            self.post_message(self.Widened())

    def show(self, sections: Iterable[Section]) -> None:
        """Show sections; a line that is as before is not sent to the terminal again."""
        sections, width = tuple(sections), self.size.width
        if (sections, width) == (self._sections, self._broken_at):
            return
        self._sections, self._broken_at = sections, width
        before, self._lines = self._lines, tuple(lay_out(sections, width))
        changed = [
            Region(0, y, width, 1)
            for y, (old, new) in enumerate(
                zip_longest(before, self._lines, fillvalue=Content())
            )
            if not new.is_same(old)
        ]
        if self._height != self.size.height:
            self.refresh(layout=True)
        elif changed:
            self.refresh(*changed)

    @property
    def _height(self) -> int:
        """How high it has to be: all of the window it is seen through, at least."""
        window = self.parent
        least = window.size.height if isinstance(window, Widget) else 0
        return max(least, len(self._lines))


def lay_out(sections: Iterable[Section], width: int) -> Iterator[Content]:
    """Yield sections as lines; what does not fit goes on beneath its own beginning.

    Args:
        sections: What to show, a free line between any two.
        width: How many columns there are; 0 if that is not known yet.

    """
    for number, section in enumerate(sections):
        if number:
            yield Content()
        if section.title:
            yield Content.styled(section.title, "bold $accent")
        indent = _INDENT if section.title else 0
        label = max((cell_len(entry.label) for entry in section.entries), default=0)
        for entry in section.entries:
            yield from _entry(entry, indent, label, width)


def _entry(entry: Entry, indent: int, label: int, width: int) -> Iterator[Content]:
    """Yield one entry, its value in the column that all of its section have it in."""
    head = " " * indent
    if label:
        head += set_cell_size(entry.label, label + _GAP)
    value = content_of(entry.value)
    room = width - cell_len(head)
    if width and label and room < _NARROWEST:
        yield Content.styled(head, "dim")
        head = " " * (indent + _GAP)
        room = width - len(head)
    lines = value.wrap(max(1, room)) if width else [value]
    for line in lines or [Content()]:
        yield Content.styled(head, "dim") + line
        head = " " * cell_len(head)

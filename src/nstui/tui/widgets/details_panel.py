"""The details of a row of the tree: a strip of tabs, and the sections of one tab."""

from __future__ import annotations

from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING, ClassVar

from rich.cells import cell_len, set_cell_size
from textual import on
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from nstui.model.frozen import dataclass
from nstui.render.layout import GAP_PIECE
from nstui.render.rows import row_of
from nstui.render.text import Piece, Tone
from nstui.tui.keys import DETAILS_KEYS, Tab
from nstui.tui.poller import Poller
from nstui.tui.styles import content_of
from nstui.tui.tabs import (
    NO_PIDS,
    OUT_OF_REACH,
    UNDER_WAY,
    TabContent,
    TabContext,
    make_tab,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from textual import events
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.analysis.report import Report
    from nstui.analysis.tree.tree import TreeRow
    from nstui.ports import HostEvidence
    from nstui.render.layout import Section, SectionRow


_INDENT = 2
"""The indent of the rows below a title."""

_GAP = 2
_MIN_VALUE_WIDTH = 12
"""A value with fewer columns beside its label is written below the label."""

CHOSEN_STYLE = "bold underline $text-accent"
"""The style must be visible without colour, too."""

_LEFT_MARGIN = 1
"""The columns before the first tab."""

_MAX_GAP = 3


class SectionsView(Widget):
    """Sections as text, at least as high as the window that it scrolls in.

    Since a change of height redraws everything, the height is constant as long as the
    text fits into the window.
    """

    DEFAULT_CSS = "SectionsView { height: auto; min-height: 100%; }"

    class Widened(Message):
        """The width has changed."""

    def __init__(self) -> None:
        super().__init__(id="details-text", markup=False)
        self._sections: tuple[Section, ...] = ()
        self._lines: tuple[Content, ...] = ()
        self._wrapped_width = 0
        """The width that the lines are wrapped to."""

    @property
    def text(self) -> str:
        """The text, without wrapping."""
        return "\n".join(line.plain for line in wrap_sections(self._sections, 0))

    def render(self) -> Content:
        """Return the wrapped text."""
        return Content("\n").join(self._lines)

    def on_resize(self, event: events.Resize) -> None:
        """Post a message if the lines must be wrapped again."""
        if event.size.width != self._wrapped_width:
            self.post_message(self.Widened())

    def show(self, sections: Iterable[Section]) -> None:
        """Show sections; unchanged lines are not sent to the terminal again."""
        sections, width = tuple(sections), self.size.width
        if (sections, width) == (self._sections, self._wrapped_width):
            return
        self._sections, self._wrapped_width = sections, width
        before, self._lines = self._lines, tuple(wrap_sections(sections, width))
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
        """The height that it needs: at least that of the window."""
        window = self.parent
        window_height = window.size.height if isinstance(window, Widget) else 0
        return max(window_height, len(self._lines))


def wrap_sections(sections: Iterable[Section], width: int) -> Iterator[Content]:
    """Yield sections as lines; a value that is too long is wrapped in its own column.

    Args:
        sections: What to show, separated by empty lines.
        width: The number of columns; 0 if it is not known yet.

    """
    for number, section in enumerate(sections):
        if number:
            yield Content()
        if section.title:
            yield Content.styled(section.title, "bold $text-accent")
        indent = _INDENT if section.title else 0
        label = max((cell_len(row.label) for row in section.rows), default=0)
        for row in section.rows:
            yield from _row_lines(row, indent, label, width)


def _row_lines(
    row: SectionRow, indent: int, label: int, width: int
) -> Iterator[Content]:
    """Yield the lines of one row, with the value in the column of its section."""
    head = " " * indent
    if label:
        head += set_cell_size(row.label, label + _GAP)
    value = content_of(row.value)
    room = width - cell_len(head)
    if width and label and room < _MIN_VALUE_WIDTH:
        yield Content.styled(head, "dim")
        head = " " * (indent + _GAP)
        room = width - len(head)
    lines = value.wrap(max(1, room)) if width else [value]
    for line in lines or [Content()]:
        yield Content.styled(head, "dim") + line
        head = " " * cell_len(head)


@dataclass(frozen=True, slots=True)
class TabLabel:
    """A tab in the strip."""

    tab: Tab
    text: str
    start: int
    """The first column."""

    @property
    def end(self) -> int:
        """The column after its last one."""
        return self.start + len(self.text)


def fit_labels(chosen: Tab, width: int) -> tuple[TabLabel, ...]:
    """Return the tabs, spread as far as the width allows.

    If there is not enough room, only the chosen one has its name beside its number.
    """
    full = {tab: f"{tab.number} {tab}" for tab in Tab}
    short = {tab: full[tab] if tab is chosen else str(tab.number) for tab in Tab}
    for texts in (full, short):
        room = width - _LEFT_MARGIN - sum(map(len, texts.values()))
        gap = min(_MAX_GAP, room // (len(texts) - 1))
        if gap > 0:
            return tuple(_place_labels(texts.items(), gap))
    return tuple(_place_labels(short.items(), 1))


def _place_labels(texts: Iterable[tuple[Tab, str]], gap: int) -> Iterator[TabLabel]:
    start = _LEFT_MARGIN
    for tab, text in texts:
        yield TabLabel(tab, text, start)
        start += len(text) + gap


class TabStrip(Static):
    """Shows the tabs; a click chooses one."""

    class Clicked(Message):
        """The user has clicked a tab."""

        def __init__(self, tab: Tab) -> None:
            """Take the tab that was clicked."""
            super().__init__()
            self.tab = tab

    def __init__(self) -> None:
        super().__init__(id="tabs", markup=False)
        self._chosen = Tab.OVERVIEW
        self._labels: tuple[TabLabel, ...] = ()

    def choose(self, tab: Tab) -> None:
        """Show which tab is chosen."""
        self._chosen = tab
        self._labels = ()
        self._draw()

    def on_resize(self) -> None:
        """Spread the tabs over the new width."""
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Post the tab that was clicked."""
        for label in self._labels:
            if label.start <= event.x < label.end:
                self.post_message(self.Clicked(label.tab))

    def _draw(self) -> None:
        labels = fit_labels(self._chosen, self.size.width)
        if labels == self._labels:
            return
        self._labels = labels
        content, column = Content(), 0
        for label in labels:
            style = CHOSEN_STYLE if label.tab is self._chosen else "dim"
            content += " " * (label.start - column)
            content += Content.styled(label.text, style)
            column = label.end
        self.update(content, layout=False)


class DetailsScroll(VerticalScroll):
    """Scrolls the text of a tab, by the keys of the other scrollers."""

    BINDINGS: ClassVar[list[BindingType]] = DETAILS_KEYS

    class ZoomAsked(Message):
        """The user wants the details to have the whole screen, or no longer."""

    def action_zoom(self) -> None:
        """Ask for the whole screen, or for the tree beside."""
        self.post_message(self.ZoomAsked())

    def action_move(self, lines: int) -> None:
        """Scroll down by some lines, or up if negative."""
        self.scroll_relative(y=lines, animate=False)

    def action_half(self, pages: int) -> None:
        """Scroll down by half pages."""
        self.action_move(pages * max(1, self.size.height // 2))

    def action_page(self, pages: int) -> None:
        """Scroll down by pages, of which one line stays."""
        self.action_move(pages * max(1, self.size.height - 1))

    def action_first(self) -> None:
        """Scroll to the beginning."""
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        """Scroll to the end."""
        self.scroll_end(animate=False)


class DetailsPanel(Vertical):
    """Shows one tab at a time, and reads what it needs while it is on the screen."""

    def __init__(
        self, evidence: HostEvidence | None, *, interval: float | None
    ) -> None:
        """Create the panel.

        Args:
            evidence: Read in the background, for the current row and tab; None if the
                host cannot be read.
            interval: Seconds between two readings of one thing; None for the default.

        """
        super().__init__(id="details")
        self._evidence = evidence
        self._tab = Tab.OVERVIEW
        self._contents: dict[Tab, TabContent] = {}
        self._shown: tuple[TreeRow, Report] | None = None
        self._title = Content()
        self.poller = Poller(self, interval=interval, on_change=self._draw)

    def compose(self) -> ComposeResult:
        """Yield the tabs, and the text below them."""
        yield Static(id="details-title", markup=False)
        yield TabStrip()
        with DetailsScroll(id="details-scroll"):
            yield SectionsView()

    def on_mount(self) -> None:
        """Resume reading when the screen is on top again."""
        self.app.screen_change_signal.subscribe(self, lambda _: self.poller.resume())

    def show(self, row: TreeRow | None, report: Report) -> None:
        """Show a row of the tree; redraw only what differs."""
        before = self._shown
        self._shown = None if row is None else (row, report)
        if row is None or before is None or before[0].key != row.key:
            self.query_one(VerticalScroll).scroll_home(animate=False)
        self._draw_title()
        self._update()

    def focus_text(self) -> None:
        """Give the focus to the text, so that keys scroll it."""
        self.query_one(DetailsScroll).focus()

    def choose(self, tab: Tab) -> None:
        """Show another tab."""
        if tab is not self._tab:
            self._tab = tab
            self.query_one(TabStrip).choose(tab)
            self.query_one(VerticalScroll).scroll_home(animate=False)
            self._update()

    def step(self, by: int) -> None:
        """Show the tab that is `by` positions further."""
        self.choose(self._tab.step(by))

    def read_again(self) -> None:
        """Read at once instead of at the next interval."""
        self.poller.read_again()

    @on(TabStrip.Clicked)
    def _choose_clicked(self, message: TabStrip.Clicked) -> None:
        message.stop()
        self.choose(message.tab)

    def _update(self) -> None:
        """Start the readings for what is shown, forget the others, and redraw."""
        content = self._content
        pids = NO_PIDS if self._shown is None else content.pids(*self._shown)
        for other in self._contents.values():
            other.restrict(pids if other is content else NO_PIDS)
        if self._evidence is None or not pids:
            self.poller.want_nothing()
        else:
            key = (self._tab, tuple(pids.items()))
            self.poller.want(key, partial(content.read, self._evidence, pids))
        self._draw()

    def _draw_title(self) -> None:
        """Show the row in a line, which is seen where the tree is not."""
        line: list[Piece] = []
        if self._shown is not None:
            row = row_of(*self._shown)
            cells = (row.name, row.state, row.problem)
            line = [row.glyph, Piece(" ")]
            for cell in cells:
                line += (cell, GAP_PIECE) if cell.text else ()
        line.append(Piece("z: back", Tone.MUTED))
        title = content_of(line)
        if not title.is_same(self._title):
            self._title = title
            self.query_one("#details-title", Static).update(title, layout=False)

    @on(SectionsView.Widened)
    def _draw(self) -> None:
        view = self.query_one(SectionsView)
        if self._shown is None:
            view.show(())
            return
        unread = UNDER_WAY if self.poller.is_late else ""
        if self._evidence is None:
            unread = OUT_OF_REACH
        row, report = self._shown
        context = TabContext(
            row=row, report=report, width=view.size.width, unread=unread
        )
        view.show(self._content.sections(context))

    @property
    def _content(self) -> TabContent:
        """The content of the chosen tab."""
        if self._tab not in self._contents:
            self._contents[self._tab] = make_tab(self._tab)
        return self._contents[self._tab]

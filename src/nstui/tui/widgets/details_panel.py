"""The details of a line of the tree: a strip of tabs, and the sections of one tab."""

from __future__ import annotations

from functools import partial
from itertools import zip_longest
from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual import on
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Region
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from nstui.model.frozen import dataclass
from nstui.tui.keys import Tab
from nstui.tui.poller import Poller
from nstui.tui.styles import content_of
from nstui.tui.tabs import (
    NOBODY,
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

    from nstui.analysis.report import Report
    from nstui.analysis.tree.tree import TreeRow
    from nstui.ports import HostEvidence
    from nstui.render.layout import Section, SectionRow


_INDENT = 2
"""Of what stands under a title."""

_GAP = 2
_NARROWEST = 12
"""A value that would have fewer columns beside its label goes on at the left."""

CHOSEN_STYLE = "bold underline $accent"
"""Told from the others where there is no colour, too."""

_LEFT = 1
"""The columns in front of the first tab."""

_WIDEST_GAP = 3


class SectionsView(Widget):
    """As high as what it shows, or as the window it scrolls in if that is higher.

    So its height changes only where it is higher than the window: a change of height
    has all of it drawn.
    """

    DEFAULT_CSS = "SectionsView { height: auto; min-height: 100%; }"

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
        return "\n".join(line.plain for line in wrap_sections(self._sections, 0))

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
        """How high it has to be: all of the window it is seen through, at least."""
        window = self.parent
        least = window.size.height if isinstance(window, Widget) else 0
        return max(least, len(self._lines))


def wrap_sections(sections: Iterable[Section], width: int) -> Iterator[Content]:
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
        label = max((cell_len(entry.label) for entry in section.rows), default=0)
        for entry in section.rows:
            yield from _entry(entry, indent, label, width)


def _entry(entry: SectionRow, indent: int, label: int, width: int) -> Iterator[Content]:
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


@dataclass(frozen=True, slots=True)
class Label:
    """One tab in the line."""

    tab: Tab
    text: str
    start: int
    """The column it begins in."""

    @property
    def end(self) -> int:
        """The column after its last one."""
        return self.start + len(self.text)


def fit_labels(chosen: Tab, width: int) -> tuple[Label, ...]:
    """Return the tabs as far apart as so many columns allow.

    Where that is not enough only the chosen one has its name beside its number.
    """
    full = {tab: f"{tab.number} {tab}" for tab in Tab}
    short = {tab: full[tab] if tab is chosen else str(tab.number) for tab in Tab}
    for texts in (full, short):
        room = width - _LEFT - sum(map(len, texts.values()))
        gap = min(_WIDEST_GAP, room // (len(texts) - 1))
        if gap > 0:
            return tuple(_placed(texts.items(), gap))
    return tuple(_placed(short.items(), 1))


def _placed(texts: Iterable[tuple[Tab, str]], gap: int) -> Iterator[Label]:
    start = _LEFT
    for tab, text in texts:
        yield Label(tab, text, start)
        start += len(text) + gap


class TabStrip(Static):
    """Shows the tabs; a click chooses one."""

    class Clicked(Message):
        """The user wants another tab."""

        def __init__(self, tab: Tab) -> None:
            """Take the tab."""
            super().__init__()
            self.tab = tab

    def __init__(self) -> None:
        super().__init__(id="tabs", markup=False)
        self._chosen = Tab.OVERVIEW
        self._labels: tuple[Label, ...] = ()

    def choose(self, tab: Tab) -> None:
        """Show which tab is chosen."""
        self._chosen = tab
        self._labels = ()
        self._draw()

    def on_resize(self) -> None:
        """Give the tabs the room there is."""
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Choose the tab that was hit."""
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


class DetailsPanel(Vertical):
    """Shows one tab at a time; what that needs is read while it is on the screen."""

    def __init__(
        self, evidence: HostEvidence | None, *, interval: float | None
    ) -> None:
        """Take who tells more of single containers, if anybody can.

        Args:
            evidence: Asked in the background, for the line and the tab that are shown.
            interval: Seconds between two readings of one thing; None: the usual.

        """
        super().__init__(id="details")
        self._evidence = evidence
        self._tab = Tab.OVERVIEW
        self._contents: dict[Tab, TabContent] = {}
        self._line: tuple[TreeRow, Report] | None = None
        self.poller = Poller(self, interval=interval, on_change=self._draw)

    def compose(self) -> ComposeResult:
        """Lay the text out beneath the tabs."""
        yield TabStrip()
        with VerticalScroll(id="details-scroll"):
            yield SectionsView()

    def on_mount(self) -> None:
        """Go on reading when the screen comes back to the top."""
        self.app.screen_change_signal.subscribe(self, lambda _: self.poller.resume())

    def show(self, row: TreeRow | None, report: Report) -> None:
        """Show one line of the tree; draw only what differs from what is shown."""
        before = self._line
        self._line = None if row is None else (row, report)
        if row is None or before is None or before[0].key != row.key:
            self.query_one(VerticalScroll).scroll_home(animate=False)
        self._update()

    def choose(self, tab: Tab) -> None:
        """Show another tab."""
        if tab is not self._tab:
            self._tab = tab
            self.query_one(TabStrip).choose(tab)
            self.query_one(VerticalScroll).scroll_home(animate=False)
            self._update()

    def step(self, by: int) -> None:
        """Show the tab so many further."""
        self.choose(self._tab.step(by))

    def read_again(self) -> None:
        """Read what is shown without waiting for its time."""
        self.poller.read_again()

    @on(TabStrip.Clicked)
    def _choose_clicked(self, message: TabStrip.Clicked) -> None:
        message.stop()
        self.choose(message.tab)

    def _update(self) -> None:
        """Have read what is shown now, forget what is not, and draw."""
        content = self._content
        pids = NOBODY if self._line is None else content.pids(*self._line)
        for each in self._contents.values():
            each.restrict(pids if each is content else NOBODY)
        if self._evidence is None or not pids:
            self.poller.want_nothing()
        else:
            key = (self._tab, tuple(pids.items()))
            self.poller.want(key, partial(content.read, self._evidence, pids))
        self._draw()

    @on(SectionsView.Widened)
    def _draw(self) -> None:
        view = self.query_one(SectionsView)
        if self._line is None:
            view.show(())
            return
        unread = UNDER_WAY if self.poller.is_late else ""
        if self._evidence is None:
            unread = OUT_OF_REACH
        row, report = self._line
        context = TabContext(
            row=row, report=report, width=view.size.width, unread=unread
        )
        view.show(self._content.sections(context))

    @property
    def _content(self) -> TabContent:
        """What the chosen tab shows."""
        if self._tab not in self._contents:
            self._contents[self._tab] = make_tab(self._tab)
        return self._contents[self._tab]

"""What is known of the line under the cursor, in tabs."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical, VerticalScroll

from nstui.tui.pages import NOBODY, OUT_OF_REACH, UNDER_WAY, Page, View, make_page
from nstui.tui.readings import Readings
from nstui.tui.sheet import Sheet
from nstui.tui.tab_strip import Tab, TabStrip

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from nstui.analysis.forest import Branch
    from nstui.analysis.report import Report
    from nstui.ports import HostEvidence


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
        self._pages: dict[Tab, Page] = {}
        self._line: tuple[Branch, Report] | None = None
        self.readings = Readings(self, interval=interval, on_change=self._draw)

    def compose(self) -> ComposeResult:
        """Lay the text out beneath the tabs."""
        yield TabStrip()
        with VerticalScroll(id="details-scroll"):
            yield Sheet()

    def on_mount(self) -> None:
        """Go on reading when the screen comes back to the top."""
        self.app.screen_change_signal.subscribe(self, lambda _: self.readings.resume())

    def show(self, branch: Branch | None, report: Report) -> None:
        """Show one line of the tree; draw only what differs from what is shown."""
        before = self._line
        self._line = None if branch is None else (branch, report)
        if branch is None or before is None or before[0].key != branch.key:
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
        self.readings.read_again()

    @on(TabStrip.Clicked)
    def _choose_clicked(self, message: TabStrip.Clicked) -> None:
        message.stop()
        self.choose(message.tab)

    def _update(self) -> None:
        """Have read what is shown now, forget what is not, and draw."""
        page = self._page
        pids = NOBODY if self._line is None else page.pids(*self._line)
        for each in self._pages.values():
            each.restrict(pids if each is page else NOBODY)
        if self._evidence is None or not pids:
            self.readings.want_nothing()
        else:
            key = (self._tab, tuple(pids.items()))
            self.readings.want(key, partial(page.read, self._evidence, pids))
        self._draw()

    @on(Sheet.Widened)
    def _draw(self) -> None:
        sheet = self.query_one(Sheet)
        if self._line is None:
            sheet.show(())
            return
        unread = UNDER_WAY if self.readings.is_late else ""
        if self._evidence is None:
            unread = OUT_OF_REACH
        branch, report = self._line
        view = View(branch=branch, report=report, width=sheet.size.width, unread=unread)
        sheet.show(self._page.sections(view))

    @property
    def _page(self) -> Page:
        """What the chosen tab shows."""
        if self._tab not in self._pages:
            self._pages[self._tab] = make_page(self._tab)
        return self._pages[self._tab]

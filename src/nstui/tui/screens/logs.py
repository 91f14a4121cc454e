"""The screen with what a container has written, and what it writes."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Footer, Static

from nstui.errors import EngineUnreachable
from nstui.model.frozen import dataclass
from nstui.render.logs import LogStatus, amount, following, nothing_written
from nstui.render.text import Piece, printable
from nstui.service.log_follower import LogFollower
from nstui.tui.notices import Banner
from nstui.tui.screens.container_screen import (
    SearchScreen,
    help_binding,
    search_bindings,
)
from nstui.tui.screens.prompts import QuestionScreen
from nstui.tui.widgets.log_layout import KEPT_LINES
from nstui.tui.widgets.log_view import LogView
from nstui.tui.widgets.search import SearchBar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.errors import NstuiError
    from nstui.model.container import Container
    from nstui.ports import ContainerEngine

MIN_PAUSE_S = 0.05
"""The shortest pause between two drawings, in seconds."""

DRAW_PAUSE_FACTOR = 4
"""The pause is at least this many times as long as the drawing before it."""


@dataclass(frozen=True, slots=True)
class Range:
    """How much of the past is read."""

    words: str
    seconds: float | None = None
    """How many seconds back; None for no limit."""

    tail: int = KEPT_LINES


LAST_START = Range("since its last start")
RANGES = (
    Range("the last 1,000 lines", tail=1000),
    Range("the last 5 minutes", 300),
    Range("the last hour", 3600),
    Range("the last 24 hours", 86_400),
    LAST_START,
    Range(f"all, of which the last {KEPT_LINES:,} lines are kept"),
)


class LogsScreen(SearchScreen):
    """Follows the log of one container, even when it is started again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *search_bindings(
            "logs",
            of="log",
            close="q,l",
            search="Search",
            found="line",
        ),
        Binding(
            "s",
            "since",
            "Since",
            tooltip="Choose how much of the past is read",
            id="logs.since",
        ),
        Binding(
            "t",
            "times",
            "Times",
            tooltip="Show when each line was written, or not",
            id="logs.times",
        ),
        Binding(
            "w",
            "wrap",
            "Wrap",
            tooltip="Wrap long lines, or scroll sideways",
            id="logs.wrap",
        ),
        help_binding("logs"),
    ]
    CONTENT = LogView
    AUTO_FOCUS = "#log"

    class News(Message):
        """The follower has news."""

    def __init__(self, container: Container, engine: ContainerEngine) -> None:
        """Show the log of this container, read from this engine."""
        super().__init__(container)
        self._engine = engine
        self._range = RANGES[0]
        self._follower = self._new_follower()
        self._has_begun = False
        self._has_ended = False
        self._problem: NstuiError | None = None
        self._latest_ns: int | None = None
        self._is_pausing = False
        self._has_news = False

    def compose(self) -> ComposeResult:
        """Yield the title, and the lines below it."""
        yield Static(id="container-title", markup=False)
        yield Banner()
        yield Static(id="log-empty", markup=False)
        yield (view := LogView())
        yield SearchBar(view)
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Start reading."""
        self._read()

    def on_unmount(self) -> None:
        """Stop following the log, without waiting for it."""
        self._follower.stop()

    def _new_follower(self) -> LogFollower:
        return LogFollower(
            self._engine,
            self.container.id,
            keep=KEPT_LINES,
            on_news=lambda: self.post_message(self.News()),
        )

    def _read(self) -> None:
        """Start reading again, in the range that the user has chosen."""
        self._follower.stop()
        self._latest_ns = None
        self.query_one(LogView).clear()
        since_ns = self._since_ns()
        self._start_follower(tail=self._range.tail, since_ns=since_ns)

    def _start_follower(self, *, tail: int, since_ns: int | None) -> None:
        self._has_begun = self._has_ended = False
        self._problem = None
        self._follower = self._new_follower()
        self._follower.start(tail=tail, since_ns=since_ns)
        self._show_status()

    def _since_ns(self) -> int | None:
        if self._range is LAST_START:
            inspection = self.container.inspection
            started = None if inspection is None else inspection.started_at
            return None if started is None else int(started.timestamp() * 10**9)
        if self._range.seconds is None:
            return None
        return time.time_ns() - int(self._range.seconds * 10**9)

    def follow_report(self) -> None:
        """Resume reading if the container has been started again."""
        is_lost = self._problem is None or isinstance(self._problem, EngineUnreachable)
        runs = self.container.state.has_process and not self.is_gone
        if self._has_ended and is_lost and runs:
            since_ns = None if self._latest_ns is None else self._latest_ns + 1
            self._start_follower(tail=KEPT_LINES, since_ns=since_ns)
        self._show_status()

    @on(News)
    def _note_news(self) -> None:
        self._has_news = True
        if not self._is_pausing:
            self._show_news()

    def _show_news(self) -> None:
        """Show the lines that have arrived, and then pause."""
        if not self.query(LogView):
            # The screen has been closed.
            return
        began = time.monotonic()
        self._has_news = False
        news = self._follower.take()
        self._has_begun, self._has_ended = news.has_begun, news.has_ended
        self._problem = news.problem
        if news.lines:
            times = (line.time_ns for line in news.lines if line.time_ns is not None)
            self._latest_ns = max(times, default=self._latest_ns)
            self.query_one(LogView).add(news.lines, news.skipped)
        self._show_status()
        self._is_pausing = True
        self.set_timer(
            max(MIN_PAUSE_S, DRAW_PAUSE_FACTOR * (time.monotonic() - began)),
            self._end_pause,
        )

    def _end_pause(self) -> None:
        self._is_pausing = False
        if self._has_news:
            self._show_news()

    @on(LogView.Changed)
    def _show_status(self) -> None:
        view = self.query_one(LogView)
        status = LogStatus(
            range=self._range.words,
            has_begun=self._has_begun,
            has_ended=self._has_ended,
            is_following=view.is_following,
            unseen=view.unseen,
            lines=len(view.log_layout.buffer.lines),
            dropped=view.log_layout.buffer.first,
            has_signs=view.log_layout.has_signs,
        )
        heading = (*self.heading("log"), Piece("  "), following(status))
        self.set_title(heading, amount(status))
        self.query_one(SearchBar).show_position()
        self._show_why_empty(status)

    def _show_why_empty(self, status: LogStatus) -> None:
        text = nothing_written(status)
        if self._problem is not None:
            text = f"the log cannot be read: {printable(str(self._problem))}"
        empty = self.query_one("#log-empty", Static)
        if str(empty.content) != text:
            empty.update(text)
        empty.display = bool(text)

    def action_times(self) -> None:
        """Show or hide the time of each line."""
        self.query_one(LogView).toggle_times()

    def action_wrap(self) -> None:
        """Turn the wrapping of long lines on or off."""
        self.query_one(LogView).toggle_wrap()

    @work
    async def action_since(self) -> None:
        """Ask how much of the past is read."""
        question = QuestionScreen("Show the log from", (), [r.words for r in RANGES])
        chosen = await self.app.push_screen_wait(question)
        if chosen is not None:
            self._range = RANGES[chosen]
            self._read()

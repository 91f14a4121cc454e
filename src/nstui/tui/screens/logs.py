"""The log of one container, followed as it grows."""

from __future__ import annotations

import time
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.message import Message
from textual.widgets import Static

from nstui.analysis.logs import started_ns
from nstui.model.audit import LogSource
from nstui.render.help_text import HelpEntry
from nstui.render.logs import (
    ENGINE_SIGN,
    RANGES,
    STDERR_SIGN,
    LogStatus,
    amount,
    file_name,
    following,
    line_count_text,
    nothing_written,
)
from nstui.render.text import Piece, printable
from nstui.service.log_feed import FeedNews, LogFeed
from nstui.service.saved_file import default_path
from nstui.tui.keys import help_binding
from nstui.tui.notices import Banner
from nstui.tui.screens.container_screen import (
    SearchScreen,
    search_bindings,
)
from nstui.tui.screens.export import SaveScreen
from nstui.tui.screens.prompts import QuestionScreen
from nstui.tui.widgets.key_footer import KeyFooter
from nstui.tui.widgets.log_buffer import KEPT_LINES
from nstui.tui.widgets.log_filter import FILTER_LINES_KEY, LineFilterBar
from nstui.tui.widgets.log_view import LogView
from nstui.tui.widgets.search import SearchBar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.widget import Widget

    from nstui.model.container import Container
    from nstui.ports import ContainerEngine
    from nstui.render.logs import LogRange
    from nstui.tui.widgets.log_buffer import KeptLine
    from nstui.tui.widgets.log_layout import LogLayout


MIN_PAUSE_S = 0.05
"""The shortest pause between two drawings, in seconds."""

DRAW_PAUSE_FACTOR = 4
"""The pause is at least this many times as long as the drawing before it."""


class Pace:
    """Draws what arrives at once, and what arrives soon after that together."""

    def __init__(self, widget: Widget, draw: Callable[[], bool]) -> None:
        """Draw nothing yet.

        Args:
            widget: What is drawn on, whose timers are used.
            draw: Draws; returns False if there is nothing to draw on any more.

        """
        self._widget = widget
        self._draw = draw
        self._is_pausing = False
        self._is_due = False

    def ask(self) -> None:
        """Draw now or, during a pause, at its end."""
        self._is_due = True
        if not self._is_pausing:
            self._draw_now()

    def _draw_now(self) -> None:
        """Draw, and then pause."""
        began = time.monotonic()
        self._is_due = False
        if not self._draw():
            return
        self._is_pausing = True
        self._widget.set_timer(
            max(MIN_PAUSE_S, DRAW_PAUSE_FACTOR * (time.monotonic() - began)),
            self._end_pause,
        )

    def _end_pause(self) -> None:
        self._is_pausing = False
        if self._is_due:
            self._draw_now()


NO_NEWS = FeedNews(
    lines=(), skipped={}, has_begun=False, has_ended=False, problems={}, waiting=()
)


_SIGNS = (
    (STDERR_SIGN, "written to stderr"),
    (ENGINE_SIGN, "a message of the engine"),
    ("── restarted", "the container was started again at that time"),
)
"""The signs of lines, with what they mean."""


class LogsScreen(SearchScreen):
    """Follows the log of one container, even when it is started again."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *search_bindings(
            "logs",
            of="log",
            close="q,l,L",
            search="Search",
            found="line",
            ends="the search or the filter",
        ),
        Binding(
            FILTER_LINES_KEY,
            "filter",
            "Filter",
            key_display="&",
            tooltip="Show only the matching lines, or all",
            id="logs.filter",
        ),
        Binding(
            "s",
            "since",
            "Since",
            tooltip="Choose the time range",
            id="logs.since",
        ),
        Binding(
            "W,ctrl+s",
            "save",
            "Save",
            key_display="W",
            tooltip="Save the shown lines in a file (also ctrl+s)",
            id="logs.save",
        ),
        Binding(
            "t",
            "times",
            "Times",
            tooltip="Show or hide the time of each line",
            id="logs.times",
        ),
        Binding(
            "w",
            "wrap",
            "Wrap",
            tooltip="Wrap long lines, or cut them",
            id="logs.wrap",
        ),
        help_binding("logs"),
    ]
    CONTENT = LogView
    AUTO_FOCUS = "#log"

    class News(Message):
        """The feed has news."""

        def can_replace(self, message: Message) -> bool:
            """Post it once for the news of several containers."""
            return isinstance(message, LogsScreen.News)

    def __init__(self, container: Container, engine: ContainerEngine) -> None:
        """Show the log of this container, read from this engine."""
        super().__init__(container)
        self._feed = LogFeed(
            engine, keep=KEPT_LINES, on_news=lambda: self.post_message(self.News())
        )
        self._range = RANGES[0]
        self._news = NO_NEWS
        self._pace = Pace(self, self._show_news)

    def compose(self) -> ComposeResult:
        """Yield the title, and the lines below it."""
        yield Static(id="container-title", markup=False)
        yield Banner()
        yield Static(id="log-empty", markup=False)
        yield (view := LogView())
        yield LineFilterBar(
            view, view.show_only, partial(_count_matching, view.log_layout)
        )
        yield SearchBar(view)
        yield KeyFooter()

    def signs(self) -> tuple[HelpEntry, ...]:
        """Return the signs of lines."""
        return tuple(HelpEntry(Piece(sign), words) for sign, words in _SIGNS)

    def on_mount(self) -> None:
        """Start reading."""
        self._read()

    def on_unmount(self) -> None:
        """Stop following the log, without waiting for it."""
        self._feed.stop()

    def followed(self) -> tuple[Container, ...]:
        """Return the containers whose logs are shown, if they still exist."""
        return () if self.is_gone else (self.container,)

    def _read(self) -> None:
        """Start reading again, in the range that the user has chosen."""
        self.query_one(LogView).clear()
        self._news = NO_NEWS
        tail = KEPT_LINES if self._range.tail is None else self._range.tail
        since = partial(_since_ns, self._range)
        self._feed.read(self.followed(), tail=tail, since=since)
        self._show_status()

    def follow_report(self) -> None:
        """Resume reading if a container has been started again."""
        self._feed.follow(self.followed())
        # What is read again has not begun yet, and a mark may be due.
        self._pace.ask()

    @on(News)
    def _note_news(self) -> None:
        self._pace.ask()

    def _show_news(self) -> bool:
        """Show the lines that have arrived; return whether the screen is still open."""
        if not self.query(LogView):
            return False
        news = self._news = self._feed.take()
        if news.lines:
            self.query_one(LogView).add(news.lines, news.skipped)
        self._show_status()
        return True

    @on(LogView.Changed)
    def _show_status(self) -> None:
        view = self.query_one(LogView)
        status = LogStatus(
            range=self.range_text(),
            has_begun=self._news.has_begun,
            has_ended=self._news.has_ended,
            is_following=view.is_following,
            unseen=view.unseen,
            lines=_count_written(view.log_layout.buffer.lines),
            dropped=view.log_layout.buffer.first,
            has_signs=view.log_layout.prefix.has_signs,
        )
        self.set_title(self.title_pieces(following(status)), amount(status))
        self.query_one(SearchBar).show_position()
        self.query_one(LineFilterBar).show_position()
        text = "\n".join(self.unread(self._news)) or nothing_written(status)
        empty = self.query_one("#log-empty", Static)
        if str(empty.content) != text:
            empty.update(text)
        empty.display = bool(text)

    def range_text(self) -> str:
        """Return how much of the past is read, in words."""
        return self._range.text(KEPT_LINES, is_group=False)

    def title_pieces(self, following: Piece) -> tuple[Piece, ...]:
        """Return the first line of the title, with whether it follows."""
        return (*self.heading("log"), Piece("  "), following)

    def unread(self, news: FeedNews) -> tuple[str, ...]:
        """Return the sentences about what cannot be read, which are safe to show."""
        return tuple(
            f"the log cannot be read: {printable(str(problem))}"
            for problem in news.problems.values()
        )

    def action_filter(self) -> None:
        """Show all lines again, or open the bar that filters them."""
        bar = self.query_one(LineFilterBar)
        if not bar.leave():
            bar.open()

    def action_times(self) -> None:
        """Show or hide the time of each line."""
        self.query_one(LogView).toggle_times()

    def action_wrap(self) -> None:
        """Turn the wrapping of long lines on or off."""
        self.query_one(LogView).toggle_wrap()

    def log_name(self) -> str:
        """Return the name of the log, for a file."""
        return self.container.name

    @work
    async def action_save(self) -> None:
        """Save the shown lines in a file."""
        lines = self.query_one(LogView).log_layout.saved_lines()
        name = default_path(file_name(self.log_name(), datetime.now().astimezone()))
        count = line_count_text(len(lines))
        prompt = SaveScreen(f"Save {count} in a file", name, lines)
        path = await self.app.push_screen_wait(prompt)
        if path is not None:
            self.notify(printable(f"saved {count} in {path}"), markup=False)

    @work
    async def action_since(self) -> None:
        """Ask how much of the past is read."""
        question = QuestionScreen("Show the log from", (), [r.words for r in RANGES])
        chosen = await self.app.push_screen_wait(question)
        if chosen is not None:
            self._range = RANGES[chosen]
            self._read()


def _count_written(lines: Iterable[KeptLine]) -> int:
    """Return how many lines a container wrote; the marks of its starts are ours."""
    return sum(line.source is not LogSource.MARK for line in lines)


def _count_matching(layout: LogLayout) -> tuple[int, int]:
    """Return how many lines match the filter, and how many there are."""
    return layout.only.position[1], len(layout.buffer.lines)


def _since_ns(shown: LogRange, container: Container) -> int | None:
    """Return from when on the log of a container is read; None from its beginning."""
    if shown.is_last_run:
        return started_ns(container)
    if shown.seconds is None:
        return None
    return time.time_ns() - int(shown.seconds * 10**9)

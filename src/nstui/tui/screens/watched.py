"""The base of the screen that shows a watcher's reports, and says when none arrive."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.screen import Screen

from nstui.render.findings import no_events_text
from nstui.render.text import printable
from nstui.render.watch_status import watch_badge
from nstui.service.observer import now_utc
from nstui.service.watcher import Watcher
from nstui.tui.notices import Alerts, Banner, HostBar, Looked, LookFailed, NoEngine
from nstui.tui.watch_follower import WatchFollower

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from nstui.analysis.report import Report
    from nstui.errors import NstuiError
    from nstui.service.host import Host
    from nstui.service.hosts import ListedHost
    from nstui.tui.screens.container_tools import ContainerTools
    from nstui.tui.screens.findings import FindingsScreen
    from nstui.tui.screens.watch import WatchScreen

_OPENING = frozenset({"action", "open", "restore"})
"""The groups of the workers that open something above the screen."""

PATIENCE_S = 2.0
"""How long an engine may take before the screen says so, in seconds."""


class WatchedScreen(Screen[None]):
    """A screen with a watcher, which shows a banner when the report is out of date."""

    def __init__(
        self,
        host: Host,
        *,
        interval: float | None,
        first: Callable[[], Report] | None,
        listed: ListedHost | None = None,
    ) -> None:
        """Create the screen.

        Args:
            host: The host to watch.
            interval: Seconds between looks without an event; None for the default.
            first: Takes the glimpse, a quick first look at the host; None to skip it.
            listed: What watches the host already, as one of several; None if nothing
                does.

        """
        super().__init__()
        self._report: Report | None = None
        self._is_acting = False
        self._is_outdated = False
        self._is_paused = False
        self._alerts = Alerts()
        self._findings: FindingsScreen | None = None
        self._tools: ContainerTools | None = None
        self._watch = WatchFollower(self, host, self._show_watch)
        self._watch_screen: WatchScreen | None = None
        self._listed = listed
        self._watcher = (listed and listed.watcher) or Watcher(
            host.observer,
            host.engine,
            interval=interval,
            on_report=self._pass_report,
            on_failure=self._pass_failure,
            first=first,
        )

    def _pass_report(self, report: Report) -> None:
        self.post_message(Looked(report))

    def _pass_failure(self, error: NstuiError) -> None:
        self.post_message(LookFailed(error))

    def on_mount(self) -> None:
        """Start watching."""
        self.add_class("-empty")
        if self._listed is None:
            self._watcher.start()
        else:
            self._listed.open(self, self._pass_report, self._pass_failure)
        self._watch.follow()
        self.set_interval(1.0, self._check_time)

    def on_unmount(self) -> None:
        """Stop watching."""
        self.stop_watching()

    def stop_watching(self) -> None:
        """Stop the watcher, without waiting for it; one of several goes on aside."""
        if self._listed is None:
            self._watcher.stop()
        else:
            self._listed.leave(self)

    def retire(self) -> None:
        """Stop watching for good, since the screen is never shown again."""
        self._is_paused = True
        self._watch.stop()
        self.stop_watching()

    @property
    def is_busy(self) -> bool:
        """Whether an action is asked for or carried out, or anything else is opened.

        A worker that has only just been made counts: more keys may come with the one
        that made it.
        """
        return self._is_acting or any(
            worker.node is self and worker.group in _OPENING and not worker.is_finished
            for worker in self.workers
        )

    def pause_watching(self) -> None:
        """Stop looking at the host until `resume_watching` is called."""
        self._is_paused = True
        self._watcher.pause()

    def resume_watching(self) -> None:
        """Look again at once, and go on."""
        self._is_paused = False
        self._watcher.resume()

    def _show_watch(self) -> None:
        """Show what the standing watch of the host does by now."""
        if not self.is_mounted:
            return
        self.query_one(HostBar).show_watch(watch_badge(self._watch.sight))
        if self._findings is not None:
            self._findings.follow_watch()
        if self._watch_screen is not None:
            self._watch_screen.follow_watch()

    def _alert(self, news: Iterable[str]) -> None:
        for text in news:
            self.notify(text, severity="error", markup=False)

    @on(LookFailed)
    def _show_failure(self, message: LookFailed) -> None:
        words = printable(str(message.error))
        if self._report is None:
            self.query_one(NoEngine).explain(words)
        elif self._watcher.waiting_s < PATIENCE_S:
            self._say(f"{words}{self._shown_since()}")
            self._mark_outdated(is_outdated=True)

    def _check_time(self) -> None:
        if self._is_paused:
            return
        if not self._is_acting:
            self._alert(self._alerts.release(now_utc()))
        waiting = self._watcher.waiting_s
        if waiting >= PATIENCE_S:
            problem = f"the engine has not answered for {waiting:.0f} s"
            self._say(f"{problem}{self._shown_since()}")
            self._mark_outdated(is_outdated=True)

    def _events_problem(self) -> str:
        """Return the sentence about missing events; empty if they arrive."""
        reason = self._watcher.stream_problem
        self.query_one(HostBar).mark_eventless(is_eventless=bool(reason))
        return no_events_text(reason, self._watcher.every_s) if reason else ""

    def _say(self, text: str) -> None:
        self.query_one(Banner).say(text)
        if self._findings is not None:
            self._findings.say(text)
        if self._tools is not None:
            self._tools.say(text)
        if self._watch_screen is not None:
            self._watch_screen.say(text)

    def _mark_outdated(self, *, is_outdated: bool) -> None:
        """Show in the host bar whether the report is out of date."""
        self._is_outdated = is_outdated
        self.query_one(HostBar).mark_outdated(is_outdated=is_outdated)
        if self._findings is not None:
            self._findings.mark_outdated(is_outdated=is_outdated)

    def _shown_since(self) -> str:
        if self._report is None:
            return ""
        seen = self._report.snapshot.taken_at.astimezone()
        return f"; shown is what was seen at {seen:%H:%M:%S}"

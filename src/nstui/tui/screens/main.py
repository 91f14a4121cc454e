"""The screen: the tree of groups, the details of one line, and the keys."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.screen import Screen
from textual.widgets import Footer, Tree

from nstui.errors import NstuiError, ReadOnly
from nstui.model.step import Action
from nstui.render.findings import deaf_text
from nstui.render.plan_text import outcome_line
from nstui.render.text import printable
from nstui.service.observer import now_utc
from nstui.service.watcher import Watcher
from nstui.tui.keys import BROWSE_KEYS, MAIN_KEYS, OPEN_KEYS, Opening
from nstui.tui.notices import Alerts, Banner, HostBar, Looked, LookFailed, NoEngine
from nstui.tui.screens.prompts import make_request
from nstui.tui.widgets.browser import Browser
from nstui.tui.widgets.group_tree import GroupTree

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.analysis.report import Report
    from nstui.model.container import ContainerId
    from nstui.model.plan import Request
    from nstui.service.host import Host
    from nstui.tui.screens.container_tools import ContainerTools
    from nstui.tui.screens.findings import FindingsScreen

ERROR_S = 12.0
"""How long an error is shown: long enough to read how far a plan came."""

SLOW_READING_S = 10.0
"""How often traffic, CPU and memory are shown anew on a slow connection, at most."""

PATIENCE_S = 2.0
"""How long an engine may take before the screen says that it does not answer."""


class MainScreen(Screen[None]):
    """Shows one host. It is told by a watcher; it asks nobody itself."""

    BINDINGS: ClassVar[list[BindingType]] = [*OPEN_KEYS, *MAIN_KEYS]
    AUTO_FOCUS = "#groups"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it on instances
        (0, "-narrow"),
        (100, "-wide"),
    ]

    def __init__(
        self,
        host: Host,
        *,
        interval: float | None,
        is_read_only: bool,
        first: Callable[[], Report] | None = None,
        is_slow: bool = False,
    ) -> None:
        """Take the host to show.

        Args:
            host: The host.
            interval: Seconds between looks without an event; None: the usual.
            is_read_only: Whether every action is refused.
            first: A quick look at it, to begin with.
            is_slow: Whether little shall be sent to the terminal.

        """
        super().__init__()
        self._host = host
        self._interval = interval
        self._is_slow = is_slow
        self._is_read_only = is_read_only
        self._report: Report | None = None
        self._offered: tuple[bool, bool] | None = None
        """Whether there is a selection, and a container under the cursor; None before
        the first look."""

        self._is_acting = False
        self._acted = asyncio.Event()
        """Set while no action is asked for or carried out."""

        self._acted.set()
        self._outcome = ""
        """What came of the last action, in words; empty before the first."""

        self._is_past = False
        self._alerts = Alerts()
        self._findings: FindingsScreen | None = None
        self._watcher = Watcher(
            host.observer,
            host.engine,
            interval=interval,
            on_report=lambda report: self.post_message(Looked(report)),
            on_failure=lambda error: self.post_message(LookFailed(error)),
            first=first,
        )
        self._tools: ContainerTools | None = None

    def compose(self) -> ComposeResult:
        """Lay out the screen."""
        yield HostBar(
            endpoint=self._host.endpoint,
            is_demo=self._host.is_demo,
            is_read_only=self._is_read_only,
        )
        yield Banner()
        interval = self._interval
        if self._is_slow:
            interval = max(interval or 0, SLOW_READING_S)
        yield Browser(self._host.evidence, interval=interval)
        yield NoEngine()
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Begin to watch."""
        self.add_class("-empty")
        self._watcher.start()
        self.set_interval(1.0, self._mind_time)

    def on_unmount(self) -> None:
        """Let the watcher go."""
        self.stop_watching()

    def stop_watching(self) -> None:
        """Let the watcher go; nothing waits for it."""
        self._watcher.stop()

    # What the watcher tells

    @on(Looked)
    def _show_report(self, message: Looked) -> None:
        self._report = message.report
        self._say(self._deaf_words())
        self._mark_stale(is_past=False)
        self.query_one(NoEngine).display = False
        self.remove_class("-empty")
        self.query_one(HostBar).show(message.report)
        self.browser.show(message.report)
        self._offer_keys()
        if message.report.snapshot.is_glimpse:
            self.call_after_refresh(self._watcher.proceed)
            return
        if self._findings is not None:
            self._findings.show(message.report)
        if self._tools is not None:
            self._tools.show(message.report)
        # What an action does is told when it ends, against what was before it.
        if not self._is_acting:
            self._alert(self._alerts.follow(message.report))

    def _alert(self, news: str | None) -> None:
        if news is not None:
            self.notify(news, severity="error", markup=False)

    @on(LookFailed)
    def _show_failure(self, message: LookFailed) -> None:
        words = printable(str(message.error))
        if self._report is None:
            self.query_one(NoEngine).explain(words)
        elif self._watcher.waiting_s < PATIENCE_S:
            self._say(f"{words}{self._seen_at()}")
            self._mark_stale(is_past=True)

    def _mind_time(self) -> None:
        if not self._is_acting:
            self._alert(self._alerts.ripen(now_utc()))
        waiting = self._watcher.waiting_s
        if waiting >= PATIENCE_S:
            silence = f"the engine is not answering for {waiting:.0f} s"
            self._say(f"{silence}{self._seen_at()}")
            self._mark_stale(is_past=True)

    def _deaf_words(self) -> str:
        """Say that events are not heard, if so; nothing to be said is empty."""
        because = self._watcher.stream_problem
        self.query_one(HostBar).mark_deaf(is_deaf=bool(because))
        return deaf_text(because, self._watcher.every_s) if because else ""

    def _say(self, words: str) -> None:
        self.query_one(Banner).say(words)
        if self._findings is not None:
            self._findings.say(words)
        if self._tools is not None:
            self._tools.say(words)

    def _mark_stale(self, *, is_past: bool) -> None:
        """Say beside the counts whether they are of a look that nobody can repeat."""
        self._is_past = is_past
        self.query_one(HostBar).mark_past(is_past=is_past)
        if self._findings is not None:
            self._findings.mark_past(is_past=is_past)

    def _seen_at(self) -> str:
        if self._report is None:
            return ""
        seen = self._report.snapshot.taken_at.astimezone()
        return f"; shown is what was seen at {seen:%H:%M:%S}"

    # What the user sees

    @property
    def browser(self) -> Browser:
        """What is shown of the host."""
        return self.query_one(Browser)

    @on(GroupTree.SelectionChanged)
    def _count_selection(self) -> None:
        self.query_one(HostBar).count_selected(len(self.browser.groups.selected()))
        self._offer_keys()

    @on(Tree.NodeHighlighted)
    def _offer_keys(self) -> None:
        """Draw the keys anew if others than before can be used."""
        selected = self.browser.groups.selected()
        offered = bool(selected), self.container_at_cursor() is not None
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    @on(Browser.ViewChanged)
    def _count_groups(self) -> None:
        self.query_one(HostBar).count_groups(self.browser.view.kind)

    def container_at_cursor(self) -> ContainerId | None:
        """Return the container under the cursor, if it is on one."""
        row = self.browser.groups.row_at_cursor()
        return None if row is None else row.container

    # What the user asks for

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Grey out what the line under the cursor does not allow."""
        if action == "act" and self.is_mounted and self._report is not None:
            request = self._request(Action(str(parameters[0])))
            return True if request is not None else None
        if action == "open" and self.is_mounted:
            return True if self.container_at_cursor() is not None else None
        return super().check_action(action, parameters)

    def action_refresh(self) -> None:
        """Look again now, with nothing remembered."""
        self._watcher.refresh()
        self.browser.read_again()

    def action_findings(self) -> None:
        """Show all findings, and go to the one that is chosen."""
        from nstui.tui.screens.findings import FindingsScreen  # noqa: PLC0415

        if self._report is not None and self._findings is None:
            self._findings = FindingsScreen(self._report, is_past=self._is_past)
            self.app.push_screen(self._findings, self._leave_findings)

    def _leave_findings(self, chosen: ContainerId | None) -> None:
        self._findings = None
        if chosen is not None:
            self.browser.go_to(chosen)

    def action_help(self) -> None:
        """Show the keys."""
        from nstui.tui.screens.help import HelpScreen  # noqa: PLC0415

        self.app.push_screen(
            HelpScreen(MAIN_KEYS, OPEN_KEYS, BROWSE_KEYS, GroupTree.BINDINGS)
        )

    def action_open(self, name: str) -> None:
        """Open something on the container under the cursor.

        Args:
            name: What, as `nstui.tui.keys.Opening` has it.

        """
        from nstui.tui.screens.container_tools import ContainerTools  # noqa: PLC0415

        container = self.container_at_cursor()
        if container is not None and self._report is not None:
            if self._tools is None:
                self._tools = ContainerTools(
                    self,
                    self._host,
                    self._watcher,
                    is_read_only=self._is_read_only,
                )
            self._tools.open(Opening(name), container, self._report)

    def action_act(self, name: str) -> None:
        """Plan an action on what is selected, or under the cursor, and ask.

        Args:
            name: The action, as `nstui.model.step.Action` has it.

        """
        request = self._request(Action(name))
        if request is None or self._is_acting:
            return
        if self._is_read_only:
            self._notify(str(ReadOnly()), is_error=True)
            return
        self._act(request)

    def _request(self, action: Action) -> Request | None:
        selected = self.browser.groups.selected()
        return make_request(action, selected, self.container_at_cursor())

    @work(group="action")
    async def _act(self, request: Request) -> None:
        from nstui.tui.screens.action_flow import ActionFlow  # noqa: PLC0415

        self._is_acting = True
        self._acted.clear()
        try:
            flow = ActionFlow(self.app, self._host, self._say)
            plan = await flow.hold(request)
        except NstuiError as error:
            self._notify(str(error), is_error=True)
        else:
            if plan is not None:
                self._notify("; ".join([outcome_line(plan), *flow.remarks]))
                self._alerts.expect(effect.container for effect in plan.harmed)
                self.browser.groups.clear_selection()
        finally:
            self._is_acting = False
            self._acted.set()
            self._watcher.refresh()

    async def end_action(self) -> str | None:
        """Let an action that is being carried out end after the step under way.

        Returns:
            What came of it, in words; None if none was carried out.

        """
        if not self._host.is_acting:
            return None
        self._host.executor.stop_soon()
        await self._acted.wait()
        return self._outcome

    def _notify(self, words: str, *, is_error: bool = False) -> None:
        self._outcome = printable(words)
        self.notify(
            printable(words),
            severity="error" if is_error else "information",
            timeout=ERROR_S if is_error else None,
            markup=False,
        )

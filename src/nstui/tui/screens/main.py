"""The main screen: the tree of groups, the details of one line, and the keys."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.widgets import Tree

from nstui.analysis.plans.starting import pause_or_unpause
from nstui.analysis.tree.log_group import log_group
from nstui.analysis.tree.tree import row_containers
from nstui.errors import NstuiError, ReadOnly
from nstui.model.plan import Request
from nstui.model.step import Action
from nstui.render.logs import log_offer
from nstui.render.plan_text import outcome_line
from nstui.render.text import printable
from nstui.tui.keys import MAIN_KEYS, OPEN_KEYS, Opening
from nstui.tui.notices import Banner, Drawn, HostBar, Looked, NoEngine
from nstui.tui.screens.prompts import make_request
from nstui.tui.screens.watched import WatchedScreen
from nstui.tui.session import Session
from nstui.tui.widgets.browser import Browser
from nstui.tui.widgets.group_tree import GroupTree
from nstui.tui.widgets.key_footer import KeyFooter

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from nstui.analysis.report import Report
    from nstui.analysis.tree.log_group import LogGroup
    from nstui.model.container import ContainerId
    from nstui.model.finding import Incident
    from nstui.service.host import Host
    from nstui.service.hosts import ListedHost
    from nstui.tui.screens.action_flow import ActionFlow

ENDING = "nstui ends after the step under way; a second ctrl+q ends it at once"

ENDING_S = 3600.0
"""How many seconds that is shown: the step under way may take long."""

ERROR_S = 12.0
"""How many seconds an error is shown: long enough to read how far a plan came."""

NO_WATCH = "there is no watch here: nothing runs in the demo"
SLOW_READING_S = 10.0
"""The shortest interval of readings on a slow connection, in seconds."""


class MainScreen(WatchedScreen):
    """Shows one host, and acts on it."""

    BINDINGS: ClassVar[list[BindingType]] = [*OPEN_KEYS, *MAIN_KEYS]
    AUTO_FOCUS = "#groups"
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 - Textual declares it on instances
        (0, "-narrow"),
        (100, "-wide"),
    ]

    def __init__(  # noqa: PLR0913 - one for each option
        self,
        host: Host,
        *,
        interval: float | None,
        is_read_only: bool,
        first: Callable[[], Report] | None = None,
        is_slow: bool = False,
        session: Session | None = None,
        listed: ListedHost | None = None,
    ) -> None:
        """Create the screen.

        Args:
            host: The host to show.
            interval: Seconds between looks without an event; None for the default.
            is_read_only: Whether every action is refused.
            first: Takes the glimpse, a quick first look at the host.
            is_slow: Whether the connection to the terminal is slow.
            session: The user's preferences; None for the defaults.
            listed: What watches the host already, as one of several; None if it is the
                only one.

        """
        super().__init__(host, interval=interval, first=first, listed=listed)
        self._host = host
        self._interval = interval
        self._is_slow = is_slow
        self._session = Session() if session is None else session
        self._is_read_only = is_read_only
        self._enabled_keys: tuple[bool, bool] | None = None
        """Whether there is a selection, and a container under the cursor; None before
        the first look."""

        self._offered_at: str | None = None
        """The key of the row at which the same key heals everything; None for none."""

        self._action_ended = asyncio.Event()
        """Set while no action is asked for or carried out."""

        self._action_ended.set()
        self._flow: ActionFlow | None = None
        """The action that is asked for or carried out; None if there is none."""

        self._outcome = ""
        """The outcome of the last action, in words; empty before the first."""

    def compose(self) -> ComposeResult:
        """Yield the parts of the screen."""
        yield HostBar(
            endpoint=self._host.endpoint,
            context=self._host.context,
            is_demo=self._host.is_demo,
            is_read_only=self._is_read_only,
            host_name="" if self._listed is None else self._listed.name,
        )
        yield Banner()
        interval = self._interval
        if self._is_slow:
            interval = max(interval or 0, SLOW_READING_S)
        yield Browser(
            self._host.evidence,
            interval=interval,
            session=self._session,
            endpoint=self._host.endpoint,
        )
        yield NoEngine()
        yield KeyFooter()

    @on(Looked)
    def _show_report(self, message: Looked) -> None:
        self._report = message.report
        self._say(self._events_problem())
        self._mark_outdated(is_outdated=False)
        self.query_one(NoEngine).display = False
        self.remove_class("-empty")
        self.query_one(HostBar).show(message.report)
        self.browser.show(message.report)
        self._update_keys()
        if message.report.snapshot.is_glimpse:
            self.call_after_refresh(self._show_glimpse)
            return
        if self._findings is not None:
            self._findings.show(message.report)
        if self._tools is not None:
            self._tools.show(message.report)
        # What an action causes is announced when it ends, compared with the time
        # before.
        if not self._is_acting:
            self._alert(self._alerts.follow(message.report))

    def _show_glimpse(self) -> None:
        """Continue once the glimpse is drawn."""
        self.post_message(Drawn())
        self._watcher.proceed()

    @property
    def browser(self) -> Browser:
        """The widget that shows the host."""
        return self.query_one(Browser)

    @on(GroupTree.SelectionChanged)
    def _count_selection(self) -> None:
        self.query_one(HostBar).count_selected(len(self.browser.groups.selected()))
        self._update_keys()

    @on(Tree.NodeHighlighted)
    def _update_keys(self) -> None:
        """Redraw the footer if other keys can be used than before."""
        selected = self.browser.groups.selected()
        enabled = bool(selected), self.container_at_cursor() is not None
        if enabled != self._enabled_keys:
            self._enabled_keys = enabled
            self.refresh_bindings()

    @on(Browser.ViewChanged)
    def _count_groups(self) -> None:
        self.query_one(HostBar).count_groups(self.browser.view.kind)

    @property
    def host(self) -> Host:
        """The host that is shown."""
        return self._host

    def container_at_cursor(self) -> ContainerId | None:
        """Return the container under the cursor, if there is one."""
        row = self.browser.groups.row_at_cursor()
        return None if row is None or row.is_context else row.container

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable the keys that do not apply to the line under the cursor."""
        if action == "act" and self.is_mounted and self._report is not None:
            request = self._request(Action(str(parameters[0])))
            return True if request is not None else None
        if action == "open" and self.is_mounted:
            can_open = self.container_at_cursor() is not None
            return True if can_open or self._group_log(str(parameters[0])) else None
        return super().check_action(action, parameters)

    def action_refresh(self) -> None:
        """Look again now, without anything cached."""
        self._watcher.refresh()
        self.browser.read_again()

    def action_findings(self) -> None:
        """Show all findings, and go to the one that is chosen."""
        from nstui.tui.screens.findings import FindingsScreen  # noqa: PLC0415

        if self._report is not None and self._findings is None:
            self._findings = FindingsScreen(
                self._report,
                heal=self._heal_incident,
                is_outdated=self._is_outdated,
                intent=self._watch.intent,
            )
            self.app.push_screen(self._findings, self._leave_findings)

    def _leave_findings(self, chosen: ContainerId | None) -> None:
        self._findings = None
        if chosen is not None:
            self.browser.go_to(chosen)

    def action_watch(self) -> None:
        """Show what the standing watch of the host does."""
        from nstui.tui.screens.watch import WatchScreen  # noqa: PLC0415

        if self._watch.view is None:
            self._notify(NO_WATCH, is_error=True)
        elif self._watch_screen is None:
            self._watch_screen = WatchScreen(
                self._watch,
                is_read_only=self._is_read_only,
                options=self._host.options,
            )
            self.app.push_screen(self._watch_screen, self._leave_watch)

    def _leave_watch(self, chosen: tuple[str, ...] | None) -> None:
        self._watch_screen = None
        if self._report is None:
            return
        wanted = set(chosen or ())
        for container in self._report.snapshot.containers:
            if container.name in wanted:
                self.browser.go_to(container.id)
                return

    def action_help(self) -> None:
        """Show the keys."""
        from nstui.tui.screens.help import (  # noqa: PLC0415
            HelpScreen,
            help_groups,
            main_signs,
        )

        keymap = self._session.keymap
        groups = help_groups(self, keymap, main_signs(), is_main=True)
        self.app.push_screen(HelpScreen(groups))

    def action_open(self, name: str) -> None:
        """Open something on the container under the cursor.

        Args:
            name: The value of an `nstui.tui.keys.Opening`.

        """
        from nstui.tui.screens.container_tools import ContainerTools  # noqa: PLC0415

        container, group = self.container_at_cursor(), self._group_log(name)
        if self._report is None or (container is None and group is None):
            return
        if self._tools is None:
            self._tools = ContainerTools(
                self,
                self._host,
                self._watcher,
                is_read_only=self._is_read_only,
            )
        if group is not None:
            self._tools.open_group_log(group, self._report)
        elif container is not None:
            self._tools.open(Opening(name), container, self._report)

    def _group_log(self, name: str) -> LogGroup | None:
        """Return the group whose log is opened; None for something on a container."""
        row = self.browser.groups.row_at_cursor()
        if row is None or self._report is None:
            return None
        is_heading = row.container is None and name == Opening.LOGS
        if is_heading or name == Opening.GROUP_LOG:
            return log_group(self._report, row)
        return None

    def action_act(self, name: str) -> None:
        """Plan an action on the selection or the container under the cursor, and ask.

        Args:
            name: The value of an `nstui.model.step.Action`.

        """
        action = Action(name)
        request = self._request(action)
        if request is None:
            return
        if action is Action.HEAL and not request.targets:
            self._heal_group()
        else:
            self._begin(request)

    def _begin(self, request: Request) -> None:
        """Plan an action and ask, unless another one is under way."""
        if self.is_busy:
            return
        if self._is_read_only:
            self._notify(str(ReadOnly()), is_error=True)
            return
        notice = self._watch_notice(request)
        if notice and self._watch.is_healing(self._names(request)):
            self._notify(f"{notice}: nothing is done beside it")
            return
        self._act(request, notice)

    def _names(self, request: Request) -> tuple[str, ...]:
        """Return the names of the containers to heal: of all if none is chosen."""
        if self._report is None:
            return ()
        graph = self._report.graph
        chosen = request.targets or tuple(graph.containers)
        return tuple(graph.name(one) for one in chosen if one in graph.containers)

    def _watch_notice(self, request: Request) -> str | None:
        """Return that a watch heals what is to be healed; None if it does not."""
        if request.action is not Action.HEAL:
            return None
        return self._watch.warning(self._names(request)) or None

    def _heal_group(self) -> None:
        """Heal the group under the cursor; if it is well, offer to heal everything.

        The offer is accepted by the same key, while the cursor stays where it is.
        """
        from nstui.analysis.healing.outlook import heal_targets  # noqa: PLC0415

        row = self.browser.groups.row_at_cursor()
        if self._report is None or row is None or row.key == self._offered_at:
            self._offered_at = None
            self._begin(Request(action=Action.HEAL, targets=()))
            return
        self._offered_at = None
        group = row_containers(self._report, row)
        chosen = (row.container,) if row.container is not None else group
        targets = heal_targets(self._report, group, chosen)
        everything = tuple(self._report.graph.containers)
        if targets or not heal_targets(self._report, everything, ()):
            self._begin(Request(action=Action.HEAL, targets=targets or chosen))
            return
        self._offered_at = row.key
        self._notify("nothing to heal in this group; H again heals everything")

    def _heal_incident(self, incident: Incident) -> None:
        """Heal what an incident is about."""
        from nstui.analysis.healing.outlook import heal_targets  # noqa: PLC0415

        several = incident.containers
        if self._report is not None:
            targets = heal_targets(self._report, several, several)
            self._begin(Request(action=Action.HEAL, targets=targets or several))

    def action_restore(self) -> None:
        """Choose a removed container, plan to bring it back, and ask."""
        if self.is_busy or self._report is None:
            return
        if self._is_read_only:
            self._notify(str(ReadOnly()), is_error=True)
            return
        self._restore(self._report)

    @work(group="restore", exclusive=True)
    async def _restore(self, report: Report) -> None:
        from nstui.tui.screens.restoring import choose_removed  # noqa: PLC0415

        try:
            chosen = await choose_removed(self.app, self._host.executor, report)
        except NstuiError as error:
            self._notify(str(error), is_error=True)
            return
        if chosen is not None:
            self._act(Request(action=Action.RESTORE, targets=(chosen,)))

    def _request(self, action: Action) -> Request | None:
        selected = self.browser.groups.selected()
        request = make_request(action, selected, self.container_at_cursor())
        if request is None or action is not Action.PAUSE or self._report is None:
            return request
        known = self._report.graph.containers
        targets = [target for target in request.targets if target in known]
        return replace(request, action=pause_or_unpause(self._report.graph, targets))

    @work(group="action")
    async def _act(self, request: Request, notice: str | None = None) -> None:
        from nstui.tui.screens.action_flow import ActionFlow  # noqa: PLC0415

        self._is_acting = True
        self._action_ended.clear()
        try:
            flow = self._flow = ActionFlow(self.app, self._host, self._say)
            plan = await flow.run(request, notice)
        except NstuiError as error:
            self._notify(str(error), is_error=True)
        else:
            if plan is not None:
                offer = log_offer(plan, self.container_at_cursor())
                sentences = (outcome_line(plan), *flow.remarks, offer)
                self._notify("; ".join(filter(None, sentences)))
                self._alerts.expect(effect.container for effect in plan.harmed)
                self.browser.groups.clear_selection()
        finally:
            self._is_acting, self._flow = False, None
            self._action_ended.set()
            self._watcher.refresh()

    def stop_acting(self) -> bool:
        """Let no step begin any more; return whether one is under way."""
        if self._flow is None:
            return False
        # What begins after this was asked takes no step.
        self._flow.end()
        return self._host.is_acting

    async def end_action(self) -> str | None:
        """Stop an action that is being carried out after the step under way.

        Returns:
            The outcome in words; None if no action was under way.

        """
        if not self.stop_acting():
            return None
        self.app.notify(ENDING, timeout=ENDING_S)
        await self._action_ended.wait()
        return self._outcome

    def _notify(self, text: str, *, is_error: bool = False) -> None:
        self._outcome = printable(text)
        self.notify(
            printable(text),
            severity="error" if is_error else "information",
            timeout=ERROR_S if is_error else None,
            markup=False,
        )

"""The text UI as a program."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import constants, events, on, work
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen
from textual.widgets import Input

from nstui.errors import InternalFault
from nstui.render.text import printable
from nstui.tui.demo_visit import DemoVisit
from nstui.tui.driver import CompactDriver
from nstui.tui.key_groups import KeyGroup
from nstui.tui.notices import Drawn, LookFailed
from nstui.tui.palette import (
    CommandProvider,
    ContainerProvider,
    Palette,
    key_commands,
    save_picture,
)
from nstui.tui.screens.closing import ClosingScreen, GuardedModal
from nstui.tui.screens.main import MainScreen
from nstui.tui.session import Session
from nstui.tui.styles import readable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from textual.actions import ActionParseResult
    from textual.binding import BindingType
    from textual.command import Provider
    from textual.dom import DOMNode
    from textual.events import Event
    from textual.theme import Theme

    from nstui.analysis.report import Report
    from nstui.service.host import Host
    from nstui.service.hosts import SeveralHosts
    from nstui.tui.early import EarlyScreen
    from nstui.tui.hosts import Hosts


ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""The signals of ``kill`` and of a terminal that is closed."""

INTERRUPTED = 130
"""The exit code of a program that a signal has ended."""

FEW_COLOURS_THEME = "ansi-dark"
"""The theme of terminals with 16 colours or fewer: it uses the terminal's own."""

SLOW_FPS = 15
"""With fewer frames per second than this, the connection counts as slow."""

AGAIN_S = 1.0
"""A key that is held asks to quit once, for so many seconds."""

CUT_OFF = (
    "ended at once; the step under way may go on: look again to see what came of it"
)

QUITTING = frozenset({"quit", "app.quit"})
"""The actions that end nstui."""

Typed = events.Key | events.Paste

LONGEST_HOLD_S = 1.0
"""How many seconds a screen that was drawn early stays at most."""

MAX_PROBLEMS = 3
"""How many sentences about the configuration are shown."""

PROBLEM_S = 12.0
"""How many seconds they are shown."""


def _command_provider() -> type[Provider]:
    """Return the provider of commands; it is called with the first palette."""
    return CommandProvider


def _container_provider() -> type[Provider]:
    """Return the provider of containers; it is called with the first palette."""
    return ContainerProvider


def _driver_on(early: EarlyScreen | None) -> type[CompactDriver]:
    """Return what creates the driver, for a terminal that is drawn on already."""
    return CompactDriver if early is None else partial(CompactDriver, early=early)  # type: ignore[return-value]  # Textual only calls it


class NstuiApp(App[None]):
    """Shows a host until the user quits."""

    TITLE = "nstui"
    CSS_PATH = "nstui.tcss"
    COMMANDS = {_command_provider, _container_provider}  # noqa: RUF012 - as Textual
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+l",
            "redraw",
            "Redraw",
            show=False,
            tooltip="Redraw the screen",
            id="redraw",
            priority=True,
        ),
    ]

    def __init__(  # noqa: PLR0913 - one for each option
        self,
        host: Host | None,
        *,
        connect_demo: Callable[[], Host],
        interval: float | None,
        is_read_only: bool = False,
        first: Callable[[], Report] | None = None,
        session: Session | None = None,
        early: EarlyScreen | None = None,
        several: SeveralHosts | None = None,
    ) -> None:
        """Create the app.

        Args:
            host: The host to show first; None for a list of several.
            connect_demo: Creates the simulated host, when the user asks for it.
            interval: Seconds between looks without an event; None for the default.
            is_read_only: Whether every action is refused.
            first: Takes the glimpse, a quick first look at the host.
            session: The user's preferences; None for the defaults.
            early: The screen that is on the terminal already; None if there is none.
            several: The hosts that can be shown; None if the one is all there is.

        """
        # Textual shows NO_COLOR as grey; only an ANSI theme from the start has no
        # colour.
        super().__init__(
            driver_class=None if constants.DRIVER else _driver_on(early),
            ansi_color=True if "NO_COLOR" in os.environ else None,
        )
        self._is_slow = constants.MAX_FPS < SLOW_FPS
        if self._is_slow:
            self.animation_level = "none"
        self._host = host
        self.demo = DemoVisit(self, connect_demo, self._screen_for)
        self._interval = interval
        self._is_read_only = is_read_only
        self._first = first
        self._typed_ahead: list[Typed] | None = None if early is None else []
        """What is typed in reaction to rows that were drawn early, and that the app's
        own screen does not have yet. None once it has them, or none will come."""

        self._ending_since: float | None = None
        """The monotonic time at which the app was asked to end; None if it was not."""

        self._session = Session() if session is None else session
        self._hosts = None if several is None else self._hosts_of(several)
        if self._session.theme in self.available_themes and not self.no_color:
            self.theme = self._session.theme
        has_few = self.console.color_system in {None, "standard"}
        if has_few and not self.current_theme.ansi:
            # Colours that are rounded to one of 16 may be those of their background.
            self.theme = FEW_COLOURS_THEME
        if self._session.keymap:
            self.set_keymap(dict(self._session.keymap))

    def on_mount(self) -> None:
        """Install handlers that end the app in order when a signal arrives."""
        at_first = self.theme
        self.theme_changed_signal.subscribe(self, self._remember_theme)
        self._session.theme = at_first
        self._tell_problems()
        self.set_timer(LONGEST_HOLD_S, self.lift)
        loop = asyncio.get_running_loop()
        for number in ENDING_SIGNALS:
            # A signal that is ignored, as after nohup(1), stays ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, self.action_end)

    def _remember_theme(self, theme: Theme) -> None:
        self._session.choose_theme(theme.name)

    def _tell_problems(self) -> None:
        """Say what is wrong with the configuration."""
        problems = self._session.problems
        home = f"{os.environ.get('HOME', '')}/"
        for problem in problems[:MAX_PROBLEMS]:
            is_at_home = len(home) > 1 and problem.startswith(home)
            short = f"~/{problem.removeprefix(home)}" if is_at_home else problem
            self.notify(
                printable(short),
                severity="warning",
                timeout=PROBLEM_S,
                markup=False,
            )
        if len(problems) > MAX_PROBLEMS:
            more = f"{len(problems) - MAX_PROBLEMS} more: nstui config"
            self.notify(more, severity="warning", timeout=PROBLEM_S)

    def action_redraw(self) -> None:
        """Redraw the screen, as after another program wrote to the terminal."""
        if isinstance(self._driver, CompactDriver):
            self._driver.forget()
        self.screen.refresh()

    @on(events.DescendantFocus)
    def _hold_cursor(self, event: events.DescendantFocus) -> None:
        """Let no cursor blink: each time would be sent to the terminal."""
        if isinstance(event.widget, Input):
            event.widget.cursor_blink = False

    @on(Drawn)
    def lift(self) -> None:
        """Show the app's own screen in place of the one that was drawn early."""
        if isinstance(self._driver, CompactDriver):
            self._driver.lift()

    @on(Drawn)
    @on(LookFailed)
    async def heed_typed(self) -> None:
        """Let what was typed until now have its effect, before any later key."""
        typed, self._typed_ahead = self._typed_ahead or [], None
        for event in typed:
            await self.on_event(event)

    @work(group="end")
    async def action_end(self) -> None:
        """Wait for the step under way, and end the app; if asked again, at once.

        The terminal is restored, and the outcome of the action is printed there.
        """
        began, self._ending_since = self._ending_since, time.monotonic()
        if began is None:
            screen = self._main_screen
            self._end(None if screen is None else await screen.end_action())
        elif self._ending_since - began >= AGAIN_S:
            self._end(CUT_OFF)
        else:
            self._ending_since = began

    def _end(self, outcome: str | None) -> None:
        # The text may contain anything, so Textual must not parse it.
        self.exit(
            return_code=INTERRUPTED,
            message=Text(f"nstui: {outcome}") if outcome else None,
        )

    @property
    def _main_screen(self) -> MainScreen | None:
        """The screen of the host that is shown; None for the list of hosts."""
        return next((s for s in self.screen_stack if isinstance(s, MainScreen)), None)

    async def action_quit(self) -> None:
        """End the app: at once, or in order if an action is being carried out."""
        screen = self._main_screen
        is_ending = self._ending_since is not None
        if is_ending or (screen is not None and screen.stop_acting()):
            self.action_end()
        else:
            await super().action_quit()

    async def on_event(self, event: Event) -> None:
        """Handle an event, unless a prompt is open and the event is older.

        This also covers keys that were typed for the screen below, and that reach the
        bindings of the prompt because nothing there has used them.
        """
        if self._typed_ahead is not None and isinstance(event, Typed):
            self._typed_ahead.append(event)
            if self._quits(event):
                # What is mounted only in part cannot end in order.
                self.screen.call_after_refresh(self.call_later, self.heed_typed)
            return
        screen = next(reversed(self.screen_stack), None)
        if isinstance(screen, GuardedModal) and not screen.heeds(event):
            return
        await super().on_event(event)

    def _quits(self, event: Typed) -> bool:
        """Tell whether something typed is a key to quit, which never waits for rows."""
        if not isinstance(event, events.Key) or not self.screen_stack:
            return False
        active = self.active_bindings.get(event.key)
        return active is not None and active.binding.action in QUITTING

    def _hosts_of(self, several: SeveralHosts) -> Hosts:
        from nstui.tui.hosts import Hosts  # noqa: PLC0415 - seldom several

        return Hosts(
            self,
            several,
            self._session,
            interval=self._interval,
            is_read_only=self._is_read_only,
            is_slow=self._is_slow,
        )

    def get_default_screen(self) -> Screen[None]:
        """Return the screen that is shown from the start: of the host, or the list."""
        if self._hosts is None:
            if self._host is None:
                raise InternalFault("there is no host to show")
            return self._screen_for(self._host, self._first)
        if self._host is None:
            return self._hosts.list_screen()
        return self._hosts.screen_for(self._host, first=self._first)

    def get_css_variables(self) -> dict[str, str]:
        """Return the theme's variables, with colours that can be read."""
        variables = super().get_css_variables()
        if not self.current_theme.ansi:
            variables = self.theme_variables = readable(variables)
        return variables

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Yield the palette's commands: the keys of the screen, then those of the app.

        All have the groups of the help in their order.
        """
        if isinstance(screen, MainScreen | ClosingScreen):
            yield from key_commands(self, screen, self._session.keymap)
        # By then the palette is gone from the screen.
        screenshot = partial(self.set_timer, 0.1, partial(save_picture, self))
        for title, words, run in (
            ("Theme", "Choose the colours", self.action_change_theme),
            ("Screenshot", "Save a picture of the screen as SVG", screenshot),
            ("Quit", "Quit", self.action_quit),
        ):
            yield SystemCommand(f"{KeyGroup.SCREEN}: {title}", words, run)
        if isinstance(screen, MainScreen):
            yield from self.demo.commands(screen)

    def action_command_palette(self) -> None:
        """Open the palette."""
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def search_themes(self) -> None:
        """Open a palette of themes; Textual's own method would open its own palette."""
        from textual.theme import ThemeProvider  # noqa: PLC0415

        themes = Palette(providers=[ThemeProvider], placeholder="Search for themes…")
        self.push_screen(themes)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action, unless its screen is not laid out yet or already closed.

        Keys that are typed ahead can arrive in between.
        """
        if isinstance(default_namespace, Screen) and not (
            default_namespace.is_mounted and default_namespace in self.screen_stack
        ):
            return False
        return await super().run_action(action, default_namespace, namespaces)

    def _screen_for(
        self, host: Host, first: Callable[[], Report] | None = None
    ) -> MainScreen:
        return MainScreen(
            host,
            interval=self._interval,
            is_read_only=self._is_read_only,
            first=first,
            is_slow=self._is_slow,
            session=self._session,
        )

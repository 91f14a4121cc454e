"""The text UI as a program."""

from __future__ import annotations

import asyncio
import os
import signal
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import constants, work
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.screen import Screen

from nstui.tui.driver import CompactDriver
from nstui.tui.keys import BROWSE_KEYS, MAIN_KEYS, OPEN_KEYS
from nstui.tui.screens.main import MainScreen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from textual.actions import ActionParseResult
    from textual.command import Provider
    from textual.dom import DOMNode

    from nstui.analysis.report import Report
    from nstui.service.host import Host

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What ``kill`` and a terminal that is closed send."""

INTERRUPTED = 130
"""The exit code of a program that a signal has ended."""

SLOW_FPS = 15
"""Who asks Textual for fewer frames a second than this has a slow connection."""

UNOFFERED = frozenset({"quit", "clear"})
"""Keys that the palette does not offer: it has its own, or they say nothing there."""


def _container_provider() -> type[Provider]:
    """Return what goes to a container; it is loaded with the first palette."""
    from nstui.tui.palette import ContainerProvider  # noqa: PLC0415

    return ContainerProvider


class NstuiApp(App[None]):
    """Shows a host until the user quits."""

    TITLE = "nstui"
    CSS_PATH = "nstui.tcss"
    COMMANDS = App.COMMANDS | {_container_provider}
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = True

    def __init__(
        self,
        connection: Host,
        *,
        connect_demo: Callable[[], Host],
        interval: float | None,
        is_read_only: bool = False,
        first: Callable[[], Report] | None = None,
    ) -> None:
        """Take the host to show, and the one to show when the user wants the demo.

        Args:
            connection: The host.
            connect_demo: Makes the simulated host.
            interval: Seconds between looks without an event; None: the usual.
            is_read_only: Whether every action is refused.
            first: A quick look at the host, to begin with.

        """
        # Textual reads NO_COLOR as grey; only an ANSI theme from the start has none.
        super().__init__(
            driver_class=None if constants.DRIVER else CompactDriver,
            ansi_color=True if "NO_COLOR" in os.environ else None,
        )
        self._is_slow = constants.MAX_FPS < SLOW_FPS
        if self._is_slow:
            self.animation_level = "none"
        self._connection = connection
        self._connect_demo = connect_demo
        self._interval = interval
        self._is_read_only = is_read_only
        self._first = first

    def on_mount(self) -> None:
        """End in order when a signal asks for it, as the key to quit does."""
        loop = asyncio.get_running_loop()
        for number in ENDING:
            # One that is ignored, as after nohup(1), stays ignored.
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, self.action_end)

    @work(group="end", exclusive=True)
    async def action_end(self) -> None:
        """Let the step under way come to its end, and end.

        The terminal is given back as it was, and what was done is printed there.
        """
        screen = next((s for s in self.screen_stack if isinstance(s, MainScreen)), None)
        said = None if screen is None else await screen.end_action()
        # The text may hold anything, so that it is not for Textual to parse.
        self.exit(
            return_code=INTERRUPTED, message=Text(f"nstui: {said}") if said else None
        )

    def get_default_screen(self) -> MainScreen:
        """Show the host from the start."""
        return self._screen_for(self._connection, self._first)

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer in the palette what the keys do, beside what every app offers."""
        yield from super().get_system_commands(screen)
        if not isinstance(screen, MainScreen):
            return
        own = [*MAIN_KEYS, *OPEN_KEYS]
        for where, keys in ((screen, own), (screen.browser, BROWSE_KEYS)):
            for binding in keys:
                if isinstance(binding, Binding) and binding.id not in UNOFFERED:
                    act = partial(self.run_action, binding.action, where)
                    yield SystemCommand(binding.description, binding.tooltip, act)

    def action_command_palette(self) -> None:
        """Open the palette."""
        from nstui.tui.palette import Palette  # noqa: PLC0415

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def search_themes(self) -> None:
        """Let a theme be chosen; Textual's own would open its own palette."""
        from textual.theme import ThemeProvider  # noqa: PLC0415

        from nstui.tui.palette import Palette  # noqa: PLC0415

        themes = Palette(providers=[ThemeProvider], placeholder="Search for themes…")
        self.push_screen(themes)

    async def run_action(
        self,
        action: str | ActionParseResult,
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Run an action, unless its screen is not laid out yet, or is closed already.

        Keys that are typed ahead come in between.
        """
        if isinstance(default_namespace, Screen) and not (
            default_namespace.is_mounted and default_namespace in self.screen_stack
        ):
            return False
        return await super().run_action(action, default_namespace, namespaces)

    def action_demo(self) -> None:
        """Show the simulated host instead."""
        if not self._connection.is_demo:
            if isinstance(self.screen, MainScreen):
                self.screen.stop_watching()
            self._connection = self._connect_demo()
            self.push_screen(self._screen_for(self._connection))

    def _screen_for(
        self, connection: Host, first: Callable[[], Report] | None = None
    ) -> MainScreen:
        return MainScreen(
            connection,
            interval=self._interval,
            is_read_only=self._is_read_only,
            first=first,
            is_slow=self._is_slow,
        )

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
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.command import CommandPalette, DiscoveryHit, Hit, Provider
from textual.content import Content
from textual.screen import Screen
from textual.widgets import OptionList

from nstui.render.text import printable
from nstui.tui.driver import CompactDriver
from nstui.tui.keys import BROWSE_KEYS, MAIN_KEYS, OPEN_KEYS
from nstui.tui.screens.main import MainScreen
from nstui.tui.widgets.group_tree import GroupTree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from textual.actions import ActionParseResult
    from textual.command import Hits
    from textual.dom import DOMNode
    from textual.worker import ResultType, Worker, WorkType

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


class ContainerProvider(Provider):
    """Offers to move the cursor to any container of the tree."""

    async def discover(self) -> Hits:
        """Yield every container, for a palette in which nothing was typed yet."""
        for key, name in self._containers():
            yield DiscoveryHit(Content(f"Go to {name}"), partial(self._go, key))

    async def search(self, query: str) -> Hits:
        """Yield the containers whose names match."""
        matcher = self.matcher(query)
        for key, name in self._containers():
            words = f"Go to {name}"
            score = matcher.match(words)
            if score > 0:
                yield Hit(score, Content(words), partial(self._go, key), text=words)

    def _containers(self) -> Iterator[tuple[str, str]]:
        for tree in self.screen.query(GroupTree):
            for row in tree.rows():
                if row.container is not None:
                    yield row.key, printable(row.label)

    def _go(self, key: str) -> None:
        for tree in self.screen.query(GroupTree):
            tree.move_to(key)
            tree.focus()


class Palette(CommandPalette):
    """Textual's palette, which no key and no size of a terminal can break.

    Its search may end after it was closed, and fails then because the list has gone:
    that must not end the app.
    """

    def run_worker(  # noqa: PLR0913, PLR0917 - they are Textual's
        self,
        work: WorkType[ResultType],
        name: str | None = "",
        group: str = "default",
        description: str = "",
        exit_on_error: bool = True,  # noqa: ARG002, FBT001, FBT002 - as above
        start: bool = True,  # noqa: FBT001, FBT002 - as above
        exclusive: bool = False,  # noqa: FBT001, FBT002 - as above
        thread: bool = False,  # noqa: FBT001, FBT002 - as above
    ) -> Worker[ResultType]:
        """Run its search so that a failure once it is closed ends nothing else."""
        return super().run_worker(
            work,
            name=name,
            group=group,
            description=description,
            exit_on_error=False,
            start=start,
            exclusive=exclusive,
            thread=thread,
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Leave the cursor where it is while there is no room to show any of the list.

        Textual's list looks for lines that have not been laid out, and fails.
        """
        if action == "command_list":
            lists = self.query(OptionList)
            return any(each.scrollable_content_region for each in lists)
        return super().check_action(action, parameters)

    def dismiss(self, result: None = None) -> AwaitComplete:
        """Close it, unless it is not on top."""
        return super().dismiss(result) if self.is_active else AwaitComplete()


def _container_provider() -> type[Provider]:
    """Return what goes to a container; it is loaded with the first palette."""
    return ContainerProvider


class NstuiApp(App[None]):
    """Shows a host until the user quits."""

    TITLE = "nstui"
    CSS_PATH = "nstui.tcss"
    COMMANDS = App.COMMANDS | {_container_provider}
    ENABLE_COMMAND_PALETTE: ClassVar[bool] = True

    def __init__(
        self,
        host: Host,
        *,
        connect_demo: Callable[[], Host],
        interval: float | None,
        is_read_only: bool = False,
        first: Callable[[], Report] | None = None,
    ) -> None:
        """Take the host to show, and the one to show when the user wants the demo.

        Args:
            host: The host.
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
        self._host = host
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
        return self._screen_for(self._host, self._first)

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
        if not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def search_themes(self) -> None:
        """Let a theme be chosen; Textual's own would open its own palette."""
        from textual.theme import ThemeProvider  # noqa: PLC0415

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
        if not self._host.is_demo:
            if isinstance(self.screen, MainScreen):
                self.screen.stop_watching()
            self._host = self._connect_demo()
            self.push_screen(self._screen_for(self._host))

    def _screen_for(
        self, host: Host, first: Callable[[], Report] | None = None
    ) -> MainScreen:
        return MainScreen(
            host,
            interval=self._interval,
            is_read_only=self._is_read_only,
            first=first,
            is_slow=self._is_slow,
        )

"""The text UI on a simulated host, and ways to wait for it."""

from __future__ import annotations

import asyncio
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from rich.style import Style
from textual.widgets import OptionList, Static

from nstui.analysis.findings.ignoring import Reporting
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.engine import SimEngine
from nstui.demo.home import demo_world
from nstui.demo.host import SimHost
from nstui.model.host_options import HERE, HostOptions
from nstui.service.host import open_host
from nstui.tui.app import NstuiApp
from nstui.tui.notices import HostBar
from nstui.tui.screens.closing import GuardedModal
from nstui.tui.screens.main import MainScreen
from nstui.tui.widgets.details_panel import SectionsView
from nstui.tui.widgets.group_tree import GroupTree
from nstui.tui.widgets.reconcile import every_node
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime

    from textual.pilot import Pilot

    from nstui.demo.world import World
    from nstui.ports import HostEvidence, WatchView
    from nstui.service.host import Host
    from nstui.tui.session import Session

PATIENCE_S = 60.0
"""How many seconds a screen may take on a busy machine to show what it should."""
_EMPTY_ROUNDS = 3
_MAX_ROUNDS = 1000
"""How often the loop may go round; a thing that is never at rest is not waited for."""

NEVER = 3600.0
"""An interval that no test lives to see: events and keys alone cause looks."""


class Stage:
    """One app on one simulated host."""

    def __init__(  # noqa: PLR0913 - a test sets one or two of them
        self,
        world: World,
        *,
        engine: Callable[[World], SimEngine] = SimEngine,
        is_read_only: bool = False,
        has_glimpse: bool = False,
        evidence: HostEvidence | None = None,
        interval: float = NEVER,
        clock: Callable[[], datetime] = lambda: NOON,
        session: Session | None = None,
        watch: WatchView | None = None,
        options: HostOptions = HERE,
        context: str | None = None,
    ) -> None:
        self.context = context
        self.watch = watch
        self.reporting = Reporting(options=options)
        self.world = world
        self.clock = clock
        self.engine = engine(world)
        self.host = SimHost(world)
        self.evidence = evidence
        self.audit_log = MemoryAuditLog()
        connection = self.connection()
        self.app = NstuiApp(
            connection,
            connect_demo=demo_connection,
            interval=interval,
            is_read_only=is_read_only,
            first=connection.observer.glimpse if has_glimpse else None,
            session=session,
        )
        self._pilot: Pilot[None] | None = None

    def connection(self) -> Host:
        return open_host(
            self.engine,
            self.host,
            self.audit_log,
            endpoint="unix:///run/test.sock",
            context=self.context,
            evidence=self.evidence,
            find_watch=None if self.watch is None else lambda: self.watch,
            clock=self.clock,
            reporting=self.reporting,
        )

    @asynccontextmanager
    async def open(self, width: int = 120, height: int = 40) -> AsyncIterator[Stage]:
        """Open the app without waiting for what it shows."""
        async with self.app.run_test(size=(width, height)) as pilot:
            self.attach(pilot)
            yield self

    def attach(self, pilot: Pilot[None]) -> None:
        """Work on an app that somebody else has opened."""
        self._pilot = pilot

    async def press(self, *keys: str) -> None:
        """Press keys, each as a reaction to what is shown."""
        assert self._pilot is not None
        for key in keys:
            await self.react()
            await self._pilot.press(key)
        await self._settle()

    async def command(self, words: str) -> None:
        """Choose the first command of the palette that matches."""
        await self.press("ctrl+p", *words)
        palette = self.app.screen
        await self.until(lambda: palette.query_one(OptionList).option_count == 1)
        await self.press("enter")
        await self.until(lambda: not palette.is_attached)

    async def _settle(self) -> None:
        """Wait until nothing is left that the app can do at once.

        Textual's own way takes a process that is paused for one that is idle.
        """
        assert self._pilot is not None
        await self._pilot.pause()
        loop = asyncio.get_running_loop()
        empty = 0
        for _ in range(_MAX_ROUNDS):
            await asyncio.sleep(0)
            is_empty = not loop._ready  # type: ignore[attr-defined]  # noqa: SLF001 - the loop tells no other way
            empty = empty + 1 if is_empty else 0
            if empty == _EMPTY_ROUNDS:
                break

    async def react(self) -> None:
        """Wait for as long as a prompt takes what is typed as typed ahead."""
        screen = self.app.screen
        if isinstance(screen, GuardedModal):
            await self.until(
                lambda: time.monotonic() >= screen.heeds_from or not screen.is_current
            )

    async def click(self, selector: str, column: int) -> None:
        """Click into the first line of a widget."""
        assert self._pilot is not None
        await self.react()
        await self._pilot.click(selector, offset=(column, 0))
        await self._settle()

    async def drag(
        self, selector: str, start: tuple[int, int], end: tuple[int, int]
    ) -> None:
        """Press the mouse at a place of a widget, and let go of it at another one."""
        assert self._pilot is not None
        await self._pilot.mouse_down(selector, offset=start)
        await self._pilot.hover(selector, offset=end)
        await self._pilot.mouse_up(selector, offset=end)
        await self._settle()

    async def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        assert self._pilot is not None
        await self._pilot.resize_terminal(width, height)
        await self._settle()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until something is the case; fail if it does not become so."""
        assert self._pilot is not None
        end = time.monotonic() + PATIENCE_S
        while not condition():
            # Asked after it: this process may have been paused meanwhile.
            if time.monotonic() > end:
                raise TimeoutError
            await asyncio.sleep(0.01)
        await self._settle()

    async def until_lines(self, *lines: str) -> None:
        """Wait until the tree shows exactly these lines, by name."""
        try:
            await self.until(lambda: self.lines() == list(lines))
        except TimeoutError:
            assert self.lines() == list(lines)

    async def goto(self, name: str) -> None:
        """Move the cursor to a container."""
        await self.until(lambda: self.tree.move_to(self.world.records.get(name).id))

    @property
    def main(self) -> MainScreen:
        """The screen beneath every prompt."""
        return next(
            screen
            for screen in reversed(self.app.screen_stack)
            if isinstance(screen, MainScreen)
        )

    @property
    def tree(self) -> GroupTree:
        return self.main.query_one(GroupTree)

    def lines(self) -> list[str]:
        """Return the visible lines, indented, each by the name it shows."""
        if not self.main.query(GroupTree):
            return []
        shown = []
        for number in range(self.tree.last_line + 1):
            node = self.tree.get_node_at_line(number)
            assert node is not None
            assert node.data is not None
            depth = 0
            above = node.parent
            while above is not None and above.parent is not None:
                depth, above = depth + 1, above.parent
            shown.append("  " * depth + node.data.text.name.text)
        return shown

    def rows(self) -> list[str]:
        """Return every line of the tree as it is drawn, also what a fold hides."""
        style = Style()
        nodes = every_node(self.tree.root)
        return [self.tree.render_label(node, style, style).plain for node in nodes]

    def cursor(self) -> str | None:
        """Return the name under the cursor."""
        row = self.tree.row_at_cursor()
        return None if row is None else row.label

    def text(self, selector: str) -> str:
        """Return what a widget of the screen on top says."""
        return str(self.app.screen.query_one(selector, Static).content)

    def bar(self) -> str:
        return str(self.main.query_one(HostBar).content)

    def details(self) -> str:
        return self.main.query_one(SectionsView).text

    def notices(self) -> list[str]:
        return [notice.message for notice in self.app._notifications]  # noqa: SLF001 - Textual tells no other way


def demo_connection() -> Host:
    world = demo_world(lambda: NOON)
    return open_host(
        SimEngine(world),
        SimHost(world),
        MemoryAuditLog(),
        endpoint="demo://",
        clock=lambda: NOON,
        is_demo=True,
    )

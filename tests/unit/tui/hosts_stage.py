"""The text UI on several simulated hosts, of which some fail."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.service.host import open_host
from nstui.service.host_choice import HostChoice
from nstui.service.hosts import SeveralHosts
from nstui.tui.app import NstuiApp
from nstui.tui.screens.hosts import HostList, HostsScreen
from nstui.tui.screens.one_of_hosts import OneOfHosts
from tests.support.builders import NOON
from tests.unit.tui.stage import NEVER, Stage, demo_connection

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from nstui.errors import NstuiError
    from nstui.service.host import Host


class SimulatedHost:
    """A simulated host that a test can break, and how to connect to it."""

    def __init__(
        self,
        name: str,
        *specs: Spec,
        clock: Callable[[], datetime] = lambda: NOON,
        engine: Callable[[World], SimEngine] = SimEngine,
    ) -> None:
        self.name = name
        self.world = World(clock)
        for spec in specs:
            self.world.run(spec)
        self.engine = engine(self.world)
        self.error: NstuiError | None = None
        """What connecting raises; None if it succeeds."""

        self.may_connect = threading.Event()
        """Whether connecting returns at all."""

        self.may_connect.set()
        self.connected = 0
        """How often it was connected."""

        self._clock = clock

    def connect(self) -> Host:
        self.may_connect.wait()
        self.connected += 1
        if self.error is not None:
            raise self.error
        return open_host(
            self.engine,
            SimHost(self.world),
            MemoryAuditLog(),
            endpoint=f"ssh://{self.name}",
            clock=self._clock,
        )

    @property
    def choice(self) -> HostChoice:
        return HostChoice(self.name, self.connect)


def pair(
    name: str,
    *,
    is_broken: bool = False,
    engine: Callable[[World], SimEngine] = SimEngine,
) -> SimulatedHost:
    """Return a host with an owner and its dependent, whose network may be gone."""
    host = SimulatedHost(
        name, Spec("vpn"), Spec(f"on-{name}", network="container:vpn"), engine=engine
    )
    if is_broken:
        host.world.restart("vpn")
    return host


class HostsStage(Stage):
    """One app on several hosts, or on one of several that can be opened."""

    def __init__(
        self,
        *hosts: SimulatedHost,
        contexts: tuple[SimulatedHost, ...] | None = None,
        clock: Callable[[], datetime] = lambda: NOON,
        is_read_only: bool = False,
    ) -> None:
        self.hosts = {host.name: host for host in (*hosts, *(contexts or ()))}
        choices = tuple(host.choice for host in hosts)
        offered = tuple(host.choice for host in contexts or ())
        self.app = NstuiApp(
            hosts[0].connect() if len(hosts) == 1 else None,
            connect_demo=demo_connection,
            interval=NEVER,
            is_read_only=is_read_only,
            several=SeveralHosts(
                choices, None if contexts is None else lambda: offered, clock
            ),
        )
        self.world = hosts[0].world
        self._pilot = None

    @property
    def listed(self) -> HostList:
        return next(
            screen.query_one(HostList)
            for screen in self.app.screen_stack
            if isinstance(screen, HostsScreen)
        )

    @property
    def is_listing(self) -> bool:
        return isinstance(self.app.screen, HostsScreen)

    def names(self) -> list[str]:
        """Return the hosts in the order in which they are shown."""
        return [row.key for row in self.listed.rows_shown]

    def row(self, name: str) -> str:
        """Return what the list says of a host, with a line for each line."""
        row = next(row for row in self.listed.rows_shown if row.key == name)
        head = "".join(piece.text for piece in row.head)
        return "\n".join((head, *(piece.text for piece in row.below)))

    async def until_row(self, name: str, *words: str) -> None:
        """Wait until the list says something of a host."""

        def is_so() -> bool:
            return name in self.names() and all(w in self.row(name) for w in words)

        try:
            await self.until(is_so)
        except TimeoutError:
            raise AssertionError(self.row(name)) from None

    def at_cursor(self) -> str | None:
        row = self.listed.row_at_cursor()
        return None if row is None else row.key

    async def enter(self, name: str) -> None:
        """Open a host of the list."""
        self.listed.go_to(name)
        await self.press("enter")
        await self.until_open(name)

    def is_open(self, name: str) -> bool:
        """Tell whether the tree of a host is on top."""
        is_one = isinstance(self.app.screen, OneOfHosts)
        return is_one and f"  on-{name}" in self.lines()

    async def until_open(self, name: str) -> None:
        """Wait until a host of `pair` is shown."""
        await self.until(lambda: self.is_open(name))

"""A standing watch on a simulated host, run in a thread, and what it has told."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.watching.decisions import WatchLimits, WatchOptions
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.service.host import open_host
from nstui.service.watch import StandingWatch, WatchSetup
from tests.support.sim_faults import FaultyEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.model.watch import WatchEvent, WatchEventKind, WatchStatus
    from nstui.ports import WatchState

PATIENCE_S = 60.0
NEVER = 3600.0
QUICK = WatchLimits(settle_s=0.1, back_off_s=0.1, work_s=0.0)


class Told:
    """Implements `nstui.ports.WatchSink`; keeps what it was told."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.events: list[WatchEvent] = []
        self.statuses: list[WatchStatus] = []
        self.is_closed = False

    def take(self, event: WatchEvent) -> None:
        """Keep an event."""
        self.events.append(event)

    def update(self, status: WatchStatus) -> None:
        """Keep a status."""
        self.statuses.append(status)

    def close(self) -> None:
        """Note that it was closed."""
        self.is_closed = True

    def of(self, *kinds: WatchEventKind) -> list[str]:
        """Return the sentences of some kinds."""
        return [e.message for e in self.events if e.kind in kinds]


class WatchScene:
    """A world with an owner and dependents, and a watch of it."""

    def __init__(self, *dependents: str, options: WatchOptions | None = None) -> None:
        """Make the world; nothing is watched yet."""
        self.world = World()
        self.world.run(Spec("vpn"))
        for name in dependents or ("dep",):
            self.world.run(Spec(name, network="container:vpn"))
        self.sim = SimEngine(self.world)
        self.engine = FaultyEngine(self.sim)
        self.audit_log = MemoryAuditLog()
        self.host = open_host(
            self.engine, SimHost(self.world), self.audit_log, endpoint="demo://"
        )
        self.told = Told()
        self.setup = WatchSetup(options or WatchOptions(limits=QUICK), (self.told,))
        self.clock: Callable[[], float] = time.monotonic
        self.state: WatchState | None = None
        self.watch: StandingWatch | None = None
        self.failure: BaseException | None = None
        self.problem: Callable[[str], None] = lambda _: None

    def set_up(self, problem: Callable[[str], None]) -> WatchSetup:
        """Return what the watch is to do."""
        self.problem = problem
        return self.setup

    def choose(self, **options: object) -> None:
        """Change what the watch is to do."""
        chosen = replace(self.setup.options, **options)  # type: ignore[arg-type]
        self.setup = replace(self.setup, options=chosen)

    def make(self, **how: object) -> StandingWatch:
        """Return a watch of the world."""
        watch = StandingWatch(
            self.host,
            self.set_up,
            state=self.state,
            **{"interval": NEVER, **how},  # type: ignore[arg-type]
        )
        self.watch = watch
        return watch

    @contextmanager
    def watched(self, **how: object) -> Iterator[StandingWatch]:
        """Watch the world in a thread until the end of the context."""
        watch = self.make(**how)
        thread = threading.Thread(target=self._run, args=(watch,), daemon=True)
        thread.start()
        try:
            self.until(lambda: bool(self.told.statuses))
            yield watch
        finally:
            watch.stop()
            thread.join(PATIENCE_S)
            assert not thread.is_alive(), "it has not ended"
        if self.failure is not None:
            raise self.failure

    def _run(self, watch: StandingWatch) -> None:
        try:
            watch.run()
        except BaseException as error:  # noqa: BLE001 - the test raises it
            self.failure = error

    def until(self, condition: Callable[[], bool]) -> None:
        """Return as soon as something is the case."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, self.told.events
            assert self.failure is None, self.failure
            time.sleep(0.005)

    def await_told(self, kind: WatchEventKind, count: int = 1) -> str:
        """Return the last sentence of a kind, once there are some."""
        self.until(lambda: len(self.told.of(kind)) >= count)
        return self.told.of(kind)[-1]

    def broken(self) -> set[str]:
        """Return the names of the containers that have a finding."""
        report = self.host.observer.look_afresh()
        return {report.graph.name(finding.container) for finding in report.findings}

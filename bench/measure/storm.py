"""Measures the requests when many containers start at once, and the final screen."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.measure.startup import LIMIT_S
from bench.measure.terminal import Terminal
from bench.simulated import populate
from bench.stage import NAMES
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.service.host import open_host
from nstui.service.watcher import Watcher
from tests.support.servers import Relay, UnixServer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from bench.extent import Extent
    from bench.stage import Stage
    from bench.subjects import Subject
    from nstui.analysis.report import Report
    from nstui.model.container import Container

LIST = "/containers/json"
_AT_ONCE = 8
_PAUSE_S = 0.1
_PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Storm:
    """The cost of a storm of starts."""

    containers: int
    seconds: float
    """The time from the first start to the last."""

    lists: int
    """How often the engine's list was requested, until all was quiet."""

    ends_right: bool
    """Whether the screen equals that of a program started afterwards."""


def measure_storm(
    stage: Stage,
    subject: Subject,
    environ: Mapping[str, str],
    extent: Extent,
    folder: Path,
) -> Storm:
    """Start containers as fast as the engine can while a program shows them."""
    relay = Relay(stage.engine.socket)
    names = [f"storm-{number:03}" for number in range(extent.storm)]
    start = stage.engine.client.start
    with (
        stage.crowd(names) as ids,
        UnixServer(folder / "storm.sock", relay) as server,
        Terminal(
            subject.command, program_environ := {**environ, "DOCKER_HOST": server.url}
        ) as terminal,
    ):
        terminal.wait_until(lambda s: NAMES.search(s.text()) is not None, LIMIT_S)
        terminal.wait_for_silence(extent.quiet_s, LIMIT_S)
        before, began = relay.count(LIST), time.monotonic()
        with ThreadPoolExecutor(_AT_ONCE) as several:
            list(several.map(start, ids))
        seconds = time.monotonic() - began
        terminal.wait_for_silence(extent.quiet_s, LIMIT_S)
        lists = relay.count(LIST) - before
        with Terminal(subject.command, program_environ) as later:
            ends_right = _become_equal(terminal, later)
    return Storm(extent.storm, seconds, lists, ends_right)


def _become_equal(first: Terminal, second: Terminal) -> bool:
    """Return whether two terminals show the same containers within the time limit."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        first.draw()
        second.draw()
        shown = first.screen.steady_text()
        if NAMES.search(shown) and shown == second.screen.steady_text():
            return True
        time.sleep(_PAUSE_S)
    return False


class _CountingEngine(SimEngine):
    lists = 0

    def containers(self) -> tuple[Container, ...]:
        self.lists += 1
        return super().containers()


def measure_simulated_storm(extent: Extent) -> Storm:
    """Start simulated containers, evenly over some seconds."""
    count, duration = extent.storm, extent.storm_starts_s
    world = World()
    populate(world, extent.groups)
    engine = _CountingEngine(world)
    host = open_host(engine, SimHost(world), MemoryAuditLog(), endpoint="sim")
    arrived = threading.Condition()
    reports: list[Report] = []

    def keep(report: Report) -> None:
        with arrived:
            reports.append(report)
            arrived.notify()

    watcher = Watcher(
        host.observer, engine, interval=600, on_report=keep, on_failure=print
    )
    watcher.start()
    try:
        with arrived:
            arrived.wait_for(lambda: bool(reports), _PATIENCE_S)
        before = engine.lists
        began = time.monotonic()
        for number in range(count):
            world.run(Spec(f"storm-{number:03}"))
            due = began + duration * (number + 1) / count
            time.sleep(max(0.0, due - time.monotonic()))
        seconds = time.monotonic() - began
        count_of_containers = len(list(world.records))
        with arrived:
            is_right = arrived.wait_for(
                lambda: len(reports[-1].snapshot.containers) == count_of_containers,
                _PATIENCE_S,
            )
        time.sleep(extent.quiet_s)
        return Storm(count, seconds, engine.lists - before, is_right)
    finally:
        watcher.stop()

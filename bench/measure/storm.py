"""Many containers start at once: how often the engine is asked, and how it ends."""

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
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.store import MemoryStore
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
    """What a storm cost."""

    containers: int
    seconds: float
    """From the first start to the last."""

    lists: int
    """How often the engine was asked for its list, until all was quiet."""

    ends_right: bool
    """Whether the screen is what one who comes later sees."""


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
            subject.command, mine := {**environ, "DOCKER_HOST": server.url}
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
        with Terminal(subject.command, mine) as later:
            ends_right = _come_to_agree(terminal, later)
    return Storm(extent.storm, seconds, lists, ends_right)


def _come_to_agree(one: Terminal, other: Terminal) -> bool:
    """Tell whether two terminals show containers, and the same of them, in time."""
    end = time.monotonic() + LIMIT_S
    while time.monotonic() < end:
        one.draw()
        other.draw()
        shown = one.screen.steady_text()
        if NAMES.search(shown) and shown == other.screen.steady_text():
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
    host = open_host(engine, SimHost(world), MemoryStore(), endpoint="sim")
    came = threading.Condition()
    seen: list[Report] = []

    def take(report: Report) -> None:
        with came:
            seen.append(report)
            came.notify()

    watcher = Watcher(
        host.observer, engine, interval=600, on_report=take, on_failure=print
    )
    watcher.start()
    try:
        with came:
            came.wait_for(lambda: bool(seen), _PATIENCE_S)
        before = engine.lists
        began = time.monotonic()
        for number in range(count):
            world.run(Spec(f"storm-{number:03}"))
            due = began + duration * (number + 1) / count
            time.sleep(max(0.0, due - time.monotonic()))
        seconds = time.monotonic() - began
        there = len(list(world.records))
        with came:
            is_right = came.wait_for(
                lambda: len(seen[-1].snapshot.containers) == there, _PATIENCE_S
            )
        time.sleep(extent.quiet_s)
        return Storm(count, seconds, engine.lists - before, is_right)
    finally:
        watcher.stop()

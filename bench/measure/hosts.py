"""Measures a list of hosts of which some are dead and some never answer."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.measure.keys import Keys, measure_keys
from bench.measure.processes import memory_mib
from bench.measure.scale import served_answers
from bench.measure.startup import LIMIT_S
from bench.measure.terminal import Terminal
from bench.simulated import populate
from bench.subjects import ROOT
from nstui.demo.engine import SimEngine
from nstui.demo.world import World
from tests.support.servers import ScriptedEngine, UnixServer, silent

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from bench.extent import Extent
    from bench.measure.emulator import Emulator
    from bench.stage import Stage

GROUPS = 5
"""How many owners each host has, each with its dependents."""

FEW = 2
"""How many hosts the memory of many is compared with."""

_STREAM = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n"
)
"""The beginning of a stream of events, of which none comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyHosts:
    """nstui with a list of many hosts."""

    hosts: int
    failing: int
    """How many of them are dead or never answer."""

    containers: int
    """How many containers each of the others has."""

    down: Keys
    quit_ms: float | None
    """From the key to quit to the end; None if it did not end in time."""

    host_mib: float
    """The memory that each host takes besides the first ones."""

    lists: int
    """How often all hosts together were asked for their containers."""


def measure_hosts(
    stage: Stage, environ: Mapping[str, str], extent: Extent, folder: Path
) -> ManyHosts:
    """Measure nstui with many hosts; half of those that fail are dead.

    Args:
        stage: The engine whose answers are repeated for every host.
        environ: The environment of nstui.
        extent: How many hosts there are.
        folder: Where their sockets are.

    """
    world = World()
    populate(world, GROUPS)
    containers = SimEngine(world).containers()
    engine = ScriptedEngine({"/events": _STREAM, **served_answers(stage, containers)})
    names = [f"host-{number:02}" for number in range(extent.hosts)]
    failing = extent.failing_hosts
    silent_names = names[: failing // 2]
    with ExitStack() as servers:
        for name in silent_names:
            servers.enter_context(UnixServer(folder / name, silent))
        for name in names[failing:]:
            servers.enter_context(UnixServer(folder / name, engine))
        few = _memory_of(folder, names[failing : failing + FEW], environ)
        before = len(engine.requests)
        with _shown(folder, names, environ) as terminal:
            down = measure_keys(terminal, extent.keys)
            many = memory_mib(terminal.pid)
            lists = sum("/containers/json" in r for r in engine.requests[before:])
            pressed = terminal.press("q")
            ended = terminal.wait_for_end(LIMIT_S)
    return ManyHosts(
        hosts=len(names),
        failing=failing,
        containers=len(containers),
        down=down,
        quit_ms=None if ended is None else (ended - pressed) * 1000,
        host_mib=(many - few) / (len(names) - FEW),
        lists=lists,
    )


def _memory_of(folder: Path, names: Sequence[str], environ: Mapping[str, str]) -> float:
    with _shown(folder, names, environ) as terminal:
        return memory_mib(terminal.pid)


def _shown(folder: Path, names: Sequence[str], environ: Mapping[str, str]) -> Terminal:
    """Start nstui; return when it knows of every host how it is."""
    command = [sys.executable, "-m", "bench.many_hosts", str(folder), *names]
    terminal = Terminal(command, {**environ, "PYTHONPATH": str(ROOT)})
    terminal.wait_until(_is_known, LIMIT_S)
    return terminal


def _is_known(screen: Emulator) -> bool:
    title = screen.text().partition("\n")[0]
    return "hosts" in title and "asking" not in title

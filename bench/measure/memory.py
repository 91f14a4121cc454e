"""Measures the memory of nstui with many containers, and after many events."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.measure.keys import Keys, measure_keys
from bench.measure.processes import memory_mib
from bench.measure.startup import LIMIT_S
from bench.measure.terminal import Terminal
from bench.subjects import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bench.extent import Extent
    from bench.measure.emulator import Emulator

_SAMPLES = 40


@dataclass(frozen=True, slots=True)
class Simulated:
    """nstui on a simulated host that is larger than a real engine can be here."""

    containers: int
    memory_mib: float
    down: Keys


@dataclass(frozen=True, slots=True)
class Flatness:
    """The memory during a storm with as many events as a busy hour."""

    events: int
    seconds: float
    samples_mib: tuple[float, ...]

    @property
    def early_mib(self) -> float:
        """The maximum of the second quarter, when everything has been seen once."""
        count = len(self.samples_mib)
        return max(self.samples_mib[count // 4 : count // 2])

    @property
    def late_mib(self) -> float:
        """The maximum of the last quarter."""
        return max(self.samples_mib[-(len(self.samples_mib) // 4) :])


def simulated_command(groups: int, *options: str) -> list[str]:
    """Return the command that starts nstui on a simulated host."""
    return [sys.executable, "-m", "bench.simulated", f"--groups={groups}", *options]


def simulated_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """Return an environment in which that command finds the benchmark."""
    return {**environ, "PYTHONPATH": str(ROOT)}


def is_shown(screen: Emulator) -> bool:
    """Return whether a simulated host is on the screen."""
    return "g000-own" in screen.text()


def measure_simulated(environ: Mapping[str, str], extent: Extent) -> Simulated:
    """Measure nstui on the largest simulated host."""
    groups = extent.sim_groups[-1]
    command = simulated_command(groups)
    with Terminal(command, simulated_environ(environ)) as terminal:
        terminal.wait_until(is_shown, LIMIT_S)
        time.sleep(extent.settle_s)
        down = measure_keys(terminal, extent.keys)
        return Simulated(groups * 5, memory_mib(terminal.pid), down)


def measure_flatness(environ: Mapping[str, str], extent: Extent) -> Flatness:
    """Record the memory of nstui during a storm."""
    groups = extent.sim_groups[-1]
    command = simulated_command(
        groups, f"--events={extent.storm_events}", f"--seconds={extent.storm_s}"
    )
    samples = []
    with Terminal(command, simulated_environ(environ)) as terminal:
        terminal.wait_until(is_shown, LIMIT_S)
        for _ in range(_SAMPLES):
            time.sleep(extent.storm_s / _SAMPLES)
            samples.append(memory_mib(terminal.pid))
    return Flatness(extent.storm_events, extent.storm_s, tuple(samples))

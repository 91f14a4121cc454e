"""All results of one run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bench.machine import Machine
    from bench.measure.changes import Changes
    from bench.measure.guard import Guard
    from bench.measure.hosts import ManyHosts
    from bench.measure.idle import Idle
    from bench.measure.keys import Keys
    from bench.measure.memory import Flatness, Simulated
    from bench.measure.real_hosts import RealHosts
    from bench.measure.remote import Remote
    from bench.measure.scale import Scale
    from bench.measure.scan import Scan
    from bench.measure.spread import Spread
    from bench.measure.ssh import FarAway
    from bench.measure.startup import Startup
    from bench.measure.storm import Storm
    from bench.measure.watch import Watch

NSTUI = "nstui"


@dataclass(kw_only=True)
class Measurements:
    """The results; a dictionary is by the name of the program."""

    machine: Machine
    containers: int
    is_quick: bool
    missing: dict[str, str] = field(default_factory=dict)
    """What could not be measured, and why."""

    prompts_bytes: dict[str, int] = field(default_factory=dict)
    """The bytes that nstui sends for its help and its prompts."""

    startups: dict[str, Startup] = field(default_factory=dict)
    commands_ms: dict[str, Spread] = field(default_factory=dict)
    idle: dict[str, Idle] = field(default_factory=dict)
    nobody: Idle | None = None
    """The engine without any client."""

    changes: dict[str, Changes] = field(default_factory=dict)
    keys: dict[str, Keys] = field(default_factory=dict)
    quits_ms: Spread | None = None
    """From the key to quit to the end of nstui."""

    slow_keys: Keys | None = None
    slow_changes: Changes | None = None
    """The results of nstui with ``--slow-link``."""

    storm: Storm | None = None
    simulated_storm: Storm | None = None
    simulated: Simulated | None = None
    flatness: Flatness | None = None
    scale: Scale | None = None
    scans: list[Scan] = field(default_factory=list)
    remote: list[Remote] = field(default_factory=list)
    watch: Watch | None = None
    polling: Idle | None = None
    """The requests of docker-autoheal, at rest."""

    guard: Guard | None = None
    hosts: ManyHosts | None = None
    real_hosts: RealHosts | None = None
    far: FarAway | None = None

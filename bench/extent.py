"""How much is measured."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How often, for how long and with how many."""

    groups: int
    """Owners on the real engine, each with `dependents`."""

    dependents: int
    starts: int
    """Of every program, beside one that warms the files."""

    idle_s: float
    settle_s: float
    """How long a program is left alone before it counts as idle."""

    changes: int
    """Containers started and stopped."""

    keys: int
    storm: int
    """Containers started as fast as the engine can."""

    storm_starts_s: float
    """How long that takes where they are simulated."""

    quiet_s: float
    """Without a byte for so long a program is taken to have shown everything."""

    sim_groups: tuple[int, ...]
    """Groups of five simulated containers, for the growth; the last is the scale."""

    processes: tuple[int, ...]
    """Processes in a made-up ``/proc``, likewise."""

    sleepers: tuple[int, ...]
    """Real processes that do nothing, while the machine is scanned."""

    repeats: int
    """Of what is measured within one process."""

    storm_events: int
    """Simulated events, as many as an hour might have."""

    storm_s: float
    with_peers: bool


FULL = Extent(
    groups=20,
    dependents=4,
    starts=7,
    idle_s=60,
    settle_s=5,
    changes=10,
    keys=30,
    storm=100,
    storm_starts_s=3,
    quiet_s=2,
    sim_groups=(25, 50, 100, 200),
    processes=(2_500, 5_000, 10_000, 20_000),
    sleepers=(2_000, 8_000),
    repeats=7,
    storm_events=7_200,
    storm_s=60,
    with_peers=True,
)

QUICK = Extent(
    groups=2,
    dependents=2,
    starts=1,
    idle_s=1,
    settle_s=0.5,
    changes=1,
    keys=1,
    storm=3,
    storm_starts_s=0.3,
    quiet_s=0.4,
    sim_groups=(2, 4),
    processes=(20, 40),
    sleepers=(20,),
    repeats=1,
    storm_events=50,
    storm_s=1,
    with_peers=False,
)
"""Enough to prove that everything works; what it measures means nothing."""

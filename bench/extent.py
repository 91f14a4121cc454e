"""The amount of measuring."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Extent:
    """How often, for how long and with how many containers to measure."""

    groups: int
    """The number of owners on the real engine, each with `dependents`."""

    dependents: int
    starts: int
    """The number of starts of each program, besides one that warms the file cache."""

    idle_s: float
    settle_s: float
    """Seconds without input before a program counts as idle."""

    changes: int
    """How many containers are started and stopped."""

    keys: int
    storm: int
    """How many containers are started as fast as the engine can."""

    storm_starts_s: float
    """How many seconds that takes if they are simulated."""

    quiet_s: float
    """A program counts as finished after this many seconds without output."""

    sim_groups: tuple[int, ...]
    """The numbers of groups of five simulated containers; the last is the full
    scale."""

    processes: tuple[int, ...]
    """The numbers of processes in an artificial ``/proc``; the last is the full
    scale."""

    sleepers: tuple[int, ...]
    """The numbers of real sleeping processes while the machine is scanned."""

    repeats: int
    """The number of repetitions of measurements within one process."""

    storm_events: int
    """The number of simulated events, as many as in a busy hour."""

    storm_s: float
    watched: int
    """How many owners are restarted under a standing watch, one after the other."""

    watch_settle_s: float
    """How long the watch lets an owner run before it heals its dependents."""

    rejoined: int
    """How many dependents of one owner the watch heals."""

    guarded: int
    """How often calls are made without and with the guard, in turn."""

    removals: int
    """How many removals wait for the guard's looks at the same time."""

    hosts: int
    """How many hosts are in a list."""

    failing_hosts: int
    """How many of them are dead or never answer."""

    real_hosts: int
    """How many real engines behind ssh are in a list; more than two."""

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
    watched=7,
    watch_settle_s=3,
    rejoined=100,
    guarded=200,
    removals=200,
    hosts=50,
    failing_hosts=10,
    real_hosts=5,
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
    watched=1,
    watch_settle_s=0.5,
    rejoined=6,
    guarded=2,
    removals=5,
    hosts=6,
    failing_hosts=2,
    real_hosts=3,
    with_peers=False,
)
"""Enough to prove that everything works; the figures mean nothing."""

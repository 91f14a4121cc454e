"""What nstui knows after a storm, and what healing makes of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.healing.broken import find_broken
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.model.container import is_id
from nstui.model.finding import FindingCode
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from nstui.service.host import open_host
from nstui.service.observer import Observer
from nstui.service.watcher import Watcher
from tests.e2e.storm.weather import Storm
from tests.support.seeds import seeds

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.demo.world import World
    from nstui.model.container import Container
    from nstui.service.host import Host

PATIENCE = 60.0
HEAL = Request(action=Action.HEAL, targets=(), policy=Policy.WITH_DEPENDENTS)


def attach(world: World) -> Host:
    """Connect nstui to a world, as the program connects."""
    return open_host(SimEngine(world), SimHost(world), MemoryAuditLog(), endpoint="sim")


def wrong(report: Report) -> set[tuple[str, str, str]]:
    """Return each finding without its sentence, which tells what was seen before.

    Whether one that runs is in a restart loop a watcher knows better than a first look,
    and time alone puts an end to it.
    """
    return {
        (f.container, f.code.value, f.severity.value)
        for f in report.findings
        if f.code is not FindingCode.RESTARTING
        or not report.graph.containers[f.container].state.has_process
    }


def untimed(report: Report) -> tuple[Container, ...]:
    """Return the containers without the engine's words of how long they have been up.

    These differ between two looks that a second lies between.
    """
    return tuple(replace(each, status="") for each in report.snapshot.containers)


@pytest.mark.parametrize("seed", range(3))
def test_a_watcher_knows_after_a_storm_what_a_first_look_finds(seed: int) -> None:
    storm = Storm(seed)
    host = attach(storm.world)
    seen: list[Report] = []
    came = threading.Condition()

    def take(report: Report) -> None:
        with came:
            seen.append(report)
            came.notify()

    # Only events ask for looks: the interval is longer than the test.
    watcher = Watcher(
        host.observer, host.engine, interval=600, on_report=take, on_failure=print
    )
    watcher.start()
    with came:
        assert came.wait_for(lambda: bool(seen), PATIENCE)
    storm.blow(1000)

    world = storm.world
    fresh = Observer(SimEngine(world), SimHost(world)).look()
    with came:
        came.wait_for(lambda: untimed(seen[-1]) == untimed(fresh), PATIENCE)
    watcher.stop()
    assert untimed(seen[-1]) == untimed(fresh)
    assert wrong(fresh)


@pytest.mark.parametrize("seed", seeds(30))
def test_healing_brings_every_group_back(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Nothing takes time here: whether a container stays up is known at once.
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0)
    storm = Storm(seed)
    world = storm.world
    host = attach(world)
    host.observer.look()
    for _ in range(200):
        storm.blow(1)
        host.observer.look()
    make_good(world, host)

    plan = host.executor.plan(HEAL)
    assert all(one.needs_decision for one in plan.unhealed)
    decided = tuple(one.container for one in plan.unhealed)
    if decided:
        # That what they could not start without should run, somebody has to say.
        start = host.executor.plan(replace(HEAL, targets=decided))
        assert (start.unhealed, start.objections) == ((), ())
        host.executor.carry_out(start)
        plan = host.executor.plan(HEAL)
    assert plan.unhealed == ()
    assert plan.objections == ()
    healthy = {
        record.id: record.started_at
        for record in world.records
        if record.id not in {step.container for step in plan.steps}
    }
    host.executor.carry_out(plan)

    report = host.observer.look_afresh()
    assert find_broken(report.snapshot, report.graph) == {}
    assert host.executor.plan(HEAL).steps == ()
    assert healthy.items() <= {r.id: r.started_at for r in world.records}.items()
    names = [record.name for record in world.records]
    assert not [name for name in names if "-old-" in name or "-new-" in name]


def make_good(world: World, host: Host) -> None:
    """Do what only the user can: create again what is gone, by its name.

    Whatever kept exiting is mended, too.
    """
    for record in world.records:
        record.restart_count = 0
    snapshot = host.observer.look().snapshot
    names = {ancestor.name for ancestor in snapshot.former_containers.values()}
    for container in snapshot.containers:
        names |= {j.reference for j in container.joins if not is_id(j.reference)}
    for name in sorted(names):
        if world.records.find(name) is None:
            world.run(Spec(name, ipc="shareable"))

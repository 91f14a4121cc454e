"""Tests of what happens without anybody asking for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.faults import crash, loop, set_health
from nstui.model.container import ContainerState, Health
from nstui.model.namespace import NamespaceKind
from tests.support.sim_accidents import half_remove, oom_kill

if TYPE_CHECKING:
    from nstui.demo.engine import SimEngine
    from nstui.demo.world import World
    from nstui.model.container import Container, Inspection


def find(engine: SimEngine, name: str) -> Container:
    return next(each for each in engine.containers() if each.name == name)


def inspect(engine: SimEngine, name: str) -> Inspection:
    inspection = find(engine, name).inspection
    assert inspection is not None
    return inspection


@pytest.mark.parametrize(
    ("policy", "code", "state"),
    [
        ("no", 1, ContainerState.EXITED),
        ("always", 0, ContainerState.RUNNING),
        ("unless-stopped", 0, ContainerState.RUNNING),
        ("on-failure", 0, ContainerState.EXITED),
        ("on-failure", 1, ContainerState.RUNNING),
    ],
)
def test_a_crash_and_the_policy(
    world: World, engine: SimEngine, policy: str, code: int, state: ContainerState
) -> None:
    world.run(Spec("own", restart=policy))
    crash(world, "own", code)
    assert find(engine, "own").state is state
    restarts = 1 if state is ContainerState.RUNNING else 0
    assert inspect(engine, "own").restart_count == restarts


def test_a_crash_leaves_dependents_behind(world: World) -> None:
    world.run(Spec("own", restart="always"))
    world.run(Spec("dep", network="container:own"))
    crash(world, "own")
    own, dep = (
        world.records.get(name).namespaces[NamespaceKind.NET] for name in ("own", "dep")
    )
    assert own is not dep
    assert own.interfaces == ("lo", "eth0")
    assert dep.interfaces == ("lo",)


def test_an_oom_kill_is_remembered_until_the_next_start(
    world: World, engine: SimEngine
) -> None:
    world.run(Spec("own"))
    oom_kill(world, "own")
    assert inspect(engine, "own").oom_killed
    assert inspect(engine, "own").exit_code == 137
    world.start("own")
    assert not inspect(engine, "own").oom_killed


def test_a_loop(world: World, engine: SimEngine) -> None:
    world.run(Spec("own"))
    loop(world, "own", 4)
    assert find(engine, "own").state is ContainerState.RESTARTING
    assert inspect(engine, "own").pid is None
    assert inspect(engine, "own").restart_count > 1


def test_health(world: World, engine: SimEngine) -> None:
    world.run(Spec("own", has_health_check=True))
    assert find(engine, "own").status == "Up Less than a second (health: starting)"
    set_health(world, "own", Health.HEALTHY)
    assert find(engine, "own").status == "Up Less than a second (healthy)"
    # As observed on 20.10 and 28.5.
    world.stop("own")
    assert inspect(engine, "own").health is Health.UNHEALTHY
    assert find(engine, "own").status == "Exited (137) Less than a second ago"


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (ContainerState.REMOVING, "Removal In Progress"),
        (ContainerState.DEAD, "Dead"),
    ],
)
def test_half_removed(
    world: World, engine: SimEngine, state: ContainerState, status: str
) -> None:
    world.run(Spec("own"))
    half_remove(world, "own", state)
    container = find(engine, "own")
    assert (container.state, container.status) == (state, status)
    assert container.pid is None

"""Tests of what only the simulation has to promise; the rest is the contract's."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.faults import loop
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.container import ContainerState, PublishedPort
from nstui.model.namespace import NamespaceKind
from tests.support.sim_accidents import half_remove

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.demo.engine import SimEngine
    from nstui.model.container import Container, ContainerId
    from nstui.model.namespace import Namespace


def namespace_of(world: World, container: ContainerId) -> Namespace:
    pid = world.records.get(container).pid
    assert pid is not None
    reading = SimHost(world).read({container: pid})
    return reading.processes[container].namespaces[NamespaceKind.NET]


def test_ids_follow_from_the_seed() -> None:
    ids = [World(seed="one").create(Spec("own")) for _ in range(2)]
    assert ids[0] == ids[1]
    assert World(seed="two").create(Spec("own")) != ids[0]


def test_an_ambiguous_prefix_means_nobody(world: World) -> None:
    ids = [world.create(Spec(f"c{number}")) for number in range(17)]
    first_digits = [container[0] for container in ids]
    twice = next(digit for digit in first_digits if first_digits.count(digit) > 1)
    with pytest.raises(ContainerVanished):
        world.start(twice)
    world.start(ids[0][:12])


def test_an_inode_number_is_reused_at_once(world: World) -> None:
    first = namespace_of(world, world.run(Spec("one")))
    world.remove("one", force=True)
    assert namespace_of(world, world.run(Spec("two"))) == first


def test_an_inode_number_is_kept_by_a_dependent(world: World) -> None:
    first = namespace_of(world, world.run(Spec("own")))
    dependent = world.run(Spec("dep", network="container:own"))
    world.remove("own", force=True)
    assert namespace_of(world, world.run(Spec("own"))) != first
    assert namespace_of(world, dependent) == first


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (
            Spec(
                "dep",
                network="container:own",
                ports=(PublishedPort(80, "tcp", "0.0.0.0", 80),),
            ),
            "conflicting options: port publishing",
        ),
        (
            Spec("dep", network="container:own", links=("own",)),
            "conflicting options: container type network can't be used with links",
        ),
    ],
    ids=["ports", "links"],
)
def test_options_that_contradict_each_other(
    world: World, spec: Spec, words: str
) -> None:
    world.run(Spec("own"))
    with pytest.raises(EngineRefused, match=words):
        world.create(spec)


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (Spec("dep", network="container:own"), "cannot join network namespace of"),
        (Spec("dep", pid="container:own"), "failed to join PID namespace"),
        (Spec("dep", ipc="container:own"), "failed to join IPC namespace"),
    ],
    ids=["net", "pid", "ipc"],
)
def test_what_restarts_cannot_be_joined(world: World, spec: Spec, words: str) -> None:
    own = world.run(Spec("own", ipc="shareable"))
    loop(world, "own")
    with pytest.raises(EngineRefused, match=f"{words}.*Container {own} is restarting"):
        world.run(spec)


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda world: world.pause("own"), "is restarting, wait"),
        (lambda world: world.remove("own"), "container is restarting: stop"),
    ],
    ids=["pause", "rm"],
)
def test_what_is_refused_between_two_starts(
    world: World, act: Callable[[World], None], words: str
) -> None:
    world.run(Spec("own"))
    loop(world, "own")
    with pytest.raises(EngineRefused, match=words):
        act(world)


def test_a_loop_is_stopped_with_its_exit_code(world: World, engine: SimEngine) -> None:
    world.run(Spec("own"))
    loop(world, "own", 4)
    world.start("own")
    assert status_of(engine, "own") == "Restarting (4) Less than a second ago"
    world.stop("own")
    assert status_of(engine, "own") == "Exited (4) Less than a second ago"


@pytest.mark.parametrize(
    ("state", "act", "words"),
    [
        (ContainerState.REMOVING, World.remove, "removal .* is already in progress"),
        (ContainerState.REMOVING, World.start, "is marked for removal"),
        (ContainerState.DEAD, World.start, "is marked for removal"),
    ],
)
def test_what_is_refused_in_the_middle_of_a_removal(
    world: World, state: ContainerState, act: Callable[[World, str], None], words: str
) -> None:
    world.run(Spec("own"))
    half_remove(world, "own", state)
    with pytest.raises(EngineRefused, match=words):
        act(world, "own")


def test_what_is_dead_can_be_removed(world: World, engine: SimEngine) -> None:
    world.run(Spec("own"))
    half_remove(world, "own", ContainerState.DEAD)
    world.remove("own")
    assert engine.containers() == ()


@pytest.mark.parametrize(
    ("signal", "status"),
    [
        ("TERM", "Exited (143)"),
        ("SIGKILL", "Exited (137)"),
        ("9", "Exited (137)"),
        ("sigint", "Exited (130)"),
        ("HUP", "Up Less"),
    ],
)
def test_signals(world: World, engine: SimEngine, signal: str, status: str) -> None:
    world.run(Spec("own"))
    world.kill("own", signal)
    assert status_of(engine, "own").startswith(status)


@pytest.mark.parametrize("signal", ["NONSENSE", "99"])
def test_signals_that_do_not_exist(world: World, signal: str) -> None:
    world.run(Spec("own"))
    with pytest.raises(EngineRefused, match=f"invalid signal: {signal}"):
        world.kill("own", signal)


def test_a_gentle_stop_has_the_programs_own_exit_code(
    world: World, engine: SimEngine
) -> None:
    world.run(Spec("own", stop_code=0))
    world.stop("own")
    assert status_of(engine, "own").startswith("Exited (0)")


def test_the_hosts_pid_namespace_outlives_a_container(
    world: World, engine: SimEngine
) -> None:
    world.run(Spec("own", pid="host"))
    world.run(Spec("dep", pid="container:own"))
    world.kill("own")
    assert status_of(engine, "dep").startswith("Up")


def test_a_pid_chain_dies_with_its_owner_and_only_with_it(
    world: World, engine: SimEngine
) -> None:
    world.run(Spec("own"))
    world.run(Spec("dep", pid="container:own"))
    world.run(Spec("dep2", pid="container:dep"))
    world.kill("dep")
    assert status_of(engine, "dep2").startswith("Up")
    world.kill("own")
    assert status_of(engine, "dep2").startswith("Exited (137)")


def test_several_networks_are_several_interfaces(world: World) -> None:
    container = world.run(
        Spec("own", network="front", more_networks=("back",), devices=("tun0",))
    )
    pid = world.records.get(container).pid
    assert pid is not None
    reading = SimHost(world).read({container: pid})
    assert reading.processes[container].interfaces == ("lo", "eth0", "eth1", "tun0")


def test_many_threads_may_act_and_look(world: World, engine: SimEngine) -> None:
    world.run(Spec("own"))
    for number in range(4):
        world.run(Spec(f"dep{number}", network="container:own"))
    seen: list[tuple[Container, ...]] = []

    def act(number: int) -> None:
        for _ in range(50):
            world.restart(f"dep{number}")
            seen.append(engine.containers())

    threads = [threading.Thread(target=act, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 200
    assert all(
        container.pid is not None for containers in seen for container in containers
    )


def status_of(engine: SimEngine, name: str) -> str:
    """Return the engine's sentence on a container."""
    return next(each.status for each in engine.containers() if each.name == name)

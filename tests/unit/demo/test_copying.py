"""Tests of what tests can do to a simulated host to make a recreation fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.errors import ContainerVanished, EngineRefused, EngineUnreachable
from nstui.model.container import (
    ComposeService,
    ContainerId,
    Health,
    Join,
    PublishedPort,
)
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.demo.engine import SimEngine
    from nstui.demo.world import World
    from nstui.model.container import Container

ANY = ContainerId("0" * 64)

CALLS: dict[str, Callable[[SimEngine], object]] = {
    "rename": lambda engine: engine.rename(ANY, "x"),
    "create_like": lambda engine: engine.create_like(ANY, "x", ()),
    "left_out": lambda engine: engine.left_out(ANY, ()),
    "changes": lambda engine: engine.changes(ANY),
    "commit": lambda engine: engine.commit(ANY, "x:1"),
    "create_placeholder": lambda engine: engine.create_placeholder("x", "y"),
}


def container(engine: SimEngine, name: str) -> Container:
    return next(one for one in engine.containers() if one.name == name)


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_nobody_answers(engine: SimEngine, call: Callable[[SimEngine], object]) -> None:
    engine.hang()
    with pytest.raises(EngineUnreachable):
        call(engine)
    engine.come_back()
    assert engine.containers() == ()


def test_a_copy_has_everything_that_a_container_is_declared_with(
    world: World, engine: SimEngine
) -> None:
    owner = world.run(Spec("own"))
    spec = Spec(
        "dep",
        "example/app:2",
        network="container:own",
        pid="host",
        ipc="shareable",
        restart="always",
        compose=ComposeService("p", "dep", ("own",), "/p", ("/p/compose.yml",)),
        has_health_check=True,
        removes_itself=True,
        stop_code=0,
    )
    old = world.run(spec)
    joins = (Join(NamespaceKind.NET, owner),)
    new = engine.create_like(old, "new", joins)
    world.start(new)
    before, after = container(engine, "dep"), container(engine, "new")
    assert after.inspection is not None
    assert before.inspection is not None
    assert after.joins == before.joins
    assert (after.image, after.compose) == (spec.image, spec.compose)
    assert after.inspection.host_kinds == before.inspection.host_kinds
    assert after.inspection.removes_itself
    assert after.inspection.restart_policy == "always"
    assert after.health is Health.STARTING
    world.stop("new")
    assert [one.name for one in engine.containers()] == ["dep", "own"]


def test_a_port_is_lost_once_for_all_its_addresses(
    world: World, engine: SimEngine
) -> None:
    ports = tuple(PublishedPort(80, "tcp", host, 80) for host in ("0.0.0.0", "::"))
    own = world.create(Spec("own", ports=ports))
    assert engine.left_out(own, (Join(NamespaceKind.NET, ANY),)) == ("ports 80/tcp",)
    assert engine.left_out(own, (Join(NamespaceKind.PID, ANY),)) == ()


def test_what_is_of_a_spoiled_image_does_not_start(
    world: World, engine: SimEngine
) -> None:
    ran, never = world.run(Spec("ran", "bad:1")), world.create(Spec("never", "bad:1"))
    world.run(Spec("other", "good:1"))
    world.break_image("bad:1", "exec format error")
    world.stop("ran")
    for each in (ran, never):
        with pytest.raises(EngineRefused, match="exec format error"):
            engine.start(each)
    with pytest.raises(EngineRefused, match=r"Cannot restart .*: exec format error"):
        engine.restart(never)
    engine.restart(container(engine, "other").id)
    found = container(engine, "never").inspection
    assert found is not None
    assert (found.exit_code, found.start_error) == (127, "exec format error")


def test_a_placeholder_of_a_spoiled_image_does_not_start(
    world: World, engine: SimEngine
) -> None:
    world.break_image("bad:1", "no sleep")
    place = engine.create_placeholder(ANY, "bad:1")
    with pytest.raises(EngineRefused, match="no sleep"):
        engine.start(place)
    engine.remove(place, force=True)
    assert engine.containers() == ()


def test_what_was_written_goes_with_a_container(
    world: World, engine: SimEngine
) -> None:
    first = world.create(Spec("own"))
    world.write("own", "/b")
    world.write("own", "/a")
    world.write("own", "/b")
    assert engine.changes(first) == ("/a", "/b")
    world.remove("own")
    assert engine.changes(world.create(Spec("own"))) == ()
    with pytest.raises(ContainerVanished):
        engine.changes(first)


def test_an_image_of_a_container_is_known(world: World, engine: SimEngine) -> None:
    engine.commit(world.create(Spec("own")), "nstui-kept/own:1")
    assert world.images == ["nstui-kept/own:1"]

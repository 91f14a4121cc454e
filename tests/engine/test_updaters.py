"""What updaters leave behind, what nstui says of it, and how it puts that right.

The updaters are not run: what they ask of the engine is, in their order, on a simulated
host and on a real one.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.images import SimImage
from nstui.demo.world import World
from nstui.model.container import ComposeService
from nstui.model.plan import Request
from nstui.model.step import Action
from nstui.service.host import open_host
from tests.engine.attach import attached
from tests.engine.looking import errors, names, of, together, wrong
from tests.support.private_engine import FOREVER
from tests.support.registry import reference_of
from tests.support.updaters import (
    RealApi,
    SimApi,
    Update,
    autoheal,
    compose,
    portainer,
    rolled_out,
    rollout,
    watchtower,
    wud,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    from nstui.service.host import Host
    from tests.engine.looking import Wrong
    from tests.support.private_engine import PrivateEngine
    from tests.support.registry import Registry
    from tests.support.updaters import EngineApi

NAME = "app:1"
APP = reference_of(NAME)
OLD, NEW = f"sha256:{'a1' * 32}", f"sha256:{'b2' * 32}"

CHAIN = {"dep": "own", "far": "dep"}
"""The containers that joined a network, each with the one that it joined."""

GROUP = ("own", "dep", "far")
LEFT = {("dep", "far"), GROUP}


@pytest.fixture(autouse=True)
def _no_trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no seconds to see whether what was recreated runs on."""
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0.2)
    monkeypatch.setattr("nstui.service.recompose.MIN_STEADY_S", 0.2)


@dataclass(frozen=True)
class Scene:
    """A host with an owner of which a registry has a newer image.

    Two joined its network one after the other, another one its processes.
    """

    api: EngineApi
    connection: Host
    image: str
    """The id of the newer image."""


SERVICE = ComposeService("project", "own")
LABELS = {"project": "project", "service": "own", "config-hash": "1" * 64}
"""What compose's labels say of the owner, where compose has made it."""


@contextmanager
def simulated(*, is_looked_at: bool, by_compose: bool = False) -> Iterator[Scene]:
    """Yield a scene on a simulated host.

    Args:
        is_looked_at: Whether nstui looks after each change, as while it is left open.
        by_compose: Whether compose has made the owner.

    """
    world = World()
    world.image_store.publish(APP, SimImage(id=OLD))
    world.image_store.pull(APP, lambda _: None)
    world.run(Spec("own", APP, compose=SERVICE if by_compose else None))
    world.run(Spec("mon", APP, pid="container:own"))
    for name, owner in CHAIN.items():
        world.run(Spec(name, APP, network=f"container:{owner}"))
    world.image_store.publish(APP, SimImage(id=NEW))
    engine = SimEngine(world)
    host = open_host(engine, SimHost(world), MemoryAuditLog(), endpoint="demo://")
    look = host.observer.look_afresh if is_looked_at else lambda: None
    yield Scene(SimApi(world, look), host, NEW)
    engine.close()


@pytest.fixture(scope="module")
def images(
    private_engine: PrivateEngine, registry: Registry
) -> Iterator[tuple[str, str]]:
    """Publish two images under one tag; yield the ids of the older and the newer."""
    older = registry.publish(NAME)
    private_engine.docker("pull", "--quiet", APP)
    yield older, registry.publish(NAME)
    private_engine.remove_all()
    private_engine.docker("rmi", APP, older, check=False)


@contextmanager
def real(
    request: pytest.FixtureRequest, *, by_compose: bool = False
) -> Iterator[Scene]:
    """Yield a scene on a private engine, at which nstui looks after each change."""
    engine: PrivateEngine = request.getfixturevalue("engine_host")
    older, newer = request.getfixturevalue("images")
    engine.docker("tag", older, APP)
    joins = {"own": "--ipc=private", "mon": "--pid=container:own"} | {
        name: f"--network=container:{owner}" for name, owner in CHAIN.items()
    }
    labels = [f"--label=com.docker.compose.{key}={LABELS[key]}" for key in LABELS]
    for name, join in joins.items():
        mortal = ("--stop-signal=SIGKILL", join)
        known = labels if by_compose and name == "own" else ()
        engine.docker("run", "--detach", "--name", name, *mortal, *known, APP, *FOREVER)
    with attached(engine.url) as connection:
        look = connection.observer.look_afresh
        yield Scene(RealApi(engine, look), connection, newer)


HOSTS = [
    "sim",
    "sim, looked at",
    pytest.param("real", marks=[pytest.mark.docker, pytest.mark.one_engine]),
]


@pytest.fixture(params=HOSTS)
def scene(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """Yield the scene on each kind of host."""
    with made(request) as scene:
        yield scene


@pytest.fixture(params=HOSTS)
def scene_of_compose(request: pytest.FixtureRequest) -> Iterator[Scene]:
    """Yield the scene on each kind of host, with an owner that compose has made."""
    with made(request, by_compose=True) as scene:
        yield scene


def made(
    request: pytest.FixtureRequest, *, by_compose: bool = False
) -> AbstractContextManager[Scene]:
    """Return the scene on one kind of host."""
    if request.param == "real":
        return real(request, by_compose=by_compose)
    is_looked_at = request.param != "sim"
    return simulated(is_looked_at=is_looked_at, by_compose=by_compose)


GONE = errors("owner-gone", "dep", "far") | {("mon", "owner-gone", "warning")}
STALE = errors("stale-join", "dep", "far")


@pytest.mark.parametrize(
    ("update", "joined", "found", "apart"),
    [
        (watchtower, CHAIN, {("mon", "owner-gone", "warning")}, {GROUP}),
        (watchtower, {}, GONE, {("dep", "far")}),
        (wud, {}, GONE, {("dep", "far")}),
        (compose, CHAIN, {("mon", "owner-gone", "warning")}, {GROUP}),
        (compose, {}, GONE, {("dep", "far")}),
        (portainer, {}, GONE, {("dep", "far")}),
        (autoheal, {}, STALE, {GROUP}),
    ],
    ids=[
        "watchtower with the linked",
        "watchtower without the excluded",
        "wud",
        "compose with the dependents",
        "compose with one service",
        "portainer",
        "autoheal",
    ],
)
def test_what_an_updater_breaks_is_healed(
    scene: Scene,
    update: Callable[[EngineApi, Update], None],
    joined: dict[str, str],
    found: Wrong,
    apart: set[tuple[str, ...]],
) -> None:
    connection = scene.connection
    before = connection.observer.look()
    assert wrong(before) == set()

    update(scene.api, Update(APP, "own", joined))

    broken = connection.observer.look_afresh()
    assert wrong(broken) == found
    assert together(broken) == apart
    is_same = of(broken, "own").id == of(before, "own").id
    assert is_same == (update is autoheal)
    plan = connection.executor.plan(Request(action=Action.HEAL, targets=()))
    connection.executor.carry_out(plan)
    healed = connection.observer.look_afresh()
    assert wrong(healed) == set()
    assert together(healed) == {GROUP}
    assert names(healed) == {*GROUP, "mon"}
    is_new = scene.api.read("own").image == scene.image
    assert is_new == (update is not autoheal)


def test_what_has_another_name_after_a_rollout_is_joined(
    scene_of_compose: Scene,
) -> None:
    """The labels of compose tell what has taken the old one's place."""
    scene, connection = scene_of_compose, scene_of_compose.connection
    assert wrong(connection.observer.look()) == set()

    rollout(scene.api, Update(APP, "own", {}))

    broken = connection.observer.look_afresh()
    assert wrong(broken) == GONE
    plan = connection.executor.plan(Request(action=Action.HEAL, targets=()))
    connection.executor.carry_out(plan)
    healed = connection.observer.look_afresh()
    assert wrong(healed) == set()
    new = rolled_out("own")
    assert together(healed) == {(new, "dep", "far")}
    assert names(healed) == {new, "dep", "far", "mon"}
    assert scene.api.read(new).image == scene.image

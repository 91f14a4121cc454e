"""What becomes of updaters where the guard decides about each of their calls.

What they ask of the engine is tried in its order, on a simulated host.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.guarding.deciding import decide
from nstui.analysis.guarding.question import Question
from nstui.analysis.guarding.requests import AskedChange, Change
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.images import SimImage
from nstui.demo.world import World
from nstui.service.observer import Observer
from tests.support.updaters import (
    SimApi,
    Update,
    autoheal,
    compose,
    docker_rollout,
    portainer,
    watchtower,
    wud,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.support.updaters import EngineApi

APP = "localhost/app:1"


class Denied(Exception):
    """The guard said no; says what it was asked."""


class GuardedApi(SimApi):
    """The API of a simulated engine that asks the guard first."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._observer = Observer(SimEngine(world), SimHost(world))

    def _ask(self, change: Change, name: str, *, force: bool = False) -> None:
        asked = AskedChange(change, name, force=force, user_agent="an updater")
        verdict = decide(self._observer.look_afresh(), Question(asked))
        if not verdict.allow:
            raise Denied(f"{change} {name}")

    def stop(self, name: str) -> None:
        """Stop a container."""
        self._ask(Change.STOP, name)
        super().stop(name)

    def kill(self, name: str) -> None:
        """End a container by a signal."""
        self._ask(Change.KILL, name)
        super().kill(name)

    def restart(self, name: str) -> None:
        """Stop and start a container."""
        self._ask(Change.RESTART, name)
        super().restart(name)

    def remove(self, name: str, *, force: bool = False) -> None:
        """Remove a container."""
        self._ask(Change.RM, name, force=force)
        super().remove(name, force=force)


def _world() -> World:
    world = World()
    world.image_store.publish(APP, SimImage(id=f"sha256:{'a1' * 32}"))
    world.image_store.pull(APP, lambda _: None)
    world.run(Spec("own", APP))
    for name, owner in (("dep", "own"), ("far", "dep")):
        world.run(Spec(name, APP, network=f"container:{owner}"))
    return world


@pytest.mark.parametrize(
    ("updater", "joined", "denied"),
    [
        # It knows all dependents, and ends them first.
        (watchtower, {"dep": "own", "far": "dep"}, ""),
        # One that it does not look after would be left behind.
        (watchtower, {"dep": "own"}, "rm dep"),
        (watchtower, {}, "kill own"),
        (wud, {}, "stop own"),
        (compose, {"dep": "own", "far": "dep"}, ""),
        (compose, {}, "stop own"),
        (portainer, {}, "stop own"),
        (docker_rollout, {}, "stop own"),
        (autoheal, {}, "restart own"),
    ],
)
def test_what_an_updater_is_denied(
    updater: Callable[[EngineApi, Update], None], joined: dict[str, str], denied: str
) -> None:
    world = _world()
    api = GuardedApi(world)
    before = api.read("own").id
    assert _what_is_denied(api, updater, joined) == denied
    if denied:
        # What it is denied first comes before the owner ends.
        assert api.read("own").id == before
        assert world.records.get("own").state.has_process


def _what_is_denied(
    api: EngineApi,
    updater: Callable[[EngineApi, Update], None],
    joined: dict[str, str],
) -> str:
    """Return the first call of an updater that is denied; empty if none is."""
    try:
        updater(api, Update(APP, "own", joined))
    except Denied as denied:
        return str(denied)
    return ""


@pytest.mark.parametrize("updater", [wud, portainer, docker_rollout, autoheal])
def test_they_may_do_what_they_like_with_what_nobody_joined(
    updater: Callable[[EngineApi, Update], None],
) -> None:
    world = World()
    world.image_store.publish(APP, SimImage(id=f"sha256:{'a1' * 32}"))
    world.image_store.pull(APP, lambda _: None)
    world.run(Spec("own", APP))
    updater(GuardedApi(world), Update(APP, "own", {}))

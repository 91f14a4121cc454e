"""Waiting until an owner is ready for its dependents."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.faults import crash, loop, set_health
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import ContainerVanished, EngineRefused, Interrupted
from nstui.model.container import Health
from nstui.model.step import Step, Verb
from nstui.service.observer import Observer
from nstui.service.step_runner import WENT_ON, await_health
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import Callable


class Scene:
    """A world with one container that has a health check."""

    def __init__(self) -> None:
        self.world = World(lambda: NOON)
        self.id = self.world.run(Spec("vpn", has_health_check=True))
        self.observer = Observer(SimEngine(self.world), SimHost(self.world))
        self.stop = threading.Event()

    def wait(self, limit: int = 10, trial: int = 0) -> str:
        step = Step(
            verb=Verb.WAIT,
            container=self.id,
            name="vpn",
            timeout=limit,
            trial=trial,
        )
        return await_health(self.observer, step, self.stop)


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_it_waits_until_it_is_healthy(scene: Scene) -> None:
    began = time.monotonic()
    threading.Timer(0.3, set_health, (scene.world, "vpn", Health.HEALTHY)).start()
    assert scene.wait(limit=60) == ""
    assert time.monotonic() - began >= 0.25


def test_without_a_check_running_is_enough() -> None:
    scene = Scene()
    scene.id = scene.world.run(Spec("plain"))
    assert scene.wait(limit=0) == ""


def test_it_waits_no_longer_than_it_may(scene: Scene) -> None:
    assert scene.wait(limit=0) == f"vpn was not healthy within 0 s; {WENT_ON}"


def test_it_does_not_wait_once_the_program_is_to_end(scene: Scene) -> None:
    threading.Timer(0.1, scene.stop.set).start()
    with pytest.raises(Interrupted, match="while waiting for vpn"):
        scene.wait(limit=60)


def test_it_does_not_wait_for_what_is_unhealthy(scene: Scene) -> None:
    set_health(scene.world, "vpn", Health.UNHEALTHY)
    assert scene.wait() == f"vpn is unhealthy; {WENT_ON}"


def test_it_does_not_wait_for_what_has_ended(scene: Scene) -> None:
    scene.world.stop("vpn")
    with pytest.raises(EngineRefused, match="vpn ended with exit code 137"):
        scene.wait()


def test_it_does_not_wait_for_what_has_gone(scene: Scene) -> None:
    scene.world.remove("vpn", force=True)
    with pytest.raises(ContainerVanished, match="vpn is no longer there"):
        scene.wait()


def test_one_without_a_check_has_to_run_for_a_while() -> None:
    scene = Scene()
    scene.id = scene.world.run(Spec("plain"))
    began = time.monotonic()
    assert scene.wait(trial=1) == ""
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize(
    ("accident", "said"),
    [(crash, "vpn ended with exit code 1"), (loop, "vpn keeps exiting")],
)
def test_one_without_a_check_that_ends_meanwhile_is_no_owner(
    accident: Callable[[World, str], None], said: str
) -> None:
    scene = Scene()
    scene.id = scene.world.run(Spec("plain"))
    threading.Timer(0.3, accident, (scene.world, "plain")).start()
    with pytest.raises(EngineRefused, match=said):
        scene.wait(trial=10)


def test_one_that_was_started_again_meanwhile_is_no_owner_either() -> None:
    scene = Scene()
    scene.id = scene.world.run(Spec("plain", restart="always"))
    threading.Timer(0.3, crash, (scene.world, "plain")).start()
    with pytest.raises(EngineRefused, match="keeps exiting and being restarted"):
        scene.wait(trial=10)


def test_one_with_a_check_may_be_started_again_before_it_is_healthy() -> None:
    scene = Scene()
    spec = Spec("own", has_health_check=True, restart="always")
    scene.id = scene.world.run(spec)
    healthy = (scene.world, "own", Health.HEALTHY)

    def crash_first() -> None:
        crash(scene.world, "own")
        threading.Timer(0.6, set_health, healthy).start()

    threading.Timer(0.2, crash_first).start()
    assert scene.wait(limit=60) == ""

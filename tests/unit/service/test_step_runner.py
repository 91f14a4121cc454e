"""One step, and what is seen of it."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.faults import crash
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import ContainerVanished, EngineRefused, HalfDone, NstuiError
from nstui.model.outcome import PlanRecord
from nstui.model.step import Action, Step, Verb
from nstui.service.audit import ActionAudit
from nstui.service.observer import Observer
from nstui.service.step_runner import NoManagers, StepRunner
from tests.support.builders import NOON
from tests.support.managers import SYSTEM_UNIT
from tests.support.sim_accidents import disconnect
from tests.support.sim_compose import SimCompose
from tests.support.sim_faults import FaultyEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.container import Container, ContainerId
    from nstui.service.step_runner import CompletedStep


class Eventful(FaultyEngine):
    """An engine on which something happens right after a request, or a few looks."""

    def __init__(self, world: World) -> None:
        super().__init__(SimEngine(world))
        self.after: Callable[[], object] = lambda: None
        self.looks = 0

    def start(self, container: ContainerId) -> None:
        """Start a container."""
        super().start(container)
        if not self.looks:
            self.after()

    def kill(self, container: ContainerId, signal: str | None = None) -> None:
        """Send a signal."""
        super().kill(container, signal)
        self.after()

    def containers(self) -> tuple[Container, ...]:
        """Return every container."""
        found = super().containers()
        if self.looks and "start" in self.asked:
            self.looks -= 1
            if not self.looks:
                self.after()
        return found


class Scene:
    """An owner and a dependent that does not run, and who takes steps."""

    def __init__(self) -> None:
        self.world = World()
        self.world.run(Spec("own"))
        self.world.create(Spec("dep", network="container:own"))
        self.engine = Eventful(self.world)
        self.observer = Observer(self.engine, SimHost(self.world))
        self.runner = StepRunner(
            self.engine,
            self.observer,
            SimCompose(self.world),
            ActionAudit(
                MemoryAuditLog(),
                endpoint="sim",
                find_engine_id=str,
                who="",
                clock=lambda: NOON,
            ),
            NoManagers(),
        )

    def step(self, verb: Verb, name: str) -> Step:
        """Return a step for a container that is there."""
        return Step(verb=verb, container=self.world.records.get(name).id, name=name)

    def run(self, step: Step, *records: PlanRecord) -> CompletedStep:
        """Take a step, with the records of plans that were cut off."""
        report = self.observer.look_afresh()
        snapshot = replace(report.snapshot, unfinished=records)
        report = type(report)(snapshot)
        return self.runner.run(step, report, lambda _: None, threading.Event())


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_where_there_are_no_managers_none_is_asked() -> None:
    assert not NoManagers().reaches(SYSTEM_UNIT)
    with pytest.raises(EngineRefused, match="systemctl cannot be asked from here"):
        NoManagers().run(("systemctl", "stop", "a.service"))


@pytest.mark.parametrize("verb", [Verb.STOP, Verb.MANAGER, Verb.COMPOSE, Verb.RECREATE])
def test_nothing_is_asked_for_a_container_that_is_gone(
    scene: Scene, verb: Verb
) -> None:
    step = scene.step(verb, "own")
    scene.world.remove("own", force=True)
    with pytest.raises(ContainerVanished, match="own is no longer there"):
        scene.run(step)
    assert scene.engine.asked == []


def test_what_has_lost_its_network_is_attached_again(scene: Scene) -> None:
    disconnect(scene.world, "own")
    done = scene.run(replace(scene.step(Verb.CONNECT, "own"), network="bridge"))
    assert done.seen is None
    (own,) = (c for c in scene.engine.containers() if c.name == "own")
    assert own.networks == ("bridge",)


def test_what_is_removed_is_gone(scene: Scene) -> None:
    scene.run(replace(scene.step(Verb.RM, "own"), force=True))
    assert [c.name for c in scene.engine.containers()] == ["dep"]


def test_a_program_that_ends_at_once_was_started(scene: Scene) -> None:
    scene.engine.after = lambda: crash(scene.world, "dep", 3)
    done = scene.run(scene.step(Verb.START, "dep"))
    assert done.seen is not None
    assert done.seen.state == "exited"


def test_what_is_started_into_a_namespace_that_ends_is_not_well(scene: Scene) -> None:
    scene.engine.after = lambda: scene.world.restart("own")
    with pytest.raises(HalfDone, match=r"dep runs, but it is in net.*, not in that of"):
        scene.run(scene.step(Verb.START, "dep"))


def test_what_is_removed_after_it_was_seen_to_run_was_started(scene: Scene) -> None:
    scene.engine.looks = 2
    scene.engine.after = lambda: scene.world.remove("dep", force=True)
    done = scene.run(scene.step(Verb.START, "dep"))
    assert done.seen is not None
    assert done.seen.state == "running"


@pytest.mark.parametrize("signal", [None, "KILL", "9", "HUP"])
def test_what_runs_again_was_not_killed(scene: Scene, signal: str | None) -> None:
    scene.engine.after = lambda: scene.world.restart("own")
    step = replace(scene.step(Verb.KILL, "own"), signal=signal)
    if signal == "HUP":
        assert scene.run(step).seen is not None
        return
    with pytest.raises(HalfDone) as caught:
        scene.run(step)
    assert str(caught.value) == (
        "own was killed, but something has started it again: it is running"
    )


@pytest.mark.parametrize(
    ("id_", "words"),
    [
        ("f00", "nothing was begun with own"),
        ("bad", "the record of what was begun with own is gone"),
    ],
)
def test_what_was_never_begun_is_not_finished(
    scene: Scene, id_: str, words: str
) -> None:
    record = PlanRecord(
        id="f00",
        began_at=NOON,
        endpoint="sim",
        action=Action.HEAL,
        steps=(scene.step(Verb.RECREATE, "own"),),
        running=frozenset(),
        begun=0,
        done=0,
        new=None,
    )
    step = replace(scene.step(Verb.FINISH, "own"), record=id_)
    with pytest.raises(NstuiError, match=words):
        scene.run(step, replace(record, id="0"), record)

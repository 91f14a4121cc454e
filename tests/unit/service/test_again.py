"""What is put back after a failure is started again, and seen to run on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.faults import crash, loop
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineRefused, StepFailed
from nstui.model.container import is_id
from nstui.model.namespace import NamespaceKind
from nstui.model.outcome import Aftermath
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from nstui.service.host import open_host

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.container import Container, ContainerId
    from nstui.model.outcome import Outcome


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0)


class FragileEngine(SimEngine):
    """An engine whose containers may do something as soon as they are started."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.world = world
        self.started: dict[str, Callable[[], None]] = {}
        """What happens once one was started, by its name."""

        self.hangs_in_the_end = False
        """Whether it answers nothing once what stood in for an owner was removed."""

    def start(self, container: ContainerId) -> None:
        name = self.world.records.get(container).name
        super().start(container)
        self.started.get(name, lambda: None)()

    def remove(
        self, container: ContainerId, *, force: bool = False, volumes: bool = False
    ) -> None:
        stands_in = is_id(self.world.records.get(container).name)
        super().remove(container, force=force, volumes=volumes)
        if stands_in and self.hangs_in_the_end:
            self.hang()


class Scene:
    """An owner that was made anew, ``mid`` that joined the old one, and others."""

    def __init__(self, *others: Spec) -> None:
        self.world = World()
        self.engine = FragileEngine(self.world)
        for spec in (Spec("own"), Spec("mid", network="container:own"), *others):
            self.world.run(spec)
        self.connection = open_host(
            self.engine, SimHost(self.world), MemoryAuditLog(), endpoint="demo://"
        )
        self.connection.observer.look()
        self.world.remove("own", force=True)
        self.world.run(Spec("own"))

    def end(self, name: str, code: int) -> None:
        """Let one end whenever it was started from now on."""
        self.engine.started[name] = lambda: crash(self.world, name, code)

    def heal(self) -> Outcome:
        """Heal everybody, which fails; return what has come of it."""
        request = Request(
            action=Action.HEAL, targets=(), policy=Policy.WITH_DEPENDENTS, timeout=0
        )
        plan = self.connection.executor.plan(request)
        with pytest.raises(StepFailed) as caught:
            self.connection.executor.carry_out(plan)
        return caught.value.outcome

    def state(self, name: str) -> str:
        """Return the state of a container."""
        return self.world.records.get(name).state.value


def test_one_that_ends_again_once_it_was_put_back_is_not_as_it_was() -> None:
    scene = Scene()
    scene.end("mid", 7)
    outcome = scene.heal()
    assert [failure.aftermath for failure in outcome.failed] == [Aftermath.CHANGED]
    assert outcome.failed[0].reason == (
        "the new mid ended with exit code 7;"
        " mid was started again, but it ended with exit code 7"
    )
    assert scene.state("mid") == "exited"


def test_one_that_keeps_exiting_once_it_was_put_back_is_not_as_it_was() -> None:
    scene = Scene()
    scene.engine.started["mid"] = lambda: loop(scene.world, "mid")
    said = scene.heal().failed[0].reason
    assert "mid was started again, but it keeps exiting and being restarted" in said


def test_one_that_runs_again_is_as_it_was() -> None:
    scene = Scene()
    ends = iter((True, False))

    def end_once() -> None:
        if next(ends):
            crash(scene.world, "mid", 7)

    scene.engine.started["mid"] = end_once
    outcome = scene.heal()
    assert [failure.aftermath for failure in outcome.failed] == [Aftermath.UNCHANGED]
    assert outcome.failed[0].reason.endswith("exit code 7; mid was put back")
    assert scene.state("mid") == "running"


def test_a_new_one_that_ends_after_a_while_is_put_back_and_both_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 1.0)
    scene = Scene()
    ends = iter((True, False))
    due: list[float] = []
    look = scene.engine.containers

    def look_and_end() -> tuple[Container, ...]:
        # However late a look comes, it sees that it has ended.
        if due and time.monotonic() >= due[0]:
            due.clear()
            crash(scene.world, "mid", 7)
        return look()

    monkeypatch.setattr(scene.engine, "containers", look_and_end)
    scene.engine.started["mid"] = lambda: (
        due.append(time.monotonic() + 0.2) if next(ends) else None
    )
    began = time.monotonic()
    (failure,) = scene.heal().failed
    assert failure.reason == "the new mid ended with exit code 7; mid was put back"
    assert time.monotonic() - began >= 1.2
    assert scene.state("mid") == "running"


def test_one_that_cannot_be_started_again_is_said_to_be_down() -> None:
    scene = Scene()

    def refuse() -> None:
        crash(scene.world, "mid", 7)
        raise EngineRefused("no space left")

    scene.engine.started["mid"] = refuse
    said = scene.heal().failed[0].reason
    assert "mid was started again, but it ended with exit code 7" in said


def test_one_that_was_started_before_the_engine_was_lost_may_run_or_not() -> None:
    scene = Scene()
    ends = iter((True, False))
    scene.engine.started["mid"] = lambda: (
        crash(scene.world, "mid", 7) if next(ends) else None
    )
    scene.engine.hangs_in_the_end = True
    (failure,) = scene.heal().failed
    assert failure.aftermath is Aftermath.CHANGED
    assert failure.reason == (
        "the new mid ended with exit code 7; mid was started again, but whether it runs"
        " is unknown: the engine at demo:// does not answer in time"
    )
    assert scene.state("mid") == "running"


def leaf(*kinds: str) -> Spec:
    """Return one that joined ``mid`` in its pid namespace, and in others."""
    network = "container:mid" if "net" in kinds else "bridge"
    return Spec("leaf", network=network, pid="container:mid")


@pytest.mark.parametrize("kinds", [(), ("net",)], ids=["well", "broken too"])
def test_who_ended_with_one_that_is_put_back_runs_again(kinds: tuple[str, ...]) -> None:
    far = Spec("far", pid="container:leaf")
    scene = Scene(leaf(*kinds), far)
    ends = iter((True, False))
    scene.engine.started["mid"] = lambda: (
        crash(scene.world, "mid", 9) if next(ends) else None
    )
    outcome = scene.heal()
    assert [failure.step.name for failure in outcome.failed] == ["mid"]
    assert outcome.failed[0].reason.endswith("mid was put back, and so was leaf, far")
    assert {one.step.name: one.now for one in outcome.left} == {"leaf": "", "far": ""}
    assert [scene.state(name) for name in ("mid", "leaf", "far")] == ["running"] * 3
    mid, last = (scene.world.records.get(name) for name in ("mid", "far"))
    assert last.namespaces[NamespaceKind.PID] is mid.namespaces[NamespaceKind.PID]


def test_who_did_not_run_before_is_not_started() -> None:
    scene = Scene(leaf())
    scene.world.stop("leaf")
    ends = iter((True, False))
    scene.engine.started["mid"] = lambda: (
        crash(scene.world, "mid", 9) if next(ends) else None
    )
    assert scene.heal().failed[0].reason.endswith("mid was put back")
    assert scene.state("leaf") == "exited"


def test_who_stays_down_with_one_that_was_left_alone_is_named() -> None:
    scene = Scene(leaf())
    scene.end("mid", 9)
    outcome = scene.heal()
    assert {one.step.name: one.now for one in outcome.left} == {
        "leaf": "leaf ran before and is exited now"
    }


def test_one_that_another_step_ended_is_not_as_it_was_before_the_plan() -> None:
    """Its own step was refused and changed nothing, but its owner was restarted."""
    scene = Scene()
    scene.world.run(Spec("guest", pid="container:own"))

    def refuse(
        container: str, timeout: int | None = None, signal: str | None = None
    ) -> None:
        del timeout, signal
        if scene.world.records.get(container).name == "guest":
            raise EngineRefused("no space left")
        scene.world.restart(container)

    scene.engine.restart = refuse  # type: ignore[method-assign]
    request = Request(
        action=Action.RESTART,
        targets=(scene.world.records.get("own").id,),
        policy=Policy.WITH_DEPENDENTS,
    )
    plan = scene.connection.executor.plan(request)
    with pytest.raises(StepFailed) as caught:
        scene.connection.executor.carry_out(plan)
    assert "no space left; guest ran before and is exited now" in str(caught.value)

"""Starts, pauses and unpauses that are carried out, and looked at afterwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis import startable
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import ActionImpossible, StepFailed
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from nstui.service import lasting, verified
from nstui.service.host import open_host
from tests.support.sim_faults import REFUSAL, Fault, FaultyEngine

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.plan import Plan
    from nstui.service.results import Progress


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lasting, "LASTING_S", 0.0)
    monkeypatch.setattr(verified, "SETTLING_S", 0.0)
    monkeypatch.setattr(startable, "TRIAL_S", 0)


class Scene:
    """An owner ``own`` with a dependent ``dep``, and ``far`` in the network of that."""

    def __init__(self) -> None:
        self.world = World()
        self.world.run(Spec("own"))
        self.world.run(Spec("dep", network="container:own"))
        self.world.run(Spec("far", network="container:dep"))
        self.engine = FaultyEngine(SimEngine(self.world))
        self.host = open_host(
            self.engine, SimHost(self.world), MemoryAuditLog(), endpoint="demo://"
        )

    def plan(
        self, action: Action, *names: str, policy: Policy = Policy.PROTECT
    ) -> Plan:
        targets = tuple(self.world.records.get(name).id for name in names)
        return self.host.executor.plan(
            Request(action=action, targets=targets, policy=policy)
        )

    def carry_out(
        self,
        plan: Plan,
        on_progress: Callable[[Progress], object] = repr,
    ) -> list[str]:
        done = self.host.executor.carry_out(plan, on_progress).done
        return [f"{step.verb} {step.name}" for step in done]

    def states(self) -> str:
        return " ".join(self.world.records.get(n).state for n in ("own", "dep", "far"))

    def stop(self) -> None:
        for name in ("far", "dep", "own"):
            self.world.stop(name)


def test_a_start_of_a_dependent_starts_its_owners_first() -> None:
    scene = Scene()
    scene.stop()
    assert scene.carry_out(scene.plan(Action.START, "far")) == [
        *("start own", "wait own", "start dep", "wait dep", "start far"),
    ]
    assert scene.states() == "running running running"
    report = scene.host.observer.look_afresh()
    assert report.findings == ()


def test_a_start_of_an_owner_leaves_who_runs_in_its_old_namespace() -> None:
    scene = Scene()
    scene.world.stop("own")
    plan = scene.plan(Action.START, "own")
    assert plan.notes == (
        (
            "dep, far are running and will not be in the new network of own: heal them"
            " afterwards"
        ),
    )
    assert scene.carry_out(plan) == ["start own"]
    found = {
        (scene.host.observer.look().graph.name(f.container), f.code.value)
        for f in scene.host.observer.look_afresh().findings
    }
    assert found == {("dep", "stale-join"), ("far", "stale-join")}


def test_a_start_is_refused_where_the_owner_is_gone() -> None:
    scene = Scene()
    scene.stop()
    gone = scene.world.records.get("own").id[:12]
    scene.world.remove("own")
    plan = scene.plan(Action.START, "far")
    (objection,) = plan.objections
    assert objection == (
        f"dep could not start: {gone} no longer exists;"
        " create own again, then: nstui heal dep"
    )
    with pytest.raises(ActionImpossible, match="no longer exists"):
        scene.carry_out(plan)
    assert "start" not in scene.engine.asked


def test_pausing_an_owner_freezes_nobody_else() -> None:
    scene = Scene()
    assert scene.carry_out(scene.plan(Action.PAUSE, "own")) == ["pause own"]
    assert scene.states() == "paused running running"
    assert scene.host.observer.look_afresh().findings == ()
    assert scene.carry_out(scene.plan(Action.UNPAUSE, "own")) == ["unpause own"]
    assert scene.states() == "running running running"


def test_with_dependents_all_of_them_are_paused_and_unpaused() -> None:
    scene = Scene()
    policy = Policy.WITH_DEPENDENTS
    plan = scene.plan(Action.PAUSE, "own", policy=policy)
    assert scene.carry_out(plan) == ["pause far", "pause dep", "pause own"]
    assert scene.states() == "paused paused paused"
    plan = scene.plan(Action.UNPAUSE, "own", policy=policy)
    assert scene.carry_out(plan) == ["unpause own", "unpause dep", "unpause far"]
    assert scene.states() == "running running running"


def test_a_pause_that_is_not_seen_has_failed() -> None:
    scene = Scene()
    scene.engine.fail(1, Fault.LIED)
    with pytest.raises(StepFailed, match="was paused, but it is running"):
        scene.carry_out(scene.plan(Action.PAUSE, "own"))


def test_what_does_not_need_a_failed_start_is_started_all_the_same() -> None:
    scene = Scene()
    scene.world.create(Spec("alone"))
    scene.stop()
    scene.engine.fail(1, Fault.REFUSED)
    with pytest.raises(StepFailed, match=REFUSAL) as caught:
        scene.carry_out(scene.plan(Action.START, "dep", "alone"))
    outcome = caught.value.outcome
    assert [step.name for step in outcome.done] == ["own", "own", "dep"]
    assert [failure.step.name for failure in outcome.failed] == ["alone"]


@pytest.mark.parametrize(
    ("action", "before", "happens"),
    [
        (Action.START, ("stop",), "start"),
        (Action.PAUSE, (), "pause"),
        (Action.UNPAUSE, ("pause",), "unpause"),
    ],
)
def test_what_somebody_else_has_done_meanwhile_is_done(
    action: Action, before: tuple[str, ...], happens: str
) -> None:
    scene = Scene()
    for name in ("a", "b"):
        scene.world.run(Spec(name))
        for word in before:
            getattr(scene.world, word)(name)
    plan = scene.plan(action, "a", "b")
    ids = {step.name: step.container for step in plan.steps}
    first, second = plan.steps

    def act_on_the_second(progress: Progress) -> None:
        if progress.is_done and progress.step == first:
            getattr(scene.world, happens)(ids[second.name])

    done = scene.carry_out(plan, act_on_the_second)
    assert done == [f"{action} {first.name}", f"{action} {second.name}"]
    assert scene.engine.asked == [happens]


def test_a_job_that_has_done_its_work_is_told() -> None:
    scene = Scene()
    scene.world.create(Spec("job", stop_code=0))
    plan = scene.plan(Action.START, "job")

    def end(progress: Progress) -> None:
        if progress.is_done:
            scene.world.stop("job")

    outcome = scene.host.executor.carry_out(plan, end)
    assert [step.name for step in outcome.done] == ["job"]
    assert outcome.remarks == ("job was started and has ended with exit code 0",)

"""What fails keeps only that from being done which needs it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import (
    EngineRefused,
    EngineUnreachable,
    Interrupted,
    PlanOutdated,
    StepFailed,
)
from nstui.model.outcome import Aftermath
from nstui.model.plan import Policy, Request
from nstui.model.step import Action, Verb
from nstui.service.host import open_host
from tests.support.sim_faults import REFUSAL, Fault, FaultyEngine, Killed

if TYPE_CHECKING:
    from nstui.model.namespace import Namespace
    from nstui.model.outcome import Outcome
    from nstui.model.plan import Plan
    from nstui.service.executor import Executor
    from nstui.service.results import Progress

HEAL = Request(action=Action.HEAL, targets=())


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0)


class Scene:
    """Two owners: ``a`` with a chain and a dependent beside it, and ``z`` with one."""

    def __init__(self) -> None:
        self.world = World()
        for spec in (
            Spec("a"),
            Spec("a-dep", network="container:a"),
            Spec("a-far", network="container:a-dep"),
            Spec("a-too", network="container:a"),
            Spec("z"),
            Spec("z-dep", network="container:z"),
        ):
            self.world.run(spec)
        self.engine = FaultyEngine(SimEngine(self.world))
        self.audit_log = MemoryAuditLog()
        self.executor: Executor = open_host(
            self.engine, SimHost(self.world), self.audit_log, endpoint="demo://"
        ).executor
        self.told: list[Progress] = []

    def tear(self) -> Plan:
        """Restart both owners alone; return the plan that heals what that has torn."""
        self.world.restart("a")
        self.world.restart("z")
        return self.executor.plan(HEAL)

    def fail(self, plan: Plan) -> Outcome:
        """Carry out a plan that fails; return what has come of it."""
        with pytest.raises(StepFailed) as caught:
            self.executor.carry_out(plan, self.told.append)
        return caught.value.outcome

    def network(self, name: str) -> Namespace:
        """Return the network namespace of a container."""
        record = self.world.records.get(name)
        return next(
            space.value for kind, space in record.namespaces.items() if kind == "net"
        )

    def healed(self) -> set[str]:
        """Return the dependents that are in their owner's network."""
        names = ("a-dep", "a-far", "a-too", "z-dep")
        return {n for n in names if self.network(n) == self.network(n[0])}


def test_what_needs_what_failed_is_left_alone_and_the_rest_is_healed() -> None:
    scene = Scene()
    plan = scene.tear()
    assert [step.name for step in plan.steps if step.verb is Verb.RESTART] == [
        "a-dep",
        "a-far",
        "a-too",
        "z-dep",
    ]
    scene.engine.fail(1, Fault.REFUSED)
    outcome = scene.fail(plan)
    assert [(f.step.name, f.aftermath) for f in outcome.failed] == [
        ("a-dep", Aftermath.UNCHANGED)
    ]
    assert [(left.step.name, left.needed) for left in outcome.left] == [
        ("a-far", "a-dep")
    ]
    assert scene.healed() == {"a-too", "z-dep"}


def test_the_error_says_what_failed_what_was_left_and_what_helps() -> None:
    scene = Scene()
    plan = scene.tear()
    scene.engine.fail(1, Fault.REFUSED)
    with pytest.raises(StepFailed) as caught:
        scene.executor.carry_out(plan)
    assert str(caught.value) == (
        f"could not restart a-dep: {REFUSAL}; did not restart a-far, which needs a-dep;"
        " done: restart a-too, restart z-dep;"
        " not done: restart a-dep, wait for a-dep, restart a-far;"
        " to go on, fix that, then: docker restart a-dep a-far"
    )


def test_a_restart_that_fails_half_way_brings_the_other_dependents_back() -> None:
    scene = Scene()
    request = Request(
        action=Action.RESTART,
        targets=(scene.world.records.get("a").id,),
        policy=Policy.WITH_DEPENDENTS,
    )
    plan = scene.executor.plan(request)
    scene.engine.fail(2, Fault.REFUSED)
    outcome = scene.fail(plan)
    assert [failure.step.name for failure in outcome.failed] == ["a-dep"]
    assert scene.healed() == {"a-too", "z-dep"}


def test_where_the_owner_itself_fails_its_dependents_stay_as_they_are() -> None:
    scene = Scene()
    before = {name: scene.network(name) for name in ("a-dep", "a-far", "a-too")}
    request = Request(
        action=Action.RESTART,
        targets=(scene.world.records.get("a").id,),
        policy=Policy.WITH_DEPENDENTS,
    )
    scene.engine.fail(1, Fault.REFUSED)
    outcome = scene.fail(scene.executor.plan(request))
    assert outcome.done == ()
    assert {name: scene.network(name) for name in before} == before
    assert scene.healed() == {"a-dep", "a-far", "a-too", "z-dep"}


def test_what_was_asked_for_and_not_answered_is_no_reason_to_stop() -> None:
    scene = Scene()
    plan = scene.tear()

    def lose(
        container: str, timeout: int | None = None, signal: str | None = None
    ) -> None:
        del container, timeout, signal
        scene.engine.__dict__.pop("restart")
        raise EngineUnreachable("the engine did not answer within 10 s")

    scene.engine.__dict__["restart"] = lose
    outcome = scene.fail(plan)
    assert [f.aftermath for f in outcome.failed] == [Aftermath.UNKNOWN]
    assert scene.healed() == {"a-too", "z-dep"}


def test_an_engine_that_is_lost_ends_it() -> None:
    scene = Scene()
    plan = scene.tear()

    def lose(
        container: str, timeout: int | None = None, signal: str | None = None
    ) -> None:
        del container, timeout, signal
        scene.engine.__dict__["containers"] = lost
        raise EngineUnreachable("the engine did not answer within 10 s")

    def lost() -> tuple[()]:
        raise EngineUnreachable("nobody answers")

    scene.engine.__dict__["restart"] = lose
    outcome = scene.fail(plan)
    assert len(outcome.failed) == 1
    assert scene.engine.asked == []


def test_what_is_gone_meanwhile_keeps_nothing_else_from_being_healed() -> None:
    scene = Scene()
    plan = scene.tear()

    def take_away(progress: Progress) -> None:
        if progress.is_done and progress.number == 1:
            scene.world.remove("a-too", force=True)

    with pytest.raises(PlanOutdated, match="stopped: a-too is no longer there; done:"):
        scene.executor.carry_out(plan, take_away)
    assert scene.network("z-dep") == scene.network("z")
    assert scene.network("a-far") == scene.network("a")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_signal_ends_everything(number: int) -> None:
    scene = Scene()
    plan = scene.tear()
    scene.engine.fail(1, Fault.REFUSED)

    def stop(progress: Progress) -> None:
        if len(scene.told) == number:
            scene.executor.stop_soon()
        scene.told.append(progress)

    with pytest.raises(Interrupted) as caught:
        scene.executor.carry_out(plan, stop)
    assert "could not restart a-dep" in str(caught.value)
    assert "z-dep" not in scene.healed()


def test_the_screen_is_told_of_what_failed_and_of_what_was_left() -> None:
    scene = Scene()
    plan = scene.tear()
    scene.engine.fail(1, Fault.REFUSED)
    scene.fail(plan)
    failed = {one.step.name for one in scene.told if one.has_failed}
    done = {one.step.name for one in scene.told if one.is_done}
    assert (failed, done) == ({"a-dep", "a-far"}, {"a-too", "z-dep"})


def test_one_of_whom_nothing_can_be_found_out_keeps_no_other_from_it() -> None:
    """Planning asks the engine too, of each that has to be recreated."""
    scene = Scene()
    scene.tear()
    for name in ("a-far", "a-dep", "a-too"):
        scene.world.remove(name, force=True)
    scene.world.run(Spec("lost", network="container:a"))
    scene.world.remove("a", force=True)
    scene.world.run(Spec("a"))

    def refuse(*_: object) -> tuple[str, ...]:
        raise EngineRefused("the driver failed")

    scene.engine.__dict__["left_out"] = refuse
    plan = scene.executor.plan(HEAL)
    assert [(u.name, "the driver failed" in u.reason) for u in plan.unhealed] == [
        ("lost", True)
    ]
    assert [step.name for step in plan.steps] == ["z-dep"]


def cut_off(scene: Scene) -> None:
    """Let ``z-dep`` be recreated, and nstui be killed once the old one is stopped."""
    scene.world.remove("z", force=True)
    scene.world.run(Spec("z"))
    z_dep = replace(HEAL, targets=(scene.world.records.get("z-dep").id,))
    plan = scene.executor.plan(z_dep)
    scene.engine.fail(2, Fault.KILLED_AFTER)
    with pytest.raises(Killed):
        scene.executor.carry_out(plan)
    scene.audit_log.release_all()


def test_after_what_was_cut_off_the_rest_is_asked_for() -> None:
    scene = Scene()
    assert scene.executor.request_after(scene.tear()) is None
    cut_off(scene)
    plan = scene.executor.plan(HEAL)
    assert [(step.verb, step.name) for step in plan.steps] == [(Verb.FINISH, "z-dep")]
    assert scene.executor.request_after(plan) == HEAL


def test_what_was_cut_off_and_has_lost_its_new_owner_too_is_undone() -> None:
    scene = Scene()
    before = scene.world.records.get("z-dep").id
    cut_off(scene)
    scene.world.remove("z", force=True)
    plan = scene.executor.plan(HEAL)
    assert [(step.verb, step.name) for step in plan.steps] == [(Verb.UNDO, "z-dep")]
    scene.executor.carry_out(plan)
    assert scene.world.records.get("z-dep").id == before
    assert scene.world.records.get("z-dep").state.has_process
    assert len(tuple(scene.world.records)) == 5

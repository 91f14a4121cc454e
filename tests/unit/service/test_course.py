"""What becomes of a plan whose engine, records or containers fail on the way."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
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
    StepFailed,
    Unreachable,
)
from nstui.model.container import ComposeService
from nstui.model.outcome import Aftermath
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from nstui.service.host import open_host
from tests.support.sim_compose import ActingCompose
from tests.support.sim_faults import REFUSAL, Fault, FaultyEngine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from nstui.model.container import Container, ContainerId, Join
    from nstui.model.outcome import Outcome
    from nstui.service.results import Progress

DRIVER = "the driver failed"
LOST = "the engine at demo:// does not answer in time"
FULL = "no trace can be kept: no space left on device"
WEB = ComposeService("p", "web", depends_on=("own",))


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0)


class Silent(FaultyEngine):
    """An engine that tells less of its containers, or nothing, if it is told to."""

    def __init__(self, engine: SimEngine) -> None:
        super().__init__(engine)
        self.problem: EngineUnreachable | None = None
        """Why nothing is stopped."""

        self.lacks: tuple[str, ...] = ()
        """What a copy would not have."""

        self.looks = 0
        self._refuses: set[str] = set()

    def containers(self) -> tuple[Container, ...]:
        """Return every container."""
        self.looks += 1
        return super().containers()

    def refuse(self, what: str) -> None:
        """Do not tell any more what a container is, or what is left out."""
        self._refuses.add(what)

    def inspect(self, container: ContainerId) -> Mapping[str, object]:
        """Return everything that is known of a container."""
        known = super().inspect(container)
        if str(known["Name"]).lstrip("/") in self._refuses:
            raise EngineRefused(DRIVER)
        return known

    def left_out(
        self, container: ContainerId, joins: Iterable[Join]
    ) -> tuple[str, ...]:
        """Return what a copy would not have."""
        if "left out" in self._refuses:
            raise EngineRefused(DRIVER)
        return (*super().left_out(container, joins), *self.lacks)

    def stop(
        self,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        """Stop a container."""
        if self.problem is not None:
            raise self.problem
        super().stop(container, timeout, signal)


class Scene:
    """An owner ``own`` with two dependents, of which ``web`` may be compose's."""

    def __init__(
        self, own: Spec | None = None, act: Callable[[Container], object] = repr
    ) -> None:
        self.world = World()
        self.sim = SimEngine(self.world)
        self.engine = Silent(self.sim)
        self.audit_log = MemoryAuditLog()
        self.own = own or Spec("own")
        self.world.run(self.own)
        self.world.run(Spec("dep", network="container:own"))
        self.world.run(
            Spec("web", network="container:own", compose=self.own.compose and WEB)
        )
        self.compose = ActingCompose(self.world, act)
        self.host = open_host(
            self.engine,
            SimHost(self.world),
            self.audit_log,
            endpoint="demo://",
            find_compose=lambda: self.compose,
        )
        self.host.observer.look()
        self.told: list[str] = []

    def request(self, action: Action) -> Request:
        """Ask for an action on the owner and all that depend on it."""
        targets = () if action is Action.HEAL else (self.world.records.get("own").id,)
        policy = Policy.WITH_DEPENDENTS
        return Request(action=action, targets=targets, policy=policy, stop_first=True)

    def carry_out(
        self, request: Request, at: str = "", happens: Callable[[], object] = list
    ) -> Outcome:
        """Carry out what is asked for.

        Args:
            request: What is asked for.
            at: Of which news of a step something happens, such as ``begun stop dep``.
            happens: What happens then.

        """

        def tell(progress: Progress) -> None:
            phase = "failed" if progress.has_failed else "begun"
            phase = "done" if progress.is_done else phase
            self.told.append(f"{phase} {progress.step.verb} {progress.step.name}")
            if self.told[-1] == at:
                happens()

        return self.host.executor.carry_out(self.host.executor.plan(request), tell)

    def fail(
        self, request: Request, at: str = "", happens: Callable[[], object] = list
    ) -> Outcome:
        """Carry out what fails; return what has come of it."""
        with pytest.raises(StepFailed) as caught:
            self.carry_out(request, at, happens)
        return caught.value.outcome

    def tear(self) -> None:
        """Restart the owner alone."""
        self.world.restart("own")

    def remake_owner(self) -> None:
        """Make the owner anew."""
        self.world.remove("own", force=True)
        self.world.run(self.own)

    def states(self) -> dict[str, str]:
        """Return the states of all."""
        return {record.name: record.state.value for record in self.world.records}


def failures(outcome: Outcome) -> list[tuple[str, str, Aftermath]]:
    """Return what failed, why, and what that left."""
    return [
        (f"{f.step.verb} {f.step.name}", f.reason, f.aftermath) for f in outcome.failed
    ]


def done(outcome: Outcome) -> list[str]:
    """Return what was done."""
    return [f"{step.verb} {step.name}" for step in outcome.done]


def test_what_was_seen_to_be_done_is_done_although_nobody_answers_any_more() -> None:
    scene = Scene()
    outcome = scene.carry_out(
        scene.request(Action.STOP), "done stop own", scene.sim.hang
    )
    assert done(outcome) == ["stop dep", "stop web", "stop own"]
    assert outcome.failed == ()


def test_what_failed_is_told_although_nobody_answers_any_more() -> None:
    scene = Scene()
    scene.tear()
    scene.engine.fail(1, Fault.REFUSED)
    outcome = scene.fail(scene.request(Action.HEAL), "done restart web", scene.sim.hang)
    assert failures(outcome) == [("restart dep", REFUSAL, Aftermath.UNCHANGED)]
    assert done(outcome) == ["restart web"]


def test_an_engine_that_is_lost_between_two_steps_ends_it() -> None:
    scene = Scene()
    looks: list[int] = []

    def hang() -> None:
        scene.sim.hang()
        looks.append(scene.engine.looks)

    outcome = scene.fail(scene.request(Action.STOP), "done stop dep", hang)
    assert scene.engine.looks == looks[0] + 1, "it is asked again"
    assert failures(outcome) == [("stop web", LOST, Aftermath.NOT_ASKED)]
    assert done(outcome) == ["stop dep"]
    assert scene.engine.asked == ["stop"]
    assert scene.told[-1] == "failed stop web"


@pytest.mark.parametrize(
    ("reason", "aftermath"),
    [
        (Unreachable.REFUSED, Aftermath.NOT_ASKED),
        (Unreachable.MISSING_SOCKET, Aftermath.NOT_ASKED),
        (Unreachable.PERMISSION, Aftermath.NOT_ASKED),
        (Unreachable.TIMED_OUT, Aftermath.UNKNOWN),
        (Unreachable.OTHER, Aftermath.UNKNOWN),
    ],
)
def test_only_an_engine_that_was_reached_may_have_done_it(
    reason: Unreachable, aftermath: Aftermath
) -> None:
    scene = Scene()
    scene.engine.problem = EngineUnreachable("gone", reason)
    outcome = scene.fail(scene.request(Action.STOP))
    assert failures(outcome) == [("stop dep", "gone", aftermath)]
    assert scene.states() == {"own": "running", "dep": "running", "web": "running"}


@pytest.mark.parametrize(("step", "asked"), [("dep", []), ("web", ["stop"])])
def test_what_cannot_be_written_down_is_not_asked_for(
    step: str, asked: list[str]
) -> None:
    scene = Scene()
    outcome = scene.fail(
        scene.request(Action.STOP), f"begun stop {step}", scene.audit_log.refuse
    )
    assert failures(outcome) == [(f"stop {step}", FULL, Aftermath.NOT_ASKED)]
    assert scene.engine.asked == asked


def test_nothing_else_is_asked_for_once_nothing_can_be_written_down() -> None:
    scene = Scene()
    scene.tear()
    outcome = scene.fail(
        scene.request(Action.HEAL), "begun restart dep", scene.audit_log.refuse
    )
    assert failures(outcome) == [("restart dep", FULL, Aftermath.NOT_ASKED)]
    assert scene.engine.asked == []
    assert "begun restart web" not in scene.told


def test_what_would_go_on_after_a_failure_is_not_asked_for_without_a_record() -> None:
    scene = Scene()
    scene.tear()
    scene.engine.fail(1, Fault.REFUSED)
    outcome = scene.fail(
        scene.request(Action.HEAL), "failed restart dep", scene.audit_log.refuse
    )
    assert failures(outcome) == [
        ("restart dep", REFUSAL, Aftermath.UNCHANGED),
        ("restart web", FULL, Aftermath.NOT_ASKED),
    ]
    assert scene.engine.asked == ["restart"]


def test_what_cannot_be_kept_is_not_removed() -> None:
    scene = Scene()
    outcome = scene.fail(
        scene.request(Action.RM), "begun rm dep", lambda: scene.engine.refuse("dep")
    )
    assert failures(outcome) == [("rm dep", DRIVER, Aftermath.NOT_ASKED)]
    assert scene.engine.asked == ["stop", "stop", "stop"]
    assert scene.states().keys() == {"own", "dep", "web"}


def test_what_cannot_be_kept_does_not_keep_others_from_being_healed() -> None:
    scene = Scene()
    scene.remake_owner()
    dep = scene.world.records.get("dep").id
    outcome = scene.fail(
        scene.request(Action.HEAL),
        "begun recreate dep",
        lambda: scene.engine.refuse("dep"),
    )
    assert failures(outcome) == [("recreate dep", DRIVER, Aftermath.NOT_ASKED)]
    assert done(outcome) == ["recreate web"]
    assert scene.world.records.get("dep").id == dep
    assert scene.states() == {"own": "running", "dep": "running", "web": "running"}


def test_a_program_that_is_to_end_does_not_wait_for_health() -> None:
    scene = Scene(own=Spec("own", has_health_check=True))
    with pytest.raises(Interrupted) as caught:
        scene.carry_out(
            scene.request(Action.RESTART),
            "begun wait own",
            scene.host.executor.stop_soon,
        )
    assert str(caught.value) == (
        "interrupted while waiting for own; done: restart own;"
        " not done: wait for own, restart dep, restart web"
    )
    assert scene.engine.asked == ["restart"]
    last = scene.audit_log.entries[-1]
    assert (last.verb, last.name, last.phase) == ("wait", "own", "failed")
    assert len(scene.audit_log.unfinished()) == 1


@pytest.mark.parametrize("case", ["it is whole", "unknown", "something lacks", "asked"])
def test_nstui_recreates_what_compose_refuses_only_if_the_plan_said_all_of_it(
    case: str,
) -> None:
    def refuse(_: Container) -> None:
        raise EngineRefused("no such image: app:2")

    scene = Scene(own=Spec("own", compose=ComposeService("p", "own")), act=refuse)
    scene.world.remove("dep", force=True)
    scene.remake_owner()
    request = scene.request(Action.HEAL)
    happens: Callable[[], object] = list
    if case == "unknown":
        happens = partial(scene.engine.refuse, "left out")
    elif case == "something lacks":
        scene.engine.lacks = ("ports 80/tcp",)
    elif case == "asked":
        scene.compose.changes["web"] = ("environment KEY",)
        request = replace(request, compose=True)
    web = scene.world.records.get("web").id
    if case == "it is whole":
        outcome = scene.carry_out(request, "begun compose web", happens)
        assert done(outcome) == ["compose web"]
        assert scene.world.records.get("web").id != web
        return
    outcome = scene.fail(request, "begun compose web", happens)
    assert failures(outcome) == [
        ("compose web", "no such image: app:2", Aftermath.UNCHANGED)
    ]
    assert scene.engine.asked == []
    assert scene.world.records.get("web").id == web

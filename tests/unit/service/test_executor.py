"""A plan is carried out as it was shown, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.plans.plans import with_policy
from nstui.audit.claims import FileClaims
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import (
    ActionImpossible,
    ContainerVanished,
    EngineRefused,
    EngineUnreachable,
    GroupInUse,
    PlanOutdated,
    StepFailed,
    WouldBreakDependents,
)
from nstui.model.container import ComposeService
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Policy, Request
from nstui.model.step import Action, Verb
from nstui.service.host import open_host
from nstui.service.observer import Observer
from tests.support.builders import NOON
from tests.support.sim_compose import SimCompose

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from nstui.analysis.report import Report
    from nstui.model.container import Container, ContainerId
    from nstui.model.healing import Recomposition
    from nstui.model.namespace import Namespace
    from nstui.model.plan import Plan
    from nstui.ports import Claims
    from nstui.service.executor import Executor
    from nstui.service.results import Progress


class Scene:
    """A world with an owner, two dependents in a chain, and a loner."""

    def __init__(self, claims: Claims | None = None) -> None:
        self.world = World(lambda: NOON)
        self.world.run(Spec("vpn"))
        self.world.run(Spec("dep", network="container:vpn"))
        self.world.run(Spec("dep2", network="container:dep"))
        self.world.run(Spec("loner"))
        self.engine = SimEngine(self.world)
        self.executor: Executor = open_host(
            self.engine,
            SimHost(self.world),
            MemoryAuditLog(),
            endpoint="sim",
            find_claims=lambda: claims,
        ).executor

    def plan(self, name: str, policy: Policy = Policy.PROTECT) -> Plan:
        request = Request(
            action=Action.RM,
            targets=(self.world.records.get(name).id,),
            stop_first=True,
        )
        return self.executor.plan(with_policy(request, policy))

    def names(self) -> list[str]:
        return sorted(record.name for record in self.world.records)


EVERYTHING = ["dep", "dep2", "loner", "vpn"]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_it_does_what_was_planned_step_by_step(scene: Scene) -> None:
    told: list[Progress] = []
    plan = scene.plan("vpn", Policy.WITH_DEPENDENTS)
    scene.executor.carry_out(plan, told.append)
    assert scene.names() == ["loner"]
    assert [(p.number, p.is_done) for p in told[:4]] == [
        (1, False),
        (1, True),
        (2, False),
        (2, True),
    ]
    assert [f"{p.step.verb} {p.step.name}" for p in told if p.is_done] == [
        "stop dep2",
        "stop dep",
        "stop vpn",
        "rm dep2",
        "rm dep",
        "rm vpn",
    ]


def test_harm_is_refused_unless_it_was_accepted(scene: Scene) -> None:
    with pytest.raises(WouldBreakDependents) as caught:
        scene.executor.carry_out(scene.plan("vpn"))
    assert [effect.name for effect in caught.value.plan.harmed] == ["dep", "dep2"]
    assert scene.names() == EVERYTHING
    scene.executor.carry_out(scene.plan("vpn", Policy.BREAK_DEPENDENTS))
    assert scene.names() == ["dep", "dep2", "loner"]


def test_what_the_engine_would_refuse_is_not_tried(scene: Scene) -> None:
    request = Request(action=Action.RM, targets=(scene.world.records.get("loner").id,))
    with pytest.raises(ActionImpossible, match="loner is running: stop it first"):
        scene.executor.carry_out(scene.executor.plan(request))
    assert scene.names() == EVERYTHING


def test_a_new_dependent_outdates_a_plan(scene: Scene) -> None:
    plan = scene.plan("vpn", Policy.WITH_DEPENDENTS)
    scene.world.run(Spec("late", network="container:dep2"))
    with pytest.raises(PlanOutdated, match="nothing was done") as caught:
        scene.executor.carry_out(plan)
    assert caught.value.plan is not None
    assert "late" in {step.name for step in caught.value.plan.steps}
    assert scene.names() == [*EVERYTHING[:2], "late", *EVERYTHING[2:]]


@pytest.mark.parametrize("change", ["stop", "rename", "pause"])
def test_any_change_to_what_was_shown_outdates_a_plan(
    scene: Scene, change: str
) -> None:
    plan = scene.plan("loner")
    {
        "stop": lambda: scene.world.stop("loner"),
        "rename": lambda: scene.world.rename("loner", "hermit"),
        "pause": lambda: scene.world.pause("loner"),
    }[change]()
    with pytest.raises(PlanOutdated):
        scene.executor.carry_out(plan)


def test_one_recreated_under_the_same_name_is_not_removed(scene: Scene) -> None:
    plan = scene.plan("loner")
    scene.world.remove("loner", force=True)
    scene.world.run(Spec("loner"))
    with pytest.raises(ContainerVanished):
        scene.executor.carry_out(plan)
    assert scene.names() == EVERYTHING


def test_a_dependent_that_comes_between_two_steps_stops_the_plan(
    scene: Scene,
) -> None:
    def join_meanwhile(progress: Progress) -> None:
        if progress.is_done and progress.number == 3:
            scene.world.create(Spec("late", network="container:dep"))

    plan = scene.plan("vpn", Policy.WITH_DEPENDENTS)
    with pytest.raises(PlanOutdated) as caught:
        scene.executor.carry_out(plan, join_meanwhile)
    assert str(caught.value) == (
        "stopped: late now depends on dep;"
        " done: stop dep2, stop dep, stop vpn, remove dep2;"
        " not done: remove dep, remove vpn"
    )
    assert scene.names() == ["dep", "late", "loner", "vpn"]


def test_a_container_that_was_started_again_is_not_removed(scene: Scene) -> None:
    def start_again(progress: Progress) -> None:
        if progress.is_done and progress.number == 1:
            scene.world.start("loner")

    with pytest.raises(PlanOutdated, match="loner was started again"):
        scene.executor.carry_out(scene.plan("loner"), start_again)
    assert scene.names() == EVERYTHING


def test_a_failing_step_says_how_far_it_got(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise EngineRefused("device or resource busy")

    plan = scene.plan("dep", Policy.WITH_DEPENDENTS)
    monkeypatch.setattr(scene.engine, "remove", refuse)
    with pytest.raises(StepFailed) as caught:
        scene.executor.carry_out(plan)
    assert str(caught.value) == (
        "could not remove dep2: device or resource busy;"
        " done: stop dep2, stop dep; not done: remove dep2, remove dep;"
        " to go on, fix that, then: docker rm dep2 dep"
    )


def test_an_engine_that_does_not_answer_changes_nothing(scene: Scene) -> None:
    plan = scene.plan("loner")
    scene.engine.hang()
    with pytest.raises(EngineUnreachable):
        scene.executor.carry_out(plan)
    assert scene.names() == EVERYTHING


def test_it_is_known_to_act_while_it_does(scene: Scene) -> None:
    seen = [scene.executor.is_acting]
    scene.executor.carry_out(
        scene.plan("loner"), lambda _: seen.append(scene.executor.is_acting)
    )
    seen.append(scene.executor.is_acting)
    assert seen == [False, True, True, True, True, False]


def test_it_acts_until_its_records_are_settled(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who ends the program before that cuts them off."""
    seen: list[bool] = []
    look_afresh = Observer.look_afresh

    def noting(observer: Observer) -> Report:
        seen.append(scene.executor.is_acting)
        return look_afresh(observer)

    plan = scene.plan("loner")
    monkeypatch.setattr(Observer, "look_afresh", noting)
    scene.executor.carry_out(plan)
    assert seen[-1]


def outsiders(scene: Scene, host: SimHost, action: Action) -> list[str | None] | None:
    """Return the processes of no container that a plan for ``loner`` names."""
    executor = open_host(
        scene.engine, host, MemoryAuditLog(), endpoint="sim", evidence=host
    ).executor
    targets = (scene.world.records.get("loner").id,)
    plan = executor.plan(Request(action=action, targets=targets))
    return None if plan.outsiders is None else [o.command for o in plan.outsiders]


class Unlisted(SimHost):
    """A machine whose processes cannot be listed."""

    def outsiders(
        self, namespaces: Collection[Namespace], containers: Collection[ContainerId]
    ) -> None:
        """Tell nothing."""
        del namespaces, containers


def test_a_plan_names_the_processes_of_no_container_that_it_harms(scene: Scene) -> None:
    network = scene.world.records.get("loner").namespaces[NamespaceKind.NET]
    scene.world.machine.kernel.add_process(network, "tcpdump", NOON)
    assert outsiders(scene, SimHost(scene.world), Action.STOP) == ["tcpdump"]
    assert outsiders(scene, Unlisted(scene.world), Action.STOP) is None
    scene.world.stop("loner")
    assert outsiders(scene, SimHost(scene.world), Action.RM) is None


def recreated(scene: Scene, compose: SimCompose) -> Plan:
    """Plan to recreate ``dep``, whose owner was made anew."""
    service = ComposeService("p", "dep", depends_on=("vpn",))
    scene.world.remove("dep2", force=True)
    scene.world.remove("dep", force=True)
    scene.world.run(Spec("dep", network="container:vpn", compose=service))
    scene.world.remove("vpn", force=True)
    scene.world.run(Spec("vpn", compose=ComposeService("p", "vpn")))
    executor = open_host(
        scene.engine,
        SimHost(scene.world),
        MemoryAuditLog(),
        endpoint="sim",
        find_compose=lambda: compose,
    ).executor
    return executor.plan(Request(action=Action.HEAL, targets=()))


class Silent(SimCompose):
    """A compose that does not answer in time, and knows of no joins."""

    def recreation(self, container: Container) -> Recomposition:
        """Fail."""
        raise EngineUnreachable(f"compose hangs on {container.name}")

    def joins(self, container: Container) -> None:
        """Know nothing."""


def test_where_compose_does_not_answer_nstui_recreates_it(scene: Scene) -> None:
    plan = recreated(scene, Silent(scene.world))
    (one,) = plan.recreations
    assert one.compose_refused == "compose cannot be asked: compose hangs on dep"
    assert [step.verb for step in plan.steps] == [Verb.RECREATE]


@pytest.mark.parametrize(
    ("error", "is_healed"),
    [
        pytest.param(EngineRefused("not supported"), True, id="it cannot compare"),
        pytest.param(ContainerVanished("no such container"), False, id="it is gone"),
    ],
)
def test_what_a_container_has_written_may_be_unknown(
    scene: Scene, error: EngineRefused, *, is_healed: bool
) -> None:
    class Uncomparing(SimEngine):
        def changes(self, container: ContainerId) -> tuple[str, ...]:
            del container
            raise error

    scene.engine = Uncomparing(scene.world)
    plan = recreated(scene, Silent(scene.world))
    assert [one.changes for one in plan.recreations] == ([None] if is_healed else [])
    assert [one.name for one in plan.unhealed] == ([] if is_healed else ["dep"])


@pytest.mark.parametrize("held", ["vpn", "dep2"])
def test_nothing_is_done_while_another_program_acts_on_the_group(
    tmp_path: Path, held: str
) -> None:
    claims = FileClaims(tmp_path / "nstui", "sim")
    scene = Scene(claims)
    plan = scene.plan("dep2")
    with claims.hold({scene.world.records.get(held).id: held}):
        with pytest.raises(GroupInUse, match=f"at work on {held}") as refused:
            scene.executor.carry_out(plan)
        assert refused.value.plan == plan
        assert scene.names() == EVERYTHING
    scene.executor.carry_out(plan)
    assert scene.names() == ["dep", "loner", "vpn"]


def test_other_groups_are_acted_on_meanwhile(tmp_path: Path) -> None:
    claims = FileClaims(tmp_path / "nstui", "sim")
    scene = Scene(claims)
    with claims.hold({scene.world.records.get("vpn").id: "vpn"}):
        scene.executor.carry_out(scene.plan("loner"))
    assert scene.names() == ["dep", "dep2", "vpn"]


def test_a_group_is_held_as_long_as_it_is_acted_on(tmp_path: Path) -> None:
    claims = FileClaims(tmp_path / "nstui", "sim")
    scene = Scene(claims)
    vpn = {scene.world.records.get("vpn").id: "vpn"}
    held: list[bool] = []

    def ask(_: Progress) -> None:
        try:
            with claims.hold(vpn):
                held.append(False)
        except GroupInUse:
            held.append(True)

    scene.executor.carry_out(scene.plan("vpn", Policy.WITH_DEPENDENTS), ask)
    assert held
    assert all(held)
    with claims.hold(vpn):
        pass

"""Carrying out a plan that nobody was shown, as a standing watch does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.audit.claims import FileClaims
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import GroupInUse, PlanOutdated
from nstui.model.plan import Request
from nstui.model.step import Action
from nstui.service.host import open_host

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.container import ContainerId
    from nstui.model.plan import Plan
    from nstui.service.executor import Executor
    from nstui.service.results import Progress

GROUP = ("vpn", "dep", "far")


class Scene:
    """A chain of three with a restarted owner, and another program's claims."""

    def __init__(self, folder: Path) -> None:
        self.world = World()
        self.world.run(Spec("vpn"))
        self.world.run(Spec("dep", network="container:vpn"))
        self.world.run(Spec("far", network="container:dep"))
        self.world.restart("vpn")
        self.claims = FileClaims(folder / "nstui", "sim")
        engine = SimEngine(self.world)
        self.host = open_host(
            engine,
            SimHost(self.world),
            MemoryAuditLog(),
            endpoint="sim",
            find_claims=lambda: self.claims,
        )
        self.plans: list[Plan] = []
        self.held: list[set[str]] = []

    @property
    def executor(self) -> Executor:
        """What carries out the plans."""
        return self.host.executor

    @property
    def request(self) -> Request:
        """Heal the first dependent."""
        return Request(action=Action.HEAL, targets=(self.id("dep"),), asks_nobody=True)

    def id(self, name: str) -> ContainerId:
        return self.world.records.get(name).id

    def group(self, *names: str) -> dict[ContainerId, str]:
        return {self.id(name): name for name in names}

    def accept(self, plan: Plan) -> bool:
        self.plans.append(plan)
        self.note_held()
        return True

    def refuse(self, plan: Plan) -> bool:
        self.accept(plan)
        return False

    def note_held(self, _: Progress | None = None) -> None:
        """Note of which containers another program is kept."""
        held = set()
        for name in GROUP:
            try:
                with self.claims.hold(self.group(name)):
                    pass
            except GroupInUse:
                held.add(name)
        self.held.append(held)

    def broken(self) -> set[str]:
        report = self.host.observer.look_afresh()
        return {report.graph.name(finding.container) for finding in report.findings}


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_it_is_held_before_the_look_until_the_end(scene: Scene) -> None:
    outcome = scene.executor.carry_out_new(
        scene.request, scene.group(*GROUP), scene.accept, scene.note_held
    )
    assert outcome is not None
    assert {step.name for step in outcome.done} == {"dep", "far"}
    assert len(scene.plans) == 1
    assert scene.held[1:]
    assert all(held == {*GROUP} for held in scene.held)
    assert scene.broken() == set()
    scene.note_held()
    assert scene.held[-1] == set()


def test_what_must_not_be_carried_out_is_not(scene: Scene) -> None:
    outcome = scene.executor.carry_out_new(
        scene.request, scene.group(*GROUP), scene.refuse, scene.note_held
    )
    assert outcome is None
    assert len(scene.held) == 1
    assert scene.broken() == {"dep", "far"}


def test_the_owner_is_held_though_nobody_expected_it(scene: Scene) -> None:
    scene.executor.carry_out_new(
        scene.request, scene.group("dep", "far"), scene.accept, scene.note_held
    )
    assert scene.held[0] == {"dep", "far"}
    assert scene.held[1:]
    assert all(held == {*GROUP} for held in scene.held[1:])


def test_a_plan_for_more_than_is_held_is_made_again(scene: Scene) -> None:
    def appear(plan: Plan) -> bool:
        # After the look: the plan that is carried out has to be one that knows it.
        scene.world.run(Spec("new", network="container:dep"))
        return scene.accept(plan)

    group = scene.group("dep")
    outcome = scene.executor.carry_out_new(
        scene.request, group, scene.accept, scene.note_held
    )
    assert outcome is not None
    assert {"dep", "far"} <= scene.held[-1]
    assert scene.broken() == set()
    scene.world.restart("vpn")
    with pytest.raises(PlanOutdated, match="something changed meanwhile"):
        scene.executor.carry_out_new(scene.request, scene.group("dep"), appear)


def test_nothing_is_read_while_another_program_acts(scene: Scene) -> None:
    with (
        scene.claims.hold(scene.group("far")),
        pytest.raises(GroupInUse, match="at work on far"),
    ):
        scene.executor.carry_out_new(
            scene.request, scene.group(*GROUP), scene.accept, scene.note_held
        )
    assert scene.plans == []
    assert scene.broken() == {"dep", "far"}

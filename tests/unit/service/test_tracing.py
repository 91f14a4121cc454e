"""Nothing is lost without a trace, and nothing is done without one."""

from __future__ import annotations

import pytest

from nstui.analysis.plans.plans import with_policy
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import AuditFailed, EngineRefused, StepFailed
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from nstui.service.host import open_host
from tests.support.builders import NOON


class Scene:
    """A world with an owner and a dependent, and an audit log."""

    def __init__(self) -> None:
        self.world = World(lambda: NOON)
        self.vpn = self.world.run(Spec("vpn", "gluetun:3"))
        self.dep = self.world.run(Spec("dep", network="container:vpn"))
        self.engine = SimEngine(self.world)
        self.audit_log = MemoryAuditLog()
        self.executor = open_host(
            self.engine,
            SimHost(self.world),
            self.audit_log,
            endpoint="sim://",
            who="amy",
        ).executor

    def carry_out(self, action: Action, policy: Policy) -> None:
        request = Request(action=action, targets=(self.vpn,), stop_first=True)
        plan = self.executor.plan(with_policy(request, policy))
        self.executor.carry_out(plan)

    def log(self) -> list[str]:
        return [f"{e.verb} {e.name} {e.phase}" for e in self.audit_log.entries]

    def states(self) -> dict[str, str]:
        return {r.name: r.state.value for r in self.world.records}


@pytest.fixture
def scene() -> Scene:
    return Scene()


def test_every_step_is_written_before_and_after(scene: Scene) -> None:
    scene.carry_out(Action.RM, Policy.WITH_DEPENDENTS)
    assert scene.log() == [
        "stop dep begun",
        "stop dep done",
        "stop vpn begun",
        "stop vpn done",
        "rm dep begun",
        "rm dep done",
        "rm vpn begun",
        "rm vpn done",
    ]
    first = scene.audit_log.entries[0]
    assert (first.who, first.endpoint, first.action) == ("amy", "sim://", "rm")
    assert (first.number, first.total) == (1, 4)
    assert first.why == "its dependents are acted on too"
    assert len({entry.plan for entry in scene.audit_log.entries}) == 1


@pytest.mark.parametrize(
    ("policy", "why"),
    [
        (Policy.BREAK_DEPENDENTS, "the harm to its dependents was accepted"),
        (Policy.WITH_DEPENDENTS, "its dependents are acted on too"),
    ],
)
def test_why_it_was_allowed(scene: Scene, policy: Policy, why: str) -> None:
    scene.carry_out(Action.STOP, policy)
    assert {entry.why for entry in scene.audit_log.entries} == {why}


def test_what_is_removed_is_kept(scene: Scene) -> None:
    scene.carry_out(Action.RM, Policy.WITH_DEPENDENTS)
    kept = {one.name: one for one in scene.audit_log.removed()}
    assert sorted(kept) == ["dep", "vpn"]
    assert (kept["vpn"].id, kept["vpn"].image) == (scene.vpn, "gluetun:3")
    assert kept["dep"].inspect["Name"] == "/dep"


def test_what_removes_itself_is_kept_too() -> None:
    scene = Scene()
    brief = scene.world.run(Spec("brief", removes_itself=True))
    request = Request(action=Action.STOP, targets=(brief,))
    scene.executor.carry_out(scene.executor.plan(request))
    assert "brief" not in scene.states()
    assert [one.name for one in scene.audit_log.removed()] == ["brief"]


@pytest.mark.parametrize("action", [Action.RM, Action.STOP])
def test_without_a_trace_nothing_is_done(scene: Scene, action: Action) -> None:
    scene.audit_log.refuse("no space left on device")
    with pytest.raises(AuditFailed, match="no space left on device"):
        scene.carry_out(action, Policy.WITH_DEPENDENTS)
    assert scene.states() == {"vpn": "running", "dep": "running"}


def test_a_disk_that_fills_up_half_way_stops_the_plan(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop_and_fill(*_: object, **__: object) -> None:
        scene.world.stop("dep")
        scene.audit_log.refuse()

    monkeypatch.setattr(scene.engine, "stop", stop_and_fill)
    with pytest.raises(StepFailed) as caught:
        scene.carry_out(Action.RM, Policy.WITH_DEPENDENTS)
    assert str(caught.value).startswith("stop dep was done, but no trace can be kept")
    assert scene.states() == {"vpn": "running", "dep": "exited"}


def test_what_was_not_removed_after_all_is_not_kept(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise EngineRefused("device or resource busy")

    monkeypatch.setattr(scene.engine, "remove", refuse)
    with pytest.raises(StepFailed):
        scene.carry_out(Action.RM, Policy.WITH_DEPENDENTS)
    assert scene.audit_log.removed() == ()
    assert scene.log()[-1] == "rm dep failed"
    assert scene.audit_log.entries[-1].error == "device or resource busy"


def test_a_plan_without_steps_leaves_no_trace(scene: Scene) -> None:
    scene.world.stop("vpn")
    scene.carry_out(Action.STOP, Policy.BREAK_DEPENDENTS)
    assert scene.log() == []

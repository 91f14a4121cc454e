"""Dependents of an owner that ends soon after its start are left as they are."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from nstui.analysis import startable
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.faults import crash
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import StepFailed
from nstui.model.outcome import Aftermath
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from nstui.render.plan_text import help_line
from nstui.service.host import open_host

if TYPE_CHECKING:
    from nstui.service.results import Progress


@pytest.fixture(autouse=True)
def _real_times(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(startable, "TRIAL_S", 3)
    monkeypatch.setattr(startable, "DOUBTFUL_S", 10)


@pytest.mark.parametrize("action", [Action.HEAL, Action.RESTART])
def test_who_needs_an_owner_that_ends_soon_is_not_touched(action: Action) -> None:
    world = World()
    own = world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    before = world.records.get("dep").pid
    if action is Action.HEAL:
        crash(world, "own", 3)
    executor = open_host(
        SimEngine(world), SimHost(world), MemoryAuditLog(), endpoint="demo://"
    ).executor
    targets = () if action is Action.HEAL else (own,)
    request = Request(action=action, targets=targets, policy=Policy.WITH_DEPENDENTS)
    plan = executor.plan(request)

    def end_soon(progress: Progress) -> None:
        if progress.number == 1 and progress.is_done:
            threading.Timer(0.5, crash, (world, "own", 3)).start()

    with pytest.raises(StepFailed) as caught:
        executor.carry_out(plan, end_soon)
    outcome, past = caught.value.outcome, f"{action}ed".replace("heal", "start")
    assert [(one.reason, one.aftermath) for one in outcome.failed] == [
        (f"own was {past}, but it ended with exit code 3", Aftermath.UNDONE)
    ]
    assert [(one.step.name, one.needed) for one in outcome.left] == [("dep", "own")]
    assert world.records.get("dep").pid == before
    verb = plan.steps[0].verb
    start = "docker restart own dep" if verb == "restart" else "docker start own"
    assert start in help_line(plan, outcome)
    assert help_line(plan, outcome).endswith(" dep")

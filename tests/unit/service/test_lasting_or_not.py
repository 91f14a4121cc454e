"""Whether what was done is looked at again at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.faults import crash
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import StepFailed
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from nstui.service.host import open_host

if TYPE_CHECKING:
    from nstui.service.results import Progress


def test_what_docker_would_not_wait_for() -> None:
    world = World()
    own = world.run(Spec("own"))
    executor = open_host(
        SimEngine(world), SimHost(world), MemoryAuditLog(), endpoint="demo://"
    ).executor
    request = Request(action=Action.RESTART, targets=(own,), policy=Policy.PROTECT)

    def end_at_once(progress: Progress) -> None:
        if progress.is_done:
            crash(world, "own", 3)

    outcome = executor.carry_out(
        executor.plan(request), end_at_once, checks_lasting=False
    )
    assert [step.name for step in outcome.done] == ["own"]

    executor.carry_out(
        executor.plan(
            Request(action=Action.START, targets=(own,), policy=Policy.PROTECT)
        )
    )
    with pytest.raises(StepFailed, match="own was restarted, but it ended with exit"):
        executor.carry_out(executor.plan(request), end_at_once)

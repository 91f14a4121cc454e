"""What is left down when the engine itself was restarted, and is brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.model.plan import Request
from nstui.model.step import Action
from tests.engine.looking import await_report, wrong

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

HEAL = Request(action=Action.HEAL, targets=())
DEPENDENTS = tuple(f"dep{number}" for number in range(8))


def has_come_up(report: Report) -> bool:
    """Tell whether the engine has tried to start everybody."""
    down = [c for c in report.snapshot.containers if not c.state.has_process]
    return all(c.inspection and c.inspection.start_error for c in down)


def test_whoever_stayed_down_is_found_and_started_after_its_owner(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own", "--restart=always")
    for name in DEPENDENTS:
        engine_host.run(name, "--restart=always", "--network=container:own")
    engine_host.run("far", "--restart=always", "--network=container:dep3")
    engine_host.kill_daemon()
    engine_host.start()

    # Some engines wait for an owner, and some do not: then it is a matter of luck.
    report = await_report(connection, has_come_up)
    down = {c.name for c in report.snapshot.containers if not c.state.has_process}
    assert {(name, code) for name, code, _ in wrong(report)} == {
        (name, "start-failed") for name in down
    }
    plan = connection.executor.plan(HEAL)
    assert {step.name for step in plan.steps if step.verb == "start"} == down
    connection.executor.carry_out(plan)

    assert wrong(connection.observer.look_afresh()) == set()

"""Containers that are moved onto another owner on a real engine, and the way back."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from nstui.errors import PlanOutdated, StepFailed
from nstui.model.plan import Request
from nstui.model.step import Action
from tests.engine.looking import interfaces, names, namespace, of, wrong
from tests.engine.test_heal import ONLY_ONCE

if TYPE_CHECKING:
    from nstui.model.plan import Plan
    from nstui.service.host import Host
    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

PATIENCE_S = 60.0


def move(connection: Host, name: str = "dep", onto: str = "new") -> Plan:
    """Carry out the plan that moves a container; return it."""
    report = connection.observer.look_afresh()
    request = Request(
        action=Action.HEAL,
        targets=(of(report, name).id,),
        onto=of(report, onto).id,
    )
    plan = connection.executor.plan(request)
    connection.executor.carry_out(plan)
    return plan


def move_in_time(connection: Host) -> Plan:
    """Carry out the plan that moves the dependent while its owner's state is the same.

    An owner that restarts again and again waits ever longer between its starts.
    """
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return move(connection)
        except PlanOutdated:
            assert time.monotonic() < deadline


def test_one_in_the_wrong_network_is_moved_and_back(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own")
    engine_host.run("new")
    engine_host.run("dep", "--network=container:own")
    for onto in ("new", "own"):
        move(connection, onto=onto)
        report = connection.observer.look_afresh()
        assert namespace(report, "dep") == namespace(report, onto)
        assert (wrong(report), names(report)) == (set(), {"own", "new", "dep"})
    plan = move(connection, onto="own")
    assert (plan.steps, plan.notes) == (
        (),
        ("dep has joined own already, and is running",),
    )


@pytest.mark.parametrize("state", ["stopped", "restarting"])
def test_one_whose_owner_is_not_running_is_moved(
    engine_host: PrivateEngine, connection: Host, state: str
) -> None:
    exits = ("sh", "-c", "test -e /again && exit 1; touch /again; exec sleep 1000")
    engine_host.run("own", "--restart=always", command=exits)
    engine_host.run("new")
    engine_host.run("dep", "--network=container:own")
    if state == "stopped":
        engine_host.docker("stop", "own")
    else:
        engine_host.docker("restart", "own", check=False)
    plan = move_in_time(connection)
    assert [step.name for step in plan.steps] == ["dep"]
    report = connection.observer.look_afresh()
    assert namespace(report, "dep") == namespace(report, "new")
    assert interfaces(report, "dep") == ("lo", "eth0")


def test_one_that_fails_on_its_new_owner_is_where_it_was(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.docker("network", "create", "--subnet=10.78.1.0/24", "n1")
    engine_host.run("own", "--network=none")
    engine_host.run("new", "--network=n1")
    dep = engine_host.run("dep", "--network=container:own", "-v/v", command=ONLY_ONCE)
    engine_host.docker("exec", "dep", "touch", "/v/ran")
    with pytest.raises(StepFailed, match=r"ended with exit code 3; dep was put back"):
        move(connection)
    report = connection.observer.look_afresh()
    assert (of(report, "dep").id, names(report)) == (dep, {"own", "new", "dep"})
    assert namespace(report, "dep") == namespace(report, "own")
    assert of(report, "dep").state.has_process


def test_one_that_can_neither_be_moved_nor_put_back_is_said_to_be_down(
    engine_host: PrivateEngine, connection: Host
) -> None:
    engine_host.run("own")
    engine_host.run("new")
    dep = engine_host.run("dep", "--network=container:own", "-v/v", command=ONLY_ONCE)
    engine_host.docker("stop", "own")
    with pytest.raises(StepFailed, match=r"could not start dep again: .*not running|"
                       r"could not start dep again: .*non running"):  # fmt: skip
        move(connection)
    report = connection.observer.look_afresh()
    assert (of(report, "dep").id, names(report)) == (dep, {"own", "new", "dep"})
    assert not of(report, "dep").state.has_process
    engine_host.docker("start", "own")
    engine_host.docker("start", "dep")

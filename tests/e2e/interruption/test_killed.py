"""A program that ends in the middle of a plan leaves what the next one can finish."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.model.step import Action
from tests.e2e.interruption.scene import Scene
from tests.support.sim_faults import Fault, Killed

if TYPE_CHECKING:
    from tests.contract.host import ContractHost

pytestmark = pytest.mark.one_engine

KILLS = [Fault.KILLED_BEFORE, Fault.KILLED_AFTER]
MOST_REQUESTS = 20
WELL = {"own", "dep", "far", "apart"}


@pytest.mark.parametrize("fault", KILLS)
@pytest.mark.parametrize("is_stopped", [False, True], ids=["running", "stopped"])
def test_a_replacement_is_finished_from_wherever_it_was(
    host: ContractHost, fault: Fault, *, is_stopped: bool
) -> None:
    """A killed program is killed again later in the same work, until all is done."""
    scene = Scene(host)
    scene.orphan(is_stopped=is_stopped)
    states = {name: state for name, (_, state) in scene.picture().items()}
    for _ in range(MOST_REQUESTS):
        scene.engine.fail(2, fault)
        try:
            scene.heal()
        except Killed:
            scene.end()
            assert scene.wrong() or scene.picture().keys() == WELL
        else:
            break
    scene.engine.recover()
    assert scene.wrong() == set()
    picture = scene.picture()
    assert picture.keys() == WELL
    ran = {name for name, state in states.items() if state == "running"}
    assert {name for name, (_, state) in picture.items() if state == "running"} == ran
    assert scene.audit_log.unfinished() == ()


@pytest.mark.parametrize("fault", KILLS)
@pytest.mark.parametrize("number", range(1, 13))
def test_the_next_check_says_so_and_the_next_heal_brings_it_back(
    host: ContractHost, fault: Fault, number: int
) -> None:
    scene = Scene(host)
    scene.orphan()
    before = scene.picture()
    scene.engine.fail(number, fault)
    with pytest.raises(Killed):
        scene.carry_out(scene.plan(Action.HEAL))
    scene.end()
    codes = {code for _, code in scene.wrong()}
    is_whole = scene.picture().keys() == WELL
    assert codes or (number, fault) == (12, Fault.KILLED_AFTER)
    assert is_whole or "interrupted" in codes
    scene.heal()
    assert scene.wrong() == set()
    assert scene.picture().keys() == WELL
    assert {state for _, state in scene.picture().values()} == {"running"}
    assert scene.audit_log.unfinished() == ()
    (kept,) = (one for one in scene.audit_log.removed() if one.id == before["dep"][0])
    assert kept.is_confirmed


@pytest.mark.parametrize("fault", KILLS)
@pytest.mark.parametrize(
    "action", [Action.STOP, Action.KILL, Action.RESTART, Action.RM]
)
def test_what_a_plan_had_stopped_is_started_again(
    host: ContractHost, action: Action, fault: Fault
) -> None:
    for number in range(1, MOST_REQUESTS):
        scene = Scene(host)
        scene.engine.fail(number, fault)
        try:
            scene.carry_out(scene.plan(action))
        except Killed:
            scene.end()
        else:
            clear(host, scene)
            break
        stopped = {n for n, (_, s) in scene.picture().items() if s == "exited"}
        codes = {code for _, code in scene.wrong()}
        assert ("interrupted" in codes) == bool(stopped)
        scene.heal()
        assert scene.wrong() == set()
        assert {state for _, state in scene.picture().values()} <= {"running"}
        assert scene.audit_log.unfinished() == ()
        clear(host, scene)
    assert number > 1


def clear(host: ContractHost, scene: Scene) -> None:
    """Remove all containers of a scene."""
    for container, _ in scene.picture().values():
        host.engine.remove(container, force=True)


def test_what_was_started_since_is_left_alone(host: ContractHost) -> None:
    scene = Scene(host)
    scene.engine.fail(3, Fault.KILLED_BEFORE)
    with pytest.raises(Killed):
        scene.carry_out(scene.plan(Action.STOP))
    scene.end()
    for name in ("dep", "far"):
        host.start(name)
    for name in ("far", "dep"):
        host.engine.stop(scene.id(name), 0)
    assert scene.wrong() == set()
    scene.heal()
    assert scene.picture()["dep"][1] == "exited"


def test_a_name_that_another_took_is_left_to_the_user(host: ContractHost) -> None:
    scene = Scene(host)
    scene.orphan()
    scene.engine.fail(4, Fault.KILLED_BEFORE)
    with pytest.raises(Killed):
        scene.carry_out(scene.plan(Action.HEAL))
    scene.end()
    host.rename("apart", "dep")
    assert "interrupted" in {code for _, code in scene.wrong()}
    before = scene.picture()
    scene.heal()
    after = scene.picture()
    assert {n: after.get(n) for n in before if "dep" in n} == {
        n: one for n, one in before.items() if "dep" in n
    }

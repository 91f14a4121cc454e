"""What an engine refuses, loses or lies about is put back, or said to be as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.errors import NstuiError, StepFailed
from nstui.model.container import is_id
from nstui.model.step import Action
from nstui.service import verified
from tests.e2e.interruption.scene import Scene
from tests.support.sim_faults import REFUSAL, Fault

if TYPE_CHECKING:
    from tests.contract.host import ContractHost

pytestmark = pytest.mark.one_engine

WELL = {"own", "dep", "far", "apart"}
REQUESTS = ("create", "stop", "rename", "rename", "start", "remove")
"""What it takes to replace one container that runs."""

DONE_ANYWAY = frozenset({Fault.REFUSED_AND_DONE, Fault.LOST_AFTER})


@pytest.fixture(autouse=True)
def _believe_nobody_sooner(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verified, "SETTLING_S", 0.3)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.REFUSED,
        Fault.REFUSED_AND_DONE,
        Fault.LOST_BEFORE,
        Fault.LOST_AFTER,
        Fault.LIED,
    ],
)
@pytest.mark.parametrize("number", range(1, len(REQUESTS) + 1))
def test_a_replacement_that_fails_is_put_back(
    host: ContractHost, number: int, fault: Fault
) -> None:
    scene = Scene(host)
    scene.orphan()
    before = scene.picture()
    plan = scene.plan(Action.HEAL)
    scene.engine.fail(number, fault)
    try:
        scene.carry_out(plan)
    except StepFailed as error:
        message = str(error)
        assert tuple(scene.engine.asked[:number]) == REQUESTS[:number]
        is_in_place = number == len(REQUESTS)
        assert ("dep was put back" in message) == (not is_in_place)
        assert "nothing was done" not in message
        if not is_in_place:
            assert scene.picture() == before
            assert "interrupted" not in {code for _, code in scene.wrong()}
        else:
            assert "could not be removed" in message
            assert ("dep", "interrupted") in scene.wrong()
    else:
        # What is seen to be done is done, whatever the engine answers. A new container
        # is known by the answer alone.
        assert fault in DONE_ANYWAY
        assert number > 1
    scene.end()
    scene.heal()
    assert scene.wrong() == set()
    assert scene.picture().keys() == WELL
    assert {state for _, state in scene.picture().values()} == {"running"}
    assert scene.audit_log.unfinished() == ()


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.LOST_BEFORE])
@pytest.mark.parametrize("number", range(1, len(REQUESTS) + 1))
def test_where_nothing_can_be_put_back_either_it_is_said(
    host: ContractHost, number: int, fault: Fault
) -> None:
    scene = Scene(host)
    scene.orphan()
    before = scene.picture()
    plan = scene.plan(Action.HEAL)
    scene.engine.fail_from(number, fault)
    with pytest.raises(StepFailed) as caught:
        scene.carry_out(plan)
    scene.end()
    if scene.picture() != before:
        assert "could not" in str(caught.value).partition("could not recreate dep")[2]
        assert "interrupted" in {code for _, code in scene.wrong()}
    assert "nothing was done" not in str(caught.value)
    scene.heal()
    assert scene.wrong() == set()
    # What stood in for an owner that is gone removes itself after a minute.
    assert {name for name in scene.picture() if not is_id(name)} == WELL


@pytest.mark.parametrize(
    ("action", "state", "lie"),
    [
        (Action.STOP, "running", "was stopped, but it is running"),
        (Action.KILL, "running", "was killed, but it is running"),
        (Action.RESTART, "running", "was restarted, but it is running"),
        (Action.RM, "running", "was stopped, but it is running"),
    ],
)
def test_a_lie_is_a_failure_and_a_refusal_is_not_believed(
    host: ContractHost, action: Action, state: str, lie: str
) -> None:
    for fault in (Fault.LIED, Fault.REFUSED):
        scene = Scene(host)
        before = scene.picture()
        plan = scene.plan(action)
        scene.engine.fail(1, fault)
        with pytest.raises(StepFailed) as caught:
            scene.carry_out(plan)
        assert (lie if fault is Fault.LIED else REFUSAL) in str(caught.value)
        assert "; nothing was done" in str(caught.value)
        assert scene.picture() == before
        assert {s for _, s in before.values()} == {state}
        assert scene.audit_log.unfinished() == ()
        clear(host, scene)
    for fault in DONE_ANYWAY:
        scene = Scene(host)
        scene.engine.fail(1, fault)
        scene.carry_out(scene.plan(action))
        assert scene.audit_log.unfinished() == ()
        clear(host, scene)


def clear(host: ContractHost, scene: Scene) -> None:
    """Remove all containers of a scene."""
    for container, _ in scene.picture().values():
        host.engine.remove(container, force=True)


def test_a_removal_that_did_not_happen_is_not_kept_as_one(host: ContractHost) -> None:
    scene = Scene(host)
    plan = scene.plan(Action.RM)
    scene.engine.fail(4, Fault.LIED)
    with pytest.raises(StepFailed, match="far was removed, but it is exited"):
        scene.carry_out(plan)
    assert scene.audit_log.removed() == ()


def test_a_restart_that_stopped_it_says_so(host: ContractHost) -> None:
    """The engine stops first, and finds out then that it cannot start."""
    scene = Scene(host)
    host.engine.stop(scene.id("own"), 0)
    dep = scene.look().graph.containers[scene.id("dep")]
    engine = verified.VerifiedEngine(scene.engine, scene.connection.observer)
    with pytest.raises(
        NstuiError, match="dep was running before and is exited now"
    ) as caught:
        engine.restart(dep, 0)
    assert "non running container" in str(caught.value)
    assert scene.picture()["dep"][1] == "exited"

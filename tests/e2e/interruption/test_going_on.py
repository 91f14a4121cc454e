"""What a step leaves over is found later, although the plan went on after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.errors import StepFailed
from nstui.model.plan import Request
from nstui.model.step import Action
from tests.contract.look import run
from tests.e2e.interruption.scene import Scene
from tests.support.sim_faults import Fault, Killed

if TYPE_CHECKING:
    from tests.contract.host import ContractHost

pytestmark = pytest.mark.one_engine

WELL = {"own", "dep", "far", "apart", "z-own", "z-dep"}


@pytest.fixture
def scene(host: ContractHost) -> Scene:
    """Make a scene with a second group, both of whose dependents are orphans."""
    scene = Scene(host)
    run(host, Spec("z-own"))
    run(host, Spec("z-dep", network="container:z-own"))
    scene.connection.observer.look()
    scene.orphan()
    host.engine.restart(scene.id("z-own"), 0)
    return scene


def carry_on(scene: Scene) -> str:
    """Heal what can be healed; return what is said of the rest."""
    plan = scene.plan(Action.HEAL)
    with pytest.raises(StepFailed) as caught:
        scene.carry_out(plan)
    return str(caught.value)


def test_what_could_not_be_removed_is_found_and_removed_later(scene: Scene) -> None:
    """The sixth request is the removal of the old container."""
    scene.engine.fail(6, Fault.REFUSED)
    said = carry_on(scene)
    assert "the new dep is in its place, but the old one" in said
    assert "did not recreate far, which needs dep" in said
    assert "done: restart z-dep" in said
    scene.end()
    assert ("dep", "interrupted") in scene.wrong()
    assert not any(name.startswith("z-") for name, _ in scene.wrong())
    scene.heal()
    assert scene.wrong() == set()
    assert scene.picture().keys() == WELL
    assert scene.audit_log.unfinished() == ()


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_what_was_put_back_is_whole_and_the_other_group_is_healed(
    scene: Scene, number: int
) -> None:
    before = scene.picture()
    scene.engine.fail(number, Fault.REFUSED)
    said = carry_on(scene)
    assert "dep was put back" in said
    after = scene.picture()
    assert after == before
    assert {name for name, _ in scene.wrong()} == {"dep", "far"}
    assert "interrupted" not in {code for _, code in scene.wrong()}
    assert scene.audit_log.unfinished() == ()


@pytest.mark.parametrize("fault", [Fault.KILLED_BEFORE, Fault.KILLED_AFTER])
def test_one_that_is_killed_after_a_failure_is_finished_too(
    scene: Scene, fault: Fault
) -> None:
    """The first group fails at its first request, the other one is cut off."""
    scene.engine.fail(1, Fault.REFUSED)
    scene.engine.fail(2, fault)
    with pytest.raises(Killed):
        scene.carry_out(scene.plan(Action.HEAL))
    scene.end()
    scene.heal()
    assert scene.wrong() == set()
    assert scene.picture().keys() == WELL
    assert scene.audit_log.unfinished() == ()


@pytest.mark.parametrize("number", [4, 5])
def test_what_is_cut_off_after_a_failure_is_known_by_its_own_record(
    host: ContractHost, scene: Scene, number: int
) -> None:
    """The first request fails; the others are those of the other group's container."""
    host.engine.remove(scene.id("z-own"), force=True)
    run(host, Spec("z-own"))
    scene.engine.fail(1, Fault.REFUSED)
    scene.engine.fail(1 + number, Fault.KILLED_AFTER)
    request = Request(action=Action.HEAL, targets=(), timeout=0)
    with pytest.raises(Killed):
        scene.carry_out(scene.connection.executor.plan(request))
    scene.end()
    wrong = scene.wrong()
    assert {name for name, code in wrong if code == "interrupted"} == {"z-dep"}
    assert ("dep", "owner-gone") in wrong
    scene.heal()
    assert scene.wrong() == set()
    assert scene.picture().keys() == WELL

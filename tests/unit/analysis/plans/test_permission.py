"""How much harm a plan does, and whether it removes more than was named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.plans.permission import Harm, harm_of, removes_others
from nstui.analysis.plans.plans import make_plan
from nstui.model.healing import Recreation
from nstui.model.plan import Plan, Policy, Request
from nstui.model.step import Action, Step, Verb
from tests.support.builders import cid, container, snapshot

TOO = Policy.WITH_DEPENDENTS
HEAL = Request(action=Action.HEAL, targets=())


def plan(action: Action, name: str = "vpn", policy: Policy = Policy.PROTECT) -> Plan:
    made = snapshot(
        container("vpn"), container("dep", joins=cid("vpn")), container("loner")
    )
    request = Request(
        action=action, targets=(cid(name),), policy=policy, stop_first=True
    )
    return make_plan(made, Graph(made.containers), request)


def heal(
    verb: Verb = Verb.RECREATE,
    *,
    keeps_layer: bool = False,
    changes: tuple[str, ...] | None = (),
    left_out: tuple[str, ...] = (),
    is_one_way: bool = False,
) -> Plan:
    """Return a plan that recreates a container at this cost."""
    recreation = Recreation(
        container=cid("dep"),
        name="dep",
        owner="vpn",
        changes=changes,
        left_out=left_out,
        is_one_way=is_one_way,
    )
    step = Step(
        verb=verb,
        container=cid("dep"),
        name="dep",
        removes=True,
        keeps_layer=keeps_layer,
    )
    empty = replace(plan(Action.RESTART, "loner"), request=HEAL, targets=())
    return replace(empty, steps=(step,), recreations=(recreation,))


@pytest.mark.parametrize(
    ("made", "harm"),
    [
        pytest.param(plan(Action.RM, "loner"), Harm.LOSS, id="removed"),
        pytest.param(plan(Action.STOP, "loner"), Harm.OUTAGE, id="stopped"),
        pytest.param(plan(Action.RESTART, "loner"), Harm.OUTAGE, id="restarted"),
        pytest.param(plan(Action.STOP), Harm.LOSS, id="breaks another"),
        pytest.param(plan(Action.STOP, policy=TOO), Harm.OUTAGE, id="stops another"),
        pytest.param(plan(Action.RM, policy=TOO), Harm.LOSS, id="removes another"),
        pytest.param(
            replace(plan(Action.STOP, "loner"), uncertain=("dark",)),
            Harm.LOSS,
            id="may break another",
        ),
        pytest.param(heal(), Harm.NONE, id="recreated"),
        pytest.param(heal(Verb.FINISH), Harm.NONE, id="finished"),
        pytest.param(heal(Verb.STOP), Harm.LOSS, id="removes itself when it stops"),
        pytest.param(heal(changes=("/a",)), Harm.LOSS, id="loses what it wrote"),
        pytest.param(heal(changes=None), Harm.LOSS, id="may lose what it wrote"),
        pytest.param(
            heal(changes=("/a",), keeps_layer=True), Harm.NONE, id="keeps what it wrote"
        ),
        pytest.param(heal(left_out=("a device",)), Harm.LOSS, id="loses a setting"),
        pytest.param(heal(is_one_way=True), Harm.LOSS, id="cannot be put back"),
    ],
)
def test_harm(made: Plan, harm: Harm) -> None:
    assert harm_of(made) is harm


@pytest.mark.parametrize(
    ("made", "removes"),
    [
        pytest.param(plan(Action.RM), False, id="only what was named"),
        pytest.param(plan(Action.RM, policy=TOO), True, id="the dependents too"),
        pytest.param(plan(Action.STOP, policy=TOO), False, id="stops them"),
        pytest.param(heal(), False, id="replaces one"),
        pytest.param(heal(Verb.FINISH), False, id="finishes a replacement"),
        pytest.param(heal(Verb.STOP), True, id="ends one that removes itself"),
    ],
)
def test_what_removes_containers_that_were_not_named(
    made: Plan, *, removes: bool
) -> None:
    assert removes_others(made) is removes


def test_what_is_replaced_is_not_lost_with_the_old_containers() -> None:
    request = Request(action=Action.RECREATE, targets=(cid("loner"),))
    old = Step(
        verb=Verb.RM, container=cid("dep"), name="dep", removes=True, is_old=True
    )
    empty = replace(plan(Action.RESTART, "loner"), request=request)
    made = replace(empty, steps=(old,))
    assert harm_of(made) is Harm.OUTAGE
    assert not removes_others(made)
    lost = replace(empty, steps=(replace(old, is_old=False),))
    assert harm_of(lost) is Harm.LOSS
    assert removes_others(lost)

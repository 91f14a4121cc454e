"""What a plan says of itself."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.model.healing import Recreation
from nstui.model.plan import Plan, Policy, Request
from nstui.model.step import Action
from tests.support.builders import cid

NOTHING = Plan(
    request=Request(action=Action.RM, targets=()),
    targets=(),
    effects=(),
    steps=(),
    dark_ports=(),
    uncertain=(),
    objections=(),
)


@pytest.mark.parametrize("action", Action)
def test_after_a_failure_only_what_brings_back_goes_on(action: Action) -> None:
    plan = replace(NOTHING, request=replace(NOTHING.request, action=action))
    ending = {Action.RM, Action.STOP, Action.KILL, Action.PRUNE, Action.RESTORE}
    ending |= {Action.RECREATE}
    assert plan.goes_on == (action not in ending)


@pytest.mark.parametrize(
    ("plan", "is_protected"),
    [
        pytest.param(NOTHING, True, id="nobody is harmed"),
        pytest.param(replace(NOTHING, uncertain=("dep",)), False, id="unread"),
        pytest.param(replace(NOTHING, unplaced=("dep",)), False, id="unplaced"),
    ],
)
def test_who_may_be_harmed_is_only_harmed_if_that_was_accepted(
    plan: Plan, *, is_protected: bool
) -> None:
    assert plan.is_permitted == is_protected
    breaking = replace(plan.request, policy=Policy.BREAK_DEPENDENTS)
    assert replace(plan, request=breaking).is_permitted


def test_a_plan_names_the_recreations_that_would_lose_files() -> None:
    kept = Recreation(container=cid("a"), name="a", owner="vpn")
    lost = replace(kept, container=cid("b"), name="b", loses_layer=True)
    assert replace(NOTHING, recreations=(kept, lost)).losing == (lost,)

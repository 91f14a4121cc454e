"""A plan says before for whom it waits, and that it goes on."""

from __future__ import annotations

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.healing.recreating import make_recreate_plan
from nstui.analysis.plans.plans import make_plan
from nstui.model.healing import Cost
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from nstui.render.plan_document import plan_document
from nstui.render.plan_text import wait_lines
from tests.support.builders import cid, container, snapshot

TOLD = "waits up to 7 s for own to become healthy{}, then goes on"


@pytest.mark.parametrize(
    ("health", "lines"),
    [
        (None, []),
        ("healthy", [TOLD.format("")]),
        ("starting", [TOLD.format(" (it is starting now)")]),
        ("unhealthy", [TOLD.format(" (it is unhealthy now)")]),
    ],
)
def test_whom_it_waits_for(health: str | None, lines: list[str]) -> None:
    one = snapshot(container("own", health=health), container("dep", joins=cid("own")))
    request = Request(
        action=Action.RESTART,
        targets=(cid("own"),),
        policy=Policy.WITH_DEPENDENTS,
        wait_s=7,
    )
    plan = make_plan(one, Graph(one.containers), request)
    assert list(wait_lines(plan)) == lines
    told = plan_document(plan)["steps"]
    assert isinstance(told, list)
    assert (told[1].get("health"), told[2].get("needs")) == (health, [cid("own")])


def test_what_is_put_back_is_said_before() -> None:
    one = snapshot(container("own"))
    target = cid("own")
    request = Request(action=Action.RECREATE, targets=(target,), wait_s=7)
    costs = {target: Cost(image="app:1")}
    plan = make_recreate_plan(one, Graph(one.containers), request, costs)
    assert list(wait_lines(plan)) == [
        "puts everything back if own is not well within 7 s"
    ]
    told = plan_document(plan)["steps"]
    assert isinstance(told, list)
    assert (told[1]["timeout"], told[1]["is_required"]) == (7, True)


def test_a_plan_holds_although_the_health_has_changed() -> None:
    request = Request(
        action=Action.RESTART, targets=(cid("own"),), policy=Policy.WITH_DEPENDENTS
    )
    made = [
        make_plan(one, Graph(one.containers), request)
        for health in ("starting", "healthy")
        for one in [
            snapshot(
                container("own", health=health), container("dep", joins=cid("own"))
            )
        ]
    ]
    assert made[0] == made[1]

"""What brings back those that a plan harms."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.plans.plans import make_plan
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from tests.support.builders import cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container

OWN = container("own")
DEP = container("dep", joins=cid("own"))


def recovery(action: Action, *containers: Container, targets: str = "own") -> list[str]:
    one = snapshot(*containers)
    request = Request(
        action=action,
        targets=tuple(cid(name) for name in targets.split()),
        policy=Policy.BREAK_DEPENDENTS,
    )
    made = make_plan(one, Graph(one.containers), request)
    return [f"{step.verb} {step.name}" for step in made.recovery]


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        pytest.param((DEP,), ["start own", "restart dep"], id="one"),
        pytest.param(
            (container("user", links=("own",)),), ["start own"], id="only a link"
        ),
        pytest.param(
            (DEP, container("debug", joins_pid=cid("dep"))),
            ["start own", "restart dep", "restart debug"],
            id="whom the restart would kill",
        ),
        pytest.param(
            (DEP, container("debug", joins_pid=cid("dep"), removes_itself=True)),
            [],
            id="whom the restart would end for good",
        ),
        pytest.param(
            (DEP, container("off", joins=cid("own"), state="exited")),
            ["start own", "restart dep"],
            id="what did not run is not started",
        ),
        pytest.param(
            (DEP, container("late", joins=cid("own"), links=("gone",))),
            [],
            id="one that could not start",
        ),
    ],
)
def test_what_a_stop_can_be_made_good_by(
    others: tuple[Container, ...], expected: list[str]
) -> None:
    assert recovery(Action.STOP, OWN, *others) == expected


def test_a_target_that_did_not_run_is_not_started() -> None:
    off = container("off", state="exited")
    assert recovery(Action.STOP, OWN, DEP, off, targets="own off") == [
        "start own",
        "restart dep",
    ]


def test_a_target_that_needs_whom_it_harmed_comes_after_it() -> None:
    killed = container("killed", joins_pid=cid("own"))
    also = container("also", joins=cid("killed"))
    assert recovery(Action.STOP, OWN, killed, also, targets="own also") == [
        "start own",
        "restart killed",
        "start also",
    ]


def test_what_removed_itself_cannot_be_started() -> None:
    own = container("own", removes_itself=True)
    dep = container("dep", joins="own")
    assert recovery(Action.STOP, own, dep) == []


def test_one_way_that_can_only_be_made_anew_is_enough() -> None:
    one = container("one", removes_itself=True)
    dep = container("dep", joins=cid("own"), joins_ipc=cid("one"))
    assert recovery(Action.STOP, OWN, one, dep, targets="own one") == []


def test_a_target_that_was_restarted_too_early_is_restarted_again() -> None:
    far = container("far", joins=cid("dep"))
    assert recovery(Action.RESTART, OWN, DEP, far, targets="far own") == [
        "restart dep",
        "restart far",
    ]

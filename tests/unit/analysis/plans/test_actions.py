"""Plans of every action: whom they touch, and in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.plans.plans import make_plan
from nstui.analysis.plans.preconditions import what_changed
from nstui.model.plan import Plan, Policy, Request
from nstui.model.step import Action
from tests.support.builders import cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container
    from nstui.model.snapshot import Snapshot

PROTECT, WITH, BREAK = (
    Policy.PROTECT,
    Policy.WITH_DEPENDENTS,
    Policy.BREAK_DEPENDENTS,
)


def plan_on(
    one: Snapshot, action: Action, *targets: str, policy: Policy = PROTECT
) -> Plan:
    request = Request(
        action=action, targets=tuple(cid(t) for t in targets), policy=policy
    )
    return make_plan(one, Graph(one.containers), request)


def steps(of: Plan) -> list[str]:
    return [f"{step.verb} {step.name}" for step in of.steps]


HOST = (
    container("vpn"),
    container("dep", joins=cid("vpn")),
    container("dep2", joins=cid("dep")),
    container("beside", joins=cid("vpn")),
    container("off", joins=cid("vpn"), state="exited"),
    container("alone"),
)


@pytest.mark.parametrize("action", [Action.STOP, Action.KILL, Action.RESTART])
def test_dependents_forbid_it(action: Action) -> None:
    made = plan_on(snapshot(*HOST), action, "vpn")
    assert [effect.name for effect in made.harmed] == ["beside", "dep", "dep2"]
    assert not made.is_permitted


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (Action.STOP, ["stop beside", "stop dep2", "stop dep", "stop vpn"]),
        (Action.KILL, ["kill beside", "kill dep2", "kill dep", "kill vpn"]),
        (
            Action.RESTART,
            [
                "restart vpn",
                "wait vpn",
                "restart beside",
                "restart dep",
                "wait dep",
                "restart dep2",
            ],
        ),
    ],
)
def test_with_dependents_each_in_its_order(action: Action, expected: list[str]) -> None:
    made = plan_on(snapshot(*HOST), action, "vpn", policy=WITH)
    assert steps(made) == expected
    assert made.is_permitted
    assert not made.breaks


@pytest.mark.parametrize("action", [Action.STOP, Action.KILL, Action.RESTART])
def test_nobody_depends_on_it(action: Action) -> None:
    made = plan_on(snapshot(*HOST), action, "alone")
    assert made.is_permitted
    assert steps(made) == [f"{action} alone"]


def test_a_restart_with_dependents_takes_along_who_was_left_behind() -> None:
    one = snapshot(*HOST[:4], net={"vpn": 8, "dep": 7, "dep2": 7, "beside": 8})
    made = plan_on(one, Action.RESTART, "vpn", policy=WITH)
    assert "restart dep" in steps(made)
    assert "restart dep2" in steps(made)


def test_stopping_what_is_stopped_does_nothing() -> None:
    one = snapshot(container("vpn", state="exited"))
    assert steps(plan_on(one, Action.STOP, "vpn")) == []


def test_killing_what_is_stopped_is_pointless() -> None:
    one = snapshot(container("vpn", state="exited"))
    assert plan_on(one, Action.KILL, "vpn").objections == (
        "vpn is exited: it has no process to kill",
    )


@pytest.mark.parametrize(
    ("others", "objection"),
    [
        pytest.param(
            (),
            f"dep could not start: {cid('vpn')[:12]} no longer exists",
            id="owner gone",
        ),
        pytest.param(
            (container("vpn", state="exited"),),
            "dep could not start: vpn is not running; start it first",
            id="owner stopped",
        ),
    ],
)
def test_a_restart_that_would_end_in_a_stop_is_not_tried(
    others: tuple[Container, ...], objection: str
) -> None:
    one = snapshot(container("dep", joins=cid("vpn")), *others)
    assert plan_on(one, Action.RESTART, "dep").objections == (objection,)


def test_an_owner_restarted_in_the_same_plan_will_run() -> None:
    one = snapshot(container("vpn", state="exited"), container("dep", joins=cid("vpn")))
    made = plan_on(one, Action.RESTART, "dep", "vpn")
    assert made.objections == ()
    assert steps(made) == ["restart vpn", "wait vpn", "restart dep"]


def test_several_targets_are_one_plan() -> None:
    made = plan_on(snapshot(*HOST), Action.STOP, "alone", "dep", "dep2")
    assert steps(made) == ["stop alone", "stop dep2", "stop dep"]
    assert made.is_permitted


def prune(*containers: Container) -> Plan:
    one = snapshot(*containers)
    request = Request(action=Action.PRUNE, targets=())
    return make_plan(one, Graph(one.containers), request)


def test_a_prune_removes_what_is_stopped_and_nobody_needs() -> None:
    made = prune(
        container("run"),
        container("old", state="exited"),
        container("new", state="created"),
        container("broken", state="dead"),
        container("busy", state="restarting"),
        container("still", state="paused"),
    )
    assert steps(made) == ["rm broken", "rm new", "rm old"]
    assert (made.kept, made.is_permitted) == ((), True)


@pytest.mark.parametrize(
    "user",
    [
        pytest.param(container("user", joins=cid("own")), id="running, by net"),
        pytest.param(
            container("user", joins_pid=cid("own"), state="exited"),
            id="stopped, by pid",
        ),
        pytest.param(
            container("user", joins_ipc=cid("own"), state="created"), id="ipc"
        ),
        pytest.param(container("user", links=("own",), state="exited"), id="link"),
        pytest.param(container("user", joins="own", state="exited"), id="by name"),
    ],
)
def test_a_prune_keeps_the_owner_of_what_could_be_started(user: Container) -> None:
    made = prune(container("own", state="exited"), user)
    assert [(kept.name, kept.needed_by) for kept in made.kept] == [("own", ("user",))]
    assert "rm own" not in steps(made)
    assert not made.breaks


def test_volumes_keep_nobody() -> None:
    made = prune(
        container("data", state="exited"), container("user", volumes_from=("data",))
    )
    assert steps(made) == ["rm data"]
    assert made.is_permitted


def test_a_prune_does_nothing_while_somebody_could_not_be_inspected() -> None:
    made = prune(
        container("old", state="exited"), container("dark", is_inspected=False)
    )
    assert not made.is_permitted


def test_a_container_that_joined_itself_is_pruned() -> None:
    assert steps(prune(container("me", joins="me", state="created"))) == ["rm me"]


def test_a_prune_of_nothing() -> None:
    assert steps(prune(container("run"))) == []


def test_what_is_killed_must_still_run() -> None:
    made = plan_on(snapshot(*HOST), Action.KILL, "alone")
    stopped = Graph((container("alone", state="exited"),))
    assert what_changed(made.steps[0], Graph(HOST), stopped) == (
        "alone is exited already"
    )


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        (
            Action.STOP,
            ["start vpn", "restart beside", "restart dep", "restart dep2"],
        ),
        (Action.RESTART, ["restart beside", "restart dep", "restart dep2"]),
        (Action.RM, []),
    ],
)
def test_what_brings_the_harmed_back(action: Action, expected: list[str]) -> None:
    made = plan_on(snapshot(*HOST), action, "vpn", policy=BREAK)
    assert [f"{step.verb} {step.name}" for step in made.recovery] == expected


def test_nothing_has_to_be_brought_back_when_nobody_is_harmed() -> None:
    assert plan_on(snapshot(*HOST), Action.STOP, "alone").recovery == ()


def test_stopping_what_removes_itself_is_a_removal() -> None:
    one = snapshot(
        container("vpn", removes_itself=True), container("dep", joins=cid("vpn"))
    )
    made = plan_on(one, Action.STOP, "vpn", policy=BREAK)
    (effect,) = made.effects
    assert effect.later == "must_be_recreated"
    assert [(step.verb, step.removes) for step in made.steps] == [("stop", True)]
    assert made.recovery == ()


def test_restarting_what_removes_itself_is_a_restart() -> None:
    one = snapshot(
        container("vpn", removes_itself=True), container("dep", joins=cid("vpn"))
    )
    (effect,) = plan_on(one, Action.RESTART, "vpn").effects
    assert effect.later == "restart_rejoins"


def test_what_removes_itself_is_not_removed_twice() -> None:
    one = snapshot(container("vpn", removes_itself=True))
    request = Request(action=Action.RM, targets=(cid("vpn"),), stop_first=True)
    assert steps(make_plan(one, Graph(one.containers), request)) == ["stop vpn"]


@pytest.mark.parametrize(
    ("name", "version", "is_taken"),
    [
        ("Docker", "28.5.2", True),
        ("Docker", "23.0.0", True),
        ("Docker", "20.10.24+dfsg1", False),
        ("Docker", "dev", True),
        ("Podman", "5.4.0", False),
    ],
)
@pytest.mark.parametrize("action", [Action.STOP, Action.RESTART])
def test_some_engines_take_no_signal(
    name: str, version: str, action: Action, *, is_taken: bool
) -> None:
    one = snapshot(*HOST)
    one = replace(one, engine=replace(one.engine, name=name, version=version))
    request = Request(action=action, targets=(cid("alone"),), signal="INT")
    made = make_plan(one, Graph(one.containers), request)
    assert made.is_possible is is_taken
    assert made.steps[0].signal == "INT"
    if not is_taken:
        (objection,) = made.objections
        assert objection.startswith(f"{name} {version} {action}s containers with their")
    plain = replace(request, signal=None)
    assert make_plan(one, Graph(one.containers), plain).is_possible

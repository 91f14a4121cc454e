"""From a request to a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.plans.plans import make_plan, with_policy
from nstui.analysis.plans.preconditions import what_changed
from nstui.model.plan import Plan, Policy, Request
from nstui.model.step import Action
from tests.support.builders import cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container

PROTECT, WITH, BREAK = (
    Policy.PROTECT,
    Policy.WITH_DEPENDENTS,
    Policy.BREAK_DEPENDENTS,
)


def plan(
    *containers: Container,
    targets: tuple[str, ...] = ("vpn",),
    policy: Policy = PROTECT,
    force: bool = False,
    stop_first: bool = False,
) -> Plan:
    one = snapshot(*containers)
    request = Request(
        action=Action.RM,
        targets=tuple(cid(name) for name in targets),
        policy=policy,
        force=force,
        stop_first=stop_first,
    )
    return make_plan(one, Graph(one.containers), request)


def steps(of: Plan) -> list[str]:
    return [f"{step.verb} {step.name}" for step in of.steps]


VPN = container("vpn", ports=(8080,))
CHAIN = (
    VPN,
    container("dep", joins=cid("vpn")),
    container("dep2", joins=cid("dep"), ports=()),
    container("beside", joins=cid("vpn")),
    container("alone"),
)


def test_nothing_depends_on_it() -> None:
    made = plan(*CHAIN, targets=("alone",), force=True)
    assert (made.breaks, made.is_permitted, made.objections) == (False, True, ())
    assert steps(made) == ["rm alone"]


def test_dependents_forbid_it() -> None:
    made = plan(*CHAIN, force=True)
    assert made.breaks
    assert not made.is_permitted
    assert [effect.name for effect in made.effects] == ["beside", "dep", "dep2"]
    assert [str(port) for port in made.dark_ports] == ["0.0.0.0:8080->8080/tcp"]


def test_harm_can_be_accepted() -> None:
    made = plan(*CHAIN, policy=BREAK, force=True)
    assert made.breaks
    assert made.is_permitted
    assert steps(made) == ["rm vpn"]


def test_with_dependents_the_deepest_go_first() -> None:
    made = plan(*CHAIN, policy=WITH, force=True)
    assert not made.breaks
    assert steps(made) == ["rm beside", "rm dep2", "rm dep", "rm vpn"]


def test_everything_is_stopped_before_anything_is_removed() -> None:
    made = plan(*CHAIN, policy=WITH, stop_first=True)
    assert steps(made) == [
        "stop beside",
        "stop dep2",
        "stop dep",
        "stop vpn",
        "rm beside",
        "rm dep2",
        "rm dep",
        "rm vpn",
    ]


def test_with_dependents_takes_whom_the_dependents_would_harm() -> None:
    made = plan(
        VPN,
        container("dep", joins_pid=cid("vpn")),
        container("far", links=("dep",)),
        policy=WITH,
        force=True,
    )
    assert steps(made) == ["rm far", "rm dep", "rm vpn"]
    assert not made.breaks


def test_volumes_are_shown_but_no_reason_to_remove() -> None:
    made = plan(
        VPN, container("backup", volumes_from=("vpn",)), policy=WITH, force=True
    )
    assert steps(made) == ["rm vpn"]
    assert [effect.harms for effect in made.effects] == [False]


@pytest.mark.parametrize("state", ["running", "paused", "restarting"])
def test_what_runs_is_not_removed_without_force(state: str) -> None:
    made = plan(container("vpn", state=state))
    assert made.objections == (f"vpn is {state}: stop it first, or use --force",)
    assert plan(container("vpn", state=state), force=True).objections == ()


@pytest.mark.parametrize("state", ["exited", "created", "dead"])
def test_what_does_not_run_is_not_stopped(state: str) -> None:
    made = plan(container("vpn", state=state), stop_first=True)
    assert steps(made) == ["rm vpn"]


def test_who_could_not_be_inspected_may_depend_on_it() -> None:
    made = plan(VPN, container("dark", is_inspected=False), force=True)
    assert made.uncertain == ("dark",)
    assert not made.breaks
    assert not made.is_permitted


def test_several_targets_make_one_plan_in_the_right_order() -> None:
    made = plan(*CHAIN, targets=("vpn", "dep2", "dep", "beside"), force=True)
    assert not made.breaks
    assert steps(made).index("rm dep2") < steps(made).index("rm dep")
    assert steps(made)[-1] == "rm vpn"


def test_a_loop_can_be_removed() -> None:
    me = container("me", joins="you", state="created")
    you = container("you", joins="me", state="created")
    made = plan(me, you, targets=("me",), policy=WITH)
    assert sorted(steps(made)) == ["rm me", "rm you"]


def test_equal_snapshots_make_equal_plans() -> None:
    assert plan(*CHAIN) == plan(*reversed(CHAIN))
    assert plan(*CHAIN) != plan(*CHAIN, container("new", joins=cid("vpn")))
    assert with_policy(plan(*CHAIN).request, WITH).policy is WITH


def changed(made: Plan, number: int, *containers: Container) -> str | None:
    return what_changed(made.steps[number], Graph(CHAIN[:3]), Graph(containers))


def test_a_step_is_checked_against_what_is_the_case_then() -> None:
    made = plan(*CHAIN[:3], policy=WITH, stop_first=True)
    assert steps(made)[3] == "rm dep2"
    dep2 = container("dep2", joins=cid("dep"), state="exited")
    assert changed(made, 3, dep2) is None
    assert changed(made, 3) == "dep2 is no longer there"
    assert changed(made, 3, CHAIN[2]) == "dep2 was started again"
    new = container("new", joins=cid("dep2"))
    assert changed(made, 3, dep2, new) == "new now depends on dep2"


def test_dependents_that_were_shown_are_no_surprise() -> None:
    made = plan(*CHAIN[:3], policy=BREAK, force=True)
    assert changed(made, 0, *CHAIN[:3]) is None

"""What Podman would refuse is not planned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.graph.graph import Graph, find_containers
from nstui.analysis.healing.plans import make_heal_plan
from nstui.analysis.plans.managed import can_be_forced
from nstui.analysis.plans.plans import make_plan
from nstui.model.container import Pod
from nstui.model.plan import Plan, Policy, Request
from nstui.model.step import Action, Verb
from tests.support.builders import ENGINE, cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container

PODMAN = replace(ENGINE, name="Podman")
VPN = container("vpn", state="exited")
DEP = container("dep", joins=cid("vpn"), state="exited")
WORDS = "Podman removes vpn only after what joined it (dep)"
ONLY_AFTER = (f"{WORDS}: --with-dependents removes them too",)


def plan_for(
    request: Request, *containers: Container, targets: str = "vpn", engine: str = ""
) -> Plan:
    """Return a plan on Podman, or on another engine."""
    whose = replace(PODMAN, name=engine or "Podman")
    host = replace(snapshot(*containers), engine=whose)
    graph = Graph(host.containers)
    named = replace(request, targets=find_containers(graph, targets.split()))
    if request.action is Action.HEAL:
        return make_heal_plan(host, graph, named, {})
    return make_plan(host, graph, named)


def removal(policy: Policy) -> Request:
    """Return a request to remove."""
    return Request(action=Action.RM, targets=(), policy=policy)


@pytest.mark.parametrize(
    ("policy", "objections", "permitted"),
    [
        (Policy.BREAK_DEPENDENTS, ONLY_AFTER, True),
        (Policy.WITH_DEPENDENTS, (), True),
        # That it harms somebody is said already, and that both can be removed.
        (Policy.PROTECT, (), False),
    ],
)
def test_nobody_is_removed_whom_others_joined(
    policy: Policy, objections: tuple[str, ...], *, permitted: bool
) -> None:
    plan = plan_for(removal(policy), VPN, DEP)

    assert plan.objections == objections
    assert plan.is_permitted == permitted
    assert plan_for(removal(policy), VPN, DEP, engine="Docker").objections == ()


@pytest.mark.parametrize(
    "dep",
    [
        container("dep", state="exited", joins=cid("vpn")),
        container("dep", state="exited", joins_pid=cid("vpn")),
        container("dep", state="exited", joins_ipc="vpn"),
        container("dep", joins_uts=cid("vpn")),
    ],
)
def test_every_kind_of_join_holds_it(dep: Container) -> None:
    plan = plan_for(removal(Policy.BREAK_DEPENDENTS), VPN, dep)

    assert plan.objections == ONLY_AFTER


def test_one_that_others_only_link_to_is_removed() -> None:
    dep = container("dep", links=("vpn",), volumes_from=("vpn",), state="exited")

    plan = plan_for(removal(Policy.BREAK_DEPENDENTS), VPN, dep)

    assert plan.objections == ()


@pytest.mark.parametrize("policy", Policy)
def test_what_holds_a_pod_together_goes_with_the_pod(policy: Policy) -> None:
    infra = replace(VPN, pod=Pod("media", is_infra=True))
    member = replace(DEP, pod=Pod("media", is_infra=False))

    plan = plan_for(removal(policy), infra, member)

    assert plan.objections == (
        "vpn holds the pod media together: use podman pod rm media",
    )
    one = plan_for(removal(policy), infra, member, targets="dep")
    assert one.objections == ()


def test_a_stop_of_what_holds_a_pod_is_no_removal() -> None:
    infra = container("vpn", pod=Pod("media", is_infra=True))
    request = Request(action=Action.STOP, targets=())

    assert plan_for(request, infra).objections == ()


def test_healing_replaces_nobody_whom_others_joined() -> None:
    mid = container("mid", joins=cid("gone"))
    far = container("far", joins=cid("mid"))
    new = container("new")
    request = Request(action=Action.HEAL, targets=(), onto=cid("new"))

    plan = plan_for(request, mid, far, new, targets="")
    elsewhere = plan_for(request, mid, far, new, targets="", engine="Docker")

    assert plan.steps == ()
    assert {u.name: u.reason for u in plan.unhealed} == {
        "mid": f"it cannot be replaced: {WORDS}".replace("vpn", "it").replace(
            "dep", "far"
        ),
        "far": "it joined mid, which stays broken",
    }
    assert {step.verb for step in elsewhere.steps} >= {Verb.RECREATE}


@pytest.mark.parametrize(
    ("action", "engine", "is_forcible"),
    [
        (Action.RM, "Podman", False),
        (Action.PRUNE, "Podman", False),
        (Action.STOP, "Podman", True),
        (Action.RM, "Docker", True),
    ],
)
def test_harm_can_be_accepted_except_by_a_removal_on_podman(
    action: Action, engine: str, *, is_forcible: bool
) -> None:
    plan = plan_for(Request(action=action, targets=()), VPN, DEP, engine=engine)
    assert can_be_forced(plan) == is_forcible

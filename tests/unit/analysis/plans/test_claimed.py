"""Of which containers a plan must be the only one."""

from __future__ import annotations

from nstui.analysis.plans.claimed import acted_on, owners_beside
from nstui.analysis.plans.plans import make_plan
from nstui.model.plan import Plan, Policy, Request
from nstui.model.step import Action
from tests.support.builders import cid, container, report

HOST = report(
    container("vpn"),
    container("web", joins="vpn"),
    container("logs", joins="web"),
    container("orphan", joins="gone"),
    container("loner"),
)


def plan(name: str, action: Action, policy: Policy = Policy.PROTECT) -> Plan:
    request = Request(action=action, targets=(cid(name),), policy=policy)
    return make_plan(HOST.snapshot, HOST.graph, request)


def test_what_is_acted_on() -> None:
    stop = plan("vpn", Action.STOP, Policy.WITH_DEPENDENTS)
    assert set(acted_on(stop).values()) == {"vpn", "web", "logs"}
    assert set(acted_on(plan("loner", Action.STOP)).values()) == {"loner"}


def test_the_owners_of_what_is_acted_on() -> None:
    assert owners_beside(plan("logs", Action.RESTART), HOST.graph) == {
        cid("web"): "web",
        cid("vpn"): "vpn",
    }
    assert owners_beside(plan("orphan", Action.RESTART), HOST.graph) == {}
    assert owners_beside(plan("vpn", Action.RESTART), HOST.graph) == {}


def test_what_is_gone_has_no_owners_any_more() -> None:
    without = report(container("vpn"))
    assert owners_beside(plan("logs", Action.RESTART), without.graph) == {}

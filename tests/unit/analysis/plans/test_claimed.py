"""Of which containers a plan must be the only one."""

from __future__ import annotations

import pytest

from nstui.analysis.plans.claimed import acted_on, group_around, owners_beside
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


GROUP = report(
    container("vpn"),
    container("dep", joins="vpn"),
    container("far", joins="dep"),
    container("mate", joins="vpn"),
    container("other"),
).graph


@pytest.mark.parametrize(
    ("names", "around"),
    [
        (["far"], {"vpn", "dep", "far", "mate"}),
        (["vpn"], {"vpn", "dep", "far", "mate"}),
        (["other"], {"other"}),
        (["gone"], {"gone"}),
        (["other", "gone"], {"other", "gone"}),
        ([], set()),
    ],
)
def test_a_group_is_all_that_two_plans_must_not_share(
    names: list[str], around: set[str]
) -> None:
    assert group_around(GROUP, map(cid, names)) == set(map(cid, around))

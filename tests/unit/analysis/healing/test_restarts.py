"""Whom healing starts and restarts, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.model.plan import Policy
from nstui.model.step import Verb
from nstui.render.plan_text import note_lines
from tests.support.builders import cid, container
from tests.unit.analysis.healing.hosts import GONE, heal, reasons, steps

if TYPE_CHECKING:
    from nstui.model.container import Container

OWN = container("own", started=10)
DEP = container("dep", joins=cid("own"))
FAR = container("far", joins=cid("dep"))
OTHER = container("other")


def test_a_host_with_nothing_broken_needs_nothing() -> None:
    plan = heal(container("own"), DEP, OTHER)
    assert (plan.steps, plan.unhealed, plan.targets) == ((), (), ())


def test_a_stale_dependent_is_restarted_and_nobody_else() -> None:
    plan = heal(OWN, DEP, OTHER, net={"own": 2, "dep": 1, "other": 3})
    assert steps(plan) == ["restart dep"]
    assert [target.name for target in plan.targets] == ["dep"]
    assert not plan.breaks


def test_a_stale_chain_is_restarted_from_the_owner_outwards() -> None:
    plan = heal(FAR, DEP, OWN, net={"own": 2, "dep": 1, "far": 1})
    assert steps(plan) == ["restart dep", "restart far"]


def test_one_that_others_join_is_awaited() -> None:
    plan = heal(FAR, DEP, OWN, net={"own": 2, "dep": 1, "far": 1})
    assert [step.verb for step in plan.steps] == [
        Verb.RESTART,
        Verb.WAIT,
        Verb.RESTART,
    ]


def test_a_healthy_one_between_two_is_left_alone() -> None:
    plan = heal(FAR, DEP, OWN, net={"own": 2, "dep": 2, "far": 1})
    assert steps(plan) == ["restart far"]


def test_a_stopped_owner_is_started_before_its_dependents_are_restarted() -> None:
    stopped = container("own", state="exited", started=10)
    assert steps(heal(DEP, FAR, stopped)) == [
        "start own",
        "restart dep",
        "restart far",
    ]


def test_a_stopped_group_is_not_broken() -> None:
    stopped = container("own", state="exited")
    dep = container("dep", joins=cid("own"), state="exited")
    assert heal(stopped, dep).steps == ()


def test_a_stopped_dependent_stays_stopped_when_its_owner_is_started() -> None:
    stopped = container("own", state="exited")
    idle = container("idle", joins=cid("own"), state="exited")
    assert steps(heal(stopped, DEP, idle)) == ["start own", "restart dep"]


def test_an_owner_that_keeps_exiting_has_to_be_mended_first() -> None:
    plan = heal(container("own", state="restarting"), DEP, FAR)
    assert plan.steps == ()
    assert reasons(plan) == {
        "dep": "own keeps exiting and being restarted: fix that first",
        "far": "it joined dep, which stays broken",
    }


def test_an_owner_that_is_half_removed_cannot_be_started() -> None:
    plan = heal(container("own", state="dead"), DEP)
    assert reasons(plan) == {"dep": "own is dead: it cannot be started again"}


def test_naming_the_owner_heals_its_dependents() -> None:
    apart = container("apart", started=10)
    lost = container("lost", joins=cid("apart"))
    plan = heal(
        OWN, DEP, apart, lost,
        targets="own",
        net={"own": 2, "dep": 1, "apart": 4, "lost": 3},
    )  # fmt: skip
    assert steps(plan) == ["restart dep"]


def test_naming_the_end_of_a_chain_heals_the_way_to_it() -> None:
    twin = container("twin", joins=cid("own"))
    plan = heal(
        OWN, DEP, FAR, twin,
        targets="far",
        net={"own": 2, "dep": 1, "far": 1, "twin": 1},
    )  # fmt: skip
    assert steps(plan) == ["restart dep", "restart far"]


def test_naming_one_that_is_well_heals_nobody() -> None:
    plan = heal(OWN, DEP, OTHER, targets="other", net={"own": 2, "dep": 1, "other": 3})
    assert plan.steps == ()


def test_a_restart_that_harms_a_healthy_one_is_blocked() -> None:
    mate = container("mate", joins_ipc=cid("dep"))
    inodes = {"own": 2, "dep": 1, "mate": 3}
    shared = {"own": 7, "dep": 8, "mate": 8}
    plan = heal(OWN, DEP, mate, net=inodes, ipc=shared)
    assert steps(plan) == ["restart dep"]
    assert [effect.name for effect in plan.harmed] == ["mate"]
    assert not plan.is_permitted

    too = heal(OWN, DEP, mate, net=inodes, ipc=shared, policy=Policy.WITH_DEPENDENTS)
    assert steps(too) == ["restart dep", "restart mate"]
    assert too.is_permitted


@pytest.mark.parametrize(
    ("dep", "net"),
    [
        (container("dep", joins=cid("own"), state="paused"), {"own": 2, "dep": 1}),
        (container("dep", joins=cid("gone"), state="paused"), {"own": 2, "dep": 1}),
    ],
)
def test_a_plan_says_who_does_not_stay_paused(
    dep: Container, net: dict[str, int]
) -> None:
    onto = {"onto": "own", "targets": "dep"} if dep.joins[0].reference != OWN.id else {}
    plan = heal(OWN, dep, net=net, **onto)  # type: ignore[arg-type] # words only
    assert len(plan.steps) == 1
    assert plan.notes == ("dep is paused now, and runs once it is healed",)
    assert plan.notes[0] in note_lines(plan)


def test_one_that_joined_by_name_waits_for_the_name() -> None:
    plan = heal(container("dep", joins="vpn"))
    assert plan.steps == ()
    assert reasons(plan) == {
        "dep": (
            "it joins vpn by name: create vpn again, or choose its new owner with"
            " --onto"
        )
    }
    assert all(one.needs_decision for one in plan.unhealed)


def test_one_that_joined_by_name_is_restarted_when_the_name_is_back() -> None:
    new = container("vpn", started=10)
    plan = heal(container("dep", joins="vpn"), new, net={"dep": 1, "vpn": 2})
    assert steps(plan) == ["restart dep"]


def test_what_healing_would_need_is_looked_at_before() -> None:
    """The dependent joins two: one is restarted, the other does not run."""
    dep = container("dep", joins=cid("own"), joins_ipc=cid("a"))
    off = container("a", state="exited")
    plan = heal(OWN, dep, off, net={"own": 2, "dep": 1})
    assert steps(plan) == ["start a", "restart dep"]
    assert plan.objections == ()


def test_what_removes_itself_does_not_keep_one_from_being_healed() -> None:
    """A debugger that was started with ``--rm`` ends, and the plan says so."""
    own = container("own", started=10)
    dep = container("dep", joins=cid("own"))
    debug = container("debug", joins_pid=cid("dep"), removes_itself=True)
    plan = heal(own, dep, debug, net={"own": 1, "dep": 9, "debug": 5})
    assert steps(plan) == ["restart dep"]
    assert [(e.name, e.sentence) for e in plan.effects] == [
        ("debug", "ends with dep, and removes itself")
    ]
    assert plan.is_permitted
    assert plan.objections == ()


@pytest.mark.parametrize("policy", [Policy.PROTECT, Policy.WITH_DEPENDENTS])
def test_what_removes_itself_is_not_restarted_once_it_has_ended(policy: Policy) -> None:
    """It is as broken as the other, and gone when that has been restarted."""
    own = container("own", started=10)
    dep = container("dep", joins=cid("own"))
    debug = container(
        "debug", joins=cid("own"), joins_pid=cid("dep"), removes_itself=True
    )
    plan = heal(own, dep, debug, net={"own": 1, "dep": 9, "debug": 9}, policy=policy)
    assert steps(plan) == ["restart dep"]
    assert [target.name for target in plan.targets] == ["dep"]
    assert [effect.name for effect in plan.effects] == ["debug"]
    assert (plan.is_permitted, plan.objections) == (True, ())


def test_one_that_removes_itself_and_loses_its_network_is_no_harm() -> None:
    dep = container("dep", joins=GONE)
    debug = container("debug", joins_ipc=cid("dep"), removes_itself=True)
    plan = heal(container("vpn"), dep, debug, names={GONE: "vpn"})
    assert steps(plan)[0] == "recreate dep on net:vpn"
    assert plan.is_permitted

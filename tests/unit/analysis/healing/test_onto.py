"""``--onto``: onto whom the user moves containers, and when that is refused."""

from __future__ import annotations

import pytest

from nstui.model.plan import Policy
from nstui.model.step import Verb
from nstui.render.plan_text import commands_text, nothing_line
from tests.support.builders import cid, container
from tests.unit.analysis.healing.hosts import GONE, heal, reasons, steps, undecided

OWN = container("own")
NEW = container("new")
DEP = container("dep", joins=cid("own"))
HOST = "uses the network of the host itself, and dep would too"
WELL = {"own": 1, "dep": 1, "new": 2}


@pytest.mark.parametrize("state", ["running", "exited", "restarting"])
def test_one_whose_owner_is_the_wrong_one_is_moved(state: str) -> None:
    plan = heal(container("own", state=state), NEW, DEP, onto="new", targets="dep")
    assert steps(plan) == ["recreate dep on net:new"]
    assert commands_text(plan.steps) == "nstui heal --onto new dep"
    assert not plan.unhealed


def test_one_that_is_well_in_the_wrong_network_is_moved() -> None:
    plan = heal(OWN, NEW, DEP, net=WELL, onto="new", targets="dep")
    assert steps(plan) == ["recreate dep on net:new"]


def test_nobody_is_moved_who_is_not_named() -> None:
    assert heal(OWN, NEW, DEP, net=WELL, onto="new").steps == ()
    stopped = container("own", state="exited")
    assert steps(heal(stopped, NEW, DEP, onto="new")) == ["start own", "restart dep"]


def test_one_that_does_not_run_is_moved_and_not_started() -> None:
    dep = container("dep", joins=cid("own"), state="exited")
    plan = heal(OWN, NEW, dep, onto="new", targets="dep")
    assert steps(plan) == ["recreate dep on net:new stopped"]


def test_a_new_owner_that_does_not_run_is_started_first() -> None:
    new = container("new", state="exited")
    plan = heal(OWN, new, DEP, onto="new", targets="dep")
    assert steps(plan) == ["start new", "recreate dep on net:new"]
    new = container("new", state="restarting")
    plan = heal(OWN, new, DEP, onto="new", targets="dep")
    assert plan.steps == ()
    assert "keeps exiting" in reasons(plan)["dep"]


def test_where_it_is_already_there_is_nothing_to_do() -> None:
    plan = heal(OWN, NEW, DEP, net=WELL, onto="own", targets="dep")
    assert (plan.steps, plan.unhealed) == ((), ())
    assert nothing_line(plan) == (
        "nothing to heal; dep has joined own already, and is running"
    )
    stopped = container("dep", joins=cid("own"), state="exited")
    plan = heal(OWN, NEW, stopped, onto="own", targets="dep")
    assert nothing_line(plan) == "nothing to heal; dep has joined own already"


def test_where_it_should_be_and_is_not_it_is_restarted() -> None:
    plan = heal(
        OWN, NEW, DEP, net={"own": 3, "dep": 1, "new": 2}, onto="own", targets="dep"
    )
    assert steps(plan) == ["restart dep"]
    assert plan.notes == ()


@pytest.mark.parametrize(
    ("targets", "onto", "why"),
    [
        ("dep", "dep", "dep cannot be its own owner"),
        ("new", "new", "new cannot be its own owner"),
        ("dep", "far", "far depends on it, so it cannot be its new owner"),
        ("dep", "host", f"host {HOST}"),
        ("dep", "guest", f"guest {HOST}"),
        ("own", "new", "it has joined no other container"),
        (
            "both",
            "new",
            "it has joined own, other: which of them to replace is unknown",
        ),
    ],
)
def test_what_is_refused(targets: str, onto: str, why: str) -> None:
    host = (
        OWN,
        NEW,
        DEP,
        container("far", joins=cid("dep")),
        container("host", mode="host"),
        container("guest", joins=cid("host")),
        container("other"),
        container("both", joins=cid("own"), joins_ipc=cid("other")),
    )
    plan = heal(*host, onto=onto, targets=targets)
    assert plan.steps == ()
    assert reasons(plan) == {targets: why}
    assert undecided(plan) == set()


def test_of_several_joins_those_are_moved_that_do_not_hold() -> None:
    both = container("dep", joins=cid("own"), joins_ipc=cid("other"))
    stopped = container("own", state="exited")
    plan = heal(stopped, NEW, container("other"), both, onto="new", targets="dep")
    assert steps(plan) == ["recreate dep on net:new ipc:other"]


def test_who_depends_on_one_that_is_moved_is_harmed_or_taken_along() -> None:
    far = container("far", joins=cid("dep"))
    net = {"own": 1, "dep": 1, "far": 1, "new": 2}
    plan = heal(OWN, NEW, DEP, far, net=net, onto="new", targets="dep")
    assert [effect.name for effect in plan.harmed] == ["far"]
    too = heal(
        OWN, NEW, DEP, far,
        net=net, onto="new", targets="dep", policy=Policy.WITH_DEPENDENTS,
    )  # fmt: skip
    assert steps(too) == ["recreate dep on net:new", "recreate far on net:dep"]


def test_one_that_joined_a_name_that_nobody_has_is_moved() -> None:
    dep = container("dep", joins="vpn")
    plan = heal(dep, NEW, onto="new", targets="dep")
    assert steps(plan) == ["recreate dep on net:new"]
    assert [step.verb for step in plan.steps] == [Verb.RECREATE]
    assert commands_text(plan.steps) == "nstui heal --onto new dep"
    assert reasons(heal(dep, NEW)) == {
        "dep": (
            "it joins vpn by name: create vpn again, or choose its new owner with"
            " --onto"
        )
    }
    assert all(one.needs_decision for one in heal(dep, NEW).unhealed)


def test_who_is_behind_one_that_was_left_behind_follows_it() -> None:
    dep, far = container("dep", joins=GONE), container("far", joins=cid("dep"))
    plan = heal(dep, far, NEW, onto="new", targets="far")
    assert steps(plan) == ["recreate dep on net:new", "recreate far on net:dep"]

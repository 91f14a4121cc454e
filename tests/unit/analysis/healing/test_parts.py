"""What cannot be healed, or needs a decision, keeps no other group from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.analysis.plans.permission import refuse_unless_permitted
from nstui.model.healing import Cost
from nstui.model.plan import Layer, Policy
from nstui.model.step import Verb
from tests.support.builders import cid, container
from tests.unit.analysis.healing.hosts import GONE, heal

OWN = container("own")
DEP = container("dep", joins=GONE)
FAR = container("far", joins=cid("dep"))
Z = container("z")
Z_DEP = container("z-dep", joins=cid("z"))
TORN = {"own": 1, "dep": 9, "far": 9, "z": 2, "z-dep": 8}
KNOWN = {GONE: "own"}
WROTE = {"dep": Cost(changes=("/etc/app",))}


def test_what_would_lose_something_is_left_alone_where_nobody_is_asked() -> None:
    plan = heal(
        *(OWN, DEP, FAR, Z, Z_DEP),
        net=TORN, names=KNOWN, costs=WROTE, asks_nobody=True,
    )  # fmt: skip
    assert [(step.verb, step.name) for step in plan.steps] == [(Verb.RESTART, "z-dep")]
    left = {one.name: (one.needs_decision, one.reason) for one in plan.unhealed}
    assert left.keys() == {"dep", "far"}
    assert all(needs for needs, _ in left.values())
    assert "--keep-changes" in left["dep"][1]
    assert left["far"][1].startswith("it needs dep: it would lose")
    assert plan.losing == ()


def test_where_somebody_is_asked_the_plan_is_the_whole_one() -> None:
    plan = heal(OWN, DEP, FAR, Z, Z_DEP, net=TORN, names=KNOWN, costs=WROTE)
    assert {step.name for step in plan.steps} == {"dep", "far", "z-dep"}
    assert [one.name for one in plan.losing] == ["dep"]


@pytest.mark.parametrize(
    ("cost", "layer", "is_healed"),
    [
        (Cost(changes=("/a",), files=("/run/secrets/s",)), Layer.KEEP, False),
        (Cost(changes=None, files=("/run/secrets/s",)), Layer.KEEP, False),
        (Cost(changes=("/a",), files=("/run/secrets/s",)), Layer.DROP, True),
        (Cost(changes=(), files=("/run/secrets/s",)), Layer.KEEP, True),
        (Cost(changes=("/a",)), Layer.KEEP, True),
    ],
)
def test_no_image_is_made_of_what_compose_put_there(
    cost: Cost, layer: Layer, *, is_healed: bool
) -> None:
    plan = heal(OWN, DEP, net={"own": 1}, names=KNOWN, costs={"dep": cost}, layer=layer)
    assert bool(plan.steps) == is_healed
    left = {one.name: one for one in plan.unhealed}
    assert ("dep" in left) != is_healed
    if not is_healed:
        assert left["dep"].needs_decision
        assert "--keep-changes would make /run/secrets/s" in left["dep"].reason


def test_where_nothing_else_is_left_the_plan_says_why_it_is_refused() -> None:
    plan = heal(OWN, DEP, net=TORN, names=KNOWN, costs=WROTE, asks_nobody=True)
    assert [one.name for one in plan.losing] == ["dep"]


def test_what_would_harm_one_that_is_well_is_left_alone() -> None:
    """A container in the pid namespace of one that is restarted ends with it."""
    rider = container("rider", joins_pid=cid("dep"))
    dep = replace(DEP, name="dep")
    plan = heal(*(OWN, dep, rider, Z, Z_DEP), net=TORN, names=KNOWN, asks_nobody=True)
    assert [step.name for step in plan.steps] == ["z-dep"]
    (left,) = plan.unhealed
    assert (left.name, left.needs_decision) == ("dep", True)
    assert left.reason.startswith("healing it would harm rider")
    refuse_unless_permitted(plan)
    plan = heal(
        *(OWN, dep, rider, Z, Z_DEP),
        net=TORN, names=KNOWN, asks_nobody=True, policy=Policy.WITH_DEPENDENTS,
    )  # fmt: skip
    assert {step.name for step in plan.steps} == {"dep", "rider", "z-dep"}


@pytest.mark.parametrize("is_asked", [True, False])
def test_what_the_engine_would_refuse_is_left_alone(*, is_asked: bool) -> None:
    """Whom a link leads to does not run, so the one with the link cannot restart."""
    dep = container("dep", joins=cid("own"), links=("gone",))
    plan = heal(OWN, dep, Z, Z_DEP, net=TORN, asks_nobody=not is_asked)
    assert [step.name for step in plan.steps] == ["z-dep"]
    (left,) = plan.unhealed
    assert (left.name, left.needs_decision) == ("dep", False)
    assert "no container is called gone" in left.reason
    assert plan.objections == ()
    alone = heal(OWN, dep, net=TORN, asks_nobody=not is_asked)
    assert alone.steps
    assert "no container is called gone" in alone.objections[0]


def test_one_of_whom_nothing_is_known_is_left_alone() -> None:
    costs = {"dep": Cost(problem="the driver failed")}
    plan = heal(OWN, DEP, FAR, Z, Z_DEP, net=TORN, names=KNOWN, costs=costs)
    assert [step.name for step in plan.steps] == ["z-dep"]
    assert [one.name for one in plan.unhealed] == ["dep", "far"]
    assert "the driver failed" in plan.unhealed[0].reason


def test_steps_name_what_they_need() -> None:
    plan = heal(OWN, DEP, FAR, Z, Z_DEP, net=TORN, names=KNOWN)
    needs = {step.name: step.needs for step in plan.steps if step.verb != "wait"}
    assert needs == {"dep": (), "far": (cid("dep"),), "z-dep": ()}

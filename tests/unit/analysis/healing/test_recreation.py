"""Whom healing recreates, on whom, and what it asks first."""

from __future__ import annotations

import pytest

from nstui.model.healing import Cost
from nstui.model.plan import Layer, Policy
from nstui.model.step import Verb
from nstui.render.plan_document import plan_document
from nstui.render.plan_text import heal_lines
from tests.support.builders import cid, container
from tests.unit.analysis.healing.hosts import (
    GONE,
    composed,
    failed_to_start,
    heal,
    reasons,
    steps,
    undecided,
)

NEW = container("vpn", started=10)
DEP = container("dep", joins=GONE)
FAR = container("far", joins=cid("dep"))
COMMAND = ("docker", "compose", "up")


def test_an_orphan_is_recreated_on_the_container_that_has_the_name_now() -> None:
    plan = heal(DEP, NEW, container("other"), names={GONE: "vpn"})
    assert steps(plan) == ["recreate dep on net:vpn"]
    assert [(r.name, r.owner) for r in plan.recreations] == [("dep", "vpn")]
    assert not plan.breaks


def test_who_joined_an_orphan_by_id_is_recreated_after_it() -> None:
    plan = heal(FAR, DEP, NEW, names={GONE: "vpn"})
    assert steps(plan) == ["recreate dep on net:vpn", "recreate far on net:dep"]
    assert plan.steps[-1].joins[0].reference == "dep"


def test_who_joined_an_orphan_by_name_is_restarted_after_it() -> None:
    far = container("far", joins="dep")
    plan = heal(far, DEP, NEW, names={GONE: "vpn"})
    assert steps(plan) == ["recreate dep on net:vpn", "restart far"]


@pytest.mark.parametrize("is_stopped", [False, True])
def test_a_stopped_new_owner_is_started_for_who_runs(is_stopped: bool) -> None:  # noqa: FBT001 - a row
    new = container("vpn", state="exited")
    state = "exited" if is_stopped else "running"
    dep = container("dep", joins=GONE, state=state, exit_code=137)
    plan = heal(dep, new, names={GONE: "vpn"})
    assert steps(plan) == (
        ["recreate dep on net:vpn stopped"]
        if is_stopped
        else ["start vpn", "recreate dep on net:vpn"]
    )


def test_one_that_could_not_be_started_is_started_once_it_can() -> None:
    dep = failed_to_start(container("dep", joins=GONE, state="exited"))
    assert steps(heal(dep, NEW, names={GONE: "vpn"})) == ["recreate dep on net:vpn"]


def test_a_stopped_one_that_a_running_one_joined_is_started() -> None:
    dep = container("dep", joins=GONE, state="exited")
    plan = heal(dep, FAR, NEW, names={GONE: "vpn"})
    assert steps(plan) == ["recreate dep on net:vpn", "recreate far on net:dep"]


def test_each_kind_has_an_owner_of_its_own() -> None:
    other = cid("another gone one")
    dep = container("dep", joins=GONE, joins_ipc=other)
    plan = heal(dep, NEW, container("a"), names={GONE: "vpn", other: "a"})
    assert steps(plan) == ["recreate dep on net:vpn ipc:a"]


def test_what_it_joined_besides_and_still_exists_it_joins_again() -> None:
    dep = container("dep", joins=GONE, joins_ipc=cid("a"))
    plan = heal(dep, NEW, container("a"), names={GONE: "vpn"})
    assert steps(plan) == ["recreate dep on net:vpn ipc:a"]


def test_without_a_name_nobody_knows_the_new_owner() -> None:
    plan = heal(DEP, FAR, NEW)
    assert plan.steps == ()
    assert reasons(plan) == {
        "dep": (
            f"its owner {GONE[:12]} is gone and its name is unknown: choose a new"
            " owner with --onto; not proven: vpn could be it (it is the only one that"
            " runs in a network of its own)"
        ),
        "far": "it joined dep, which stays broken",
    }
    assert undecided(plan) == {"dep", "far"}


def test_where_nothing_fits_the_user_may_name_any_that_has_a_network() -> None:
    host = (DEP, NEW, container("host", mode="host"), container("off", state="exited"))
    (choice,) = heal(*host).choices
    assert choice.why == ("it is the only one that runs in a network of its own",)
    assert (choice.fits, [name for _, name in choice.candidates]) == (False, ["vpn"])
    assert steps(heal(*host, chosen={GONE: "vpn"})) == ["recreate dep on net:vpn"]


def test_a_name_that_nobody_has_taken_has_to_be_created_again() -> None:
    plan = heal(DEP, names={GONE: "vpn"})
    assert reasons(plan) == {
        "dep": "it joined vpn, and nothing proves what replaced it:"
        " create vpn again, or choose its new owner with --onto"
    }
    assert undecided(plan) == {"dep"}


def test_the_user_names_the_new_owner() -> None:
    plan = heal(DEP, NEW, container("other"), names={GONE: "vpn"}, onto="other")
    assert steps(plan) == ["recreate dep on net:other"]


def test_one_cannot_be_the_owner_of_what_it_depends_on() -> None:
    plan = heal(DEP, FAR, onto="far")
    assert plan.steps == ()
    assert reasons(plan)["dep"] == ("far depends on it, so it cannot be its new owner")


def test_a_service_it_depends_on_is_no_proof() -> None:
    dep = composed(DEP, "vpn")
    plan = heal(dep, composed(NEW), composed(container("other")))
    assert plan.steps == ()
    assert reasons(plan) == {
        "dep": (
            f"its owner {GONE[:12]} is gone and its name is unknown: choose a new"
            " owner with --onto; not proven: vpn could be it (dep says that it"
            " depends on it)"
        )
    }
    (choice,) = plan.choices
    assert (choice.fits, choice.why) == (True, ("dep says that it depends on it",))


def test_another_project_has_no_say() -> None:
    plan = heal(composed(DEP, "vpn"), NEW)
    assert plan.steps == ()


def test_of_several_that_fit_the_user_has_to_choose() -> None:
    dep = composed(DEP, "a", "b")
    host = (dep, composed(container("a")), composed(container("b")))
    plan = heal(*host)
    assert plan.steps == ()
    assert [(c.needed_by, [n for _, n in c.candidates]) for c in plan.choices] == [
        (("dep",), ["a", "b"])
    ]
    assert steps(heal(*host, chosen={GONE: "b"})) == ["recreate dep on net:b"]


def test_what_all_that_were_left_behind_depend_on_is_offered_alone() -> None:
    one = composed(container("one", joins=GONE), "a", "b")
    two = composed(container("two", joins=GONE), "b")
    plan = heal(one, two, composed(container("a")), composed(container("b")))
    assert plan.steps == ()
    (choice,) = plan.choices
    assert [name for _, name in choice.candidates] == ["b"]


def test_compose_recreates_what_it_manages() -> None:
    dep = composed(DEP, "vpn")
    costs = {"dep": Cost(compose=COMMAND)}
    plan = heal(dep, composed(NEW), names={GONE: "vpn"}, costs=costs)
    assert [(s.verb, s.command) for s in plan.steps] == [(Verb.COMPOSE, COMMAND)]


@pytest.mark.parametrize("onto", [None, "vpn"])
def test_why_compose_is_not_used_is_said_unless_the_user_said_whom(
    onto: str | None,
) -> None:
    dep = composed(DEP, "vpn")
    cost = Cost(compose_refused="/p/c.yml is writable by others")
    names = {GONE: "vpn"}
    plan = heal(dep, composed(NEW), names=names, onto=onto, costs={"dep": cost})
    assert [step.verb for step in plan.steps] == [Verb.RECREATE]
    said = "".join(piece.text for line in heal_lines(plan) for piece in line)
    why = "not with compose: /p/c.yml is writable by others"
    assert (why in said) == (onto is None)
    recreations = plan_document(plan)["recreations"]
    assert isinstance(recreations, list)
    refused = [one["compose_refused"] for one in recreations]
    assert refused == [None if onto else cost.compose_refused]


@pytest.mark.parametrize(
    ("changes", "compose", "verb", "words"),
    [
        ((), False, Verb.COMPOSE, "recreates dep on vpn with compose"),
        (
            ("label a", "perhaps secret s"),
            False,
            Verb.RECREATE,
            (
                "recreates dep on vpn  not with compose, which would change label a,"
                " and may change secret s; --compose allows that"
            ),
        ),
        (
            ("label a", "volume /d"),
            True,
            Verb.COMPOSE,
            "recreates dep on vpn with compose  compose changes label a, volume /d",
        ),
    ],
)
def test_what_compose_would_change_is_said(
    changes: tuple[str, ...],
    compose: bool,  # noqa: FBT001 - a row
    verb: Verb,
    words: str,
) -> None:
    cost = Cost(compose=COMMAND, compose_changes=changes)
    costs = {"dep": cost}
    dep = composed(DEP, "vpn")
    names = {GONE: "vpn"}
    plan = heal(dep, composed(NEW), names=names, costs=costs, compose=compose)
    assert [step.verb for step in plan.steps] == [verb]
    assert "".join(p.text for line in heal_lines(plan) for p in line) == words
    recreations = plan_document(plan)["recreations"]
    assert isinstance(recreations, list)
    assert [one["compose_changes"] for one in recreations] == [list(changes)]


@pytest.mark.parametrize("said", ["onto", "keep", "stopped"])
def test_what_compose_cannot_be_told_is_done_without_it(said: str) -> None:
    state = "exited" if said == "stopped" else "running"
    dep = composed(container("dep", joins=GONE, state=state, exit_code=137), "vpn")
    plan = heal(
        dep,
        composed(NEW),
        names={GONE: "vpn"},
        onto="vpn" if said == "onto" else None,
        layer=Layer.KEEP if said == "keep" else Layer.ASK,
        costs={"dep": Cost(compose=COMMAND, changes=("/x",) if said == "keep" else ())},
    )
    assert [step.verb for step in plan.steps] == [Verb.RECREATE]


@pytest.mark.parametrize("changes", [("/etc/x",), None])
def test_what_was_written_is_not_given_up_unasked(
    changes: tuple[str, ...] | None,
) -> None:
    costs = {"dep": Cost(changes=changes)}
    asked = heal(DEP, NEW, names={GONE: "vpn"}, costs=costs)
    assert [one.name for one in asked.losing] == ["dep"]

    dropped = heal(DEP, NEW, names={GONE: "vpn"}, costs=costs, layer=Layer.DROP)
    assert (dropped.losing, dropped.steps[0].keeps_layer) == ((), False)

    kept = heal(DEP, NEW, names={GONE: "vpn"}, costs=costs, layer=Layer.KEEP)
    assert (kept.losing, kept.steps[0].keeps_layer) == ((), True)


def test_a_plan_holds_although_more_was_written_meanwhile() -> None:
    first = heal(DEP, NEW, names={GONE: "vpn"}, costs={"dep": Cost(changes=("/a",))})
    then = heal(
        DEP, NEW, names={GONE: "vpn"}, costs={"dep": Cost(changes=("/a", "/b"))}
    )
    assert first == then


def test_a_healthy_one_that_links_to_an_orphan_would_be_harmed() -> None:
    user = container("user", links=("dep",))
    plan = heal(DEP, NEW, user, names={GONE: "vpn"})
    assert [effect.name for effect in plan.harmed] == ["user"]
    assert not plan.is_permitted
    too = heal(DEP, NEW, user, names={GONE: "vpn"}, policy=Policy.WITH_DEPENDENTS)
    assert steps(too) == ["recreate dep on net:vpn", "recreate user on "]


def test_one_that_removes_itself_cannot_be_put_back() -> None:
    dep = container("dep", joins=GONE, removes_itself=True)
    plan = heal(dep, NEW, names={GONE: "vpn"})
    assert [one.is_one_way for one in plan.recreations] == [True]


def test_one_that_could_not_be_inspected_is_left_alone() -> None:
    dep = container("dep", joins=GONE, is_inspected=False)
    assert reasons(heal(dep, NEW, names={GONE: "vpn"})) == {
        "dep": "it could not be inspected: the engine did not answer"
    }


def test_an_orphan_and_a_stale_join_are_healed_in_one_plan() -> None:
    stale = container("stale", joins=cid("vpn"))
    plan = heal(
        DEP, NEW, stale,
        names={GONE: "vpn"},
        net={"dep": 1, "vpn": 2, "stale": 3},
    )  # fmt: skip
    assert steps(plan) == ["recreate dep on net:vpn", "restart stale"]

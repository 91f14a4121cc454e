"""What a plan says that makes containers anew."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.healing.recreating import make_recreate_plan
from nstui.analysis.plans.interruptions import make_finish_plan
from nstui.analysis.report import Report
from nstui.model.container import Manager, ManagerKind, ManagerProof, Pod
from nstui.model.healing import Cost
from nstui.model.outcome import PlanRecord, old_name
from nstui.model.plan import Layer, Policy, Request
from nstui.model.snapshot import EngineInfo
from nstui.model.step import Action, Verb
from tests.support.builders import NOON, cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container
    from nstui.model.plan import Plan
    from nstui.model.snapshot import Snapshot

COST = Cost(image="app:1")
OWN = container("own", health="healthy")
DEP = container("dep", joins=cid("own"))
FAR = container("far", joins=cid("dep"))
APART = container("apart")


def asked(*names: str, **more: object) -> Request:
    """Return a request to make containers anew."""
    targets = tuple(cid(name) for name in names or ("own",))
    request = Request(action=Action.RECREATE, targets=targets)
    return replace(request, **more)  # type: ignore[arg-type]  # by the fields' names


def planned(
    *containers: Container,
    request: Request | None = None,
    cost: Cost = COST,
    seen: Snapshot | None = None,
    **costs: Cost,
) -> Plan:
    """Return the plan; `cost` is that of each target, `costs` that of others."""
    request = request or asked()
    report = Report(seen or snapshot(*containers))
    found = dict.fromkeys(request.targets, cost)
    found |= {cid(name): one for name, one in costs.items()}
    return make_recreate_plan(report.snapshot, report.graph, request, found)


def steps(plan: Plan) -> list[tuple[Verb, str]]:
    return [(step.verb, step.name) for step in plan.steps]


def test_dependents_come_after_their_owner_and_the_old_ones_go_last() -> None:
    plan = planned(OWN, DEP, FAR, APART)
    assert steps(plan) == [
        (Verb.RECREATE, "own"),
        (Verb.WAIT, "own"),
        (Verb.RECREATE, "dep"),
        (Verb.RECREATE, "far"),
        (Verb.RM, "far"),
        (Verb.RM, "dep"),
        (Verb.RM, "own"),
    ]
    own, wait, dep = plan.steps[:3]
    assert (own.image, own.keeps_old, own.joins) == ("app:1", True, ())
    assert (wait.is_required, wait.timeout, wait.health) == (True, 60, "healthy")
    assert (dep.image, dep.keeps_old) == ("", True)
    assert [join.reference for join in dep.joins] == ["own"]
    assert all(step.is_old for step in plan.steps[4:])
    assert plan.is_possible
    assert plan.is_permitted
    assert [(one.name, one.image) for one in plan.recreations] == [
        ("own", "app:1"),
        ("dep", ""),
        ("far", ""),
    ]


@pytest.mark.parametrize("policy", Policy)
def test_dependents_are_taken_along_under_any_policy(policy: Policy) -> None:
    plan = planned(OWN, DEP, request=asked(policy=policy))
    assert (Verb.RECREATE, "dep") in steps(plan)
    assert not plan.breaks


def test_what_does_not_run_is_not_started_nor_waited_for() -> None:
    own = container("own", state="exited")
    dep = container("dep", joins=cid("own"), state="exited")
    plan = planned(own, dep)
    assert Verb.WAIT not in {step.verb for step in plan.steps}
    assert not any(step.starts for step in plan.steps if step.verb is Verb.RECREATE)
    assert plan.is_possible


def test_each_image_is_pulled_once() -> None:
    plan = planned(OWN, APART, request=asked("own", "apart", pull=True))
    assert steps(plan)[:1] == [(Verb.PULL, "own")]
    assert plan.steps[0].image == "app:1"
    assert [step.verb for step in plan.steps].count(Verb.PULL) == 1


def test_of_an_unknown_image_nothing_is_pulled() -> None:
    plan = planned(OWN, request=asked(pull=True), cost=Cost(problem="EOF"))
    assert Verb.PULL not in {step.verb for step in plan.steps}
    assert plan.objections == ("own cannot be made anew: EOF",)


def test_one_that_removes_itself_is_not_removed() -> None:
    plan = planned(container("own", removes_itself=True))
    assert steps(plan) == [(Verb.RECREATE, "own"), (Verb.WAIT, "own")]
    assert plan.steps[0].removes
    assert not plan.recreations[0].is_one_way


def test_a_dependent_that_ends_with_it_and_removes_itself_is_no_part_of_it() -> None:
    spy = container("spy", joins_pid=cid("own"), removes_itself=True)
    plan = planned(OWN, spy)
    assert "spy" not in {name for _, name in steps(plan)}
    assert [effect.name for effect in plan.effects] == ["spy"]
    assert not plan.breaks


def test_a_dependent_by_name_is_restarted() -> None:
    dep = container("dep", joins="own")
    far = container("far", joins="dep")
    plan = planned(OWN, dep, far)
    assert steps(plan)[2:5] == [
        (Verb.RESTART, "dep"),
        (Verb.WAIT, "dep"),
        (Verb.RESTART, "far"),
    ]
    assert not plan.steps[3].is_required


COMPOSED = replace(COST, compose=("docker", "compose", "up", "own"))


def test_compose_recreates_its_own() -> None:
    other = "image app:1 (another one has that name now)"
    cost = replace(COMPOSED, compose_changes=(other,))
    dep_cost = Cost(compose=("docker", "compose", "up", "dep"))
    plan = planned(OWN, DEP, cost=cost, dep=dep_cost)
    own, wait, dep = plan.steps
    assert (own.verb, own.changes, own.image) == (Verb.COMPOSE, (other,), "app:1")
    assert (wait.verb, dep.verb, dep.changes) == (Verb.WAIT, Verb.COMPOSE, ())
    assert plan.recreations[0].compose_changes == ()


def test_what_else_compose_would_change_is_left_to_the_user() -> None:
    cost = replace(COMPOSED, compose_changes=("restart",))
    assert planned(OWN, cost=cost).steps[0].verb is Verb.RECREATE
    plan = planned(OWN, cost=cost, request=asked(compose=True))
    assert plan.steps[0].verb is Verb.COMPOSE
    assert plan.steps[0].changes[0] == "restart"


@pytest.mark.parametrize(
    ("more", "cost", "said"),
    [
        pytest.param(
            {"image": "app:2"},
            COMPOSED,
            "own is made by compose, whose files say its image: change it there, then"
            " use nstui recreate --compose",
            id="another image than compose's",
        ),
        pytest.param(
            {"environment": ("A=1",)},
            COMPOSED,
            "own is made by compose, whose files say its environment: change it there,"
            " then use nstui recreate --compose",
            id="other variables than compose's",
        ),
        pytest.param(
            {"layer": Layer.KEEP},
            replace(COST, changes=("/a",)),
            "what own wrote outside volumes belongs to its old image: --drop-changes"
            " discards it",
            id="keeping what it wrote",
        ),
        pytest.param(
            {"pull": True},
            Cost(image=f"sha256:{'1' * 64}"),
            "own is made from an image by its id, which cannot be pulled: name one with"
            " --image",
            id="an id",
        ),
    ],
)
def test_what_cannot_be_done(more: dict[str, object], cost: Cost, said: str) -> None:
    plan = planned(OWN, request=asked(**more), cost=cost)
    assert plan.objections == (said,)
    assert not plan.is_possible


def test_files_of_compose_are_made_no_part_of_an_image() -> None:
    dep = Cost(files=("/run/secrets/a",), changes=("/b",))
    request = asked(layer=Layer.KEEP)
    plan = planned(OWN, DEP, request=request, dep=dep)
    said = (
        "--keep-changes would make /run/secrets/a, which compose put into dep, part of"
        " an image; --drop-changes keeps those files"
    )
    assert plan.objections == (said,)


def test_what_it_wrote_needs_a_decision() -> None:
    cost = replace(COST, changes=("/a",))
    assert [one.name for one in planned(OWN, cost=cost).losing] == ["own"]
    request = asked(layer=Layer.DROP)
    assert planned(OWN, cost=cost, request=request).losing == ()


def test_one_that_is_half_removed() -> None:
    plan = planned(container("own", state="dead"))
    assert plan.objections == ("own is dead: it cannot be made anew",)


def test_one_that_joined_what_is_gone_is_to_be_healed_first() -> None:
    plan = planned(container("own", joins=cid("gone")))
    assert any("no longer exists" in said for said in plan.objections)


def test_one_that_could_not_be_inspected_may_be_harmed() -> None:
    plan = planned(OWN, container("odd", is_inspected=False))
    assert plan.uncertain == ("odd",)
    assert not plan.is_permitted


UNIT = Manager(kind=ManagerKind.SYSTEMD, name="own.service", proof=ManagerProof.CGROUP)


@pytest.mark.parametrize(
    ("own", "said"),
    [
        pytest.param(
            container("own", manager=UNIT),
            "own is run by systemd unit own.service: use systemctl restart own.service",
            id="a unit",
        ),
        pytest.param(
            container("own", manager=replace(UNIT, proof=ManagerProof.NONE)),
            "own may be run by systemd unit own.service, which only labels say: if"
            " it is, use systemctl restart own.service; if it is not, docker restart"
            " own",
            id="perhaps a unit",
        ),
        pytest.param(
            container("own", pod=Pod("pod", is_infra=False)),
            "own is in the pod pod, which is made anew as a whole: use podman kube play"
            " --replace with the file of the pod",
            id="a pod",
        ),
    ],
)
def test_what_something_else_makes_is_left_to_that(own: Container, said: str) -> None:
    plan = planned(own)
    assert plan.managed == (said,)
    assert not plan.is_possible


def test_podman_removes_the_old_ones_in_the_right_order() -> None:
    seen = snapshot(OWN, DEP)
    engine = EngineInfo(endpoint="unix:///p", context=None, name="Podman", version="5")
    plan = planned(seen=replace(seen, engine=engine))
    assert plan.is_possible
    assert plan.program == "podman"


def cut_off(*, done: int) -> PlanRecord:
    """Return the record of a plan that was cut off after some steps."""
    plan = planned(OWN, DEP)
    return PlanRecord(
        id="1",
        began_at=NOON,
        endpoint="unix:///var/run/docker.sock",
        action=Action.RECREATE,
        steps=plan.steps,
        running=frozenset({cid("own"), cid("dep")}),
        begun=done + 1,
        done=done,
        made=frozenset({cid("new own"), cid("new dep")}),
    )


ASIDE = container(
    old_name("own", cid("own")), id_=cid("own"), state="exited", started=0
)


def test_what_an_earlier_plan_has_left_is_healed_first() -> None:
    new = container("own", id_=cid("new own"))
    seen = replace(snapshot(new, ASIDE, DEP), unfinished=(cut_off(done=1),))
    request = asked()
    request = replace(request, targets=(cid("new own"),))
    plan = planned(seen=seen, request=request)
    assert plan.objections == (
        "own was left by a plan that was cut off: use nstui heal first",
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({}, ()),
        ({"pull": True}, ("--pull",)),
        ({"image": "app:2"}, ("--image", "app:2")),
        ({"env_file": "a b", "environment": ("A=1",)}, ("--env-file", "a b")),
        ({"compose": True}, ("--compose",)),
        ({"layer": Layer.KEEP}, ("--keep-changes",)),
        ({"layer": Layer.DROP}, ("--drop-changes",)),
    ],
)
def test_the_command_for_the_whole(
    more: dict[str, object], words: tuple[str, ...]
) -> None:
    plan = planned(OWN, request=asked(**more))
    assert plan.command == ("nstui", "recreate", *words, "own")


def test_the_names_of_variables_are_said_and_no_values() -> None:
    plan = planned(OWN, DEP, request=asked(environment=("A=secret", "B=")))
    assert plan.recreations[0].variables == ("A", "B")
    assert plan.steps[0].environment == ("A=secret", "B=")
    assert plan.recreations[1].variables == ()


@pytest.mark.parametrize(
    ("done", "there", "verbs"),
    [
        pytest.param(0, (OWN, DEP), [], id="nothing changed"),
        pytest.param(1, (ASIDE, DEP), [Verb.UNDO], id="old one aside, no new one"),
        pytest.param(
            1,
            (ASIDE, container("own", id_=cid("new own")), DEP),
            [Verb.UNDO],
            id="a new one",
        ),
        pytest.param(
            1, (container("own", state="exited"), DEP), [Verb.UNDO], id="it is down"
        ),
        pytest.param(
            3,
            (
                ASIDE,
                container("own", id_=cid("new own")),
                container("dep", joins=cid("new own"), id_=cid("new dep")),
                container(old_name("dep", cid("dep")), id_=cid("dep"), state="exited"),
            ),
            [Verb.RM, Verb.RM],
            id="only old ones are left",
        ),
        pytest.param(
            3,
            (
                container("own", id_=cid("new own")),
                container("dep", joins=cid("new own"), id_=cid("new dep")),
                container("kept", id_=cid("dep"), state="exited"),
            ),
            [],
            id="somebody has renamed an old one",
        ),
        pytest.param(1, (DEP,), [], id="somebody has removed it"),
        pytest.param(1, (), [], id="everything is gone"),
    ],
)
def test_what_a_plan_that_was_cut_off_has_left(
    done: int, there: tuple[Container, ...], verbs: list[Verb]
) -> None:
    seen = replace(snapshot(*there), unfinished=(cut_off(done=done),))
    report = Report(seen)
    found = [f for f in report.findings if f.code.value == "interrupted"]
    assert bool(found) == bool(verbs)
    heal = Request(action=Action.HEAL, targets=())
    plan = make_finish_plan(report.snapshot, report.graph, heal)
    assert ([] if plan is None else [step.verb for step in plan.steps]) == verbs

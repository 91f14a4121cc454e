"""What a plan that was cut off left, and what finishes or undoes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.findings.findings import find_findings
from nstui.analysis.graph.graph import Graph
from nstui.analysis.plans.interruptions import (
    find_interruptions,
    make_finish_plan,
    request_after,
)
from nstui.model.container import Join
from nstui.model.finding import FindingCode
from nstui.model.namespace import NamespaceKind
from nstui.model.outcome import PlanRecord, new_name, old_name
from nstui.model.plan import Request
from nstui.model.step import Action, Step, Verb
from tests.support.builders import NOON, cid, container, snapshot
from tests.support.managers import SYSTEM_UNIT

if TYPE_CHECKING:
    from nstui.model.container import Container
    from nstui.model.outcome import Interruption
    from nstui.model.snapshot import Snapshot

GONE = cid("gone")
OLD = cid("old")
NEW = cid("new")
OWN = container("own", started=-9)
RECREATE = Step(
    verb=Verb.RECREATE,
    container=OLD,
    name="dep",
    joins=(Join(NamespaceKind.NET, cid("own")),),
)
COMPOSE = Step(verb=Verb.COMPOSE, container=OLD, name="dep", command=("up", "dep"))
ASIDE = f"{OLD[:12]}_dep"


def record(
    *steps: Step, begun: int = 1, done: int = 0, new: bool = False, minute: int = 0
) -> PlanRecord:
    """Return a plan whose containers all ran before it began at noon, or later."""
    return PlanRecord(
        id=f"{minute:08x}",
        began_at=NOON + timedelta(minutes=minute),
        endpoint="unix:///var/run/docker.sock",
        action=Action.HEAL,
        steps=steps,
        running=frozenset(step.container for step in steps),
        begun=begun,
        done=done,
        new=NEW if new else None,
    )


def old(name: str = "dep", state: str = "exited") -> Container:
    """Return the old container."""
    return container(name, joins=GONE, state=state, started=-5, id_=OLD)


def new(name: str = "dep", state: str = "created") -> Container:
    """Return the new container."""
    return container(name, joins=cid("own"), state=state, started=None, id_=NEW)


def seen(*containers: Container, records: tuple[PlanRecord, ...]) -> Snapshot:
    """Return a host on which plans were cut off."""
    return replace(snapshot(*containers), unfinished=records)


def found(
    *containers: Container, records: tuple[PlanRecord, ...]
) -> list[Interruption]:
    """Return what was cut off on a host."""
    host = seen(*containers, records=records)
    return list(find_interruptions(host, Graph(host.containers)))


BESIDE = old_name("dep", OLD)
NOT_YET = new_name("dep", OLD)


@pytest.mark.parametrize(
    ("containers", "is_complete", "way"),
    [
        pytest.param((old(state="running"),), False, None, id="nothing was made"),
        pytest.param((new(state="running"),), True, None, id="all is done"),
        pytest.param((), True, None, id="somebody has cleared it away"),
        pytest.param((old(),), False, "finish", id="the old one is stopped"),
        pytest.param((old(BESIDE),), False, "finish", id="and renamed"),
        pytest.param((old(state="running"), new(NOT_YET)), False, "finish", id="made"),
        pytest.param((old(), new(NOT_YET)), True, "finish", id="stopped"),
        pytest.param((old(BESIDE), new(NOT_YET)), True, "finish", id="renamed"),
        pytest.param((old(BESIDE), new()), True, "finish", id="in place"),
        pytest.param((old(BESIDE), new(state="running")), True, "finish", id="runs"),
        pytest.param((new(),), True, "finish", id="the old one is gone, not started"),
        pytest.param((new(NOT_YET),), True, "finish", id="it removed itself"),
    ],
)
def test_a_replacement(
    containers: tuple[Container, ...], *, is_complete: bool, way: str | None
) -> None:
    one = found(OWN, *containers, records=(record(RECREATE, new=is_complete),))
    assert [step.verb for each in one for step in each.steps] == ([way] if way else [])
    if way:
        assert one[0].covers == {c.id for c in containers}
        assert one[0].container in one[0].covers
        assert one[0].steps[0].removes == (OLD in one[0].covers)


def test_what_it_joins_is_gone_so_that_it_is_undone() -> None:
    (one,) = found(old(BESIDE), new(NOT_YET), records=(record(RECREATE, new=True),))
    assert [step.verb for step in one.steps] == [Verb.UNDO]
    assert one.message == (
        f"nstui was cut off while it recreated dep: the old container is {BESIDE},"
        f" exited; the new one is {NOT_YET}, created"
    )


def test_a_name_that_another_has_taken_is_for_the_user_to_decide() -> None:
    thief = container("dep", id_=cid("thief"))
    host = seen(OWN, old(BESIDE), thief, records=(record(RECREATE),))
    graph = Graph(host.containers)
    (one,) = find_interruptions(host, graph)
    assert one.steps == ()
    assert one.message.endswith("there is no new one; dep is another container now")
    (finding,) = (f for f in find_findings(host, graph) if f.container == OLD)
    assert finding.code is FindingCode.INTERRUPTED
    assert finding.remedy == "decide which of them to keep, and remove the others"
    assert (
        make_finish_plan(host, graph, Request(action=Action.HEAL, targets=())) is None
    )


def test_nothing_else_is_said_of_what_is_left_over() -> None:
    host = seen(OWN, old(BESIDE), new(NOT_YET), records=(record(RECREATE, new=True),))
    codes = [f.code for f in find_findings(host, Graph(host.containers))]
    assert codes == [FindingCode.INTERRUPTED]


@pytest.mark.parametrize(
    ("containers", "is_left"),
    [
        pytest.param((old(state="running"),), False, id="nothing was done"),
        pytest.param((new(state="running"),), False, id="all is done"),
        pytest.param((old(),), True, id="stopped"),
        pytest.param((old(), new(ASIDE)), True, id="v2: made under another name"),
        pytest.param((new(ASIDE),), True, id="v2: the old one is removed"),
        pytest.param((old(ASIDE), new()), True, id="v1: the old one is renamed"),
        pytest.param((new(),), True, id="not started"),
    ],
)
def test_compose(containers: tuple[Container, ...], *, is_left: bool) -> None:
    one = found(OWN, *containers, records=(record(COMPOSE),))
    assert bool(one) == is_left
    if is_left:
        (step,) = one[0].steps
        assert (step.verb, step.command) == (Verb.FINISH, COMPOSE.command)


STOPS = tuple(
    Step(verb=Verb.STOP, container=cid(name), name=name) for name in ("far", "own")
)


@pytest.mark.parametrize(
    ("state", "started", "starts"),
    [
        pytest.param("running", -5, [], id="not stopped yet"),
        pytest.param("exited", -5, ["far"], id="stopped by the plan"),
        pytest.param("exited", 5, [], id="started and stopped by somebody else since"),
    ],
)
def test_what_a_plan_had_stopped(state: str, started: int, starts: list[str]) -> None:
    far = container("far", joins=cid("own"), state=state, started=started)
    one = found(OWN, far, records=(record(*STOPS),))
    assert [step.name for each in one for step in each.steps] == starts
    assert {step.verb for each in one for step in each.steps} <= {Verb.START}
    if starts:
        assert one[0].message == (
            "nstui heal was cut off after 0 of 2 steps: far ran before and is stopped;"
            " not done: stop far, stop own"
        )


def test_owners_are_started_first_and_what_cannot_be_started_is_left() -> None:
    own = container("own", state="exited", started=-5)
    far = container("far", joins=cid("own"), state="exited", started=-5)
    both = record(*STOPS, begun=2, done=1)
    (one,) = found(own, far, records=(both,))
    assert [step.name for step in one.steps] == ["own", "far"]
    assert "own, far ran before and are stopped" in one.message
    orphan = container("far", joins=GONE, state="exited", started=-5)
    assert found(orphan, records=(both,)) == []


def test_what_was_stopped_before_a_replacement_is_started_after_it() -> None:
    own = container("own", state="exited", started=-9)
    stop = replace(STOPS[1], verb=Verb.RESTART)
    cut_off = record(stop, RECREATE, begun=2, done=1, new=True)
    (one,) = found(own, old(BESIDE), new(), records=(cut_off,))
    assert [(step.verb, step.name) for step in one.steps] == [
        (Verb.FINISH, "dep"),
        (Verb.START, "own"),
    ]
    assert one.message == (
        f"nstui was cut off while it recreated dep: the old container is {BESIDE},"
        " exited; the new one is dep, created; own ran before and is stopped; not"
        " done: recreate dep"
    )


def test_what_a_manager_decides_about_is_not_started() -> None:
    far = container("far", state="exited", started=-5)
    assert len(found(far, records=(record(STOPS[0]),))) == 1
    far = replace(far, manager=SYSTEM_UNIT)
    assert found(far, records=(record(STOPS[0]),)) == []


START = Step(verb=Verb.START, container=cid("b"), name="b")


@pytest.mark.parametrize(
    ("step", "others", "is_left"),
    [
        pytest.param(START, (), True, id="it is gone"),
        pytest.param(
            START, (container("b", is_inspected=False),), True, id="it is unread"
        ),
        pytest.param(START, (container("b", started=-5),), True, id="not started"),
        pytest.param(START, (container("b", started=5),), False, id="started since"),
        pytest.param(RECREATE, (old(),), True, id="not recreated"),
        pytest.param(RECREATE, (new(),), False, id="recreated since"),
        pytest.param(replace(START, verb=Verb.WAIT), (), False, id="a wait"),
    ],
)
def test_only_what_was_not_done_since_is_told(
    step: Step, others: tuple[Container, ...], *, is_left: bool
) -> None:
    far = container("far", state="exited", started=-5)
    (one,) = found(far, *others, records=(record(STOPS[0], step, done=1),))
    left = f"; not done: {step.verb} {step.name}" if is_left else ""
    assert one.message == (
        "nstui heal was cut off after 1 of 2 steps: far ran before and is stopped"
        f"{left}"
    )


def test_the_latest_plan_counts() -> None:
    first = record(RECREATE, minute=0)
    second = record(RECREATE, new=True, minute=1)
    (one,) = found(OWN, old(), new(NOT_YET), records=(first, second))
    assert one.record == second


def test_of_a_plan_that_did_not_begin_nothing_is_left() -> None:
    assert found(OWN, old(), records=(record(RECREATE, begun=0),)) == []


@pytest.mark.parametrize(
    ("targets", "is_planned"), [((), True), (("dep",), True), (("own",), False)]
)
def test_what_was_cut_off_comes_first(
    targets: tuple[str, ...], *, is_planned: bool
) -> None:
    host = seen(
        OWN, old(BESIDE), new(state="running"), records=(record(RECREATE, new=True),)
    )
    graph = Graph(host.containers)
    ids = tuple(NEW if name == "dep" else cid(name) for name in targets)
    plan = make_finish_plan(host, graph, Request(action=Action.HEAL, targets=ids))
    assert (plan is not None) == is_planned
    if plan is not None:
        assert [one.name for one in plan.targets] == ["dep"]
        assert plan.is_permitted
        after = Graph((OWN, new(state="running")))
        left = request_after(after, plan)
        assert left is not None
        assert left.targets == ids

"""Plans for the rarer ways in which containers depend on each other."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.plans.plans import make_plan
from nstui.analysis.plans.preconditions import what_changed
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.plan import Plan, Policy, Request
from nstui.model.step import Action, Step, Verb
from tests.support.builders import cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container
    from nstui.model.snapshot import Snapshot

PROTECT, WITH, BREAK = (
    Policy.PROTECT,
    Policy.WITH_DEPENDENTS,
    Policy.BREAK_DEPENDENTS,
)
KILLED = ("killed", "must_be_recreated")
LOST = ("loses_network", "must_be_recreated")
LASTING = ("none", "must_be_recreated")
WAITS = ("none", "cannot_restart_until_owner_runs")


def plan_on(
    one: Snapshot, action: Action, *targets: str, policy: Policy = PROTECT
) -> Plan:
    request = Request(
        action=action, targets=tuple(cid(t) for t in targets), policy=policy
    )
    return make_plan(one, Graph(one.containers), request)


def said(plan: Plan) -> dict[str, tuple[str, str]]:
    return {e.name: (e.now.value, e.later.value) for e in plan.effects}


def steps(plan: Plan) -> list[str]:
    return [f"{step.verb} {step.name}" for step in plan.steps]


def on_host(name: str, *kinds: NamespaceKind) -> Container:
    """Return a container that uses namespaces of the host."""
    mode = "host" if NamespaceKind.NET in kinds else "bridge"
    made = container(name, mode=mode)
    assert made.inspection is not None
    rest = tuple(kind for kind in kinds if kind is not NamespaceKind.NET)
    return replace(made, inspection=replace(made.inspection, host_kinds=rest))


@pytest.mark.parametrize("kind", ["net", "pid", "ipc"])
@pytest.mark.parametrize(
    ("action", "expected"),
    [(Action.STOP, WAITS), (Action.RM, LASTING), (Action.RESTART, None)],
)
def test_a_hosts_namespace_does_not_end_with_who_uses_it(
    kind: str, action: Action, expected: tuple[str, str] | None
) -> None:
    joins = {"net": "joins", "pid": "joins_pid", "ipc": "joins_ipc"}[kind]
    dependent = {
        "joins": container("dep", joins=cid("own")),
        "joins_pid": container("dep", joins_pid=cid("own")),
        "joins_ipc": container("dep", joins_ipc=cid("own")),
    }[joins]
    one = snapshot(on_host("own", NamespaceKind(kind)), dependent)
    assert said(plan_on(one, action, "own")) == ({"dep": expected} if expected else {})


def test_who_is_killed_and_removes_itself_is_gone() -> None:
    one = snapshot(
        container("own"),
        container("dep", joins_pid=cid("own"), removes_itself=True),
        container("far", joins=cid("dep")),
    )
    for action in (Action.STOP, Action.RESTART):
        assert said(plan_on(one, action, "own")) == {"dep": KILLED, "far": LOST}


def test_a_restart_with_dependents_is_no_help_to_who_removes_itself() -> None:
    one = snapshot(
        container("own"),
        container("dep", joins_pid=cid("own"), removes_itself=True),
        container("beside", joins=cid("own")),
    )
    made = plan_on(one, Action.RESTART, "own", policy=WITH)
    assert steps(made) == ["restart own", "wait own", "restart beside"]
    assert said(made) == {"dep": KILLED}
    assert not made.is_permitted


def test_who_is_stopped_along_with_what_then_removes_itself_is_said_to_be_lost() -> (
    None
):
    one = snapshot(
        container("own", removes_itself=True), container("dep", joins=cid("own"))
    )
    made = plan_on(one, Action.STOP, "own", policy=WITH)
    assert steps(made) == ["stop dep", "stop own"]
    assert said(made) == {"dep": LASTING}
    assert not made.is_permitted
    (effect,) = made.effects
    assert effect.sentence == (
        "is not running; can never start again, must be recreated"
    )


def test_what_removes_itself_and_never_ran_stays_when_it_is_stopped() -> None:
    one = snapshot(
        container("own", removes_itself=True, state="created"),
        container("dep", joins=cid("own"), state="created"),
    )
    made = plan_on(one, Action.STOP, "own")
    assert (steps(made), said(made), made.is_permitted) == ([], {}, True)


def test_one_that_does_not_run_and_never_will_takes_its_own_with_it() -> None:
    one = snapshot(
        container("own"),
        container("dep", joins=cid("own"), state="exited"),
        container("far", joins_ipc=cid("dep"), state="exited"),
    )
    made = plan_on(one, Action.RM, "own")
    assert said(made) == {"dep": LASTING, "far": LASTING}


def test_one_that_still_runs_keeps_its_own() -> None:
    one = snapshot(
        container("own"),
        container("dep", joins=cid("own")),
        container("far", joins_ipc=cid("dep")),
    )
    assert set(said(plan_on(one, Action.RM, "own"))) == {"dep"}


def test_an_orphan_that_is_stopped_is_as_good_as_removed() -> None:
    one = snapshot(
        container("dep", joins=cid("gone")), container("far", links=("dep",))
    )
    made = plan_on(one, Action.STOP, "dep")
    assert said(made) == {"far": ("exec_fails", "must_be_recreated")}


def test_a_restarted_middle_leaves_who_came_too_late_for_its_owner() -> None:
    one = snapshot(
        container("own"),
        container("dep", joins=cid("own")),
        container("far", joins=cid("dep")),
        net={"own": 8, "dep": 7, "far": 7},
    )
    made = plan_on(one, Action.RESTART, "dep", policy=WITH)
    assert steps(made) == ["restart dep", "wait dep", "restart far"]


def test_without_the_kernel_a_restarted_middle_is_no_sign_of_a_loss() -> None:
    one = snapshot(
        container("own", started=0),
        container("dep", joins=cid("own"), started=9),
        container("far", joins=cid("dep"), started=2),
    )
    made = plan_on(one, Action.STOP, "own")
    assert said(made)["far"][0] == "loses_network"
    assert not made.is_permitted


@pytest.mark.parametrize(
    ("others", "targets", "objection"),
    [
        pytest.param(
            (
                container("dep", joins_pid=cid("own")),
                container("far", joins=cid("dep")),
            ),
            ("own", "far"),
            "far could not start: dep ends with own",
            id="what it joined is killed before",
        ),
        pytest.param(
            (container("dep", joins_pid=cid("own"), removes_itself=True),),
            ("own", "dep"),
            "dep ends with own and then removes itself",
            id="it is killed and gone before",
        ),
        pytest.param(
            (container("dep", joins_pid=cid("own")),),
            ("own", "dep"),
            None,
            id="what is killed is restarted too",
        ),
        pytest.param(
            (container("old", state="dead"),),
            ("old",),
            "old is dead: it cannot be started again",
            id="half removed",
        ),
    ],
)
def test_restarts_are_tried_out_in_their_order(
    others: tuple[Container, ...], targets: tuple[str, ...], objection: str | None
) -> None:
    one = snapshot(container("own"), *others)
    made = plan_on(one, Action.RESTART, *targets, policy=BREAK)
    assert made.objections == (() if objection is None else (objection,))


def test_a_user_whom_nothing_happens_to_is_no_news() -> None:
    graph = Graph((container("a"), container("b"), container("user", links=("a", "b"))))
    made = plan_on(
        snapshot(*graph.containers.values()), Action.RESTART, "a", "b", policy=BREAK
    )
    assert said(made) == {}
    assert what_changed(made.steps[1], graph, graph) is None


def test_nobody_is_restarted_once_what_it_needs_has_stopped() -> None:
    own, dep = container("own"), container("dep", joins=cid("own"))
    made = plan_on(snapshot(own, dep), Action.RESTART, "own", policy=WITH)
    assert steps(made)[2] == "restart dep"
    now = Graph((container("own", state="exited"), dep))
    assert what_changed(made.steps[2], Graph((own, dep)), now) == (
        "dep could not start: own is not running; start it first"
    )


def test_the_order_of_the_snapshot_does_not_matter() -> None:
    one = snapshot(
        container("b", state="exited"),
        container("a", state="exited"),
        container("dark2", is_inspected=False),
        container("dark1", is_inspected=False),
    )
    turned = replace(one, containers=tuple(reversed(one.containers)))
    assert plan_on(turned, Action.PRUNE) == plan_on(one, Action.PRUNE)


def test_volumes_in_a_circle_do_not_turn_the_order_round() -> None:
    one = snapshot(
        container("a", joins="own"),
        container("b", joins=cid("a")),
        container("own", volumes_from=(cid("a"), cid("b"))),
    )
    again = plan_on(one, Action.RESTART, "b", "a", "own")
    assert steps(again) == [
        "restart own",
        "wait own",
        "restart a",
        "wait a",
        "restart b",
    ]
    assert steps(plan_on(one, Action.STOP, "own", "a", "b")) == [
        "stop b",
        "stop a",
        "stop own",
    ]


def test_the_order_holds_through_one_that_is_left_alone() -> None:
    one = snapshot(
        container("a", joins=cid("between")),
        container("between", joins=cid("own")),
        container("own"),
    )
    made = plan_on(one, Action.RESTART, "a", "own", policy=BREAK)
    assert steps(made) == ["restart own", "restart a"]
    made = plan_on(one, Action.STOP, "own", "a", policy=BREAK)
    assert steps(made) == ["stop a", "stop own"]


@pytest.mark.parametrize(
    ("networks", "change"),
    [((), None), (("front",), "dep is attached to front already")],
)
def test_what_has_a_network_again_is_not_attached(
    networks: tuple[str, ...], change: str | None
) -> None:
    step = Step(verb=Verb.CONNECT, container=cid("dep"), name="dep", network="front")
    then = Graph((container("dep", networks=()),))
    now = Graph((container("dep", networks=networks),))
    assert what_changed(step, then, now) == change


UNREAD = "could not read the namespaces of other"
UNREAD_PIDS = (
    "network sharing was read from the kernel, pid and ipc sharing only from"
    " declarations: not root"
)
UNREAD_ALL = "only declared joins could be read; undeclared sharing is unknown"


@pytest.mark.parametrize(
    ("level", "note", "spot"),
    [
        (NamespacesRead.INODE, "", UNREAD),
        (NamespacesRead.FINGERPRINT, "not root", UNREAD_PIDS),
        (NamespacesRead.DECLARED, "", UNREAD_ALL),
    ],
)
def test_what_could_not_be_read_is_told(
    level: NamespacesRead, note: str, spot: str
) -> None:
    one = snapshot(container("own"), container("other"), net={"own": 7})
    one = replace(one, host=replace(one.host, level=level, note=note))
    assert plan_on(one, Action.STOP, "own").blind_spots == (spot,)


OLD_OWNER = container("own", started=1)


@pytest.mark.parametrize(
    ("own", "dep", "is_unplaced"),
    [
        pytest.param(OLD_OWNER, container("dep", joins="x", started=2), True, id="ran"),
        pytest.param(
            OLD_OWNER, container("dep", joins="x", started=0), False, id="came later"
        ),
        pytest.param(
            container("own", started=None),
            container("dep", joins="x"),
            True,
            id="nobody knows since when it runs",
        ),
        pytest.param(
            container("own", is_inspected=False),
            container("dep", joins="x"),
            True,
            id="the owner is unread",
        ),
        pytest.param(
            OLD_OWNER,
            container("dep", joins="x", started=None),
            True,
            id="nobody knows since when the dependent runs",
        ),
        pytest.param(
            OLD_OWNER,
            container("dep", joins="x", is_inspected=False),
            True,
            id="the dependent is unread",
        ),
    ],
)
def test_who_may_be_in_a_namespace_that_ends_is_named(
    own: Container, dep: Container, *, is_unplaced: bool
) -> None:
    made = plan_on(snapshot(own, dep), Action.STOP, "own")
    assert made.unplaced == (("dep",) if is_unplaced else ())

"""Plans that start, pause and unpause: whom they touch, and what they say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.plans.plans import make_plan
from nstui.analysis.plans.starting import pause_or_unpause
from nstui.analysis.report import Report, start_remedies
from nstui.model.plan import Plan, Policy, Request
from nstui.model.step import Action
from tests.support.builders import cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container

PROTECT, WITH = Policy.PROTECT, Policy.WITH_DEPENDENTS
VPN, OFF_VPN = container("vpn"), container("vpn", state="exited")
FROZEN_VPN = container("vpn", state="paused")


def plan(
    action: Action, *containers: Container, names: str = "vpn", policy: Policy = PROTECT
) -> Plan:
    targets = tuple(cid(name) for name in names.split())
    request = Request(action=action, targets=targets, policy=policy)
    one = snapshot(*containers)
    return make_plan(one, Graph(one.containers), request)


def steps(of: Plan) -> list[str]:
    return [f"{step.verb} {step.name}" for step in of.steps]


def joined(name: str, owner: str = "vpn", state: str = "exited") -> Container:
    return container(name, joins=cid(owner), state=state)


@pytest.mark.parametrize(
    ("containers", "names", "policy", "expected", "notes"),
    [
        pytest.param((OFF_VPN,), "vpn", PROTECT, ["start vpn"], (), id="alone"),
        pytest.param((VPN,), "vpn", PROTECT, [], (), id="runs already"),
        pytest.param(
            (container("vpn", state="restarting"),),
            "vpn",
            PROTECT,
            [],
            (),
            id="is being started by the engine",
        ),
        pytest.param(
            (VPN, joined("dep")), "dep", PROTECT, ["start dep"], (), id="owner runs"
        ),
        pytest.param(
            (FROZEN_VPN, joined("dep")),
            "dep",
            PROTECT,
            ["start dep"],
            (),
            id="owner paused: its namespaces exist",
        ),
        pytest.param(
            (OFF_VPN, joined("dep")),
            "dep",
            PROTECT,
            ["start vpn", "wait vpn", "start dep"],
            ("dep needs vpn, which is not running and is started first",),
            id="owner stopped",
        ),
        pytest.param(
            (OFF_VPN, joined("dep"), joined("far", "dep"), joined("to")),
            "to far",
            PROTECT,
            [
                *("start vpn", "wait vpn", "start dep", "wait dep"),
                *("start far", "start to"),
            ],
            (
                "to needs vpn, which is not running and is started first",
                "far needs dep, vpn, which are not running and are started first",
            ),
            id="a chain, and one beside it",
        ),
        pytest.param(
            (OFF_VPN, joined("a"), joined("b")),
            "a b",
            PROTECT,
            ["start vpn", "wait vpn", "start a", "start b"],
            ("a, b need vpn, which is not running and is started first",),
            id="two with one owner",
        ),
        pytest.param(
            (OFF_VPN, joined("dep")),
            "dep vpn",
            PROTECT,
            ["start vpn", "wait vpn", "start dep"],
            (),
            id="owner named too",
        ),
        pytest.param(
            (OFF_VPN, joined("dep"), joined("runs", state="running")),
            "vpn",
            PROTECT,
            ["start vpn"],
            (
                (
                    "runs is running and will not be in the new network of vpn: heal it"
                    " afterwards"
                ),
            ),
            id="a dependent in the old namespace",
        ),
        pytest.param(
            (
                OFF_VPN,
                joined("a", state="running"),
                container("b", joins_ipc=cid("vpn")),
            ),
            "vpn",
            PROTECT,
            ["start vpn"],
            (
                (
                    "a is running and will not be in the new network of vpn: heal it"
                    " afterwards"
                ),
                (
                    "b is running and will not be in the new ipc namespace of vpn: heal"
                    " it afterwards"
                ),
            ),
            id="two of them",
        ),
        pytest.param(
            (
                OFF_VPN,
                joined("dep"),
                joined("runs", state="running"),
                joined("dead", state="dead"),
            ),
            "vpn",
            WITH,
            ["start vpn", "wait vpn", "start dep"],
            (
                (
                    "runs is running and will not be in the new network of vpn: heal it"
                    " afterwards"
                ),
            ),
            id="with dependents, those that are stopped",
        ),
        pytest.param(
            (container("db", state="exited"), container("app", links=("db",))),
            "app",
            PROTECT,
            [],
            (),
            id="runs, so that nothing is needed",
        ),
        pytest.param(
            (
                container("db", state="exited"),
                container("app", links=("db",), state="exited"),
                container("dark", is_inspected=False),
            ),
            "app",
            PROTECT,
            ["start db", "start app"],
            ("app needs db, which is not running and is started first",),
            id="a link, and one that could not be inspected",
        ),
    ],
)
def test_a_start(
    containers: tuple[Container, ...],
    names: str,
    policy: Policy,
    expected: list[str],
    notes: tuple[str, ...],
) -> None:
    made = plan(Action.START, *containers, names=names, policy=policy)
    assert steps(made) == expected
    assert made.notes == notes
    assert (made.effects, made.objections, made.managed) == ((), (), ())
    assert made.is_permitted
    assert made.goes_on


SHORT = cid("vpn")[:12]


@pytest.mark.parametrize(
    ("containers", "names", "objections"),
    [
        pytest.param(
            (joined("dep"),),
            "dep",
            (f"dep could not start: {SHORT} no longer exists",),
            id="owner gone",
        ),
        pytest.param(
            (container("dep", joins="vpn", state="exited"),),
            "dep",
            ("dep could not start: no container is called vpn",),
            id="no container of that name",
        ),
        pytest.param(
            (joined("dep"), joined("far", "dep")),
            "far",
            (f"dep could not start: {SHORT} no longer exists",),
            id="what waits for it is not named",
        ),
        pytest.param(
            (container("vpn", state="dead"), joined("dep")),
            "dep",
            ("vpn is dead: it cannot be started again",),
            id="owner dead",
        ),
        pytest.param(
            (container("vpn", state="restarting"), joined("dep")),
            "dep",
            (
                (
                    "dep could not start: vpn keeps exiting and being restarted; fix"
                    " that first"
                ),
            ),
            id="owner in a loop",
        ),
        pytest.param(
            (FROZEN_VPN,), "vpn", ("vpn is paused: unpause it instead",), id="paused"
        ),
        pytest.param(
            (container("dep", joins="dep", state="created"),),
            "dep",
            ("dep could not start: dep is its own name",),
            id="joined itself",
        ),
    ],
)
def test_a_start_that_would_be_refused(
    containers: tuple[Container, ...], names: str, objections: tuple[str, ...]
) -> None:
    made = plan(Action.START, *containers, names=names)
    assert made.objections == objections
    assert not made.is_possible
    assert made.notes == ()


def test_a_start_without_an_owner_says_what_repairs_it() -> None:
    one = snapshot(
        container("dep", joins=cid("vpn"), state="exited", exit_code=143),
        container("own", joins="gone", state="exited", exit_code=143),
    )
    report = Report(one)
    request = Request(action=Action.START, targets=(cid("dep"), cid("own")))
    made = make_plan(one, report.graph, request, start_remedies(report))
    assert made.objections == (
        (
            f"dep could not start: {SHORT} no longer exists;"
            " choose its new owner, then: nstui heal --onto NEW_OWNER dep"
        ),
        (
            "own could not start: no container is called gone;"
            " create gone again, then: docker restart own"
        ),
    )


@pytest.mark.parametrize(
    ("containers", "names", "policy", "expected", "notes"),
    [
        pytest.param((VPN,), "vpn", PROTECT, ["pause vpn"], (), id="alone"),
        pytest.param((FROZEN_VPN,), "vpn", PROTECT, [], (), id="paused already"),
        pytest.param(
            (VPN, joined("dep", state="running"), joined("off")),
            "vpn",
            PROTECT,
            ["pause vpn"],
            (
                (
                    "vpn's dependent keeps running: dep; connections through a program"
                    " in vpn stall until it is unpaused"
                ),
            ),
            id="one dependent",
        ),
        pytest.param(
            (
                VPN,
                joined("b", state="running"),
                joined("a", "b", state="running"),
                container("dark", is_inspected=False),
            ),
            "vpn",
            PROTECT,
            ["pause vpn"],
            (
                (
                    "vpn's 2 dependents keep running: a, b; connections through a"
                    " program in vpn stall until it is unpaused"
                ),
            ),
            id="two, one of them indirect",
        ),
        pytest.param(
            (VPN, joined("dep", state="running"), joined("off")),
            "vpn",
            WITH,
            ["pause dep", "pause vpn"],
            (),
            id="with dependents, which come first",
        ),
        pytest.param(
            (FROZEN_VPN, joined("dep", state="running")),
            "vpn dep",
            PROTECT,
            ["pause dep"],
            (),
            id="what is paused already says nothing",
        ),
    ],
)
def test_a_pause(
    containers: tuple[Container, ...],
    names: str,
    policy: Policy,
    expected: list[str],
    notes: tuple[str, ...],
) -> None:
    made = plan(Action.PAUSE, *containers, names=names, policy=policy)
    assert (steps(made), made.notes) == (expected, notes)
    assert (made.effects, made.dark_ports, made.objections) == ((), (), ())
    assert made.is_permitted


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ("running", Action.PAUSE),
        ("paused", Action.UNPAUSE),
        ("paused running", Action.PAUSE),
        ("paused exited", Action.UNPAUSE),
        ("exited", Action.PAUSE),
    ],
)
def test_one_key_pauses_what_runs_or_unpauses_all(
    states: str, expected: Action
) -> None:
    several = [container(f"c{n}", state=s) for n, s in enumerate(states.split())]
    graph = Graph(several)
    assert pause_or_unpause(graph, graph.containers) is expected


@pytest.mark.parametrize(
    ("policy", "expected"),
    [(PROTECT, ["unpause vpn"]), (WITH, ["unpause vpn", "unpause ice"])],
)
def test_an_unpause(policy: Policy, expected: list[str]) -> None:
    made = plan(
        Action.UNPAUSE,
        FROZEN_VPN,
        joined("ice", state="paused"),
        joined("dep", state="running"),
        policy=policy,
    )
    assert (steps(made), made.notes, made.is_permitted) == (expected, (), True)


def test_an_unpause_of_what_runs_does_nothing() -> None:
    made = plan(Action.UNPAUSE, VPN)
    assert (steps(made), made.objections) == ([], ())


@pytest.mark.parametrize("state", ["exited", "created", "restarting", "dead"])
def test_only_what_runs_is_paused_or_unpaused(state: str) -> None:
    off = container("vpn", state=state)
    assert plan(Action.PAUSE, off).objections == (
        f"vpn is {state}: only a running container can be paused",
    )
    assert plan(Action.UNPAUSE, off).objections == (f"vpn is {state}, not paused",)

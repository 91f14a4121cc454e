"""Who is in whose namespace, and what follows from it for plans and groups."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.healing.plans import make_heal_plan
from nstui.analysis.plans.outcomes import NamespaceEnd, find_outcomes
from nstui.analysis.plans.plans import make_plan
from nstui.analysis.report import Report
from nstui.model.container import ContainerState
from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from tests.support.builders import cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.container import Container
    from nstui.model.plan import Plan
    from nstui.model.snapshot import Snapshot

NET, IPC = NamespaceKind.NET, NamespaceKind.IPC
OWN = container("own-old")
DEP = container("dep", joins="own", started=1)
FAR = container("far", joins=cid("dep"), started=2)
TOGETHER = {"own-old": 7, "dep": 7, "far": 7}
RENAMED = snapshot(OWN, DEP, FAR, net=TOGETHER)
YOUNGER = container("own", created=3, started=3)
NAMED_ANEW = snapshot(OWN, DEP, FAR, YOUNGER, net={**TOGETHER, "own": 8})
GUEST = container("guest", started=1)


def keeping(one: Snapshot, **inodes: int) -> Snapshot:
    """Add which network the engine keeps for some containers."""
    kept = {cid(name): Namespace(NET, 4, inode) for name, inode in inodes.items()}
    return replace(one, host=replace(one.host, kept=MappingProxyType(kept)))


def plan(
    one: Snapshot, action: Action, *names: str, policy: Policy = Policy.PROTECT
) -> Plan:
    graph = Graph(one.containers, one.host)
    targets = tuple(cid(name) for name in names)
    request = Request(action=action, targets=targets, policy=policy, force=True)
    return make_plan(one, graph, request)


def harmed(made: Plan) -> list[tuple[str, str, str]]:
    return [(e.name, e.kind.value, e.now.value) for e in made.harmed]


def steps(made: Plan) -> list[str]:
    return [f"{step.verb} {step.name}" for step in made.steps]


@pytest.mark.parametrize(
    "action", [Action.STOP, Action.KILL, Action.RESTART, Action.RM]
)
@pytest.mark.parametrize("one", [RENAMED, NAMED_ANEW], ids=["nobody's", "another's"])
def test_a_name_that_has_changed_hides_nobody(one: Snapshot, action: Action) -> None:
    made = plan(one, action, "own-old")
    assert harmed(made) == [
        ("dep", "net", "loses_network"),
        ("far", "net", "loses_network"),
    ]
    assert {e.known_by for e in made.harmed} == {NamespacesRead.INODE}
    assert not made.is_permitted


@pytest.mark.parametrize("action", [Action.STOP, Action.RESTART, Action.RM])
def test_what_is_said_of_the_next_start_follows_the_declaration(
    action: Action,
) -> None:
    (dep, _) = plan(RENAMED, action, "own-old").effects
    assert dep.later == "cannot_restart_until_owner_runs"
    assert dep.sentence == (
        "loses its network at once; cannot start again until a container called own"
        " runs"
    )
    (dep, _) = plan(NAMED_ANEW, action, "own-old").effects
    assert dep.later == "restart_rejoins"
    assert dep.sentence == "loses its network at once; its next start joins own"


def test_who_has_the_name_now_takes_nothing_away() -> None:
    made = plan(NAMED_ANEW, Action.STOP, "own")
    assert [(e.name, e.now.value, e.later.value) for e in made.effects] == [
        ("dep", "none", "cannot_restart_until_owner_runs"),
        ("far", "none", "cannot_restart_until_owner_runs"),
    ]
    assert made.is_permitted


@pytest.mark.parametrize("one", [RENAMED, NAMED_ANEW], ids=["nobody's", "another's"])
def test_with_its_dependents_they_go_first(one: Snapshot) -> None:
    made = plan(one, Action.STOP, "own-old", policy=Policy.WITH_DEPENDENTS)
    assert steps(made) == ["stop far", "stop dep", "stop own-old"]
    assert made.is_permitted


def test_a_restart_of_one_whose_name_is_gone_is_not_planned_as_if_it_worked() -> None:
    made = plan(RENAMED, Action.RESTART, "own-old", policy=Policy.WITH_DEPENDENTS)
    assert steps(made) == ["restart own-old"]
    assert [effect.name for effect in made.harmed] == ["dep", "far"]
    assert not made.is_permitted
    (objection,) = plan(RENAMED, Action.RESTART, "dep").objections
    assert objection == "dep could not start: no container is called own"


def test_a_restart_of_its_owner_takes_nobody_to_another() -> None:
    made = plan(NAMED_ANEW, Action.RESTART, "own-old", policy=Policy.WITH_DEPENDENTS)
    assert steps(made) == ["restart own-old"]
    assert [effect.name for effect in made.harmed] == ["dep", "far"]
    assert not made.is_permitted


def test_a_restart_that_leads_to_another_is_said_to() -> None:
    (note,) = plan(NAMED_ANEW, Action.RESTART, "dep").notes
    assert note == (
        "dep is in the net namespace of own-old now, and joins own when it is restarted"
    )
    assert plan(RENAMED, Action.STOP, "own-old").recovery == ()
    assert plan(NAMED_ANEW, Action.STOP, "own-old").recovery == ()


def test_everybody_who_is_there_counts_in_the_group_and_as_a_dependent() -> None:
    for one in (RENAMED, NAMED_ANEW):
        report = Report(one)
        (group,) = report.groups(NET)
        assert group.owner == OWN.id
        assert group.members == (OWN.id, DEP.id, FAR.id)
        assert report.graph.dependents(OWN.id) == (DEP.id, FAR.id)
    assert Report(NAMED_ANEW).graph.dependents(YOUNGER.id) == (DEP.id, FAR.id)


@pytest.mark.parametrize("runs", [True, False], ids=["runs", "created"])
def test_one_who_works_is_not_said_to_belong_to_who_has_the_name_now(
    runs: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    younger = YOUNGER if runs else replace(YOUNGER, state=ContainerState.CREATED)
    ones = (*(c for c in NAMED_ANEW.containers if c.id != YOUNGER.id), younger)
    host = NAMED_ANEW.host
    if not runs:
        processes = {c: r for c, r in host.processes.items() if c != YOUNGER.id}
        host = replace(host, processes=processes)
    report = Report(replace(NAMED_ANEW, containers=ones, host=host))

    assert {(f.container, f.code.value) for f in report.findings} == {
        (DEP.id, "undeclared-share"),
    }
    of_dep = report.findings_by_container[DEP.id][0]
    assert of_dep.message == (
        "joined own by name, which is another container now; it runs in net:[7], that"
        " of own-old, and would join the other one at its next start"
    )
    assert of_dep.remedy == "nstui heal --onto own-old dep"
    healing = Request(action=Action.HEAL, targets=())
    assert make_heal_plan(report.snapshot, report.graph, healing, {}).steps == ()
    onto = replace(healing, targets=(DEP.id,), onto=OWN.id)
    moved = make_heal_plan(report.snapshot, report.graph, onto, {})
    assert steps(moved)[0] == "recreate dep"


def test_one_left_behind_by_whom_it_joined_is_found_beside_its_first_owner() -> None:
    mid = container("mid", joins="own", started=9)
    far = container("far", joins=cid("mid"), started=2)
    net = {"own-old": 7, "dep": 7, "far": 7, "own": 8, "mid": 8}
    report = Report(snapshot(OWN, DEP, YOUNGER, mid, far, net=net))

    assert [(f.container, f.code.value) for f in report.findings] == [
        (far.id, "stale-join"),
        (DEP.id, "undeclared-share"),
    ]


def test_one_whose_owner_in_between_is_gone_is_known_to_be_there() -> None:
    dep = container("dep", joins_ipc=cid("mid"), started=2)
    one = snapshot(OWN, dep, ipc={"own-old": 7, "dep": 7})
    graph = Report(one).graph

    assert graph.dependents(OWN.id) == (DEP.id,)
    assert harmed(plan(one, Action.RM, "own-old")) == [
        ("dep", "ipc", "namespace_split")
    ]
    assert all(e.is_certain for e in plan(one, Action.RM, "own-old").effects)


def test_one_who_works_is_not_said_to_have_lost_its_owner() -> None:
    (finding,) = Report(RENAMED).findings
    assert (finding.code, finding.severity) == ("undeclared-share", "warning")
    assert finding.message == (
        "joined own by name, which no container is called now; it runs in net:[7], that"
        " of own-old, and cannot start again until one is called own"
    )
    assert (finding.remedy, finding.is_command) == ("docker rename own-old own", True)


@pytest.mark.parametrize(
    "owner",
    [
        pytest.param(
            (OWN, container("new", joins="own-old")), id="others use its name"
        ),
        pytest.param((container("own-old", compose="media/own"),), id="compose's"),
    ],
)
def test_no_name_is_given_up_that_is_in_use(owner: tuple[Container, ...]) -> None:
    one = snapshot(*owner, DEP, net={"own-old": 7, "dep": 7, "new": 7})
    findings = [f for f in Report(one).findings if f.container == DEP.id]
    assert [finding.is_command for finding in findings] == [False]


def test_one_who_sits_with_nobody_has_lost_its_owner() -> None:
    gone = snapshot(DEP, net={"dep": 7})
    assert [f.code for f in Report(gone).findings] == ["owner-gone"]


@pytest.mark.parametrize("action", [Action.STOP, Action.RM])
def test_a_guest_and_who_joined_it_are_harmed_with_the_owner(action: Action) -> None:
    far = container("far", joins=cid("guest"), started=2)
    one = snapshot(OWN, GUEST, far, net={"own-old": 7, "guest": 7, "far": 7})
    for seen in (one, keeping(one, **{"own-old": 7, "guest": 9})):
        assert sorted(harmed(plan(seen, action, "own-old"))) == [
            ("far", "net", "loses_network"),
            ("guest", "net", "loses_network"),
        ]


def test_whose_network_it_is_decides_what_the_engine_keeps() -> None:
    one = snapshot(OWN, GUEST, net={"own-old": 7, "guest": 7})
    for name, other in (("own-old", "guest"), ("guest", "own-old")):
        (effect,) = plan(one, Action.STOP, name).effects
        assert (effect.name, effect.is_certain) == (other, False)
        assert effect.sentence == (
            "may lose its network at once; nothing declares that it is there"
        )
    known = keeping(one, **{"own-old": 7, "guest": 9})
    assert plan(known, Action.RM, "guest").effects == ()
    (effect,) = plan(known, Action.RM, "own-old").effects
    assert (effect.is_certain, effect.is_declared) == (True, False)
    assert effect.sentence == (
        "loses its network at once; nothing declares that it is there"
    )


def test_a_network_is_kept_for_one_whose_process_has_left_it() -> None:
    dep = container("dep", joins=cid("own-old"), started=1)
    one = snapshot(OWN, dep, GUEST, net={"own-old": 9, "dep": 7, "guest": 9})
    known = keeping(one, **{"own-old": 7, "guest": 9})
    assert harmed(plan(known, Action.STOP, "own-old")) == [
        ("dep", "net", "loses_network")
    ]


def test_the_machines_own_namespaces_are_nobodys() -> None:
    one = snapshot(OWN, GUEST, net={"own-old": 7, "guest": 7})
    own = MappingProxyType({NET: Namespace(NET, 4, 7)})
    at_home = replace(one, host=replace(one.host, own=own))
    assert plan(at_home, Action.RM, "own-old").effects == ()


def test_one_that_uses_the_machines_may_have_entered_anothers() -> None:
    debugger = container("debugger", mode="host", started=1)
    one = snapshot(OWN, debugger, net={"own-old": 7, "debugger": 7})
    own = MappingProxyType({NET: Namespace(NET, 4, 1)})
    told = replace(one, host=replace(one.host, own=own))
    assert harmed(plan(told, Action.RM, "own-old")) == [
        ("debugger", "net", "loses_network")
    ]
    assert plan(told, Action.RM, "debugger").effects == ()
    assert plan(one, Action.RM, "own-old").effects == ()


def test_a_middle_that_is_gone_hides_nobody() -> None:
    far = container("far", joins_ipc=cid("mid"), started=1)
    one = snapshot(OWN, far, ipc={"own-old": 5, "far": 5})
    (effect,) = plan(one, Action.RESTART, "own-old").effects
    assert (effect.name, effect.kind, effect.now) == ("far", "ipc", "namespace_split")
    assert effect.later == "must_be_recreated"


def test_names_that_lead_round_in_a_circle_hide_nobody() -> None:
    looped = container("looped", joins="looped")
    far = container("far", joins=cid("looped"))
    one = snapshot(OWN, looped, far, net={"own-old": 7, "looped": 7, "far": 7})
    assert [name for name, *_ in harmed(plan(one, Action.STOP, "own-old"))] == [
        "far",
        "looped",
    ]


def test_a_loss_that_only_a_declaration_tells_of_is_said_to_be_that() -> None:
    told = snapshot(OWN, container("dep", joins=cid("own-old")))
    made = plan(told, Action.STOP, "own-old")
    assert [effect.known_by for effect in made.effects] == [NamespacesRead.DECLARED]
    assert made.namespaces_read is NamespacesRead.DECLARED
    (unseen,) = made.blind_spots
    assert unseen == (
        "only declared joins could be read; undeclared sharing is unknown"
    )


def test_who_may_be_anywhere_forbids_what_may_harm_it() -> None:
    told = snapshot(OWN, DEP, container("new", started=5))
    made = plan(told, Action.STOP, "own-old")
    assert (made.unplaced, made.is_permitted) == (("dep",), False)
    # It was started before this one, so it cannot have joined it.
    assert plan(told, Action.STOP, "new").unplaced == ()
    assert plan(RENAMED, Action.STOP, "own-old").unplaced == ()


def test_one_that_could_not_be_read_is_named() -> None:
    made = plan(snapshot(OWN, GUEST, net={"own-old": 7}), Action.STOP, "own-old")
    assert made.blind_spots == ("could not read the namespaces of guest",)
    alone = plan(snapshot(OWN, net={"own-old": 7}), Action.STOP, "own-old")
    assert alone.blind_spots == ()


def test_the_worst_of_its_kinds_is_what_is_said() -> None:
    dep = container("dep", joins=cid("own-old"), joins_pid=cid("own-old"))
    made = plan(snapshot(OWN, dep), Action.RM, "own-old")
    assert [effect.at_once for effect in made.effects] == ["is killed at once"] * 2


def test_only_those_with_dependents_are_blamed() -> None:
    alone, dep = container("alone"), container("dep", joins=cid("own-old"))
    made = plan(snapshot(alone, OWN, dep), Action.RM, "alone", "own-old")
    assert [effect.because_of for effect in made.harmed] == [("own-old",)]


def test_a_dependent_is_told_once_where_the_owner_is_not_certain() -> None:
    one = snapshot(OWN, container("dep", joins=cid("own-old")), GUEST, net=UNCERTAIN)
    made = plan(one, Action.STOP, "own-old")
    assert [(e.name, e.is_declared, e.is_certain) for e in made.effects] == [
        ("dep", True, False),
        ("guest", False, False),
    ]
    end = NamespaceEnd(OWN.id, Action.STOP, OWN.id)
    told = find_outcomes(one, Graph(one.containers, one.host), end)
    assert [d.container for d, _ in told] == [cid("dep"), cid("guest")]


UNCERTAIN = {"own-old": 7, "dep": 7, "guest": 7}


@pytest.mark.parametrize(
    ("joins", "expected"),
    [
        pytest.param(
            cid("own-old"),
            ["restart own-old", "restart dep", "restart guest"],
            id="they joined the other one",
        ),
        pytest.param(None, ["restart guest"], id="nobody joined anybody"),
    ],
)
def test_only_who_comes_back_by_it_is_restarted_with_a_possible_owner(
    joins: str | None, expected: list[str]
) -> None:
    one = snapshot(OWN, container("dep", joins=joins), GUEST, net=UNCERTAIN)
    made = plan(one, Action.RESTART, "guest", policy=Policy.WITH_DEPENDENTS)
    assert [step for step in steps(made) if not step.startswith("wait")] == expected


def test_who_does_not_run_loses_nothing_that_it_never_declared() -> None:
    far = container("far", joins=cid("dep"), state="exited")
    one = snapshot(OWN, DEP, far, net={"own-old": 7, "dep": 7})
    made = plan(one, Action.STOP, "own-old")
    assert [effect.name for effect in made.effects] == ["dep"]


def test_the_next_start_waits_for_who_has_the_name_now_and_does_not_run() -> None:
    younger = container("own", created=3, started=3, state="exited")
    one = snapshot(OWN, DEP, FAR, younger, net=TOGETHER)
    (dep, _) = plan(one, Action.STOP, "own-old").effects
    assert dep.sentence == (
        "loses its network at once; cannot start again until own runs"
    )


@pytest.mark.parametrize(
    ("own", "started", "interfaces", "now"),
    [
        pytest.param({}, 5, ("lo", "eth0"), "loses_network", id="it may be kept"),
        pytest.param({}, 5, ("lo",), "none", id="it has none to lose"),
        pytest.param({}, -5, ("lo", "eth0"), "none", id="the owner was restarted"),
        pytest.param({}, None, ("lo", "eth0"), "none", id="nobody knows since when"),
        pytest.param(
            {"is_inspected": False}, 5, ("lo", "eth0"), "none", id="unread owner"
        ),
    ],
)
def test_who_is_elsewhere_though_its_owner_was_not_restarted_may_lose_its_network(
    own: dict[str, bool], started: int | None, interfaces: tuple[str, ...], now: str
) -> None:
    one = snapshot(
        container("own", is_inspected=own.get("is_inspected", True)),
        container("dep", joins=cid("own"), started=started),
        net={"own": 7, "dep": 8},
        interfaces={"dep": interfaces},
    )
    (effect,) = plan(one, Action.STOP, "own").effects
    assert effect.now == now
    assert effect.is_certain == (now == "none")

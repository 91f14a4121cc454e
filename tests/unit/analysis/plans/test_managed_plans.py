"""What a plan leaves to those that manage containers, and what it says of that."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.graph.graph import Graph, find_containers
from nstui.analysis.plans.commands import commands_line, step_text
from nstui.analysis.plans.plans import make_plan
from nstui.model.container import Manager, ManagerProof
from nstui.model.plan import Kept, Plan, Policy, Request
from nstui.model.step import Action, Verb
from tests.support.builders import cid, container, snapshot
from tests.support.managers import CLAIMED_UNIT, POD, SWARM, SYSTEM_UNIT, USER_UNIT

if TYPE_CHECKING:
    from nstui.model.container import Container

ALL = frozenset({SYSTEM_UNIT, USER_UNIT, SWARM, POD})
INNER = replace(SYSTEM_UNIT, inside=cid("node"))
BY_ITSELF = "swarm removes it according to its task history limit"
UNNAMED_POD = replace(POD, name="0b8c0c6c", proof=ManagerProof.CGROUP)


def plan_for(
    action: Action,
    *containers: Container,
    targets: str = "one",
    reached: frozenset[Manager] = ALL,
    policy: Policy = Policy.PROTECT,
    signal: str | None = None,
) -> Plan:
    """Return a plan; whatever is removed may be killed first."""
    host = replace(snapshot(*containers), reached=reached)
    graph = Graph(host.containers)
    found = find_containers(graph, targets.split())
    force = action is Action.RM
    request = Request(
        action=action, targets=found, policy=policy, force=force, signal=signal
    )
    return make_plan(host, graph, request)


def asked(plan: Plan) -> list[tuple[str, str]]:
    """Return the commands that managers are asked to run, and the other steps."""
    return [
        (step.name, " ".join(step.command) or step.verb.value)
        for step in plan.steps
        if step.verb is not Verb.WAIT
    ]


@pytest.mark.parametrize(
    ("manager", "action", "command"),
    [
        (SYSTEM_UNIT, Action.RESTART, "systemctl restart qbit.service"),
        (SYSTEM_UNIT, Action.STOP, "systemctl stop qbit.service"),
        (USER_UNIT, Action.RESTART, "systemctl --user restart qbit.service"),
        (USER_UNIT, Action.STOP, "systemctl --user stop qbit.service"),
        (SWARM, Action.RESTART, "docker service update --force web"),
    ],
)
def test_a_manager_that_can_be_asked_is_asked(
    manager: Manager, action: Action, command: str
) -> None:
    plan = plan_for(action, container("one", manager=manager))

    assert plan.is_possible
    assert [step.verb for step in plan.steps] == [Verb.MANAGER]
    assert asked(plan) == [("one", command)]
    assert commands_line(plan.steps) == command


@pytest.mark.parametrize("manager", [SYSTEM_UNIT, SWARM, POD])
@pytest.mark.parametrize(
    ("signal", "is_direct"),
    [("HUP", True), ("USR1", True), ("TERM", False), ("WINCH", False), (None, False)],
)
def test_a_signal_that_ends_nothing_is_no_matter_for_managers(
    manager: Manager,
    signal: str | None,
    is_direct: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    one = container("one", manager=manager)
    assert one.inspection is not None
    inspection = replace(one.inspection, stop_signal="SIGWINCH")
    one = replace(one, inspection=inspection)
    plan = plan_for(Action.KILL, one, signal=signal)

    assert plan.is_possible is is_direct
    assert asked(plan) == ([("one", "kill")] if is_direct else [])


@pytest.mark.parametrize("manager", [SYSTEM_UNIT, SWARM, POD])
@pytest.mark.parametrize(
    ("action", "state"), [(Action.PAUSE, "running"), (Action.UNPAUSE, "paused")]
)
def test_a_pause_is_no_matter_for_managers(
    manager: Manager, action: Action, state: str
) -> None:
    plan = plan_for(action, container("one", manager=manager, state=state))
    assert plan.is_possible
    assert asked(plan) == [("one", action.value)]


def test_a_start_of_a_stopped_unit_is_left_to_its_manager() -> None:
    unit = container("one", manager=SYSTEM_UNIT, state="exited")
    dep = container("dep", joins=cid("one"), state="exited")
    plan = plan_for(Action.START, unit, dep, targets="dep")
    (sentence,) = plan.managed
    assert sentence.startswith("one is run by ")
    assert "use systemctl start qbit.service" in sentence
    assert not plan.is_possible


def test_what_a_manager_is_asked_for_in_words() -> None:
    stop = plan_for(Action.STOP, container("one", manager=USER_UNIT)).steps[0]
    restart = plan_for(Action.RESTART, container("one", manager=SWARM)).steps[0]

    assert step_text(stop) == "stop one with systemctl"
    assert step_text(restart) == "restart one with docker"


@pytest.mark.parametrize(
    ("manager", "action", "words"),
    [
        (SYSTEM_UNIT, Action.RM, "use systemctl stop qbit.service"),
        (SYSTEM_UNIT, Action.KILL, "use systemctl stop qbit.service"),
        (
            USER_UNIT,
            Action.RM,
            "use systemctl --user stop qbit.service as the user with id 1000",
        ),
        (SWARM, Action.STOP, "use docker service scale web=0"),
        (SWARM, Action.KILL, "use docker service scale web=0"),
        (SWARM, Action.RM, "use docker service rm web"),
        *(
            (POD, action, "use kubectl delete pod --namespace media qbit-0")
            for action in (Action.RM, Action.STOP, Action.KILL, Action.RESTART)
        ),
        (
            UNNAMED_POD,
            Action.STOP,
            "use kubectl to delete the pod with the id 0b8c0c6c",
        ),
    ],
)
def test_what_no_manager_does_names_its_command(
    manager: Manager, action: Action, words: str
) -> None:
    plan = plan_for(action, container("one", manager=manager))

    assert plan.steps == ()
    assert [sentence.endswith(words) for sentence in plan.managed] == [True]
    assert plan.managed[0].startswith("one is run by ")
    assert not plan.is_possible
    assert plan.objections == ()


@pytest.mark.parametrize("manager", [SYSTEM_UNIT, USER_UNIT, SWARM])
@pytest.mark.parametrize(
    "action", [Action.RM, Action.STOP, Action.KILL, Action.RESTART]
)
def test_one_that_cannot_be_asked_is_named(manager: Manager, action: Action) -> None:
    plan = plan_for(action, container("one", manager=manager), reached=frozenset())

    assert plan.steps == ()
    assert len(plan.managed) == 1


def test_the_systemd_of_a_container_is_asked_there() -> None:
    one = container("one", manager=INNER)

    plan = plan_for(Action.RESTART, one)

    assert plan.managed[0].endswith(
        f"use systemctl restart qbit.service in container {cid('node')[:12]}"
    )


@pytest.mark.parametrize(
    ("action", "state", "own"),
    [
        (Action.RM, "exited", "docker rm one"),
        (Action.STOP, "running", "docker stop one"),
        (Action.KILL, "running", "docker kill one"),
        (Action.RESTART, "exited", "docker restart one"),
    ],
)
def test_what_only_a_label_says_is_for_the_user_to_decide(
    action: Action, state: str, own: str
) -> None:
    one = container("one", manager=CLAIMED_UNIT, state=state)

    plan = plan_for(action, one, reached=frozenset({CLAIMED_UNIT}))

    assert plan.steps == ()
    assert plan.managed[0].startswith(
        "one may be run by systemd unit qbit.service, which only labels say: if it is,"
        " use systemctl "
    )
    assert plan.managed[0].endswith(f" qbit.service; if it is not, {own}")


@pytest.mark.parametrize("action", [Action.RESTART, Action.STOP])
@pytest.mark.parametrize("policy", Policy)
@pytest.mark.parametrize("manager", [SYSTEM_UNIT, USER_UNIT, SWARM])
def test_no_manager_makes_an_owner_anew_unasked(
    action: Action, policy: Policy, manager: Manager
) -> None:
    vpn = container("vpn", manager=manager)
    dep = container("dep", joins=cid("vpn"))

    plan = plan_for(action, vpn, dep, targets="vpn", policy=policy)

    assert not plan.is_possible
    assert "dep" in plan.managed[0]
    assert cid("vpn") not in {step.container for step in plan.steps}


def test_the_manager_of_a_dependent_restarts_it_after_its_owner() -> None:
    vpn = container("vpn")
    dep = container("dep", joins=cid("vpn"), manager=USER_UNIT)

    plan = plan_for(
        Action.RESTART, vpn, dep, targets="vpn", policy=Policy.WITH_DEPENDENTS
    )

    assert plan.is_possible
    assert asked(plan) == [
        ("vpn", "restart"),
        ("dep", "systemctl --user restart qbit.service"),
    ]


def test_the_manager_of_a_dependent_stops_it_before_its_owner() -> None:
    vpn = container("vpn")
    dep = container("dep", joins=cid("vpn"), manager=SYSTEM_UNIT)

    plan = plan_for(Action.STOP, vpn, dep, targets="vpn", policy=Policy.WITH_DEPENDENTS)

    assert asked(plan) == [("dep", "systemctl stop qbit.service"), ("vpn", "stop")]


@pytest.mark.parametrize("manager", [SYSTEM_UNIT, SWARM, POD, CLAIMED_UNIT])
def test_a_dependent_that_is_managed_is_not_removed(manager: Manager) -> None:
    vpn = container("vpn")
    dep = container("dep", joins=cid("vpn"), manager=manager)

    plan = plan_for(Action.RM, vpn, dep, targets="vpn", policy=Policy.WITH_DEPENDENTS)

    assert not plan.is_possible
    assert asked(plan) == [("vpn", "rm")]


def test_what_brings_the_harmed_back_goes_through_their_managers() -> None:
    vpn = container("vpn")
    dep = container("dep", joins=cid("vpn"), manager=USER_UNIT)
    lost = container("dep", joins=cid("vpn"), manager=POD)

    back = plan_for(
        Action.RESTART, vpn, dep, targets="vpn", policy=Policy.BREAK_DEPENDENTS
    ).recovery
    none = plan_for(
        Action.RESTART, vpn, lost, targets="vpn", policy=Policy.BREAK_DEPENDENTS
    ).recovery

    assert commands_line(back) == "systemctl --user restart qbit.service"
    assert none == ()


def test_other_tasks_of_the_service_are_not_restarted_unnamed() -> None:
    one = container("one", manager=SWARM)
    two = container("two", manager=replace(SWARM, part="2"))

    plan = plan_for(Action.RESTART, one, two)

    assert plan.steps == ()
    assert plan.managed[0].endswith(
        "use docker service update --force web, which acts on two too"
    )


@pytest.mark.parametrize(
    ("action", "newer", "words"),
    [
        (
            Action.RESTART,
            "web.1.b",
            ", and web.1.b has taken its place; swarm never starts a task again",
        ),
        (
            Action.RESTART,
            "",
            "; swarm never starts a task again: use docker service update --force web",
        ),
        (
            Action.RM,
            "web.1.b",
            f", and web.1.b has taken its place; {BY_ITSELF}",
        ),
        (Action.KILL, "", ""),
    ],
)
def test_a_task_that_has_ended_is_left_as_it_is(
    action: Action,
    newer: str,
    words: str,
) -> None:
    old = container("web.1.a", manager=SWARM, state="exited", created=0)
    new = [container(newer, manager=SWARM, created=1)] if newer else []

    plan = plan_for(action, old, *new, targets="web.1.a")

    assert plan.steps == ()
    assert plan.managed == (
        f"web.1.a is a task of swarm service web that is not running{words}",
    )


def test_a_prune_leaves_what_others_manage() -> None:
    old = container("web.1.a", manager=SWARM, state="exited")
    maybe = container("qbit", manager=CLAIMED_UNIT, state="exited")
    rest = container("rest", state="exited")

    plan = plan_for(Action.PRUNE, old, maybe, rest, targets="")

    assert asked(plan) == [("rest", "rm")]
    assert plan.is_possible
    assert plan.kept == (
        Kept(
            cid("qbit"),
            "qbit",
            (),
            "perhaps systemd unit qbit.service: only labels say so",
        ),
        Kept(cid("web.1.a"), "web.1.a", (), "swarm service web"),
    )


def test_a_removal_that_stops_first_has_one_refusal() -> None:
    one = container("one", manager=SYSTEM_UNIT)
    host = replace(snapshot(one), reached=ALL)
    request = Request(action=Action.RM, targets=(cid("one"),), stop_first=True)

    plan = make_plan(host, Graph(host.containers), request)

    assert (plan.steps, len(plan.managed)) == ((), 1)


def test_a_service_that_cannot_be_written_for_a_shell_is_said_to_be_so() -> None:
    odd = replace(SWARM, name="two\nlines")

    plan = plan_for(Action.RM, container("one", manager=odd))

    assert plan.managed[0].endswith(
        "use docker: its name cannot be written for a shell"
    )

"""What is said to be wrong with what something else manages, and the remedy."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.findings.findings import find_findings
from nstui.analysis.graph.graph import Graph
from tests.support.builders import cid, container, snapshot
from tests.support.managers import CLAIMED_UNIT, POD, SWARM, SYSTEM_UNIT, USER_UNIT
from tests.unit.analysis.healing.hosts import failed_to_start

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import Container, Manager

ALL = frozenset({SYSTEM_UNIT, USER_UNIT, SWARM})
APART = {"vpn": 1, "dep": 2}
NEVER = "swarm never starts a task again"
MOVE = "nstui heal --onto web.1.b dep"
TAKEN = "web.1.a is a task of swarm service web that is not running"


def told(
    *containers: Container,
    net: Mapping[str, int] | None = None,
    interfaces: Mapping[str, tuple[str, ...]] | None = None,
    reached: frozenset[Manager] = ALL,
) -> dict[tuple[str, str], tuple[str, bool]]:
    """Return the remedies, and whether they are commands, by name and code."""
    host = snapshot(*containers, net=net, interfaces=interfaces)
    host = replace(host, reached=reached)
    graph = Graph(host.containers)
    return {
        (graph.name(f.container), f.code.value): (f.remedy, f.is_command)
        for f in find_findings(host, graph)
    }


def test_one_left_behind_is_restarted_by_its_manager() -> None:
    dep = container("dep", joins=cid("vpn"), manager=USER_UNIT)

    found = told(container("vpn", started=1), dep, net=APART)

    assert found == {
        ("dep", "stale-join"): ("systemctl --user restart qbit.service", True)
    }


@pytest.mark.parametrize("manager", [USER_UNIT, POD, CLAIMED_UNIT])
def test_where_nobody_can_be_asked_the_remedy_is_no_command(manager: Manager) -> None:
    dep = container("dep", joins=cid("vpn"), manager=manager)

    found = told(container("vpn", started=1), dep, net=APART, reached=frozenset())

    ((remedy, is_command),) = found.values()
    assert not is_command
    assert remedy.startswith("dep ")
    assert "use " in remedy
    assert "docker restart dep" not in remedy or manager is CLAIMED_UNIT


def test_the_manager_of_an_owner_has_no_part_in_restarting_a_dependent() -> None:
    vpn = container("vpn", started=1, manager=SYSTEM_UNIT)

    found = told(vpn, container("dep", joins=cid("vpn")), net=APART)

    assert found == {("dep", "stale-join"): ("docker restart dep", True)}


def test_one_without_a_network_is_restarted_by_its_manager() -> None:
    alone = container("alone", manager=SYSTEM_UNIT)

    found = told(alone, interfaces={"alone": ("lo",)})

    assert found == {("alone", "no-uplink"): ("systemctl restart qbit.service", True)}


def test_a_name_that_is_to_be_made_again_comes_before_the_manager() -> None:
    dep = container("dep", joins="gone", manager=SYSTEM_UNIT)

    assert told(dep) == {
        ("dep", "owner-gone"): (
            "fix that, then: systemctl restart qbit.service",
            False,
        )
    }


def test_a_replaced_task_is_history_and_its_owner_is_told() -> None:
    old = failed_to_start(
        container("web.1.a", manager=SWARM, state="exited", created=0, oom_killed=True)
    )
    new = container("web.1.b", manager=SWARM, created=1)
    dep = container("dep", joins=cid("web.1.a"))

    found = told(old, new, dep)

    assert found == {
        ("dep", "owner-stopped"): (
            f"{TAKEN}, and web.1.b has taken its place; {NEVER}: {MOVE}",
            False,
        )
    }


def test_a_task_that_was_not_replaced_is_told_of_with_its_service() -> None:
    old = failed_to_start(container("web.1.a", manager=SWARM, state="exited"))

    found = told(old)

    assert found == {
        ("web.1.a", "start-failed"): (
            f"{TAKEN}; {NEVER}: use docker service update --force web",
            False,
        )
    }


def test_what_is_only_looked_at_is_looked_at_by_anybody() -> None:
    sick = container("sick", manager=SYSTEM_UNIT, health="unhealthy")

    ((remedy, is_command),) = told(sick).values()

    assert (remedy.startswith("docker inspect"), is_command) == (True, True)


@pytest.mark.parametrize("managed", ["vpn", "dep"])
def test_a_policy_says_nothing_of_what_the_engine_does_not_start(managed: str) -> None:
    vpn = container("vpn", manager=SYSTEM_UNIT if managed == "vpn" else None)
    dep = container(
        "dep",
        joins=cid("vpn"),
        restart="always",
        manager=SYSTEM_UNIT if managed == "dep" else None,
    )

    assert told(vpn, dep) == {}
    assert told(container("vpn"), replace(dep, manager=None)) != {}


APP = replace(POD, part="app")
LOOK = "fix what its log reports; its pod starts it again if its policy says so"


def test_nothing_is_wrong_with_what_a_pod_has_replaced() -> None:
    old = container(
        "app_0", joins=cid("gone"), manager=APP, state="exited", exit_code=1
    )
    new = container("app_1", joins=cid("sand"), manager=APP, created=1)
    sand = container("sand", manager=replace(POD, part="POD"), created=1)

    assert told(old, new, sand) == {}


def test_one_that_joined_what_a_pod_has_replaced_can_be_moved() -> None:
    sand = replace(POD, part="POD")
    old = container("sand_0", manager=sand, state="exited")
    new = container("sand_1", manager=sand, created=1)

    found = told(old, new, container("dep", joins=cid("sand_0")))

    ((remedy, is_command),) = found.values()
    assert not is_command
    assert remedy == (
        "sand_0 was a container of Kubernetes pod media/qbit-0 that is not running, and"
        " sand_1 has taken its place; Kubernetes never starts it again and removes it"
        " by itself: nstui heal --onto sand_1 dep"
    )


def test_of_a_pods_container_that_has_ended_the_pod_is_not_deleted() -> None:
    app = container("app_0", manager=APP, state="exited", exit_code=1)

    assert told(app) == {("app_0", "exited"): (LOOK, False)}


@pytest.mark.parametrize(
    ("manager", "words"),
    [
        (None, ", and nothing will start it again"),
        (SWARM, "; what follows is decided by swarm service web"),
        (APP, "; what follows is decided by Kubernetes pod media/qbit-0"),
        (
            CLAIMED_UNIT,
            "; systemd unit qbit.service, which may run it, may start it again",
        ),
    ],
)
def test_who_starts_again_what_has_ended(manager: Manager | None, words: str) -> None:
    host = snapshot(container("app", manager=manager, state="exited", exit_code=1))

    (finding,) = find_findings(host, Graph(host.containers))

    assert finding.message == f"ended with exit code 1{words}"

"""Who manages a container, by its labels and by the kernel's word."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from nstui.analysis.graph.graph import Graph
from nstui.analysis.managers import (
    POD_CONTAINER,
    SWARM_TASK,
    believed_labels,
    claimed_manager,
    is_history,
    management_text,
    successor_of,
    with_managers,
)
from nstui.model.container import Manager, ManagerKind, ManagerProof
from nstui.model.namespace import NamespacesRead
from nstui.model.snapshot import HostReading, ProcessReading
from tests.support.builders import ENGINE, cid, container
from tests.support.managers import (
    CLAIMED_UNIT,
    POD,
    POD_LABELS,
    SWARM,
    SYSTEM_UNIT,
    UNIT_LABELS,
    USER_UNIT,
    swarm_labels,
)

PODMAN = replace(ENGINE, name="Podman")
SUPERVISED = replace(USER_UNIT, proof=ManagerProof.SUPERVISOR)
OTHER_UNIT = replace(USER_UNIT, name="cron.service")


@pytest.mark.parametrize(
    ("labels", "image", "manager"),
    [
        ({}, {}, None),
        (swarm_labels(), {}, SWARM),
        (swarm_labels("a.b", "n.1", "t"), {}, replace(SWARM, name="a.b", part="n.1")),
        # All of it is the image's: somebody has committed a task.
        (swarm_labels(), swarm_labels(), None),
        # One of them is its own; who manages it is said by the others.
        (swarm_labels() | {SWARM_TASK: "t2"}, swarm_labels(), None),
        ({SWARM_TASK: "t1"}, {}, None),
        (POD_LABELS, {}, POD),
        (POD_LABELS | {POD_CONTAINER: "app"}, {}, replace(POD, part="app")),
        (POD_LABELS, POD_LABELS, None),
        (UNIT_LABELS, {}, CLAIMED_UNIT),
        (UNIT_LABELS, UNIT_LABELS, None),
        # Nobody knows what the image says: that is a claim.
        (swarm_labels(), None, replace(SWARM, proof=ManagerProof.NONE)),
        (POD_LABELS, None, replace(POD, proof=ManagerProof.NONE)),
        (UNIT_LABELS, None, CLAIMED_UNIT),
    ],
)
def test_labels_claim_a_manager(
    labels: dict[str, str], image: dict[str, str] | None, manager: Manager | None
) -> None:
    aside = labels if image is None else {}

    assert claimed_manager(believed_labels(labels, image), aside) == manager


@pytest.mark.parametrize(
    ("claimed", "seen", "engine", "manager"),
    [
        (None, None, ENGINE, None),
        (None, SYSTEM_UNIT, ENGINE, SYSTEM_UNIT),
        (CLAIMED_UNIT, USER_UNIT, PODMAN, USER_UNIT),
        # The kernel knows better than a label that was inherited.
        (CLAIMED_UNIT, OTHER_UNIT, PODMAN, OTHER_UNIT),
        # The label alone: Podman writes it, on Docker somebody has typed it.
        (CLAIMED_UNIT, None, PODMAN, CLAIMED_UNIT),
        (CLAIMED_UNIT, None, ENGINE, None),
        # Whoever supervises it is in the unit of the label.
        (CLAIMED_UNIT, SUPERVISED, PODMAN, USER_UNIT),
        (None, SUPERVISED, PODMAN, None),
        (
            CLAIMED_UNIT,
            replace(OTHER_UNIT, proof=ManagerProof.SUPERVISOR),
            PODMAN,
            CLAIMED_UNIT,
        ),
        # What has proof of its own needs none of the kernel.
        (SWARM, None, ENGINE, SWARM),
        (POD, replace(POD, name="uid", proof=ManagerProof.CGROUP), ENGINE, POD),
        (replace(SWARM, proof=ManagerProof.NONE), SYSTEM_UNIT, ENGINE, SYSTEM_UNIT),
    ],
)
def test_the_kernel_decides_where_labels_only_claim(
    claimed: Manager | None,
    seen: Manager | None,
    engine: object,
    manager: Manager | None,
) -> None:
    assert engine in (ENGINE, PODMAN)
    whose = PODMAN if engine == PODMAN else ENGINE
    reading = ProcessReading(1, MappingProxyType({}), None, manager=seen)
    host = HostReading(NamespacesRead.INODE, MappingProxyType({cid("qbit"): reading}))
    one = container("qbit", manager=claimed)

    assert [c.manager for c in with_managers([one], host, whose)] == [manager]


def test_a_task_that_has_ended_and_was_replaced_is_history() -> None:
    old = container("web.1.a", manager=SWARM, state="exited", created=1)
    older = container("web.1.z", manager=SWARM, state="exited", created=0)
    new = container("web.1.b", manager=SWARM, created=2)
    other = container(
        "web.2.c", manager=replace(SWARM, part="2"), state="exited", created=0
    )
    graph = Graph((old, older, new, other))

    assert [c.name for c in graph.containers.values() if is_history(graph, c)] == [
        "web.1.a",
        "web.1.z",
    ]
    assert successor_of(graph, older) == new
    assert successor_of(graph, new) is None


def test_one_that_runs_is_no_history() -> None:
    old = container("web.1.a", manager=SWARM, created=1)
    new = container("web.1.b", manager=SWARM, created=2)

    assert not is_history(Graph((old, new)), old)


@pytest.mark.parametrize(
    ("old", "new", "is_history_"),
    [
        (("app_0", "app"), ("app_1", "app"), True),
        (("app_0", "app"), ("side_0", "side"), False),
        # Without the label the kubelet's way to name its containers tells.
        (("k8s_app_qbit_0", ""), ("k8s_app_qbit_1", ""), True),
        (("k8s_app_qbit_0", ""), ("k8s_side_qbit_0", ""), False),
        (("k8s_POD_qbit_0", "POD"), ("k8s_POD_qbit_1", "POD"), True),
        (("app_0", ""), ("app_1", ""), False),
    ],
)
def test_a_container_that_its_pod_has_replaced_is_history(
    old: tuple[str, str], new: tuple[str, str], is_history_: object
) -> None:
    pods = [
        container(
            name,
            manager=replace(POD, part=part),
            state="exited",
            exit_code=1,
            created=at,
        )
        for at, (name, part) in enumerate((old, new))
    ]

    assert is_history(Graph(pods), pods[0]) == is_history_
    assert not is_history(Graph(pods), pods[1])


def test_the_same_container_of_another_pod_replaces_none() -> None:
    old = container("a", manager=replace(POD, part="app"), state="exited")
    other = replace(POD, name="media/qbit-1", part="app")

    assert not is_history(Graph((old, container("b", manager=other, created=1))), old)


@pytest.mark.parametrize(
    ("manager", "words"),
    [
        (SYSTEM_UNIT, "systemd unit qbit.service"),
        (USER_UNIT, "systemd unit qbit.service of the user with id 1000"),
        (
            replace(SYSTEM_UNIT, inside=cid("node")),
            f"systemd unit qbit.service in container {cid('node')[:12]}",
        ),
        (SWARM, "swarm service web"),
        (POD, "Kubernetes pod media/qbit-0"),
        (CLAIMED_UNIT, "perhaps systemd unit qbit.service: only labels say so"),
    ],
)
def test_a_manager_in_words(manager: Manager, words: str) -> None:
    assert management_text(manager) == words


def test_every_kind_has_words() -> None:
    for kind in ManagerKind:
        manager = Manager(kind=kind, name="x", proof=ManagerProof.LABELS)
        assert management_text(manager).endswith(" x")


def test_a_unit_that_runs_one_in_the_foreground_manages_it_while_it_runs() -> None:
    host = HostReading(NamespacesRead.INODE, units={"qbit": SYSTEM_UNIT})
    up, down = container("qbit"), container("qbit", state="exited")
    other = container("other")

    found = with_managers([up, down, other], host, ENGINE)

    assert [c.manager for c in found] == [SYSTEM_UNIT, None, None]

"""What manages a container, by the control group of its process."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.model.container import Manager, ManagerKind, ManagerProof
from nstui.procfs.cgroup import manager_of, names_container
from tests.unit.procfs.tree import ProcTree, container_id
from tests.unit.procfs.ways import host_at

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.container import ContainerId

ID, OTHER = container_id("a"), container_id("b")
UID = "0b8c0c6c-6f0a-4b3c-9d5e-0123456789ab"
UNDER = UID.replace("-", "_")
USER = "user.slice/user-1000.slice/user@1000.service"


def unit(
    name: str, uid: int | None = None, inside: ContainerId | None = None
) -> Manager:
    """Return a unit that the kernel names."""
    return Manager(
        kind=ManagerKind.SYSTEMD,
        name=name,
        proof=ManagerProof.CGROUP,
        uid=uid,
        inside=inside,
    )


POD = Manager(kind=ManagerKind.KUBERNETES, name=UID, proof=ManagerProof.CGROUP)

MANAGED = {
    f"0::/system.slice/qbit.service/libpod-payload-{ID}": unit("qbit.service"),
    f"0::/{USER}/app.slice/qbit.service/libpod-payload-{ID}": unit(
        "qbit.service", 1000
    ),
    f"0::/{USER}/app.slice/app-qbit.slice/qbit@1.service/libpod-payload-{ID}/x": unit(
        "qbit@1.service", 1000
    ),
    # Version 1, in which only one hierarchy may have it.
    f"12:memory:/system.slice/qbit.service/libpod-payload-{ID}\n0::/": unit(
        "qbit.service"
    ),
    f"4:pids:/x.service/libpod-{ID}\n1:name=systemd:/qbit.service/libpod-{ID}\n": unit(
        "qbit.service"
    ),
    f"0::/../../system.slice/qbit.service/libpod-payload-{ID}": unit("qbit.service"),
    # ``docker run --cgroup-parent``.
    f"0::/system.slice/qbit.service/{ID}": unit("qbit.service"),
    # systemd puts a line before what the kernel could take for its own.
    f"0::/system.slice/_memory.service/libpod-payload-{ID}": unit("memory.service"),
    # A unit of the systemd in a container.
    f"0::/docker/{OTHER}/system.slice/qbit.service/libpod-payload-{ID}": unit(
        "qbit.service", inside=OTHER
    ),
    f"0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod{UNDER}.slice"
    f"/docker-{ID}.scope": POD,
    f"0::/kubepods.slice/kubepods-pod{UNDER}.slice/cri-containerd-{ID}.scope": POD,
    f"4:memory:/kubepods/burstable/pod{UID}/{ID}\n0::/": POD,
    f"0::/system.slice/containerd.service/kubepods-besteffort-pod{UNDER}.slice"
    f":cri-containerd:{ID}": POD,
    f"0::/docker/{OTHER}/kubelet/kubepods/besteffort/pod{UID}/{ID}": POD,
}

NOT_MANAGED = (
    f"0::/docker/{ID}",
    f"0::/system.slice/docker-{ID}.scope",
    f"0::/{USER}/user.slice/libpod-{ID}.scope/container",
    f"0::/{USER}/app.slice/docker-{ID}.scope",
    # The engine's own unit.
    f"0::/system.slice/docker.service/docker/{ID}",
    f"0::/{USER}/app.slice/podman.service/libpod-{ID}",
    # What manages the container around it does not manage it.
    f"0::/system.slice/node.service/{OTHER}/docker/{ID}",
    f"0::/kubepods/besteffort/pod{UID}/{OTHER}/docker/{ID}",
    # Below the container are cgroups of its own.
    f"0::/docker/{ID}/system.slice/cron.service",
    # A pod of Podman's.
    f"0::/machine.slice/machine-libpod_pod_{OTHER}.slice/libpod-{ID}.scope",
    # Another container's unit.
    f"0::/system.slice/qbit.service/libpod-payload-{OTHER}",
    f"0::/system.slice/run-qbit.scope/{ID}",
    "",
)


@pytest.mark.parametrize(("cgroup", "manager"), MANAGED.items())
def test_a_cgroup_names_a_manager(cgroup: str, manager: Manager) -> None:
    assert manager_of(cgroup, ID) == manager


@pytest.mark.parametrize("cgroup", NOT_MANAGED)
def test_a_cgroup_names_no_manager(cgroup: str) -> None:
    assert manager_of(cgroup, ID) is None


def test_who_supervises_a_container_is_not_in_it() -> None:
    assert not names_container(f"0::/machine.slice/libpod-conmon-{ID}.scope", ID)


@pytest.fixture
def tree(tmp_path: Path) -> ProcTree:
    """Return a machine with no process but the first."""
    return ProcTree(tmp_path)


def manager_in(tree: ProcTree) -> Manager | None:
    """Return what is read of the container's process, which is 10."""
    return host_at(tree.root).read({ID: 10}).processes[ID].manager


def test_a_quadlet_is_read_of_its_process(tree: ProcTree) -> None:
    tree.add(10, f"0::/system.slice/qbit.service/libpod-payload-{ID}", net="a")

    assert manager_in(tree) == unit("qbit.service")


@pytest.mark.parametrize(
    ("supervisor", "command", "name"),
    [
        ("0::/system.slice/qbit.service", "conmon", "qbit.service"),
        (f"0::/{USER}/app.slice/qbit.service", "conmon", "qbit.service"),
        # By its own account it is no supervisor, or in no unit.
        ("0::/system.slice/qbit.service", "sh", None),
        (f"0::/{USER}/user.slice/libpod-conmon-{ID}.scope", "conmon", None),
        ("0::/system.slice/podman.service", "conmon", None),
    ],
)
def test_who_supervises_it_can_be_in_a_unit(
    tree: ProcTree, supervisor: str, command: str, name: str | None
) -> None:
    tree.add(9, supervisor, net="machine")
    tree.add(10, f"0::/machine.slice/libpod-{ID}.scope", net="a")
    tree.start(10, 9, command)

    found = manager_in(tree)

    assert (found and found.name) == name
    assert found is None or found.proof is ManagerProof.SUPERVISOR


def test_a_supervisor_that_has_gone_says_nothing(tree: ProcTree) -> None:
    tree.add(10, f"0::/machine.slice/libpod-{ID}.scope", net="a")
    tree.start(10, 9, "conmon")

    assert manager_in(tree) is None


def test_nothing_is_said_of_a_process_that_is_not_the_containers(
    tree: ProcTree,
) -> None:
    tree.add(10, f"0::/system.slice/qbit.service/libpod-payload-{OTHER}", net="a")

    assert manager_in(tree) is None

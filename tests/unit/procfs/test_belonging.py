"""Which container a process is in, also where its control group names none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.snapshot import ReadProblem
from nstui.procfs.belonging import container_by_supervisor, supervised
from nstui.procfs.evidence import read_evidence
from nstui.procfs.host import ProcHost
from nstui.procfs.machine import LocalMachine
from tests.unit.procfs.tree import ProcTree, container_id

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from nstui.model.container import ContainerId

A, B = (container_id(digit) for digit in "ab")
SHIM = ("/usr/bin/containerd-shim-runc-v2", "-namespace", "moby", "-id", A, "-address")
CONMON = ("/usr/bin/conmon", "--api-version", "1", "-c", A, "-u", A, "-r", "crun")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        pytest.param(SHIM, A, id="a shim"),
        pytest.param(CONMON, A, id="conmon"),
        pytest.param(("containerd-shim", "-id", A), A, id="without its folder"),
        pytest.param(("containerd-shim", "-namespace", A), None, id="another option"),
        pytest.param(("containerd-shim", "-id", A[:12]), None, id="a short id"),
        pytest.param(("containerd-shim", "-id"), None, id="the option alone"),
        pytest.param(("conmon", "-id", A), None, id="the other one's option"),
        pytest.param(("containerd", "-id", A), None, id="the engine"),
        pytest.param(("sh", "containerd-shim", "-id", A), None, id="another program"),
        pytest.param((), None, id="no arguments"),
    ],
)
def test_what_a_program_supervises(
    arguments: Sequence[str], expected: ContainerId | None
) -> None:
    assert supervised(arguments) == expected


@pytest.fixture
def tree(tmp_path: Path) -> ProcTree:
    """Return a machine with a shim, 20, and its container's processes 30 and 40."""
    tree = ProcTree(tmp_path)
    tree.start(1, 0, "")
    tree.add(20, "0::/user.slice", net="machine")
    tree.add(30, "0::/user.slice", net="a")
    tree.add(40, "0::/user.slice", net="a")
    supervise(tree, SHIM)
    tree.start(30, 20, "containerd-shim")
    tree.start(40, 30, "sh")
    return tree


def supervise(tree: ProcTree, arguments: Sequence[str], pids: str = "20") -> None:
    """Let process 20 run with these arguments, and have these pids."""
    tree.path(20, "cmdline").write_text("\0".join(arguments) + "\0")
    tree.path(20, "status").write_text(f"Name:\tx\nPPid:\t1\nNSpid:\t{pids}\n")


def level(tree: ProcTree) -> NamespacesRead:
    """Return the level at which the container with the process 30 is read."""
    return ProcHost(tree.root).read({A: 30}).level


@pytest.mark.parametrize("arguments", [SHIM, CONMON])
def test_its_supervisor_proves_the_first_process(
    tree: ProcTree, arguments: Sequence[str]
) -> None:
    supervise(tree, arguments)

    reading = ProcHost(tree.root).read({A: 30})

    assert (reading.level, reading.note) == (NamespacesRead.INODE, None)
    assert reading.processes[A].namespaces[NamespaceKind.NET].inode == tree.inode("a")
    interior = ProcHost(tree.root).interior(A, 30)
    assert interior.interfaces is not ReadProblem.NOT_THE_CONTAINER
    assert "does not name" not in (
        read_evidence(LocalMachine(tree.root), A, 30).joins_problem or ""
    )


def test_a_supervisor_of_another_container_proves_nothing(tree: ProcTree) -> None:
    supervise(tree, [word.replace(A, B) for word in SHIM])

    assert level(tree) is NamespacesRead.DECLARED


def test_a_process_in_a_container_cannot_pass_for_a_supervisor(tree: ProcTree) -> None:
    supervise(tree, SHIM, pids="20\t7")

    assert level(tree) is NamespacesRead.DECLARED
    assert container_by_supervisor(LocalMachine(tree.root), 40) is None


def test_a_control_group_that_names_another_container_is_believed(
    tree: ProcTree,
) -> None:
    tree.path(30, "cgroup").write_text(f"0::/docker/{B}\n")

    assert level(tree) is NamespacesRead.DECLARED


@pytest.mark.parametrize("name", ["cmdline", "status"])
def test_a_supervisor_that_cannot_be_read_proves_nothing(
    tree: ProcTree, name: str
) -> None:
    tree.refuse(20, name)

    assert level(tree) is NamespacesRead.DECLARED
    assert container_by_supervisor(LocalMachine(tree.root), 30) is None


def test_only_the_first_process_has_the_supervisor_above_it(tree: ProcTree) -> None:
    assert ProcHost(tree.root).read({A: 40}).level is NamespacesRead.DECLARED


def test_all_its_processes_are_known_by_their_ancestors(tree: ProcTree) -> None:
    assert [
        container_by_supervisor(LocalMachine(tree.root), pid) for pid in (30, 40)
    ] == [A, A]
    assert [
        container_by_supervisor(LocalMachine(tree.root), pid) for pid in (20, 1)
    ] == [None] * 2


def test_no_process_of_it_is_a_stranger_in_its_own_network(tree: ProcTree) -> None:
    host = ProcHost(tree.root)
    network = host.read({A: 30}).processes[A].namespaces[NamespaceKind.NET]
    for pid in (20, 30, 40):
        link = tree.path(pid, "ns/net")
        link.unlink()
        link.symlink_to(f"net:[{network.inode if pid != 20 else 1}]")

    mine = host.outsiders([network], [A])
    others = host.outsiders([network], [B])

    assert mine is not None
    assert others is not None
    assert mine[network] == ()
    assert [(each.pid, each.container) for each in others[network]] == [
        (30, A),
        (40, A),
    ]


def test_ancestors_that_go_in_circles_end(tree: ProcTree) -> None:
    tree.start(30, 40, "sh")

    assert container_by_supervisor(LocalMachine(tree.root), 40) is None

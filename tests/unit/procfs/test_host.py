"""What is made of a folder that looks like ``/proc``."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
from nstui.model.snapshot import MountedFile, ReadProblem
from tests.unit.procfs.tree import ProcTree, container_id
from tests.unit.procfs.ways import host_at, words

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.ports import HostNamespaces

A, B, C = (container_id(digit) for digit in "abc")
NET = NamespaceKind.NET
NOT_ITS = ReadProblem.NOT_THE_CONTAINER


@pytest.fixture
def tree(tmp_path: Path) -> ProcTree:
    """Return a machine with no process but the first."""
    return ProcTree(tmp_path)


def test_two_containers_in_one_namespace_and_one_in_another(tree: ProcTree) -> None:
    tree.add(10, f"0::/docker/{A}", net="shared")
    tree.add(20, f"0::/docker/{B}", net="shared")
    tree.add(30, f"0::/docker/{C}", net="alone", interfaces=("lo",))
    host: HostNamespaces = host_at(tree.root)

    reading = host.read({A: 10, B: 20, C: 30})

    assert reading.level is NamespacesRead.INODE
    assert reading.note is None
    device = tree.path(10, "ns/net").stat().st_dev
    shared = Namespace(NET, device, tree.inode("shared"))
    assert reading.processes[A].namespaces[NET] == shared
    assert reading.processes[B].namespaces[NET] == shared
    assert reading.processes[C].namespaces[NET].inode == tree.inode("alone")
    assert [reading.processes[each].interfaces for each in (A, B, C)] == [
        ("lo", "eth0"),
        ("lo", "eth0"),
        ("lo",),
    ]
    assert [reading.processes[each].pid for each in (A, B, C)] == [10, 20, 30]
    assert {process.problem for process in reading.processes.values()} == {None}


def test_every_kind_is_the_inode_that_the_link_leads_to(tree: ProcTree) -> None:
    tree.add(10, f"0::/docker/{A}", net="a")

    namespaces = host_at(tree.root).read({A: 10}).processes[A].namespaces

    assert set(namespaces) == set(NamespaceKind)
    for kind, namespace in namespaces.items():
        link = tree.path(10, f"ns/{kind}")
        assert namespace == Namespace(kind, link.stat().st_dev, link.stat().st_ino)
        assert namespace.inode != link.lstat().st_ino


def test_interfaces_are_read_once_for_each_namespace(tree: ProcTree) -> None:
    tree.add(10, f"0::/docker/{A}", net="shared")
    tree.add(20, f"0::/docker/{B}", net="shared")
    tree.path(20, "net/dev").unlink()
    host = host_at(tree.root)

    together = host.read({A: 10, B: 20})
    alone = host.read({B: 20})

    assert together.processes[B].interfaces == ("lo", "eth0")
    assert alone.processes[B].problem is ReadProblem.VANISHED


def test_a_pid_that_another_process_has_by_now_is_not_believed(tree: ProcTree) -> None:
    tree.add(10, f"0::/docker/{A}", net="a")
    tree.add(20, "0::/user.slice", net="machine")

    reading = host_at(tree.root).read({A: 10, B: 20})

    assert reading.level is NamespacesRead.INODE
    assert reading.processes[B].problem is ReadProblem.NOT_THE_CONTAINER
    assert not reading.processes[B].namespaces
    assert reading.processes[B].interfaces is None


def test_one_refusal_makes_all_comparable_by_fingerprint(tree: ProcTree) -> None:
    tree.add(10, f"0::/docker/{A}", net="shared")
    tree.add(20, f"0::/docker/{B}", net="shared")
    tree.add(30, f"0::/docker/{C}", net="alone")
    tree.refuse(20, "ns/net")

    reading = host_at(tree.root).read({A: 10, B: 20, C: 30})

    assert reading.level is NamespacesRead.FINGERPRINT
    assert reading.note in {words().needs_root, words().refused_to_root}
    device = tree.path(10, "net/dev").stat()
    shared = Namespace(NET, device.st_dev, device.st_ino, fingerprint=True)
    assert dict(reading.processes[A].namespaces) == {NET: shared}
    assert dict(reading.processes[B].namespaces) == {NET: shared}
    assert reading.processes[C].namespaces[NET] != shared
    for process in reading.processes.values():
        assert process.problem is ReadProblem.DENIED
        assert process.interfaces == ("lo", "eth0")


def test_a_refusal_of_the_fingerprint_too_leaves_what_is_declared(
    tree: ProcTree,
) -> None:
    tree.add(10, f"0::/docker/{A}", net="a")
    tree.refuse(10, "ns/net")
    tree.refuse(10, "net/dev")

    reading = host_at(tree.root).read({A: 10})

    assert (reading.level, reading.note) == (
        NamespacesRead.DECLARED,
        words().refused,
    )
    assert reading.processes[A].problem is ReadProblem.DENIED


def test_interfaces_may_be_refused_alone(tree: ProcTree) -> None:
    tree.add(10, f"0::/docker/{A}", net="a")
    tree.refuse(10, "net/dev")

    reading = host_at(tree.root).read({A: 10})

    assert reading.level is NamespacesRead.INODE
    assert reading.processes[A].namespaces[NET].inode == tree.inode("a")
    assert reading.processes[A].interfaces is None
    assert reading.processes[A].problem is ReadProblem.DENIED


def test_a_process_that_is_gone_does_not_lower_the_level(tree: ProcTree) -> None:
    tree.add(10, f"0::/docker/{A}", net="a")

    reading = host_at(tree.root).read({A: 10, B: 20})

    assert (reading.level, reading.note) == (NamespacesRead.INODE, None)
    assert reading.processes[B].problem is ReadProblem.VANISHED


@pytest.mark.parametrize("missing", ["ns/net", "ns/uts", "net/dev"])
def test_a_process_that_ends_while_it_is_read_tells_nothing(
    tree: ProcTree, missing: str
) -> None:
    tree.add(10, f"0::/docker/{A}", net="a")
    tree.path(10, missing).unlink()

    reading = host_at(tree.root).read({A: 10})

    assert reading.processes[A].problem is ReadProblem.VANISHED
    assert not reading.processes[A].namespaces
    assert reading.processes[A].interfaces is None
    # Its cgroup was read, so it is this machine's, and the first process can be told.
    assert (reading.level, reading.note) == (NamespacesRead.INODE, None)


def test_pids_of_another_machine_say_nothing(tree: ProcTree) -> None:
    tree.add(10, "0::/user.slice", net="machine")

    reading = host_at(tree.root).read({A: 10, B: 20})

    assert reading.level is NamespacesRead.DECLARED
    assert reading.note == words().foreign
    assert not any(process.namespaces for process in reading.processes.values())


def test_pids_that_this_machine_does_not_have_say_nothing(tree: ProcTree) -> None:
    reading = host_at(tree.root).read({A: 10, B: 20})

    assert (reading.level, reading.note) == (
        NamespacesRead.DECLARED,
        words().foreign,
    )


def test_where_the_first_process_is_hidden_a_missing_one_may_be_too(
    tree: ProcTree,
) -> None:
    tree.add(10, f"0::/docker/{A}", net="a")
    tree.path(1).rename(tree.root / "hidden")

    reading = host_at(tree.root).read({A: 10, B: 20})

    assert reading.level is NamespacesRead.DECLARED
    assert f"does not show the processes of {words().machine}" in (reading.note or "")
    assert host_at(tree.root).read({A: 10}).level is NamespacesRead.INODE


def test_without_containers_the_first_process_decides(tree: ProcTree) -> None:
    host = host_at(tree.root)
    assert host.read({}).level is NamespacesRead.INODE

    tree.refuse(1, "ns/net")
    assert host.read({}).level is NamespacesRead.FINGERPRINT

    tree.refuse(1, "net/dev")
    assert host.read({}).level is NamespacesRead.DECLARED


def test_without_containers_and_with_the_first_process_hidden(tree: ProcTree) -> None:
    tree.path(1).rename(tree.root / "hidden")

    assert host_at(tree.root).read({}).level is NamespacesRead.DECLARED


@pytest.mark.parametrize("pid", [0, -1, 2**40])
def test_a_pid_that_cannot_be_is_a_process_that_is_gone(
    tree: ProcTree, pid: int
) -> None:
    reading = host_at(tree.root).read({A: pid})

    assert reading.processes[A].problem is ReadProblem.VANISHED


def test_a_machine_without_proc_is_no_error(tmp_path: Path) -> None:
    reading = host_at(tmp_path / "proc").read({A: 10})

    assert reading.level is NamespacesRead.DECLARED
    assert str(tmp_path) in (reading.note or "")


def test_bytes_that_are_no_text_are_no_error(tree: ProcTree) -> None:
    tree.add(10, "", net="a")
    path = tree.path(10, "cgroup")
    path.write_bytes(b"0::/\xff\xfe/docker/" + A.encode() + b"\n")

    assert host_at(tree.root).read({A: 10}).processes[A].problem is None


HOSTS = f"/var/lib/docker/containers/{B}/hosts"


def test_files_are_looked_for_where_there_is_nothing_but_loopback(
    tree: ProcTree,
) -> None:
    tree.add(10, f"0::/docker/{A}", net="alone", interfaces=("lo",))
    tree.add(20, f"0::/docker/{B}", net="b")
    for pid in (10, 20):
        tree.mount(pid, f"{HOSTS}//deleted", "/etc/hosts")

    reading = host_at(tree.root).read({A: 10, B: 20})

    lost = MountedFile("hosts", HOSTS, is_deleted=True, belongs_to=B)
    assert reading.processes[A].files == (lost,)
    assert reading.processes[B].files is None


def test_files_that_are_not_there_are_known_not_to_be(tree: ProcTree) -> None:
    tree.add(10, f"0::/docker/{A}", net="alone", interfaces=("lo",))
    tree.mount(10, "/", "/proc")

    assert host_at(tree.root).read({A: 10}).processes[A].files == ()


@pytest.mark.parametrize("name", ["mountinfo", "net/dev"])
def test_files_may_be_refused_and_nothing_else_is_lost(
    tree: ProcTree, name: str
) -> None:
    tree.add(10, f"0::/docker/{A}", net="alone", interfaces=("lo",))
    tree.mount(10, HOSTS, "/etc/hosts")
    tree.refuse(10, name)

    reading = host_at(tree.root).read({A: 10})

    assert reading.level is NamespacesRead.INODE
    assert reading.processes[A].files is None
    assert reading.processes[A].namespaces[NET].inode == tree.inode("alone")


def test_a_look_leaves_no_file_open(tree: ProcTree) -> None:
    tree.add(10, f"0::/docker/{A}", net="a")
    tree.add(20, "0::/user.slice", net="machine")
    before = sorted(os.listdir("/proc/self/fd"))  # noqa: PTH208 - names, not paths

    host_at(tree.root).read({A: 10, B: 20, C: 30})

    assert sorted(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - as above


@pytest.mark.parametrize(
    ("cgroup", "source", "problem"),
    [
        pytest.param("0::/", f"/d/containers/{A}/hosts", None, id="its own container"),
        pytest.param(
            "12:cpu:/\n0::/", f"/d/containers/{A}/hosts", None, id="in every hierarchy"
        ),
        pytest.param(
            "0::/", f"/d/containers/{B}/hosts", NOT_ITS, id="in another's network"
        ),
        pytest.param("0::/", "/etc/hosts", NOT_ITS, id="no engine's files"),
        pytest.param(
            "12:cpu:/\n0::/system.slice/x.service",
            f"/d/containers/{A}/hosts",
            NOT_ITS,
            id="another group",
        ),
    ],
)
def test_a_container_that_nstui_runs_in_is_known_by_its_files(
    tree: ProcTree, cgroup: str, source: str, problem: ReadProblem | None
) -> None:
    tree.add(10, cgroup, net="a")
    tree.mount(10, source, "/etc/hosts")

    reading = host_at(tree.root).read({A: 10}).processes[A]

    assert reading.problem is problem
    assert bool(reading.namespaces) is (problem is None)


def test_a_process_of_its_own_cgroup_without_mounts_is_not_believed(
    tree: ProcTree,
) -> None:
    tree.add(10, "0::/", net="a")

    assert host_at(tree.root).read({A: 10}).processes[A].problem is NOT_ITS

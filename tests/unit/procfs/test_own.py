"""What tells in which container nstui itself runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from nstui.model.namespace import Namespace, NamespaceKind
from nstui.model.own import OwnProcess
from nstui.procfs.host import PROC
from nstui.procfs.machine import LocalMachine
from nstui.procfs.own import read_own_process
from tests.unit.procfs.tree import ProcTree, container_id

if TYPE_CHECKING:
    from pathlib import Path

A, B = (container_id(digit) for digit in "ab")


@pytest.fixture
def tree(tmp_path: Path) -> ProcTree:
    """Return a machine whose process 30 reads, a child of 20, a child of the first."""
    tree = ProcTree(tmp_path)
    tree.start(1, 0, "")
    tree.add(20, f"0::/docker/{A}", net="a")
    tree.start(20, 1, "systemd")
    tree.add(30, f"0::/docker/{A}/docker/{B}", net="a")
    tree.start(30, 20, "sh")
    (tree.root / "self").symlink_to("30")
    return tree


def test_everything_is_read_of_its_own_process(tree: ProcTree) -> None:
    tree.mount(30, f"/var/lib/docker/containers/{B}/hostname", "/etc/hostname")
    about = tree.path(30, "ns/uts").stat()

    assert read_own_process(LocalMachine(tree.root), "b" * 12) == OwnProcess(
        pids=(30, 20, 1),
        cgroups=(A, B),
        uts=Namespace(NamespaceKind.UTS, about.st_dev, about.st_ino),
        files=(B,),
        hostname="b" * 12,
    )


def test_what_cannot_be_read_is_left_out(tree: ProcTree) -> None:
    for name in ("cgroup", "status", "ns/uts"):
        tree.refuse(30, name)

    assert read_own_process(LocalMachine(tree.root), "nas") == OwnProcess(
        pids=(30,), hostname="nas"
    )


def test_nothing_is_known_without_proc(tmp_path: Path) -> None:
    assert read_own_process(LocalMachine(tmp_path), "nas") == OwnProcess(hostname="nas")


def test_this_process_is_found_by_the_kernel() -> None:
    own = read_own_process(LocalMachine(PROC))

    assert own.pids[:2] == (os.getpid(), os.getppid())
    assert own.uts is not None
    assert own.hostname == os.uname().nodename

"""What is read of where nstui runs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from nstui.model.namespace import NamespacesRead
from nstui.model.own import Place
from nstui.procfs import own
from nstui.procfs.host import PROC, ProcHost
from nstui.procfs.machine import LocalMachine
from nstui.procfs.own import read_place
from tests.unit.procfs.tree import ProcTree, container_id

if TYPE_CHECKING:
    from pathlib import Path

A = container_id("a")
CAPABLE = "CapBnd:\t000001ffffffffff\n"
DOCKERS = "CapBnd:\t00000000a80425fb\n"
"""What Docker gives a container."""

ALONE, NESTED = "NSpid:\t30\n", "NSpid:\t30\t7\n"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ProcTree:
    """Return a machine whose process 30 reads."""
    tree = ProcTree(tmp_path)
    tree.add(30, "0::/", net="a")
    (tree.root / "self").symlink_to("30")
    users = tmp_path / "users"
    users.touch()
    tree.path(30, "ns/user").symlink_to(users)
    monkeypatch.setattr(own, "_FIRST_USERS", users.stat().st_ino)
    monkeypatch.setattr(own, "_FIRST_PIDS", tree.path(30, "ns/pid").stat().st_ino)
    tree.path(30, "status").write_text(f"Name:\tx\n{ALONE}{CAPABLE}")
    return tree


def place(tree: ProcTree, *marks: Path) -> Place:
    """Return what is read there."""
    return read_place(LocalMachine(tree.root), marks)


def test_on_the_machine_itself_nothing_is_missing(tree: ProcTree) -> None:
    assert place(tree) == Place(
        kernel=os.uname().release, is_root=os.geteuid() == 0, may_trace=True
    )


def test_the_marks_of_engines_tell_of_a_container(tree: ProcTree) -> None:
    mark = tree.root / "mark"
    assert not place(tree, mark).is_container

    mark.touch()

    assert place(tree, mark).is_container


def test_the_files_in_etc_tell_of_which(tree: ProcTree) -> None:
    tree.mount(30, f"/var/lib/docker/containers/{A}/hostname", "/etc/hostname")

    assert place(tree).owners == (A,)


@pytest.mark.parametrize(
    ("pids", "is_first", "expected"),
    [
        (ALONE, True, False),
        (ALONE, False, True),
        # The /proc is one of an outer namespace, such as that of NSTUI_PROC.
        (NESTED, False, False),
        ("", False, False),
    ],
)
def test_whose_processes_are_seen(
    tree: ProcTree,
    monkeypatch: pytest.MonkeyPatch,
    *,
    pids: str,
    is_first: bool,
    expected: bool,
) -> None:
    tree.path(30, "status").write_text(f"Name:\tx\n{pids}{CAPABLE}")
    if not is_first:
        monkeypatch.setattr(own, "_FIRST_PIDS", 1)

    assert place(tree).has_own_pids is expected


def test_users_of_its_own(tree: ProcTree, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "_FIRST_USERS", 1)

    assert place(tree).has_own_users


@pytest.mark.parametrize(
    ("status", "expected"),
    [(CAPABLE, True), (DOCKERS, False), ("CapBnd:\t0000000000080000\n", True)],
)
def test_the_capability_to_read_others(
    tree: ProcTree, status: str, *, expected: bool
) -> None:
    tree.path(30, "status").write_text(ALONE + status)

    assert place(tree).may_trace is expected


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("docker-default (enforce)\n", "docker-default"),
        ("my profile (enforce)", "my profile"),
        ("docker-default (complain)\n", ""),
        ("unconfined\n", ""),
        ("system_u:system_r:container_t:s0:c1,c2\n", ""),
        ("", ""),
    ],
)
@pytest.mark.parametrize("name", ["attr/current", "attr/apparmor/current"])
def test_the_profile_of_apparmor(
    tree: ProcTree, name: str, label: str, expected: str
) -> None:
    path = tree.path(30, name)
    path.parent.mkdir(parents=True)
    path.write_text(label)

    assert place(tree).profile == expected


def test_what_cannot_be_read_is_not_claimed(tree: ProcTree) -> None:
    for name in ("status", "ns/pid", "ns/user"):
        tree.refuse(30, name)

    found = place(tree)

    assert (found.has_own_pids, found.has_own_users) == (False, False)
    assert (found.may_trace, found.profile, found.owners) == (True, "", ())


def test_nothing_is_claimed_without_proc(tmp_path: Path) -> None:
    found = read_place(LocalMachine(tmp_path), ())

    assert found == Place(kernel=os.uname().release, is_root=found.is_root)


def test_it_is_read_only_where_something_is_missing(tree: ProcTree) -> None:
    tree.add(10, f"0::/docker/{A}", net="b")
    host = ProcHost(tree.root)

    assert host.read({A: 10}).place is None

    refused = host.read({A: 11})
    assert refused.level is NamespacesRead.DECLARED
    assert refused.place is not None
    assert refused.place.kernel == os.uname().release


def test_this_process_can_be_read() -> None:
    assert read_place(LocalMachine(PROC)).kernel == os.uname().release

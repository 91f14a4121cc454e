"""Which processes are in which namespace, in made-up trees."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from nstui.model.holders import FEW, HolderKind, ProcessHolder, Unread
from nstui.model.namespace import Namespace, NamespaceKind
from nstui.procfs.scan import scan_processes
from tests.unit.procfs.tree import ProcTree, container_id
from tests.unit.procfs.ways import scanned

if TYPE_CHECKING:
    from pathlib import Path

NET, PID = NamespaceKind.NET, NamespaceKind.PID


@pytest.fixture
def tree(tmp_path: Path) -> ProcTree:
    """Return a machine with its first process."""
    tree = ProcTree(tmp_path)
    tree.path(1, "comm").write_bytes(b"init\n")
    return tree


def add(tree: ProcTree, pid: int, net: str, comm: bytes = b"sleep\n") -> None:
    """Add a process to a network."""
    tree.add(pid, "0::/", net=net)
    tree.path(pid, "comm").write_bytes(comm)


def holders(tree: ProcTree, *kinds: NamespaceKind) -> tuple[ProcessHolder, ...]:
    """Return what is found where processes can be listed."""
    found = scan_processes(scanned(tree.root), kinds).holders
    assert found is not None
    return found


def test_each_namespace_is_told_by_its_number_of_processes_and_the_lowest_pid(
    tree: ProcTree,
) -> None:
    # Nine comes after ten in a list of names.
    for pid, net in ((10, "own"), (9, "own"), (200, "other"), (30, "machine")):
        add(tree, pid, net, comm=f"p{pid}\n".encode())

    found = {each.namespace.inode: each for each in holders(tree, NET)}

    told = {
        net: (each.count, each.pid, each.command)
        for net in ("machine", "own", "other")
        for each in (found.pop(tree.inode(net)),)
    }
    assert told == {
        "machine": (2, 1, "init"),
        "own": (2, 9, "p9"),
        "other": (1, 200, "p200"),
    }
    assert found == {}


def test_a_namespace_is_the_one_that_a_look_at_its_process_tells(
    tree: ProcTree,
) -> None:
    (first,) = holders(tree, NET)

    device = tree.root.stat().st_dev
    assert first.namespace == Namespace(NET, device, tree.inode("machine"))
    assert first.kind is HolderKind.PROCESS


def test_only_the_kinds_that_are_wanted_are_read(tree: ProcTree) -> None:
    add(tree, 7, "machine")

    found = holders(tree, PID, NET)

    assert [(each.namespace.kind, each.pid) for each in found] == [
        (PID, 1),
        (PID, 7),
        (NET, 1),
    ]
    assert set(scan_processes(scanned(tree.root), [NET]).unread) == {NET}
    assert set(scan_processes(scanned(tree.root)).unread) == set(NamespaceKind)


def test_the_refused_and_the_vanished_are_counted_apart(tree: ProcTree) -> None:
    for pid in (7, 8, 9):
        add(tree, pid, "own")
    tree.refuse(7, "ns/net")
    tree.path(8, "ns/net").unlink()

    scan = scan_processes(scanned(tree.root), [NET, PID])

    assert scan.unread == {NET: Unread(refused=1, vanished=1), PID: Unread()}
    assert [(each.pid, each.count) for each in scan.holders or ()][:2] == [
        (1, 1),
        (9, 1),
    ]


def test_where_all_are_refused_nothing_is_told_but_how_many(tree: ProcTree) -> None:
    tree.refuse(1, "ns/net")

    scan = scan_processes(scanned(tree.root), [NET])

    assert (scan.holders, scan.hides_others) == ((), False)
    assert scan.unread == {NET: Unread(refused=1)}


def test_what_is_no_process_is_passed_over(tree: ProcTree) -> None:
    for name in ("self", "sys", "1a", "-5"):
        (tree.root / name).mkdir()

    scan = scan_processes(scanned(tree.root), [NET])

    assert [each.pid for each in scan.holders or ()] == [1]
    assert scan.unread == {NET: Unread()}


@pytest.mark.parametrize(
    ("comm", "command"),
    [
        (b"nginx: worker\n", "nginx: worker"),
        (b"two\nlines\n", "two\nlines"),
        (b"\n", ""),
        (b"caf\xe9\n", "caf\\xe9"),
        (b"\x1b[31mred\n", "\x1b[31mred"),
    ],
)
def test_a_command_is_told_as_the_process_wrote_it(
    tree: ProcTree, comm: bytes, command: str
) -> None:
    add(tree, 7, "own", comm=comm)

    assert [each.command for each in holders(tree, NET)] == ["init", command]


def test_a_process_that_ended_after_it_was_counted_has_no_command(
    tree: ProcTree,
) -> None:
    add(tree, 7, "own")
    tree.path(7, "comm").unlink()

    last = holders(tree, NET)[-1]

    assert (last.pid, last.count, last.command) == (7, 1, None)


def test_a_list_without_the_first_process_hides_others(tree: ProcTree) -> None:
    add(tree, 7, "own")
    assert not scan_processes(scanned(tree.root), [NET]).hides_others

    tree.path(1).rename(tree.root.parent / "hidden")

    scan = scan_processes(scanned(tree.root), [NET])
    assert scan.hides_others
    assert [each.pid for each in scan.holders or ()] == [7]


@pytest.mark.parametrize("name", ["", "missing"])
def test_processes_that_cannot_be_listed_are_not_none(
    tmp_path: Path, name: str
) -> None:
    scan = scan_processes(scanned(tmp_path / name), [NET])

    assert (scan.holders, scan.hides_others) == (None, True)
    assert scan.unread == {NET: Unread()}


def test_the_first_processes_are_told_one_by_one_and_all_are_counted(
    tree: ProcTree,
) -> None:
    for pid in range(20, 20 + FEW + 3):
        add(tree, pid, "own", comm=f"p{pid}\n".encode())

    own = holders(tree, NET)[-1]

    assert own.count == FEW + 3
    assert [(each.pid, each.command) for each in own.first] == [
        (pid, f"p{pid}") for pid in range(20, 20 + FEW)
    ]


@pytest.mark.parametrize(
    ("stat", "seconds"),
    [
        pytest.param(f"7 (sleep) S{' 0' * 18} 250 0", 2.5, id="plain"),
        pytest.param(f"7 (a) b (c) S{' 0' * 18} 100 0", 1, id="blanks and brackets"),
        pytest.param("7 (sleep) S 0 0", None, id="cut short"),
        pytest.param(f"7 (sleep) S{' 0' * 18} x", None, id="no number"),
        pytest.param(None, None, id="it has ended"),
    ],
)
def test_when_a_process_was_started(
    tree: ProcTree, stat: str | None, seconds: float | None
) -> None:
    add(tree, 7, "own")
    (tree.root / "stat").write_text("cpu 1 2 3\nbtime 1000000\nprocesses 9\n")
    if stat is not None:
        tree.path(7, "stat").write_text(stat)

    (process,) = holders(tree, NET)[-1].first

    ticks = os.sysconf("SC_CLK_TCK") / 100
    told = process.started_at
    since = None if told is None else (told.timestamp() - 1_000_000) * ticks
    assert since == seconds


def test_nobody_knows_when_where_the_machine_does_not_tell_its_own_start(
    tree: ProcTree,
) -> None:
    tree.path(1, "stat").write_text(f"1 (init) S{' 0' * 18} 250 0")

    assert holders(tree, NET)[0].first[0].started_at is None


def test_whose_container_a_process_is_in(tree: ProcTree) -> None:
    inner, outer = container_id("a"), container_id("b")
    tree.add(7, f"0::/docker/{outer}/docker/{inner}", net="own")
    tree.add(8, "0::/user.slice", net="own")

    assert [each.container for each in holders(tree, NET)[-1].first] == [inner, None]


def test_what_the_machine_itself_is_in_is_no_container_of_it(tree: ProcTree) -> None:
    outer = container_id("b")
    tree.path(1, "cgroup").write_text(f"0::/docker/{outer}/init.scope\n")
    tree.add(7, f"0::/docker/{outer}/user.slice", net="own")

    assert [each.container for each in holders(tree, NET)[-1].first] == [None]

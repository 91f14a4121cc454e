"""The processes that are named of a namespace are each read once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.procfs import scan
from nstui.procfs.cgroup import containers_of
from nstui.procfs.scan import HoldingProcesses
from tests.unit.procfs.tree import ProcTree, container_id
from tests.unit.procfs.ways import machine_at

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.container import ContainerId

A, B = container_id("a"), container_id("b")


@pytest.fixture
def tree(tmp_path: Path) -> ProcTree:
    """Return a machine with two processes of one container, and one of another."""
    tree = ProcTree(tmp_path)
    for pid, container in ((10, A), (11, A), (20, B)):
        tree.add(pid, f"0::/docker/{container}", net="shared")
        tree.path(pid, "comm").write_text(f"p{pid}\n")
    return tree


def test_one_that_is_asked_for_twice_is_read_once(tree: ProcTree) -> None:
    processes = HoldingProcesses(machine_at(tree.root))
    first = processes.of(10)
    tree.path(10, "comm").write_text("another\n")
    assert processes.of(10) is first
    assert first.command == "p10"
    assert HoldingProcesses(machine_at(tree.root)).of(10).command == "another"


def test_what_all_of_a_container_have_in_common_is_understood_once(
    tree: ProcTree, monkeypatch: pytest.MonkeyPatch
) -> None:
    understood: list[str] = []

    def understand(text: str) -> tuple[ContainerId, ...]:
        understood.append(text)
        return containers_of(text)

    monkeypatch.setattr(scan, "containers_of", understand)
    processes = HoldingProcesses(machine_at(tree.root))
    assert [processes.of(pid).container for pid in (10, 11, 20)] == [A, A, B]
    assert understood == [
        "0::/init.scope\n",
        f"0::/docker/{A}\n",
        f"0::/docker/{B}\n",
    ]

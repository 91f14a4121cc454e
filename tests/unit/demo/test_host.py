"""Tests of how well a simulated host can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.snapshot import ReadProblem

if TYPE_CHECKING:
    from nstui.demo.host import SimHost
    from nstui.demo.world import World
    from nstui.model.container import ContainerId

NET = NamespaceKind.NET


@pytest.fixture
def pids(world: World) -> dict[ContainerId, int]:
    """Run an owner, a dependent, and one that shares nothing."""
    specs = (Spec("own"), Spec("dep", network="container:own"), Spec("other"))
    ids = [world.run(spec) for spec in specs]
    return {each: world.records.get(each).pid or 0 for each in ids}


def test_all_kinds_are_read(host: SimHost, pids: dict[ContainerId, int]) -> None:
    reading = host.read(pids)
    assert reading.level is NamespacesRead.INODE
    assert reading.note is None
    assert list(reading.processes) == list(pids)
    own, dep, other = reading.processes.values()
    assert set(own.namespaces) == set(NamespaceKind)
    assert own.namespaces[NET] == dep.namespaces[NET] != other.namespaces[NET]
    assert own.namespaces[NamespaceKind.PID] != dep.namespaces[NamespaceKind.PID]
    assert str(own.namespaces[NET]).startswith("net:[40265")
    assert {own.problem, dep.problem, other.problem} == {None}


@pytest.mark.parametrize("by", ["level", "one that is denied"])
def test_a_fingerprint_is_of_the_network_only(
    host: SimHost, pids: dict[ContainerId, int], by: str
) -> None:
    if by == "level":
        host.level = NamespacesRead.FINGERPRINT
    else:
        host.inject_problem("dep", ReadProblem.DENIED)
    reading = host.read(pids)
    assert reading.level is NamespacesRead.FINGERPRINT
    assert reading.note is not None
    own, dep, other = reading.processes.values()
    assert set(own.namespaces) == {NET}
    assert own.namespaces[NET].fingerprint
    assert own.namespaces[NET] == dep.namespaces[NET] != other.namespaces[NET]
    assert own.interfaces == ("lo", "eth0")
    assert {each.problem for each in (own, dep, other)} == {ReadProblem.DENIED}


def test_a_foreign_host_tells_nothing(
    host: SimHost, pids: dict[ContainerId, int]
) -> None:
    host.level = NamespacesRead.DECLARED
    reading = host.read(pids)
    assert reading.level is NamespacesRead.DECLARED
    assert reading.note is not None
    for process in reading.processes.values():
        assert process.namespaces == {}
        assert process.interfaces is None
        assert process.problem is not None


@pytest.mark.parametrize(
    "problem", [ReadProblem.VANISHED, ReadProblem.NOT_THE_CONTAINER]
)
def test_one_that_is_spoilt_tells_nothing(
    host: SimHost, pids: dict[ContainerId, int], problem: ReadProblem
) -> None:
    host.inject_problem("dep", problem)
    own, dep, _ = host.read(pids).processes.values()
    assert (dep.problem, dict(dep.namespaces), dep.interfaces) == (problem, {}, None)
    assert own.problem is None
    host.clear_problems()
    assert host.read(pids).processes.keys() == pids.keys()
    assert all(each.problem is None for each in host.read(pids).processes.values())


def test_a_pid_that_nobody_has_has_vanished(
    world: World, host: SimHost, pids: dict[ContainerId, int]
) -> None:
    world.restart("dep")
    dep = host.read(pids).processes[world.records.get("dep").id]
    assert dep.problem is ReadProblem.VANISHED


def test_a_pid_of_another_is_not_believed(
    host: SimHost, pids: dict[ContainerId, int]
) -> None:
    own, dep, _ = pids
    reading = host.read({own: pids[dep]})
    assert reading.processes[own].problem is ReadProblem.NOT_THE_CONTAINER

"""What a simulated host tells of what containers use."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.tree.members import cpu_percent, cpu_percents
from nstui.demo.containers import Spec
from nstui.model.namespace import NamespacesRead
from nstui.model.network import Usage
from nstui.model.snapshot import ReadProblem

if TYPE_CHECKING:
    from nstui.demo.host import SimHost
    from nstui.demo.kernel import SimClock
    from nstui.demo.world import World
    from nstui.model.container import ContainerId
    from nstui.model.network import ProcessUsage


@pytest.fixture
def pids(world: World) -> dict[ContainerId, int]:
    """Run two containers."""
    specs = (Spec("vpn", "qmcgaw/gluetun:v3.40"), Spec("db", "postgres:17-alpine"))
    ids = [world.run(spec) for spec in specs]
    return {each: world.records.get(each).pid or 0 for each in ids}


def all_read(host: SimHost, pids: dict[ContainerId, int]) -> list[Usage]:
    """Return what they use, all of which can be read."""
    found = host.usage(pids)
    assert list(found) == list(pids)
    return [each for each in found.values() if isinstance(each, Usage)]


def processes(host: SimHost, container: ContainerId, pid: int) -> list[ProcessUsage]:
    """Return the processes of one that can be read."""
    found = host.processes(container, pid)
    assert not isinstance(found, ReadProblem)
    return list(found)


def test_the_cpu_goes_on_with_the_clock(
    host: SimHost, pids: dict[ContainerId, int], clock: SimClock
) -> None:
    percents = set()
    before = all_read(host, pids)
    for _ in range(20):
        clock.advance(timedelta(seconds=2))
        after = all_read(host, pids)
        for one, other in zip(before, after, strict=True):
            percent = cpu_percent(one, other)
            assert percent is not None
            assert 0 < percent < 100
            percents.add(round(percent, 6))
            assert other.memory > 2**20
        before = after
    assert len(percents) > 20


def test_at_one_moment_nothing_has_happened(
    host: SimHost, pids: dict[ContainerId, int]
) -> None:
    assert all_read(host, pids) == all_read(host, pids)


def test_a_restart_begins_anew(
    world: World, host: SimHost, pids: dict[ContainerId, int], clock: SimClock
) -> None:
    clock.advance(timedelta(hours=1))
    (before, _) = all_read(host, pids)
    world.restart("vpn")
    clock.advance(timedelta(seconds=2))
    vpn = world.records.get("vpn")
    assert vpn.pid is not None
    (after,) = all_read(host, {vpn.id: vpn.pid})
    assert cpu_percent(before, after) is None


def test_processes_add_up(
    host: SimHost, pids: dict[ContainerId, int], clock: SimClock
) -> None:
    clock.advance(timedelta(hours=1))
    for container, pid in pids.items():
        (whole,) = all_read(host, {container: pid})
        parts = processes(host, container, pid)
        assert parts[0].pid == pid
        assert len(parts) > 1
        assert sum(each.cpu_s for each in parts) == pytest.approx(whole.cpu_s)
        assert sum(each.memory for each in parts) <= whole.memory
        clock.advance(timedelta(seconds=1))
        later = processes(host, container, pid)
        assert None not in cpu_percents(parts, later).values()


@pytest.mark.parametrize("problem", list(ReadProblem))
def test_one_that_is_spoilt_tells_why(
    host: SimHost, pids: dict[ContainerId, int], problem: ReadProblem
) -> None:
    host.inject_problem("vpn", problem)
    vpn, db = host.usage(pids).values()
    assert vpn is problem
    assert isinstance(db, Usage)
    assert host.processes(*next(iter(pids.items()))) is problem


def test_a_foreign_host_tells_nothing(
    host: SimHost, pids: dict[ContainerId, int]
) -> None:
    host.level = NamespacesRead.DECLARED
    assert set(host.usage(pids).values()) == {ReadProblem.NOT_THE_CONTAINER}


def test_pids_are_not_believed_blindly(
    host: SimHost, pids: dict[ContainerId, int]
) -> None:
    vpn, db = pids
    assert dict(host.usage({vpn: pids[db], db: 1})) == {
        vpn: ReadProblem.NOT_THE_CONTAINER,
        db: ReadProblem.VANISHED,
    }

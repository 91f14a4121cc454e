"""Who is in a network, and what they use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.analysis.tree.members import member_pids, members_of, network_members
from nstui.model.finding import FindingCode
from nstui.model.network import Usage
from nstui.model.snapshot import ReadProblem
from tests.support.builders import cid, container, report

if TYPE_CHECKING:
    from nstui.analysis.tree.members import Usages

OWN = container("own")
DEP = container("dep", joins=cid("own"))
STOPPED = container("stopped", joins=cid("own"), state="exited")
ALONE = container("alone")
ORPHAN = container("orphan", joins=cid("gone"))
REPORT = report(OWN, DEP, STOPPED, ALONE, ORPHAN, net={"own": 1, "dep": 1, "alone": 2})


def usage(taken_s: float, cpu_s: float, *, is_summed: bool = False) -> Usage:
    """Return what a container uses."""
    return Usage(taken_s=taken_s, cpu_s=cpu_s, memory=5, is_summed=is_summed)


@pytest.mark.parametrize("of", ["own", "dep", "stopped"])
def test_all_of_a_group_the_owner_first(of: str) -> None:
    members = network_members(REPORT, cid(of))
    assert [REPORT.graph.name(each) for each in members] == ["own", "dep", "stopped"]


@pytest.mark.parametrize("of", ["alone", "orphan"])
def test_whoever_shares_with_nobody_is_alone(of: str) -> None:
    assert network_members(REPORT, cid(of)) == (cid(of),)


def test_what_does_not_run_has_no_process() -> None:
    assert set(member_pids(REPORT, network_members(REPORT, cid("own")))) == {
        cid("own"),
        cid("dep"),
    }


def test_what_each_uses_between_two_readings() -> None:
    before = {cid("own"): usage(1, 1.0), cid("dep"): usage(1, 1.0)}
    after: Usages = {cid("own"): usage(2, 1.5), cid("dep"): ReadProblem.VANISHED}
    own, dep, stopped = members_of(REPORT, cid("dep"), before, after)
    assert (own.container, own.usage, own.cpu_percent) == (OWN, usage(2, 1.5), 50)
    assert (dep.usage, dep.cpu_percent) == (ReadProblem.VANISHED, None)
    assert (stopped.usage, stopped.cpu_percent) == (None, None)


@pytest.mark.parametrize(
    ("before", "percent"),
    [
        (usage(1, 1.0), 50),
        (usage(2, 1.5), None),
        (usage(1, 1.0, is_summed=True), None),
        (ReadProblem.VANISHED, None),
        (None, None),
    ],
)
def test_a_share_takes_two_readings_of_one_sort(
    before: Usage | ReadProblem | None, percent: float | None
) -> None:
    known = {} if before is None else {cid("alone"): before}
    (alone,) = members_of(REPORT, cid("alone"), known, {cid("alone"): usage(2, 1.5)})
    assert alone.cpu_percent == percent


def test_what_is_wrong_with_a_member() -> None:
    (orphan,) = members_of(REPORT, cid("orphan"), {}, {})
    assert orphan.finding is not None
    assert orphan.finding.code is FindingCode.OWNER_GONE

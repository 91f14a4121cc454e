"""What lasts is told once; what comes and goes at once never is."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.analysis.report import (
    ReportedFindings,
    follow_findings,
    release_pending,
    settle_changes,
)
from tests.support.builders import NOON, cid, container, report

if TYPE_CHECKING:
    from nstui.analysis.report import FindingLog, Report

LIMIT = timedelta(seconds=5)
OWN, DEP = container("own"), container("dep", joins=cid("own"))
WELL = report(OWN, DEP, net={"own": 1, "dep": 1})
STOPPED = report(container("own", state="exited"), DEP, net={"dep": 1})
STALE = report(OWN, DEP, net={"own": 2, "dep": 1})


class Reader:
    """Somebody who is told what lasts."""

    def __init__(self) -> None:
        self._log: FindingLog | None = None
        self._settled: ReportedFindings | None = None

    def look(self, of: Report, second: float) -> list[str]:
        """Return what is told after a look at some second past noon."""
        self._log = follow_findings(self._log, of)
        at = NOON + timedelta(seconds=second)
        self._settled = settle_changes(self._settled, self._log, at, LIMIT)
        return self._told()

    def wait(self, second: float) -> list[str]:
        """Return what is told when nothing has been seen until some second."""
        assert self._settled is not None
        now = NOON + timedelta(seconds=second)
        self._settled = release_pending(self._settled, now, LIMIT)
        return self._told()

    def _told(self) -> list[str]:
        assert self._settled is not None
        return [
            f"{'+' if one.change.has_appeared else '-'}"
            f"{one.change.tracked.finding.code} {(one.at - NOON).total_seconds():g}"
            for one in self._settled.changes
        ]


def test_what_is_there_at_first_is_told_at_once() -> None:
    reader = Reader()
    assert reader.look(STALE, 0) == ["+stale-join 0"]
    assert reader.wait(9) == []


def test_an_owner_that_is_restarted_was_never_stopped() -> None:
    reader = Reader()
    assert reader.look(WELL, 0) == []
    assert reader.look(STOPPED, 10) == []
    assert reader.look(WELL, 13) == []
    assert reader.wait(99) == []


def test_what_it_leaves_behind_is_told_once_that_lasts() -> None:
    reader = Reader()
    reader.look(WELL, 0)
    assert reader.look(STOPPED, 10) == []
    assert reader.look(STALE, 12) == []
    assert reader.wait(14.9) == []
    assert reader.wait(15) == ["+stale-join 10"]
    assert reader.wait(99) == []


def test_a_look_is_enough_to_see_that_it_lasts() -> None:
    reader = Reader()
    reader.look(WELL, 0)
    reader.look(STOPPED, 10)
    assert reader.look(STOPPED, 15) == ["+owner-stopped 10"]
    assert reader.look(STOPPED, 30) == []


def test_what_comes_back_at_once_had_not_gone() -> None:
    reader = Reader()
    reader.look(STALE, 0)
    assert reader.look(WELL, 10) == []
    assert reader.look(STALE, 12) == []
    assert reader.wait(30) == []
    assert reader.look(WELL, 40) == []
    assert reader.wait(45) == ["-stale-join 40"]


def test_what_comes_again_and_again_has_to_last_each_time() -> None:
    reader = Reader()
    reader.look(WELL, 0)
    for second in range(10, 30, 4):
        assert reader.look(STOPPED, second) == []
        assert reader.look(WELL, second + 2) == []
    assert reader.wait(99) == []


def test_one_error_after_another_is_one_that_lasts() -> None:
    reader = Reader()
    reader.look(WELL, 0)
    for second in (10, 13):
        assert reader.look(STALE, second) == []
        assert reader.look(STOPPED, second + 1) == []
    assert reader.look(STALE, 15) == ["+stale-join 10"]
    # It goes on like that, and has been told.
    for second in range(16, 30, 2):
        assert reader.look(STOPPED, second) == []
        assert reader.look(STALE, second + 1) == []
    assert reader.look(WELL, 30) == []
    assert reader.wait(35) == ["-stale-join 30"]


def test_the_error_of_another_container_says_nothing() -> None:
    reader = Reader()
    sick = container("sick", health="unhealthy")
    reader.look(WELL, 0)
    reader.look(report(OWN, DEP, sick, net={"own": 1, "dep": 1}), 10)
    reader.look(STALE, 12)
    assert reader.wait(16.9) == []
    assert reader.wait(17) == ["+stale-join 12"]


def test_what_goes_is_told_before_what_comes() -> None:
    reader = Reader()
    reader.look(STALE, 0)
    reader.look(STOPPED, 10)
    assert reader.wait(15) == ["-stale-join 10", "+owner-stopped 10"]


def test_what_was_away_for_a_moment_is_as_old_as_before() -> None:
    reader = Reader()
    reader.look(WELL, 0)
    reader.look(STALE, 10)
    reader.look(STALE, 20)
    reader.look(WELL, 30)
    reader.look(STALE, 31)
    settled = reader._settled  # noqa: SLF001 - the reader is this test's own
    assert settled is not None
    (one,) = settled.told.values()
    assert one.since == STALE.snapshot.taken_at

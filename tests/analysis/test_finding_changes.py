"""What appears and goes between two reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from nstui.analysis.finding_changes import finding_changes
from nstui.analysis.report import Report
from tests.builders import cid, container, report, snapshot

OWN = container("own", started=10)
DEP = container("dep", joins=cid("own"))
WELL = report(OWN, DEP, net={"own": 2, "dep": 2})
STALE = report(OWN, DEP, net={"own": 2, "dep": 1})


def told(then: Report | None, now: Report) -> list[str]:
    """Return each change in short: ``+ stale-join dep``."""
    return [
        f"{'+' if c.has_appeared else '-'} {c.finding.code} {c.name}"
        for c in finding_changes(then, now)
    ]


def test_at_first_everything_appears() -> None:
    assert told(None, STALE) == ["+ stale-join dep"]
    assert told(None, WELL) == []


def test_a_finding_appears_and_goes() -> None:
    assert told(WELL, STALE) == ["+ stale-join dep"]
    assert told(STALE, WELL) == ["- stale-join dep"]
    assert told(STALE, STALE) == []


def test_another_sentence_is_no_other_finding() -> None:
    later = STALE.snapshot.taken_at + timedelta(hours=3)
    older = Report(replace(STALE.snapshot, taken_at=later))
    assert older.findings != STALE.findings
    assert told(STALE, older) == []


def test_what_goes_with_its_container_has_the_name_it_had() -> None:
    assert told(STALE, report(OWN, net={"own": 2})) == ["- stale-join dep"]


def test_a_renamed_container_keeps_its_findings() -> None:
    renamed = Report(
        snapshot(OWN, replace(DEP, name="other"), net={"own": 2, "dep": 1})
    )
    assert told(STALE, renamed) == []


def test_what_gets_worse_goes_and_appears() -> None:
    running = report(container("dep", joins=cid("gone")))
    stopped = report(container("dep", joins=cid("gone"), state="exited"))
    assert told(stopped, running) == ["- owner-gone dep", "+ owner-gone dep"]


def test_what_goes_comes_before_what_appears() -> None:
    other = container("other", health="unhealthy")
    now = report(OWN, DEP, other, net={"own": 2, "dep": 2, "other": 3})
    assert told(STALE, now) == ["- stale-join dep", "+ unhealthy other"]

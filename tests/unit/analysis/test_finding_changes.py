"""What appears and goes from one look to the next."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nstui.analysis.report import FindingLog, Report, follow_findings
from nstui.model.finding import FindingCode
from tests.support.builders import NOON, cid, container, report, snapshot

OWN = container("own", started=10)
DEP = container("dep", joins=cid("own"))
WELL = report(OWN, DEP, net={"own": 2, "dep": 2})
STALE = report(OWN, DEP, net={"own": 2, "dep": 1})
ALONE = Report(snapshot(OWN, net={"own": 2}, interfaces={"own": ("lo",)}))

# By the order of their starts nothing would be wrong with these.
ROOT, SPLIT = container("own"), container("dep", joins_ipc=cid("own"))
APART = Report(snapshot(ROOT, SPLIT, ipc={"own": 2, "dep": 1}))
UNTOLD = report(ROOT, SPLIT)


def follow(*looks: Report) -> FindingLog:
    """Return what is known after some looks."""
    known = None
    for each in looks:
        known = follow_findings(known, each)
    assert known is not None
    return known


def told(*looks: Report) -> list[str]:
    """Return each change of the last look in short: ``+ stale-join dep``."""
    return [
        f"{'+' if c.has_appeared else '-'} {c.tracked.finding.code} {c.tracked.name}"
        for c in follow(*looks).changes
    ]


def later(of: Report, minutes: int) -> Report:
    """Return the same, seen some minutes after noon."""
    return Report(replace(of.snapshot, taken_at=NOON + timedelta(minutes=minutes)))


def test_at_first_everything_appears() -> None:
    assert told(STALE) == ["+ stale-join dep"]
    assert told(WELL) == []


def test_a_finding_appears_and_goes() -> None:
    assert told(WELL, STALE) == ["+ stale-join dep"]
    assert told(WELL, STALE, STALE) == []
    assert told(WELL, STALE, WELL) == ["- stale-join dep"]
    assert told(WELL, STALE, WELL, WELL) == []
    assert told(WELL, STALE, WELL, STALE) == ["+ stale-join dep"]


def test_another_sentence_is_no_other_finding() -> None:
    renamed = report(replace(OWN, name="new"), DEP, net={"own": 2, "dep": 1})
    assert renamed.findings != STALE.findings
    assert told(STALE, renamed) == []


def test_later_the_same_finding_is_equal() -> None:
    assert later(STALE, 180).findings == STALE.findings


def test_what_goes_with_its_container_has_the_name_it_had_last() -> None:
    renamed = Report(
        snapshot(OWN, replace(DEP, name="other"), net={"own": 2, "dep": 1})
    )
    without = report(OWN, net={"own": 2})
    assert told(STALE, without) == ["- stale-join dep"]
    assert told(STALE, renamed) == []
    assert told(STALE, renamed, without) == ["- stale-join other"]


def test_what_gets_worse_goes_and_appears() -> None:
    running = report(container("dep", joins=cid("gone")))
    stopped = report(container("dep", joins=cid("gone"), state="exited"))
    assert told(stopped, running) == ["- owner-gone dep", "+ owner-gone dep"]


def test_what_goes_comes_before_what_appears() -> None:
    other = container("other", health="unhealthy")
    now = report(OWN, DEP, other, net={"own": 2, "dep": 2, "other": 3})
    assert told(STALE, now) == ["- stale-join dep", "+ unhealthy other"]


def test_a_change_knows_since_when_unless_nobody_saw_it_come() -> None:
    (seen,) = follow(WELL, later(STALE, 3), later(STALE, 4), later(WELL, 9)).changes
    (found,) = follow(STALE, later(STALE, 4), later(WELL, 9)).changes
    assert seen.tracked.since == NOON + timedelta(minutes=3)
    assert found.tracked.since is None


@pytest.mark.parametrize(
    ("then", "blind"),
    [
        pytest.param(APART, UNTOLD, id="the kernel tells nothing"),
        pytest.param(
            APART,
            Report(snapshot(ROOT, SPLIT, net={"own": 5, "dep": 6})),
            id="or nothing of this kind",
        ),
        pytest.param(
            APART, Report(snapshot(ROOT, SPLIT, ipc={"own": 2})), id="or not of it"
        ),
        pytest.param(
            APART,
            Report(snapshot(ROOT, SPLIT, ipc={"dep": 1})),
            id="or not of its owner",
        ),
        pytest.param(ALONE, report(OWN, net={"own": 2}), id="or not its interfaces"),
        pytest.param(
            STALE,
            report(container("own", is_inspected=False), DEP, net={"dep": 1}),
            id="the engine tells nothing of its owner",
        ),
        pytest.param(
            report(container("dep", health="unhealthy")),
            report(container("dep", is_inspected=False)),
            id="the engine tells nothing of it",
        ),
    ],
)
def test_what_cannot_be_looked_at_has_not_gone(then: Report, blind: Report) -> None:
    assert then.findings
    unread = {f.container for f in blind.findings}
    assert {f.code for f in blind.findings} <= {FindingCode.UNREADABLE}
    assert told(then, blind, blind) == []
    present = follow(then, blind).present
    assert follow(then).present.items() <= present.items()
    assert len(present) == len(follow(then).present) + len(unread)
    names = sorted(blind.graph.name(container) for container in unread)
    assert told(then, blind) == [f"+ unreadable {name}" for name in names]
    assert told(then, blind, then) == [f"- unreadable {name}" for name in names]


@pytest.mark.parametrize(
    "seen",
    [
        pytest.param(
            report(ROOT, container("dep", joins_ipc=cid("own"), started=5)),
            id="it was started anew",
        ),
        pytest.param(
            report(ROOT, container("dep", joins_ipc=cid("own"), state="exited")),
            id="it was stopped",
        ),
        pytest.param(report(ROOT), id="it was removed"),
        pytest.param(
            Report(snapshot(ROOT, SPLIT, ipc={"own": 2, "dep": 2})),
            id="the kernel says so",
        ),
    ],
)
def test_what_was_held_goes_when_that_can_be_seen(seen: Report) -> None:
    assert told(APART, UNTOLD, seen) == ["- stale-join dep"]


def test_what_cannot_be_looked_at_still_explains_that_there_is_no_network() -> None:
    lo = {"dep": ("lo",)}
    stale = Report(
        snapshot(OWN, DEP, net={"own": 2, "dep": 1}, interfaces=lo),
    )
    dark = container("own", is_inspected=False)
    blind = Report(snapshot(dark, DEP, net={"dep": 1}, interfaces=lo))
    assert [f.code for f in blind.findings] == ["no-uplink", "unreadable"]
    assert told(stale, blind) == ["+ unreadable own"]
    assert told(WELL, blind) == ["+ no-uplink dep", "+ unreadable own"]
    assert told(WELL, blind, blind) == []

"""Findings that appear and go, as lines."""

from __future__ import annotations

from datetime import timedelta, timezone

from nstui.analysis.report import follow_findings
from nstui.render.findings import change_line, first_line
from tests.support.builders import NOON, cid, container, report
from tests.unit.render.paper import HARMLESS, HOSTILE

WELL = report(container("web"))
SICK = report(container("web", health="unhealthy"))
LATER = NOON + timedelta(minutes=3)
NAMED = "error unhealthy web"


def test_nothing_is_wrong_at_first() -> None:
    assert first_line(WELL) == (
        "2026-11-23T12:00:00Z = nothing wrong:"
        " 1 container, 0 groups · not verified (engine only)"
    )


def test_what_appears_has_its_evidence_and_its_remedy() -> None:
    (finding,) = SICK.findings
    (change,) = follow_findings(None, SICK).changes
    assert change_line(change, NOON) == (
        f"2026-11-23T12:00:00Z + {NAMED}: {finding.message} → {finding.remedy}"
    )


def test_what_goes_has_its_age_if_that_is_known() -> None:
    known = follow_findings(follow_findings(None, WELL), SICK)
    (gone,) = follow_findings(known, WELL).changes
    assert change_line(gone, LATER) == (
        f"2026-11-23T12:03:00Z - {NAMED}: gone after 3 min"
    )
    (gone,) = follow_findings(follow_findings(None, SICK), WELL).changes
    assert change_line(gone, LATER) == f"2026-11-23T12:03:00Z - {NAMED}: gone"


def test_the_moment_is_utc_wherever_it_was_taken() -> None:
    (change,) = follow_findings(None, SICK).changes
    east = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert change_line(change, east).startswith("2026-11-23T12:00:00Z ")


def test_what_comes_from_outside_stays_on_one_harmless_line() -> None:
    hostile = report(container(HOSTILE, joins=f"{HOSTILE}-gone", id_=cid("web")))
    appeared = follow_findings(None, hostile)
    gone = follow_findings(appeared, report())
    for log, times in ((appeared, 2), (gone, 1)):
        (change,) = log.changes
        line = change_line(change, NOON)
        assert line.isprintable()
        assert line.count(HARMLESS) >= times
    (change,) = appeared.changes
    restart = f"then: docker restart {cid('web')[:12]}"
    assert change_line(change, NOON).endswith(restart)

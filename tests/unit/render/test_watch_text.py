"""What appears and goes, as lines."""

from __future__ import annotations

from datetime import timedelta, timezone

from nstui.analysis.report import Report, follow_findings
from nstui.render.findings import appeared_line, first_line, gone_line
from tests.support.builders import NOON, cid, container, report, snapshot
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


def test_what_appears_has_its_sentence_and_its_remedy() -> None:
    (finding,) = SICK.findings
    (incident,) = SICK.incidents
    assert appeared_line(incident, NOON) == (
        f"2026-11-23T12:00:00Z + {NAMED}: {finding.message} → {finding.remedy}"
    )


def test_what_hits_several_is_one_line() -> None:
    deps = (container(name, joins=cid("own")) for name in "ab")
    (incident,) = Report(snapshot(container("own", started=2), *deps)).incidents
    assert appeared_line(incident, LATER) == (
        "2026-11-23T12:03:00Z + error stale-join own was restarted 1 min ago: 2"
        " containers still sit in its old network: a, b → nstui heal own"
    )


def test_what_goes_has_its_age_if_that_is_known() -> None:
    known = follow_findings(follow_findings(None, WELL), SICK)
    gone = follow_findings(known, WELL).changes
    assert gone_line(gone, LATER) == (
        f"2026-11-23T12:03:00Z - {NAMED}: gone after 3 min"
    )
    old = follow_findings(follow_findings(None, SICK), WELL).changes
    assert gone_line(old, LATER) == f"2026-11-23T12:03:00Z - {NAMED}: gone"
    assert gone_line((*gone, *old), LATER).endswith("web: gone")


def test_the_moment_is_utc_wherever_it_was_taken() -> None:
    (incident,) = SICK.incidents
    east = NOON.astimezone(timezone(timedelta(hours=5, minutes=30)))
    assert appeared_line(incident, east).startswith("2026-11-23T12:00:00Z ")


def test_what_comes_from_outside_stays_on_one_harmless_line() -> None:
    hostile = report(container(HOSTILE, joins=f"{HOSTILE}-gone", id_=cid("web")))
    (incident,) = hostile.incidents
    gone = follow_findings(follow_findings(None, hostile), report()).changes
    appeared = appeared_line(incident, NOON)
    for line, times in ((appeared, 2), (gone_line(gone, NOON), 1)):
        assert line.isprintable()
        assert line.count(HARMLESS) >= times
    assert appeared.endswith(f"then: docker restart {cid('web')[:12]}")

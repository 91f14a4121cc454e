"""Containers that cannot be inspected: what is said of them, and what is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.analysis.explain import make_explanation, no_process
from nstui.analysis.report import Report, follow_findings
from nstui.model.finding import FindingCode, Severity
from nstui.model.namespace import NamespaceKind
from nstui.render.evidence_sections import explain_lines
from nstui.render.text import words_of
from tests.support.builders import cid, container, report, snapshot

OWN = container("own")
DARK = container("dark", joins=cid("own"), is_inspected=False)
WHY = "could not be inspected: the engine did not answer"


def test_one_that_runs_and_cannot_be_inspected_is_a_finding() -> None:
    (finding,) = report(OWN, DARK).findings
    assert finding.code is FindingCode.UNREADABLE
    assert finding.severity is Severity.WARNING
    assert finding.container == cid("dark")
    assert finding.message == f"runs, and {WHY}"
    assert finding.remedy == "docker inspect dark"


@pytest.mark.parametrize("state", ["exited", "created", "dead"])
def test_one_that_does_not_run_is_none(state: str) -> None:
    assert report(container("dark", state=state, is_inspected=False)).findings == ()


def test_at_a_glimpse_nobody_has_been_inspected_yet() -> None:
    glimpse = Report(replace(snapshot(OWN, DARK), is_glimpse=True))
    assert glimpse.findings == ()


def test_it_has_gone_once_it_was_inspected_or_has_stopped() -> None:
    unread = report(OWN, DARK)
    stopped = container("dark", joins=cid("own"), state="exited", is_inspected=False)
    read = report(OWN, container("dark", joins=cid("own")))
    for now in (read, report(OWN, stopped)):
        log = follow_findings(follow_findings(None, unread), now)
        assert [change.has_appeared for change in log.changes] == [False]


def test_it_is_never_said_not_to_run() -> None:
    seen = report(OWN, DARK)
    told = make_explanation(seen, cid("dark"), None)
    assert [share.kind for share in told.shares] == [NamespaceKind.NET]
    words = [words_of(line) for line in explain_lines(seen, told)]
    assert f"  kernel   {WHY}; own: could not be read from here" in words
    assert f"  runtime  {WHY}" in words
    assert not [line for line in words if "not running" in line]


def test_one_that_does_not_run_is_said_not_to() -> None:
    seen = report(container("own", state="exited"))
    told = make_explanation(seen, cid("own"), None)
    words = [words_of(line) for line in explain_lines(seen, told)]
    assert "  kernel   not running" in words
    assert no_process(seen, cid("own")) == "not running"


def test_one_that_runs_and_has_no_process_that_the_engine_names() -> None:
    assert OWN.inspection is not None
    odd = replace(OWN, inspection=replace(OWN.inspection, pid=None))
    assert no_process(report(odd), cid("own")) == "the engine gives no process for it"

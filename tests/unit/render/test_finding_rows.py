"""Findings as a list shows them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.analysis.report import Report
from nstui.model.namespace import NamespacesRead
from nstui.model.snapshot import HostReading
from nstui.render.findings import finding_rows, nothing_text, summary_pieces
from nstui.render.text import Piece, Tone, words_of
from tests.support.builders import cid, container, report, snapshot
from tests.unit.render.paper import HARMLESS, HOSTILE

SICK = container("sick", health="unhealthy")
WELL = container("well")
DARK = container("dark", state="exited", is_inspected=False)
UNTOLD = Report(
    replace(
        snapshot(WELL), host=HostReading(NamespacesRead.DECLARED, note="no /proc here")
    )
)


def test_a_row_says_what_is_wrong_with_whom_and_what_to_do() -> None:
    loops = container(HOSTILE, state="restarting")
    first, second = finding_rows(report(loops, SICK))
    assert words_of(first.head) == "✗ unhealthy  sick"
    assert first.sentence.text == "its health check fails"
    assert first.remedy.text.startswith("→ docker inspect ")
    assert first.container == cid("sick")
    assert words_of(second.head) == f"! restarting  {HARMLESS}"
    assert second.remedy.text == f"→ docker logs --tail 50 {loops.id[:12]}"


def test_each_finding_of_a_container_has_a_key_of_its_own() -> None:
    both = container("dep", joins="gone", health="unhealthy")
    of = report(both)
    (row,) = finding_rows(of)
    keys = [one.key for one in finding_rows(of, {row.key})]
    assert len(set(keys)) == len(keys) == 3


def test_an_incident_unfolds_into_its_findings_with_their_evidence() -> None:
    deps = (container(name, joins=cid("vpn")) for name in "ab")
    of = report(container("vpn", started=5), *deps, net={"vpn": 8, "a": 7, "b": 7})
    (row,) = finding_rows(of)
    assert words_of(row.head) == "✗ ▸ stale join  vpn"
    assert row.sentence.text == (
        "was restarted a moment ago: 2 containers still sit in its old network: a, b"
    )
    assert (row.remedy.text, row.copied) == ("→ nstui heal vpn", "nstui heal vpn")
    assert row.container == cid("vpn")
    open_, first, second = finding_rows(of, {row.key})
    assert words_of(open_.head) == "✗ ▾ stale join  vpn"
    assert words_of(first.head) == "✗ stale join  a"
    assert first.sentence.text == (
        "runs in net:[7]; vpn has been in net:[8] since its restart a moment ago"
    )
    assert (first.depth, first.above, second.container) == (1, row.key, cid("b"))


def test_the_rows_of_one_owner_have_keys_of_their_own() -> None:
    policies = ("always", "unless-stopped")
    deps = (container(name, joins=cid("vpn"), restart=name) for name in policies)
    rows = finding_rows(report(container("vpn"), *deps))
    assert len({row.key for row in rows}) == len(rows) == 2


@pytest.mark.parametrize(
    ("of", "words"),
    [
        (report(WELL), "nothing is wrong"),
        (report(WELL, SICK), "nothing is wrong in what the filter shows"),
        (report(WELL, DARK), "nothing wrong as far as could be read"),
        (UNTOLD, "nothing wrong as far as could be read"),
    ],
)
def test_nothing_more_is_said_than_is_known(of: Report, words: str) -> None:
    assert nothing_text(of) == words


def test_the_glance_counts_or_says_how_sure_it_is() -> None:
    assert summary_pieces(report(SICK, DARK)) == (Piece("✗ 1 incident", Tone.ERROR),)
    assert summary_pieces(report(WELL)) == (Piece("✓ nothing wrong", Tone.GOOD),)
    doubt = Piece("? nothing wrong as far as could be read", Tone.WARNING)
    assert summary_pieces(report(WELL, DARK)) == summary_pieces(UNTOLD) == (doubt,)


def test_the_glance_says_that_it_is_of_the_past() -> None:
    counts = (
        Piece("✗ 1 incident", Tone.ERROR),
        Piece("? when last seen", Tone.WARNING),
    )
    assert summary_pieces(report(SICK, DARK), is_outdated=True) == counts
    past = Piece("? nothing was wrong when last seen", Tone.WARNING)
    assert summary_pieces(report(WELL), is_outdated=True) == (past,)

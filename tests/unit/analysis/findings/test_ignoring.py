"""What is reported of the findings, and what the user has ignored."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nstui.analysis.findings.ignoring import (
    IgnoreRule,
    Reporting,
    label_problems,
    parse_rule,
)
from nstui.analysis.report import Report
from nstui.model.finding import FindingCode, Severity
from nstui.render.findings import summary_pieces
from nstui.render.ignored import ignored_rows
from nstui.render.incidents import incident_counts
from nstui.render.text import words_of
from tests.support.builders import container, snapshot

SICK = container("sick", health="unhealthy")
ENDED = container("ended", state="exited", exit_code=3)
MISMATCH = (
    container("own", restart="no"),
    container("dep", joins="own", restart="always"),
)


def told(*rules: str, label: str = "", least: str = "notice") -> Report:
    """Return a report on an error, a warning and a notice."""
    reporting = Reporting(rules=tuple(map(parse_rule, rules)), least=Severity(least))
    hosts = (replace(SICK, ignore_label=label), ENDED, *MISMATCH)
    return Report(snapshot(*hosts), reporting)


def names(report: Report) -> list[str]:
    return [f"{report.graph.name(f.container)}:{f.code}" for f in report.findings]


ALL = ["sick:unhealthy", "ended:exited", "dep:restart-mismatch"]


@pytest.mark.parametrize(
    ("text", "rule", "written"),
    [
        ("sick", IgnoreRule("sick"), "sick"),
        ("media-*", IgnoreRule("media-*"), "media-*"),
        ("unhealthy", IgnoreRule("*", FindingCode.UNHEALTHY), "unhealthy"),
        ("*:unhealthy", IgnoreRule("*", FindingCode.UNHEALTHY), "unhealthy"),
        ("a:exited", IgnoreRule("a", FindingCode.EXITED), "a:exited"),
        (" a : exited ", IgnoreRule("a", FindingCode.EXITED), "a:exited"),
        ("a:*", IgnoreRule("a"), "a"),
        ("exited:*", IgnoreRule("exited"), "exited:*"),
    ],
)
def test_a_rule_is_read_and_written(text: str, rule: IgnoreRule, written: str) -> None:
    assert parse_rule(text) == rule
    assert str(rule) == written
    assert parse_rule(written) == rule


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "a rule is NAME, CODE or NAME:CODE"),
        (":exited", "a rule is NAME, CODE or NAME:CODE"),
        ("a:unhealty", "'unhealty' is not the code of a finding; did you mean unhe"),
        ("a:", "'' is not the code of a finding; use stale-join, owner-gone, "),
    ],
)
def test_what_is_no_rule(text: str, why: str) -> None:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 - its message follows
        parse_rule(text)
    assert str(caught.value).startswith(why)


@pytest.mark.parametrize(
    ("rules", "label", "reported", "ignored"),
    [
        ((), "", ALL, []),
        (("sick",), "", ALL[1:], ["rule sick"]),
        (("s?ck",), "", ALL[1:], ["rule s?ck"]),
        (("sic",), "", ALL, []),
        (("SICK",), "", ALL, []),
        (("unhealthy",), "", ALL[1:], ["rule unhealthy"]),
        (("sick:exited",), "", ALL, []),
        (
            ("sick", "ended:exited", "dep"),
            "",
            [],
            ["rule sick", "rule ended:exited", "rule dep"],
        ),
        (("*",), "", [], ["rule *"] * 3),
        ((), "unhealthy", ALL[1:], ["label nstui.ignore=unhealthy"]),
        ((), "exited, unhealthy", ALL[1:], ["label nstui.ignore=exited, unhealthy"]),
        ((), "exited", ALL, []),
        ((), "*", ALL, []),
        (("sick",), "unhealthy", ALL[1:], ["label nstui.ignore=unhealthy"]),
    ],
)
def test_what_is_ignored(
    rules: tuple[str, ...], label: str, reported: list[str], ignored: list[str]
) -> None:
    report = told(*rules, label=label)
    assert names(report) == reported
    assert [one.because for one in report.ignored] == ignored
    assert len(report.all_findings) == len(ALL)


@pytest.mark.parametrize(
    ("least", "reported"), [("notice", 3), ("warning", 2), ("error", 1)]
)
def test_what_is_less_severe_is_counted_apart(least: str, reported: int) -> None:
    report = told(least=least)
    assert names(report) == ALL[:reported]
    assert len(report.lesser_findings) == len(ALL) - reported
    assert report.ignored == ()


def test_what_is_ignored_is_said() -> None:
    report = told("sick", "dep", least="error")
    shown = [piece.text for piece in incident_counts(report)]
    assert shown == ["nothing wrong", "2 ignored", "1 less severe"]
    assert [p.text for p in summary_pieces(report)][-2:] == shown[1:]
    sick, dep = ignored_rows(report)
    assert words_of(sick.head) == "✗ unhealthy  sick  ignored: rule sick"
    assert words_of(dep.head) == "· restart mismatch  dep  ignored: rule dep"


def test_only_what_is_reported_marks_a_row() -> None:
    report = told("sick")
    assert report.worst(SICK.id) is None
    assert report.worst(ENDED.id) is not None
    assert report.all_by_container[SICK.id] == report.all_findings[:1]


def test_a_label_with_an_unknown_code_is_told() -> None:
    mistyped = replace(SICK, ignore_label="unhealty,,exited")
    (problem,) = label_problems((mistyped, ENDED))
    assert problem == (
        "label nstui.ignore of sick: 'unhealty' is not the code of a finding;"
        " did you mean unhealthy?"
    )

"""The rows of a list of hosts at any width."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from nstui.analysis.certainty import Certainty
from nstui.analysis.host_summary import HostSummary, summarize, with_problem
from nstui.model.finding import Severity
from nstui.render.host_rows import HostRow, host_rows, hosts_title
from nstui.render.text import Piece, Tone
from tests.support.builders import NOON, container, report

SEEN = report(container("web", health="unhealthy"), container("off", state="exited"))
NAS = replace(summarize("nas", SEEN), taken_at=NOON, certainty=Certainty.VERIFIED)
ATTIC = HostSummary(
    name="attic",
    taken_at=NOON - timedelta(hours=3),
    engine="Podman 5.4.2",
    running=7,
    containers=12,
    certainty=Certainty.DECLARED,
    is_sure=True,
)
DEAD = with_problem(HostSummary(name="cellar"), "the name cellar is not known")
LOST = with_problem(replace(ATTIC, name="lost"), "nobody answers")
NEW = HostSummary(name="new")
NOW = "  just now"
KERNEL, ENGINE = "verified by the kernel", "not verified (engine only)"


def lines(row: HostRow) -> list[str]:
    head = "".join(piece.text for piece in row.head)
    return [head.rstrip(), *(piece.text for piece in row.below)]


def shown(width: int, *summaries: HostSummary) -> list[list[str]]:
    return [lines(row) for row in host_rows(summaries, NOON, width)]


def test_a_wide_row_has_everything_in_columns() -> None:
    assert shown(117, NAS, ATTIC, DEAD, NEW) == [
        [
            f"✗ 1 incident     nas     1/2 running   Docker 28.5.2  {KERNEL}    {NOW}",
            "unhealthy: web",
        ],
        [
            f"✓ nothing wrong  attic   7/12 running  Podman 5.4.2   {ENGINE}  3 h ago",
        ],
        ["? not reached    cellar", "the name cellar is not known"],
        ["… asking         new"],
    ]


def test_a_narrow_row_has_the_engine_below() -> None:
    assert shown(76, NAS, ATTIC) == [
        [
            "✗ 1 incident     nas    1/2 running   just now",
            "unhealthy: web",
            "Docker 28.5.2 · verified by the kernel",
        ],
        [
            "✓ nothing wrong  attic  7/12 running  3 h ago",
            "Podman 5.4.2 · not verified (engine only)",
        ],
    ]


def test_a_name_is_cut_in_its_middle_before_anything_wraps() -> None:
    long = replace(ATTIC, name="ssh://somebody@attic.home.example:2222")
    (row,) = shown(56, long)
    assert row[0] == "✓ nothing wrong  ssh://so…le:2222  7/12 running  3 h ago"
    ((wide,),) = shown(110, long)
    assert wide.startswith("✓ nothing wrong  ssh://somebody….example:2222  7/12 ")
    (tiny,) = shown(20, long)
    assert "ssh://…:2222" in tiny[0]


def test_a_host_that_was_lost_says_when_it_was_seen() -> None:
    ((head, problem),) = shown(117, LOST)
    assert head.startswith("? not reached  lost  7/12 running")
    assert problem == "nobody answers"


def test_further_severities_are_counted_below() -> None:
    counts = ((Severity.ERROR, 1), (Severity.NOTICE, 2))
    ((head, worst),) = shown(117, replace(NAS, counts=counts))
    assert head.startswith("✗ 1 incident")
    assert worst == "unhealthy: web · · 2 notices"
    ((_, problem, worst),) = shown(
        117, with_problem(replace(NAS, counts=counts), "gone")
    )
    assert problem == "gone"
    assert worst == "unhealthy: web · · 2 notices"


def test_what_was_not_all_read_is_not_called_well() -> None:
    ((head,),) = shown(117, replace(ATTIC, is_sure=False))
    assert head.startswith("? nothing wrong")


def test_a_name_cannot_send_control_characters() -> None:
    evil = with_problem(HostSummary(name="a\x1b[31m"), "b\x1b[2J")
    assert "\x1b" not in str(host_rows([evil], NOON, 80)[0].head)
    assert "\x1b" not in str(host_rows([evil], NOON, 80)[0].below)


@pytest.mark.parametrize(
    ("width", "words"),
    [
        (
            118,
            ("nstui", "4 hosts", "✗ 1 with incidents", "? 1 not reached", "✓ 1 well"),
        ),
        (40, ("nstui", "4 hosts", "✗ 1 with incidents")),
        (5, ("nstui",)),
    ],
)
def test_the_title_counts_the_hosts(width: int, words: tuple[str, ...]) -> None:
    title = hosts_title((NAS, ATTIC, DEAD, NEW), (), width)
    assert tuple(piece.text for piece in title)[: len(words)] == words


def test_badges_come_before_the_counts() -> None:
    badge = Piece(" READ-ONLY ", Tone.WARNING)
    assert hosts_title((NEW,), (badge,), 80)[1:] == (
        badge,
        Piece("1 host"),
        Piece("… asking 1", Tone.MUTED),
    )


def test_nothing_is_a_table_without_rows() -> None:
    assert host_rows([], NOON, 80) == ()


def test_names_that_are_cut_to_the_same_are_told_whole_below() -> None:
    names = [f"unix:///run/host-{number}/docker.sock" for number in (1, 2)]
    first, second = shown(56, *(replace(ATTIC, name=name) for name in names))
    assert first[0] == second[0]
    assert [first[1], second[1]] == names
    alone, *_ = shown(56, replace(ATTIC, name=names[0]), NAS)
    assert names[0] not in alone

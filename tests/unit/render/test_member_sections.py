"""The members of a group with what each of them uses, as a table."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from nstui.analysis.tree.members import members_of
from nstui.model.network import Usage
from nstui.model.snapshot import ReadProblem
from nstui.render.member_sections import member_sections
from nstui.render.text import words_of
from tests.support.builders import cid, container, report
from tests.unit.render.paper import HARMLESS, HOSTILE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.analysis.report import Report

VPN = container("vpn", health="healthy", started=-4000)
DEP = container("a-dependent-of-it", joins=cid("vpn"), started=-200)
OLD = container("old", joins=cid("vpn"), state="exited")
ALL = report(VPN, DEP, OLD, net={"vpn": 8, "a-dependent-of-it": 7})


def usage(taken_s: float, percent: float, memory: int, *, summed: bool) -> Usage:
    """Return what is used by one that always took the same share."""
    return Usage(
        taken_s=taken_s,
        cpu_s=taken_s * percent / 100,
        memory=memory,
        is_summed=summed,
    )


def table(
    of: Report,
    before: Mapping[str, Usage | ReadProblem],
    after: Mapping[str, Usage | ReadProblem],
    width: int = 41,
) -> list[str]:
    """Return the table as text; what was read is by the containers' names."""
    then, now = ({cid(n): u for n, u in each.items()} for each in (before, after))
    members = members_of(of, cid("vpn"), then, now)
    return [
        words_of(entry.value).rstrip()
        for section in member_sections(of, members, width)
        for entry in section.rows
    ]


def used(at: float, *, summed: bool = False) -> dict[str, Usage | ReadProblem]:
    """Return what the two that run have used by some second."""
    return {
        "vpn": usage(at, 2.8, 161_000_000, summed=summed),
        "a-dependent-of-it": usage(at, 130.2, 1_240_000_000, summed=summed),
    }


def test_a_narrow_table() -> None:
    assert table(ALL, used(1), used(2)) == [
        "  name                   up   CPU  memory",
        "● vpn                   2 d  2.8%  161 MB",
        "  healthy",
        "● a-dependent-of-it     3 h  130%  1.2 GB",
        "  ✗ stale join",
        "○ old                exited",
    ]


def test_a_wide_table() -> None:
    assert table(ALL, used(1), used(2), width=78) == [
        "  name                   up   CPU  memory",
        "● vpn                   2 d  2.8%  161 MB  healthy",
        "● a-dependent-of-it     3 h  130%  1.2 GB  ✗ stale join",
        "○ old                exited",
    ]


def test_a_very_narrow_table_cuts_names_only() -> None:
    found = table(ALL, used(1), used(2), width=32)
    assert found[3] == "● a-depen…     3 h  130%  1.2 GB"
    assert max(cell_len(line) for line in found) == 32


def test_numbers_leave_their_columns_where_they_are() -> None:
    nothing, once, twice = (
        table(ALL, {}, {}),
        table(ALL, {}, used(1)),
        table(ALL, used(1), used(2)),
    )
    assert nothing[1] == "● vpn                   2 d"
    assert once[1] == "● vpn                   2 d     …  161 MB"
    assert nothing[0] == once[0] == twice[0]


def test_what_could_not_be_read_says_why_once() -> None:
    denied = ReadProblem.DENIED
    found = table(ALL, {}, {"vpn": denied, "a-dependent-of-it": denied})
    assert found[1] == "● vpn                   2 d     ?       ?"
    assert found[-1] == "? needs root: run nstui with sudo"
    assert len([line for line in found if "root" in line]) == 1


def test_a_sum_of_processes_is_marked() -> None:
    found = table(ALL, used(1, summed=True), used(2, summed=True))
    assert found[1].endswith("2 d  ≈2.8%  ≈161 MB")
    assert found[-1].startswith("≈ the sum of its processes")


def test_what_else_there_is_to_say() -> None:
    ill = container("vpn", health="unhealthy", state="paused", created=-9999)
    assert ill.inspection is not None
    ill = replace(ill, inspection=replace(ill.inspection, restart_count=3))
    line = table(report(ill), {}, {}, width=99)[1]
    assert line.split("  ")[-3:] == ["✗ unhealthy", "paused", "3 restarts"]


def test_one_that_could_not_be_inspected() -> None:
    found = table(report(container("vpn", is_inspected=False)), {}, {}, width=99)
    assert found[1].endswith("not inspected: the engine did not answer")


@pytest.mark.parametrize("width", [30, 41, 100])
def test_a_hostile_name_does_nothing_to_the_terminal(width: int) -> None:
    of = report(container("vpn"), container(HOSTILE, joins=cid("vpn")))
    found = table(of, {}, {}, width=width)
    assert all(line.isprintable() for line in found)
    assert HARMLESS[:5] in found[2]

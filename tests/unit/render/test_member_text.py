"""Who is in a network and what they use, in words."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from nstui.analysis.explain import make_explanation
from nstui.analysis.tree.members import members_of
from nstui.model.network import Interior, NetworkProcess, Usage
from nstui.model.snapshot import ReadProblem
from nstui.render.evidence_sections import explain_lines
from nstui.render.member_sections import member_lines
from nstui.render.network_sections import network_lines
from nstui.render.text import words_of
from tests.support.builders import cid, container, report
from tests.unit.render.paper import HARMLESS, HOSTILE, lines_under

VPN = container("vpn", health="healthy", started=-200)
APP = container("app", joins=cid("vpn"), started=-5)
OLD = container("older-one", joins=cid("vpn"), state="exited")
REPORT = report(VPN, APP, OLD, net={"vpn": 1, "app": 1})


def usage(cpu_s: float, memory: int = 0, *, is_summed: bool = False) -> Usage:
    """Return what is used, one second for each of the CPU's."""
    return Usage(taken_s=cpu_s, cpu_s=cpu_s / 50, memory=memory, is_summed=is_summed)


def lines(
    before: dict[str, Usage | ReadProblem], after: dict[str, Usage | ReadProblem]
) -> list[str]:
    """Return what is shown, where things are named by the containers' names."""
    then, now = ({cid(n): u for n, u in each.items()} for each in (before, after))
    members = members_of(REPORT, cid("vpn"), then, now)
    return [words_of(line) for line in member_lines(REPORT, members)]


def test_what_stands_below_each_other() -> None:
    before: dict[str, Usage | ReadProblem] = {"vpn": usage(1), "app": usage(1)}
    after: dict[str, Usage | ReadProblem] = {
        "vpn": usage(2, 1_234_567),
        "app": usage(1, 45),
    }
    assert lines(before, after) == [
        "● vpn        running  up 3 h    CPU 2.0%       memory 1.2 MB    healthy",
        "● app        running  up 5 min  CPU not known  memory 45 bytes",
        "○ older-one  exited   Exited (0) 2 hours ago",
    ]


def test_what_could_not_be_read_says_why() -> None:
    found = lines({}, {"vpn": usage(1, is_summed=True), "app": ReadProblem.DENIED})
    assert "memory about 0 bytes" in found[0]
    assert found[1].endswith("CPU and memory: needs root: run nstui with sudo")


def test_what_was_not_read_is_left_out() -> None:
    assert lines({}, {})[1] == "● app        running  up 5 min"


def test_one_that_could_not_be_inspected() -> None:
    told = report(container("own", is_inspected=False))
    (line,) = member_lines(told, members_of(told, cid("own"), {}, {}))
    words = words_of(line)
    assert words.endswith("not inspected: the engine did not answer  ! unreadable")


def test_restarts_and_what_is_wrong() -> None:
    own = container("own", health="unhealthy")
    assert own.inspection is not None
    own = replace(own, inspection=replace(own.inspection, restart_count=3))
    told = report(own, net={"own": 1})
    (line,) = member_lines(told, members_of(told, cid("own"), {}, {}))
    assert words_of(line).endswith("  3 restarts  ✗ unhealthy")


def outsiders(
    *found: NetworkProcess,
    problem: ReadProblem | None = None,
    is_host: bool = False,
    hides: bool = False,
) -> list[str]:
    """Return what is shown of a network with these processes in it."""
    inside = Interior(
        interfaces=ReadProblem.DENIED,
        routes=ReadProblem.DENIED,
        listeners=ReadProblem.DENIED,
        owners=MappingProxyType({}),
        processes=None if is_host else problem or found,
        hides_processes=hides,
    )
    lines = network_lines(REPORT, cid("vpn"), inside)
    return lines_under("processes from outside", lines)


def test_who_entered_from_outside() -> None:
    assert outsiders(
        NetworkProcess(1, "openvpn", (cid("vpn"),)),
        NetworkProcess(7, f"tcpdump {HOSTILE}", ()),
        NetworkProcess(8, "sh", (cid("older-one"),)),
        NetworkProcess(9, "sh", (cid("x"),)),
    ) == [
        f"7  tcpdump {HARMLESS}, no container's",
        "8  sh, of older-one",
        f"9  sh, of {cid('x')[:12]}, which is unknown",
    ]


def test_none_is_said_only_where_all_are_seen() -> None:
    hidden = "there may be others: seeing them needs root: run nstui with sudo"
    assert outsiders() == ["none"]
    assert outsiders(hides=True) == [hidden]
    assert outsiders(NetworkProcess(7, "x", ()), hides=True)[1:] == [hidden]


@pytest.mark.parametrize("problem", list(ReadProblem))
def test_a_network_that_could_not_be_read_is_not_empty(problem: ReadProblem) -> None:
    (line,) = outsiders(problem=problem)
    assert line != "none"


def test_the_hosts_own_is_not_searched() -> None:
    assert outsiders(is_host=True) == [
        "not looked for: every process of the host is in this network"
    ]


def test_of_one_that_does_not_run_nothing_is_said() -> None:
    told = make_explanation(REPORT, cid("older-one"), None)
    words = [words_of(line) for line in explain_lines(REPORT, told)]
    assert "processes from outside" not in words

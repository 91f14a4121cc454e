"""What a command has broken, in one line."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.report import Report
from nstui.render.incidents import loss_line
from tests.support.builders import NOON, cid, container, snapshot

if TYPE_CHECKING:
    from nstui.model.finding import Incident

DOCKER = ("docker",)


def incident(count: int = 1) -> Incident:
    names = [f"d{number}" for number in range(count)]
    seen = snapshot(
        container("vpn", started=5),
        *(container(name, joins=cid("vpn")) for name in names),
        net={"vpn": 8, **dict.fromkeys(names, 7)},
        interfaces=dict.fromkeys(names, ("lo",)),
    )
    return Report(seen).incidents[0]


def test_one_container() -> None:
    line = loss_line([incident()], NOON, DOCKER)
    assert line == (
        "vpn was restarted a moment ago: 1 container still sits in its old network and"
        " has no connection (only lo): d0 → docker nstui heal vpn"
    )


def test_many_containers_and_incidents() -> None:
    line = loss_line([incident(6), incident(), incident()], NOON, DOCKER)
    assert ": d0, d1, d2, d3 and 2 more → docker nstui heal vpn" in line
    assert line.endswith("; and 2 more incidents: docker nstui check")


def test_the_engine_that_docker_was_told() -> None:
    line = loss_line([incident()], NOON, ("docker", "-c", "it's far"))
    assert line.endswith("→ docker -c 'it'\\''s far' nstui heal vpn")


def test_every_command_of_a_remedy() -> None:
    far = ("docker", "-c", "far")
    joint = replace(incident(), remedy="docker start a && nstui heal b")
    assert loss_line([joint], NOON, far).endswith(
        "→ docker -c far start a && docker -c far nstui heal b"
    )
    later = replace(incident(), remedy="create nstui x, then: nstui heal nstui")
    assert loss_line([later], NOON, DOCKER).endswith(
        "→ create nstui x, then: docker nstui heal nstui"
    )


def test_a_name_cannot_write_to_the_terminal() -> None:
    hostile = replace(incident(), subject="\x1b[2J\nvpn")
    assert loss_line([hostile], NOON, DOCKER).startswith(r"\x1b[2J\nvpn was restarted")


def test_words_that_no_shell_can_be_told() -> None:
    line = loss_line([incident()], NOON, ("docker", "-H", "\x07"))
    assert line.endswith("→ docker nstui heal vpn")

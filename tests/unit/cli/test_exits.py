"""What the exit code says."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from nstui import errors
from nstui.cli.exits import ExitCode, exit_code_for, worst_code
from nstui.errors import NstuiError
from tests.support.sim_accidents import half_remove
from tests.unit.cli.answers import VPN_FAMILY, names, no_engine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nstui.demo.world import World
    from tests.unit.cli.answers import Nstui

DOCUMENTED = {
    name: int(code)
    for name, code in re.findall(r"[├└]── (\w+) +(\d+) ", errors.__doc__ or "")
}
"""The exit codes that the exception tree promises."""


def all_kinds(of: type[NstuiError] = NstuiError) -> Iterator[type[NstuiError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from all_kinds(kind)


def test_every_error_is_documented() -> None:
    assert {kind.__name__ for kind in all_kinds()} == DOCUMENTED.keys()


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.__name__)
def test_every_error_ends_as_documented(kind: type[NstuiError]) -> None:
    assert exit_code_for(kind.__new__(kind)) == DOCUMENTED[kind.__name__]


def test_the_codes_that_scripts_rely_on() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "DONE": 0,
        "FAILED": 1,
        "USAGE": 2,
        "UNREACHABLE": 3,
        "REFUSED": 4,
        "INTERRUPTED": 130,
    }


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(("tree",), 0, id="done"),
        pytest.param(("rm", "-f", "alloy"), 0, id="removed"),
        pytest.param(("rm", "--dry-run", "vpn"), 4, id="shown"),
        pytest.param(("check",), 1, id="something is wrong"),
        pytest.param(("rm", "nobody"), 1, id="UnknownContainer"),
        pytest.param(("rm", "alloy"), 1, id="ActionImpossible"),
        pytest.param(("--read-only", "rm", "-f", "alloy"), 1, id="ReadOnly"),
        pytest.param(("rm", "-f", "half"), 1, id="StepFailed"),
        pytest.param(("rm", "--bogus", "alloy"), 2, id="an unknown option"),
        pytest.param(("rm", "-f", "vpn"), 4, id="WouldBreakDependents"),
        pytest.param(("rm", "-f", "-y", "vpn"), 4, id="--yes permits nothing"),
    ],
)
def test_commands_end_with_their_code(
    nstui: Nstui, world: World, arguments: tuple[str, ...], code: int
) -> None:
    world.rename("nginx", "half")
    half_remove(world, "half")
    assert nstui("--demo", *arguments).code == code


@pytest.mark.parametrize("command", [(), ("tree",), ("check",), ("rm", "vpn")])
def test_no_engine(nstui: Nstui, tmp_path: Path, command: tuple[str, ...]) -> None:
    assert nstui("-H", no_engine(tmp_path), *command).code == 3


def test_a_malformed_address(nstui: Nstui) -> None:
    assert nstui("-H", "somewhere", "tree").code == 2


def test_a_failed_step_says_how_far_it_came(nstui: Nstui, world: World) -> None:
    half_remove(world, "sonarr")
    answer = nstui("--demo", "rm", "-f", "--with-dependents", "vpn")
    assert answer.code == 1
    assert answer.out.split() == ["prowlarr", "qbit-exporter", "qbittorrent"]
    assert answer.err == (
        "nstui: could not remove sonarr: removal of container"
        f" {world.records.get('sonarr').id} is already in progress;"
        " done: remove prowlarr, remove qbit-exporter, remove qbittorrent;"
        " not done: remove sonarr, remove vpn;"
        " to go on, fix that, then: docker rm -f sonarr vpn\n"
    )
    assert names(world) & set(VPN_FAMILY) == {"sonarr", "vpn"}


def test_a_failed_step_is_told_in_json(nstui: Nstui, world: World) -> None:
    half_remove(world, "sonarr")
    answer = nstui("--demo", "rm", "-f", "--json", "--with-dependents", "vpn")
    assert answer.code == 1
    outcome = json.loads(answer.out)["outcome"]
    done = [step["name"] for step in outcome["done"]]
    assert done == ["prowlarr", "qbit-exporter", "qbittorrent"]
    (failed,) = outcome["failed"]
    assert failed["step"]["name"] == "sonarr"
    assert "already in progress" in failed["reason"]
    assert outcome["left"] == []
    assert answer.err.startswith("nstui: could not remove sonarr")


@pytest.mark.parametrize(
    ("codes", "worst"),
    [
        ((), 0),
        ((0, 0), 0),
        ((0, 1), 1),
        ((1, 3, 0), 3),
        ((2, 3, 1), 2),
        ((1, 0, 2), 2),
        (tuple(ExitCode), 130),
    ],
)
def test_the_worst_of_several_hosts(codes: tuple[int, ...], worst: int) -> None:
    assert worst_code(map(ExitCode, codes)) == worst

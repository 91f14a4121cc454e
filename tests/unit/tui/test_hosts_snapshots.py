"""What the list of hosts looks like, and one of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.errors import EngineUnreachable
from tests.unit.tui.hosts_stage import HostsStage, SimulatedHost, pair
from tests.unit.tui.test_snapshots import LARGE, NARROW, SMALL, SnapCompare

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

SIZES = pytest.mark.parametrize("size", [LARGE, NARROW, SMALL], ids=str)


def fleet() -> HostsStage:
    """Return five hosts: broken, unknown, lost, well, and long to name."""
    nas = pair("nas", is_broken=True)
    unknown = SimulatedHost("cellar")
    unknown.error = EngineUnreachable("the docker context 'cellar' does not exist")
    lost = pair("attic")
    return HostsStage(
        pair("ssh://somebody@workshop.home.example:2222"),
        lost,
        nas,
        unknown,
        pair("barn"),
        contexts=(),
    )


def steps(stage: HostsStage, *keys: str) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Return what to do before the picture is taken: all is known, one host is lost."""

    async def run(pilot: Pilot[None]) -> None:
        stage.attach(pilot)
        for name in ("attic", "barn", "nas"):
            await stage.until_row(name, "just now")
        stage.hosts["attic"].engine.go_away()
        await stage.press("r")
        await stage.until_row("attic", "refuses connections")
        await stage.until_row("cellar", "does not exist")
        await stage.press(*keys)

    return run


@SIZES
def test_the_list(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    stage = fleet()
    assert snap_compare(stage.app, terminal_size=size, run_before=steps(stage, "down"))


@SIZES
def test_one_of_the_hosts(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    stage = fleet()

    async def run(pilot: Pilot[None]) -> None:
        await steps(stage)(pilot)
        await stage.enter("nas")
        await stage.until(lambda: "1 incident" in stage.bar())
        stage.world = stage.hosts["nas"].world
        await stage.goto("vpn")
        await stage.until(lambda: "vpn" in stage.details())

    assert snap_compare(stage.app, terminal_size=size, run_before=run)


def test_the_help_of_the_list(snap_compare: SnapCompare) -> None:
    stage = fleet()
    run = steps(stage, "question_mark")
    assert snap_compare(stage.app, terminal_size=LARGE, run_before=run)

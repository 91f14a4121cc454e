"""What a standing watch looks like on the screen.

Draw them again with ``make test ARGS=--snapshot-update``, and look at them.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from nstui.demo.home import demo_world
from nstui.model.watch import Hold
from tests.support.builders import NOON
from tests.support.watching import ScriptedWatch, circuit, healed, status, watched
from tests.unit.tui.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterator

    from textual.pilot import Pilot

    from tests.unit.tui.test_snapshots import SnapCompare

SIZES = [(120, 40), (80, 24), (60, 20)]
IDS = ["120", "80", "60"]
BUSY = status(
    watched(
        Hold.SETTLING,
        "pihole",
        until_s=8,
        reason="tailscale runs since 12:00, and must have run for 3 s",
    ),
    watched(
        Hold.NO_PROOF,
        "prowlarr",
        reason="what takes the place of its owner is not known",
        command="nstui heal --onto vpn prowlarr",
    ),
    circuits=(circuit("sonarr"),),
    last=healed("qbittorrent", "qbit-exporter"),
)


@pytest.fixture(autouse=True)
def _in_utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Times are shown as they are on the machine."""
    with monkeypatch.context() as there:
        there.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


def stage_with(watch: ScriptedWatch) -> Stage:
    """Return the demo's host with a watch."""
    return Stage(demo_world(lambda: NOON), watch=watch)


async def badged(stage: Stage, pilot: Pilot[None], badge: str) -> None:
    """Wait until the tree is there, and the badge of the watch."""
    stage.attach(pilot)
    await stage.until(lambda: bool(stage.lines()) and badge in stage.bar())
    await stage.goto("pihole")


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_the_watch(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    stage = stage_with(ScriptedWatch(BUSY))

    async def run(pilot: Pilot[None]) -> None:
        await badged(stage, pilot, "circuit open")
        await stage.press("w")
        await stage.until(lambda: bool(stage.app.screen.query("#watched")))

    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_no_watch(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    stage = stage_with(ScriptedWatch(None, is_held=False))

    async def run(pilot: Pilot[None]) -> None:
        await badged(stage, pilot, "nstui")
        await stage.press("w")
        await stage.until(lambda: bool(stage.app.screen.query("#watched")))

    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_the_badge(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    stage = stage_with(ScriptedWatch(BUSY))

    async def run(pilot: Pilot[None]) -> None:
        await badged(stage, pilot, "circuit open")

    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_the_question_of_a_circuit(
    snap_compare: SnapCompare, size: tuple[int, int]
) -> None:
    stage = stage_with(ScriptedWatch(BUSY))

    async def run(pilot: Pilot[None]) -> None:
        await badged(stage, pilot, "circuit open")
        await stage.press("w")
        await stage.until(lambda: bool(stage.app.screen.query("#watched")))
        await stage.press("r")
        await stage.until(lambda: bool(stage.app.screen.query("#answers")))

    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_what_the_watch_heals_among_the_findings(
    snap_compare: SnapCompare, size: tuple[int, int]
) -> None:
    world = demo_world(lambda: NOON)
    world.restart("vpn")
    hit = ("prowlarr", "qbit-exporter", "qbittorrent", "sonarr")
    soon = watched(
        Hold.SETTLING,
        *hit,
        owner=world.records.get("vpn").id,
        until_s=8,
        reason="vpn has only just begun",
    )
    stage = Stage(world, watch=ScriptedWatch(status(soon)))

    async def run(pilot: Pilot[None]) -> None:
        await badged(stage, pilot, "1 waiting")
        await stage.press("f")
        await stage.until(lambda: bool(stage.app.screen.query("#findings")))

    assert snap_compare(stage.app, terminal_size=size, run_before=run)

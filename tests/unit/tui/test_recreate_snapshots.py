"""What recreating a container looks like, at the sizes that people have.

Draw them again with ``make test ARGS=--snapshot-update``, and look at them.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from nstui.tui.screens.closing import ProgressScreen
from tests.unit.tui.test_recreate import SlowPull, asked, prompted, vpn

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from tests.unit.tui.test_snapshots import SnapCompare

SIZES = [(120, 40), (80, 24), (60, 20)]
IDS = ["120", "80", "60"]


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_the_question(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    stage = vpn()

    async def run(pilot: Pilot[None]) -> None:
        stage.attach(pilot)
        await asked(stage)

    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_the_prompt(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    stage = vpn()

    async def run(pilot: Pilot[None]) -> None:
        stage.attach(pilot)
        await asked(stage)
        await prompted(stage, "down", "enter")

    assert snap_compare(stage.app, terminal_size=size, run_before=run)


@pytest.mark.parametrize("size", SIZES, ids=IDS)
def test_the_pull(snap_compare: SnapCompare, size: tuple[int, int]) -> None:
    stage = vpn(SlowPull)
    assert isinstance(stage.engine, SlowPull)
    engine = stage.engine
    engine.goes_on = threading.Event()

    async def run(pilot: Pilot[None]) -> None:
        stage.attach(pilot)
        await asked(stage)
        await prompted(stage, "down", "enter")
        await stage.press("right", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, ProgressScreen))
        await stage.until(lambda: "1 of 3" in stage.text("#progress-steps"))

    assert snap_compare(stage.app, terminal_size=size, run_before=run)
    engine.goes_on.set()

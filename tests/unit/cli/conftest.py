"""nstui run within the test, on a simulated host that the test can look at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.cli.main import run
from nstui.demo.home import demo_world
from tests.unit.cli.answers import Answer

if TYPE_CHECKING:
    from nstui.demo.world import World
    from tests.unit.cli.answers import Nstui, Stage


@pytest.fixture
def nstui(capsys: pytest.CaptureFixture[str]) -> Nstui:
    """Return what runs nstui without a terminal."""

    def run_it(*arguments: str) -> Answer:
        code = run(arguments)
        out, err = capsys.readouterr()
        return Answer(code, out, err)

    return run_it


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    """Return what puts a world behind ``--demo``, for every run of the test."""

    def put(world: World) -> World:
        monkeypatch.setattr("nstui.demo.home.demo_world", lambda *_: world)
        return world

    return put


@pytest.fixture
def world(stage: Stage) -> World:
    """Put the demo's world behind ``--demo``, and return it."""
    return stage(demo_world())

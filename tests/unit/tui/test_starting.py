"""Start and pause in the text UI, and the selection of a whole group or project."""

from __future__ import annotations

import pytest
from textual.widgets import Button

from nstui.demo.containers import Spec
from nstui.demo.world import World
from nstui.model.container import ComposeService
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage
from tests.unit.tui.test_actions import ask, states


def stop_all(stage: Stage) -> None:
    for name in ("b-sidecar", "a", "b", "vpn"):
        stage.world.stop(name)


async def press_on(stage: Stage, name: str, key: str) -> None:
    await stage.until(lambda: bool(stage.lines()))
    await stage.goto(name)
    await stage.press(key)


async def test_a_start_starts_the_owner_first(
    vpn: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.analysis.startable.TRIAL_S", 0)
    stop_all(vpn)
    async with vpn.open():
        prompt = await ask(vpn, "S", "a")
        assert vpn.text("#prompt-title") == "Start a?"
        said = "a needs vpn, which is not running and is started first"
        assert said in vpn.text("#effects Static")
        assert vpn.text("#commands") == "docker start vpn a"
        prompt.query_one("#act", Button).press()
        await vpn.until(lambda: states(vpn)["a"] == "running")
        assert states(vpn)["vpn"] == "running"
        await vpn.until(lambda: vpn.notices() == ["started vpn, a"])


@pytest.mark.parametrize(
    ("key", "prepare", "said"),
    [
        ("S", "start", "already running: loner"),
        ("s", "stop", "already stopped: loner"),
        ("u", "stop", "loner is exited: only a running container can be paused"),
        ("S", "pause", "loner is paused: unpause it instead"),
    ],
)
async def test_a_key_that_has_nothing_to_do_says_why(
    vpn: Stage, key: str, prepare: str, said: str
) -> None:
    getattr(vpn.world, prepare)("loner")
    async with vpn.open():
        await press_on(vpn, "loner", key)
        await vpn.until(lambda: vpn.notices() == [said])
        assert len(vpn.app.screen_stack) == 1


async def test_one_key_pauses_and_unpauses(vpn: Stage) -> None:
    async with vpn.open():
        prompt = await ask(vpn, "u", "vpn")
        assert vpn.text("#prompt-title") == "Pause vpn?"
        assert "vpn's 3 dependents keep running: a, b, b-sidecar" in vpn.text(
            "#effects Static"
        )
        prompt.query_one("#act", Button).press()
        await vpn.until(lambda: states(vpn)["vpn"] == "paused")
        await vpn.until(lambda: any("paused" in row for row in vpn.rows()))
        prompt = await ask(vpn, "u", "vpn")
        assert vpn.text("#prompt-title") == "Unpause vpn?"
        prompt.query_one("#act", Button).press()
        await vpn.until(lambda: states(vpn)["vpn"] == "running")
        assert set(states(vpn).values()) == {"running"}


async def test_a_group_is_selected_and_acted_on_as_one(vpn: Stage) -> None:
    async with vpn.open():
        await press_on(vpn, "b", "v")
        await vpn.until(lambda: "✓ 4 selected" in vpn.bar())
        await vpn.press("v")
        await vpn.until(lambda: "selected" not in vpn.bar())
        await vpn.goto("a")
        await vpn.press("space")
        await vpn.goto("vpn")
        await vpn.press("v")
        await vpn.until(lambda: "✓ 4 selected" in vpn.bar())
        prompt = await ask(vpn, "u")
        prompt.query_one("#act", Button).press()
        await vpn.until(lambda: list(states(vpn).values()).count("paused") == 4)
        assert states(vpn)["loner"] == "running"


@pytest.fixture
def projects() -> Stage:
    """Two containers of a project and one without, which share nothing."""
    world = World(lambda: NOON)
    for service in ("blog", "db"):
        world.run(Spec(service, compose=ComposeService("web", service)))
    world.run(Spec("loner"))
    return Stage(world)


async def test_the_unshared_are_below_their_project(projects: Stage) -> None:
    fold = "3 containers that share no network"
    heading = "  project web (2 containers)"
    async with projects.open():
        await projects.until_lines(fold)
        await projects.press("enter")
        await projects.until_lines(fold, heading, *("    blog", "    db"), "  loner")
        await projects.press("down", "enter")
        await projects.until_lines(fold, heading, "  loner")
        await projects.press("v")
        await projects.until(lambda: "✓ 2 selected" in projects.bar())
        await projects.press("g", "v")
        await projects.until(lambda: "✓ 2 selected" in projects.bar())
        await projects.goto("db")
        await projects.press("v")
        await projects.until(lambda: "selected" not in projects.bar())
        await projects.press("o")
        await projects.until_lines(fold, heading, *("    blog", "    db"), "  loner")

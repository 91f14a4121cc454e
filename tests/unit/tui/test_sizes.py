"""Every screen on terminals of any size, down to one column and one line."""

from __future__ import annotations

import asyncio

import pytest

from nstui.demo.containers import Spec
from nstui.demo.home import demo_world
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage

SIZES = ((1, 1), (1, 24), (10, 3), (60, 20), (80, 24))
SCREENS = {
    "overview": ("1",),
    "network": ("2",),
    "members": ("3",),
    "evidence": ("4",),
    "filter": ("slash", "v"),
    "prompt": ("s",),
    "prompt about harm": ("d",),
    "prune": ("P",),
    "heal": ("H",),
    "findings": ("f",),
    "help": ("question_mark",),
    "log": ("l",),
    "search": ("l", "slash", "a"),
    "inspect": ("i",),
    "processes": ("p",),
    "question": ("y",),
    "palette": ("ctrl+p",),
    "all namespaces": ("t", "t", "t"),
}
ABOUT = ("down", "pagedown", "end", "right", "home", "tab", "pageup", "up", "left")
LIMIT_S = 40


@pytest.fixture
def stage() -> Stage:
    """The demo, and a container whose names are wide, and have a stack of marks."""
    world = demo_world(lambda: NOON)
    world.run(Spec("日本語コンテナ" + "e" + "\u0301" * 50, "画像:最新"))
    return Stage(world)


@pytest.mark.parametrize("keys", SCREENS.values(), ids=SCREENS)
async def test_a_screen_survives_any_size(stage: Stage, keys: tuple[str, ...]) -> None:
    async with asyncio.timeout(LIMIT_S), stage.open(80, 24):
        await stage.goto("vpn")
        await stage.press(*keys)
        shown = stage.app.screen
        for size in SIZES[:-1]:
            await stage.resize(*size)
            await stage.press(*ABOUT)
            assert stage.app.screen is shown
        await stage.resize(80, 24)
        await stage.press("escape", "escape", "escape")
        assert stage.app.screen is stage.main
        await stage.press("question_mark")
        assert stage.app.screen is not stage.main


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_every_screen_opens_at_any_size(
    stage: Stage, size: tuple[int, int]
) -> None:
    async with asyncio.timeout(LIMIT_S), stage.open(*size):
        await stage.goto("vpn")
        for keys in SCREENS.values():
            await stage.press(*keys, "escape", "escape", "escape")
            assert stage.app.screen is stage.main
        await stage.resize(80, 24)
        await stage.press("home")
        await stage.until(lambda: stage.cursor() is not None)
        assert stage.app.is_running

"""The details: how they get the whole screen, and how keys scroll them."""

from __future__ import annotations

import pytest
from textual.widgets import Static

from nstui.demo.containers import Spec
from nstui.demo.kernel import SimClock
from nstui.demo.world import World
from nstui.tui.widgets.browser import Browser
from nstui.tui.widgets.details_panel import DetailsPanel, DetailsScroll
from nstui.tui.widgets.group_tree import GroupTree
from nstui.tui.widgets.search import FilterInput
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage


@pytest.fixture
def stage() -> Stage:
    """A host with two containers, which have much to tell."""
    world = World(SimClock(lambda: NOON))
    variables = tuple(f"V{number}=x" for number in range(40))
    world.run(Spec("one", environment=variables))
    world.run(Spec("two", environment=variables))
    world.run(Spec("three", network="container:two"))
    return Stage(world)


def has_the_screen(stage: Stage) -> bool:
    """Tell whether only the details are on the screen, or the tree is beside them."""
    browser = stage.main.query_one(Browser)
    panel = stage.main.query_one(DetailsPanel)
    is_wide = panel.size.width == browser.size.width
    is_alone = not stage.main.query_one("#left").display
    assert is_alone == (is_wide and panel.size.height == browser.size.height)
    return is_alone


def title(stage: Stage) -> str | None:
    """Return the line above the details; None if it is not shown."""
    line = stage.main.query_one("#details-title", Static)
    return str(line.content) if line.display else None


def focused(stage: Stage) -> type[object]:
    return type(stage.app.focused)


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
@pytest.mark.parametrize("back", ["z", "escape", "enter"])
async def test_the_details_get_the_screen_and_give_it_back(
    stage: Stage, size: tuple[int, int], back: str
) -> None:
    async with stage.open(*size):
        await stage.until(lambda: "name  " in stage.details())
        await stage.goto("two")
        assert not has_the_screen(stage)
        assert title(stage) is None
        await stage.press("z")
        assert has_the_screen(stage)
        assert focused(stage) is DetailsScroll
        assert str(title(stage)).startswith("● two  running")
        await stage.press(back)
        assert not has_the_screen(stage)
        assert focused(stage) is GroupTree
        assert stage.cursor() == "two"
        assert any(line.startswith("● two") for line in stage.rows())


async def test_enter_in_the_details_gives_them_the_screen(stage: Stage) -> None:
    async with stage.open(80, 24):
        await stage.until(lambda: "name  " in stage.details())
        await stage.press("tab")
        assert focused(stage) is DetailsScroll
        await stage.press("enter")
        assert has_the_screen(stage)
        await stage.press("enter")
        assert not has_the_screen(stage)


async def test_keys_scroll_the_details_while_they_have_the_focus(stage: Stage) -> None:
    async with stage.open(80, 24):
        await stage.until(lambda: "name  " in stage.details())
        await stage.goto("one")
        await stage.press("tab")
        text = stage.main.query_one(DetailsScroll)
        half, page, end = text.size.height // 2, text.size.height - 1, text.max_scroll_y
        assert end > 2 * page > 2
        for key, place in (
            ("j", 1),
            ("down", 2),
            ("k", 1),
            ("up", 0),
            ("k", 0),
            ("ctrl+d", half),
            ("ctrl+d", 2 * half),
            ("ctrl+u", half),
            ("ctrl+u", 0),
            ("space", page),
            ("pagedown", 2 * page),
            ("b", page),
            ("pageup", 0),
            ("G", end),
            ("j", end),
            ("g", 0),
            ("end", end),
            ("home", 0),
        ):
            await stage.press(key)
            assert (key, text.scroll_offset.y) == (key, place)
        assert stage.cursor() == "one"
        await stage.press("tab")
        assert focused(stage) is GroupTree


async def test_tabs_and_the_cursor_work_behind_the_details(stage: Stage) -> None:
    async with stage.open(80, 24):
        await stage.until(lambda: "name  " in stage.details())
        await stage.goto("one")
        await stage.press("z", "3")
        assert "CPU" in stage.details()
        await stage.press("1")
        stage.main.browser.go_to(stage.world.records.get("three").id)
        await stage.until(lambda: "name     three" in stage.details())
        assert "three" in str(title(stage))
        assert has_the_screen(stage)
        stage.world.stop("three")
        await stage.until(lambda: "exited" in str(title(stage)))
        # What the keys act on is what is shown.
        await stage.press("d")
        await stage.until(lambda: len(stage.app.screen_stack) == 2)
        await stage.press("escape")
        assert has_the_screen(stage)
        assert focused(stage) is DetailsScroll


async def test_the_filter_brings_the_tree_back(stage: Stage) -> None:
    async with stage.open(80, 24):
        await stage.until(lambda: "name  " in stage.details())
        await stage.press("z", "slash")
        assert not has_the_screen(stage)
        assert focused(stage) is FilterInput
        await stage.press(*"two", "enter")
        assert stage.cursor() == "two"
        # Escape takes back one thing at a time.
        await stage.press("z", "escape")
        assert not has_the_screen(stage)
        assert stage.lines() == ["two", "  three"]
        await stage.press("escape")
        await stage.until(lambda: len(stage.lines()) > 2)

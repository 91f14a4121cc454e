"""The help of each screen: every key is in it, in a group, and does something."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.containers import VerticalScroll

from nstui.demo.home import demo_world
from nstui.demo.host import SimHost
from nstui.tui.key_groups import KeyGroup, group_of, key_text, own_keys
from nstui.tui.keys import BROWSE_KEYS, MAIN_KEYS, OPEN_KEYS, TREE_KEYS
from nstui.tui.screens.help import HelpScreen, HelpText
from nstui.tui.widgets.key_footer import KeyFooter
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage

if TYPE_CHECKING:
    from textual.binding import Binding

SCREENS = {
    "main": "",
    "findings": "f",
    "log": "l",
    "group log": "L",
    "inspect": "i",
    "processes": "p",
}
SIZES = ((120, 40), (80, 24), (60, 20))
KEYS: dict[str, Binding] = {
    binding.id: binding  # type: ignore[misc, union-attr]  # all have one
    for binding in (*MAIN_KEYS, *OPEN_KEYS, *BROWSE_KEYS, *TREE_KEYS)
}
BEFORE = {"tab_overview": "2", "clear": "space", "tree.down": "home", "tree.up": "end"}
"""What is pressed before a key that otherwise has nothing to do."""


@pytest.fixture
def stage() -> Stage:
    """The host of the demo."""
    world = demo_world(lambda: NOON)
    return Stage(world, evidence=SimHost(world))


async def open_screen(stage: Stage, key: str) -> None:
    await stage.until(lambda: len(stage.lines()) > 2)
    await stage.goto("vpn")
    if key:
        await stage.press(key)
        await stage.until(lambda: stage.app.screen is not stage.main)


async def open_help(stage: Stage) -> str:
    """Press the key of the help; return its words, without line breaks."""
    await stage.press("question_mark")
    await stage.until(lambda: isinstance(stage.app.screen, HelpScreen))
    await stage.until(lambda: bool(stage.text("#help-below")))
    return " ".join(stage.text("#help-text").split())


@pytest.mark.parametrize("key", SCREENS.values(), ids=SCREENS)
async def test_every_key_is_in_the_help_of_its_screen(stage: Stage, key: str) -> None:
    async with stage.open(80, 24):
        await open_screen(stage, key)
        bindings = [binding for _, binding in own_keys(stage.app.screen, {})]
        assert len(bindings) > 10
        words = await open_help(stage)
    for binding in bindings:
        assert group_of(binding) is not None, f"{binding} is in no group"
        assert binding.tooltip, f"{binding} has no help"
        assert f"{key_text(binding.key)} {binding.tooltip}" in words
    titles = [group for group in KeyGroup if group in map(group_of, bindings)]
    assert words.startswith(f"{titles[0]} ")
    places = [words.index(f"{title} ") for title in titles]
    assert places == sorted(places)


@pytest.mark.parametrize("id_", [id_ for id_ in KEYS if id_ not in {"quit", "refresh"}])
async def test_every_key_of_the_main_screen_does_something(
    demo: Stage, id_: str
) -> None:
    async with demo.open(80, 24):
        await open_screen(demo, "")
        await demo.press(*BEFORE.get(id_, "").split())
        before = demo.app.export_screenshot()
        await demo.press(KEYS[id_].key.split(",")[0])
        # What is only said is not on the picture.
        await demo.until(
            lambda: bool(demo.notices()) or demo.app.export_screenshot() != before
        )


async def test_the_key_to_quit(demo: Stage) -> None:
    async with demo.open(80, 24):
        await open_screen(demo, "")
        await demo.press("q")
        assert demo.app.return_code == 0


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_the_help_says_how_much_is_below(
    stage: Stage, size: tuple[int, int]
) -> None:
    async with stage.open(*size):
        await open_screen(stage, "")
        await open_help(stage)
        scrolled = stage.app.screen.query_one(VerticalScroll)
        below = round(scrolled.max_scroll_y)
        assert below > 0
        assert stage.text("#help-below").startswith(f"▼ {below} more lines below")
        await stage.press("j")
        await stage.until(lambda: f"▼ {below - 1} more" in stage.text("#help-below"))
        await stage.press("G")
        await stage.until(
            lambda: stage.text("#help-below").startswith(f"▲ {below} more lines above")
        )
        await stage.press("g", "escape")
        assert stage.app.screen is stage.main


async def test_help_that_is_closed_while_it_scrolls_ends_nothing(stage: Stage) -> None:
    async with stage.open(80, 24):
        await open_screen(stage, "")
        await open_help(stage)
        text = stage.app.screen.query_one(HelpText)
        await stage.press("escape")
        await stage.until(lambda: not text.is_attached)
        # As an animation does that has not ended yet.
        text.scroll_y = 3
        await stage.press("question_mark")
        await stage.until(lambda: isinstance(stage.app.screen, HelpScreen))


async def test_help_that_is_half_removed_may_still_scroll(stage: Stage) -> None:
    async with stage.open(60, 20):
        await open_screen(stage, "")
        await open_help(stage)
        await stage.app.screen.query_one("#help-below").remove()
        scrolled = stage.app.screen.query_one(HelpText)
        scrolled.scroll_to(y=3, animate=False, immediate=True)
        await stage.until(lambda: round(scrolled.scroll_y) == 3)


async def test_the_footer_is_made_anew_only_for_other_keys(stage: Stage) -> None:
    async with stage.open(120, 40):
        footer = stage.app.screen.query_one(KeyFooter)
        await stage.until(lambda: stage.cursor() is not None)
        await stage.until(
            lambda: bool(footer.children) and not footer.query(".-disabled")
        )
        keys = [*footer.children]
        stage.app.screen.refresh_bindings()
        await stage.press("down", "up")
        assert [*footer.children] == keys
        await stage.press("slash")
        await stage.until(lambda: [*footer.children] not in ([], keys))


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("key", SCREENS.values(), ids=SCREENS)
async def test_the_footer_begins_with_the_help_and_cuts_nothing(
    stage: Stage, size: tuple[int, int], key: str
) -> None:
    async with stage.open(*size):
        await open_screen(stage, key)
        footer = stage.app.screen.query_one(KeyFooter)
        await stage.until(lambda: bool(footer.children))
        first, *_, last = footer.children
        assert getattr(first, "description", "") == "Help"
        assert last.region.right <= size[0]
        await stage.resize(size[0] - 20, size[1])
        await stage.until(lambda: footer.children[-1].region.right <= size[0] - 20)
        assert len(footer.children) > 1

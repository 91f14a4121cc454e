"""Keys that come faster than the screens that they open and close."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest
from textual.events import Key, Paste
from textual.widgets import Input

from nstui.tui.palette import Palette
from nstui.tui.screens.help import HelpScreen
from nstui.tui.screens.prompts import QuestionScreen
from tests.support.seeds import seeds
from tests.unit.tui.test_actions import ask, states

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from textual.screen import Screen

    from tests.unit.tui.stage import Stage

CHARACTERS = {"slash": "/", "space": " ", "ampersand": "&"}

BURSTS = {
    "a prompt is left twice": ("f", "escape", "escape", "escape"),
    "a question is answered twice": ("y", "enter", "enter", "enter", "escape"),
    "a prompt is scrolled before it is there": ("d", "down", "up", "escape", "down"),
    "help is left twice": ("question_mark", "question_mark", "escape", "escape"),
    "the palette is left while it searches": ("ctrl+p", "g", "escape", "escape"),
    "a page of a palette without lines": ("ctrl+p", "pageup", "pagedown", "escape"),
    "a log is left twice": ("l", "escape", "escape", "escape"),
}


async def hurry(stage: Stage, *keys: str) -> None:
    """Press keys without waiting for what each does."""
    for key in keys:
        stage.app.post_message(Key(key, key if len(key) == 1 else None))
    await stage.press()


@pytest.mark.parametrize("keys", BURSTS.values(), ids=BURSTS)
async def test_keys_typed_ahead_break_nothing(
    vpn: Stage, keys: tuple[str, ...]
) -> None:
    async with vpn.open():
        await vpn.goto("vpn")
        before = vpn.engine.containers()
        for opened in ((), keys[:1]):
            await vpn.press(*opened)
            for _ in range(3):
                await hurry(vpn, *keys[len(opened) :])
                await vpn.press("escape", "escape")
        assert vpn.app.is_running
        assert vpn.engine.containers() == before
        assert vpn.app.screen is vpn.main


@pytest.mark.parametrize(
    "make",
    [
        Palette,
        partial(QuestionScreen, "Which?", (), ["this", "that"]),
        HelpScreen,
    ],
    ids=["the palette", "a question", "help"],
)
async def test_what_shows_through_beneath_another_closes_only_itself(
    vpn: Stage, make: Callable[[], Screen[None]]
) -> None:
    async with vpn.open():
        app = vpn.app
        beneath, above = make(), QuestionScreen("And this?", (), ["yes", "no"])
        app.push_screen(beneath)
        app.push_screen(above)
        await vpn.press()
        assert beneath.is_current
        beneath.dismiss(None)
        await vpn.press()
        assert app.screen_stack[-2:] == [beneath, above]
        above.dismiss(None)
        beneath.dismiss(None)
        await vpn.press()
        assert app.screen_stack[-1] is vpn.main
        assert app.is_running


@pytest.mark.parametrize("turns", range(8))
@pytest.mark.parametrize("opened", ["", "l", "i"], ids=["tree", "log", "inspect"])
async def test_words_typed_at_once_keep_their_order(
    vpn: Stage, opened: str, turns: int
) -> None:
    words = "abcdefghijklmno"
    async with vpn.open():
        await vpn.goto("vpn")
        await vpn.press(*opened)
        name = "search-input" if opened else "filter-input"
        box = vpn.app.screen.query_one(f"#{name}", Input)
        # One that moves the focus has its turn between any two of the keys.
        for _ in seeds(4):
            for key in ("slash", *words):
                vpn.app.post_message(Key(key, "/" if key == "slash" else key))
                for _ in range(turns):
                    await asyncio.sleep(0)
            await vpn.press()
            assert box.value == words
            await vpn.press("escape")


@pytest.mark.parametrize("turns", range(8))
async def test_keys_after_a_filter_go_to_the_tree_in_their_order(
    vpn: Stage, turns: int
) -> None:
    async with vpn.open():
        await vpn.goto("vpn")
        tree = vpn.main.browser.groups
        for _ in seeds(4):
            for key in ("slash", "e", "enter", "home", "space", "down", "space"):
                character = {"slash": "/", "space": " "}.get(key)
                vpn.app.post_message(Key(key, character or key[:1]))
                for _ in range(turns):
                    await asyncio.sleep(0)
            await vpn.press()
            assert vpn.app.focused is tree
            assert len(tree.selected()) == 2
            await vpn.press("escape")


async def test_a_key_of_another_bar_is_text_once_a_search_begins(vpn: Stage) -> None:
    words = ("a", "ampersand", "b")
    async with vpn.open():
        await vpn.goto("vpn")
        await vpn.press("l")
        await in_turns(vpn, 0, "slash", *words)
        assert vpn.app.screen.query_one("#search-input", Input).value == "a&b"


def typed(*keys: str) -> list[Key]:
    """Return keys as a terminal tells of them."""
    return [
        Key(key, CHARACTERS.get(key, key if len(key) == 1 else None)) for key in keys
    ]


async def in_turns(stage: Stage, turns: int, *keys: str) -> None:
    """Press keys with so many turns of the loop between any two of them."""
    for key in typed(*keys):
        stage.app.post_message(key)
        for _ in range(turns):
            await asyncio.sleep(0)
    await stage.press()


def boxes(stage: Stage) -> list[str]:
    """Return the names of the screens above the main one."""
    return [type(one).__name__ for one in stage.app.screen_stack[1:]]


@pytest.mark.parametrize("turns", range(6))
async def test_what_is_typed_before_a_filter_is_done_before_it(
    vpn: Stage, turns: int
) -> None:
    async with vpn.open():
        await vpn.goto("vpn")
        await in_turns(vpn, turns, "space", "slash", "v", "p")
        assert len(vpn.main.browser.groups.selected()) == 1
        assert vpn.app.screen.query_one("#filter-input", Input).value == "vp"


@pytest.mark.parametrize("turns", range(6))
async def test_a_key_for_the_filter_never_acts_on_the_tree(
    vpn: Stage, turns: int
) -> None:
    async with vpn.open():
        await vpn.goto("vpn")
        await vpn.press("slash")
        await in_turns(vpn, turns, "v", "x", "left", "delete", "p", "delete", "enter")
        assert vpn.app.screen.query_one("#filter-input", Input).value == "vp"
        assert not boxes(vpn)


@pytest.mark.parametrize("turns", range(6))
async def test_a_correction_is_made_where_it_was_typed(vpn: Stage, turns: int) -> None:
    async with vpn.open():
        await vpn.press("slash")
        await in_turns(vpn, turns, "v", "x", "backspace", "p", "home", "a")
        assert vpn.app.screen.query_one("#filter-input", Input).value == "avp"


@pytest.mark.parametrize("turns", range(6))
async def test_a_search_typed_with_the_key_of_a_log_filters_nothing_below(
    vpn: Stage, turns: int
) -> None:
    async with vpn.open():
        await vpn.goto("vpn")
        await in_turns(vpn, turns, "l", "slash", "e", "r")
        assert not vpn.main.query_one("#filter-input", Input).value
        if turns < 2:
            assert vpn.app.screen.query_one("#search-input", Input).value == "er"


@pytest.mark.parametrize("turns", range(6))
@pytest.mark.parametrize(
    ("keys", "prompt"),
    [
        pytest.param(("d", "s"), "ActionScreen", id="two actions"),
        pytest.param(("d", "d"), "ActionScreen", id="one action twice"),
        pytest.param(("y", "y"), "QuestionScreen", id="what to copy"),
        pytest.param(("y", "d"), "QuestionScreen", id="a copy and an action"),
    ],
)
async def test_keys_that_come_together_open_one_prompt(
    vpn: Stage, keys: tuple[str, ...], prompt: str, turns: int
) -> None:
    async with vpn.open():
        await vpn.goto("loner")
        await in_turns(vpn, turns, *keys)
        await vpn.until(lambda: bool(boxes(vpn)))
        await vpn.press()
        assert boxes(vpn) == [prompt]


async def test_a_prompt_is_seen_anew_after_what_was_above_it(vpn: Stage) -> None:
    """A key that came while it was covered, or at once afterwards, is not for it."""
    async with vpn.open():
        prompt = await ask(vpn, "d", "loner")
        await vpn.react()
        above = QuestionScreen("And this?", (), ["yes", "no"])
        vpn.app.push_screen(above)
        await vpn.press()
        assert prompt.heeds_from == float("inf")
        above.dismiss(None)
        for key in typed("y"):
            vpn.app.post_message(key)
        await vpn.press()
        assert vpn.app.screen is prompt
        await vpn.react()
        await vpn.press("y")
        await vpn.until(lambda: "loner" not in states(vpn))


@pytest.mark.parametrize("turns", range(6))
async def test_tab_before_enter_keeps(vpn: Stage, turns: int) -> None:
    """The name is typed, and the user thinks again."""
    async with vpn.open():
        prompt = await ask(vpn, "s", "vpn")
        prompt.query_one(Input).focus()
        await vpn.react()
        await in_turns(vpn, turns, *"vpn", "tab", "enter")
        await vpn.until(lambda: vpn.app.screen is vpn.main)
        assert states(vpn)["vpn"] == "running"


@pytest.mark.parametrize("turns", range(6))
async def test_escape_before_enter_saves_nothing(
    vpn: Stage, turns: int, tmp_path: Path
) -> None:
    async with vpn.open():
        await vpn.goto("vpn")
        await vpn.press("l", "W")
        box = vpn.app.screen.query_one("#save-path", Input)
        box.value = f"{tmp_path}/saved"
        await in_turns(vpn, turns, "escape", "enter")
        await vpn.until(lambda: not box.is_attached)
        assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 - it is empty


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize(
    ("opened", "key", "box"),
    [
        pytest.param((), "slash", "#filter-input", id="filter"),
        pytest.param(("l",), "slash", "#search-input", id="search"),
        pytest.param(("d",), "y", "#name", id="name"),
    ],
)
async def test_what_is_pasted_right_after_the_key_arrives(
    vpn: Stage, opened: tuple[str, ...], key: str, box: str, turns: int
) -> None:
    async with vpn.open():
        await vpn.goto("vpn")
        if opened == ("d",):
            await ask(vpn, "d", "vpn")
        else:
            await vpn.press(*opened)
        await vpn.react()
        vpn.app.post_message(typed(key)[0])
        for _ in range(turns):
            await asyncio.sleep(0)
        vpn.app.post_message(Paste("vpn"))
        await vpn.press()
        assert vpn.app.screen.query_one(box, Input).value == "vpn"

"""Keys that come faster than the screens that they open and close."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest
from textual.events import Key

from nstui.tui.screens.help import HelpScreen
from nstui.tui.screens.palette import Palette
from nstui.tui.screens.question import QuestionScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.screen import Screen

    from tests.tui.stage import Stage

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

"""Keys that come faster than the screens that they open and close."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.events import Key

if TYPE_CHECKING:
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

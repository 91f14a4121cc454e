"""What has not changed is not drawn again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from nstui.demo.containers import Spec

if TYPE_CHECKING:
    from tests.unit.tui.stage import Stage


async def test_the_keys_are_drawn_anew_only_when_others_can_be_used(
    vpn: Stage,
) -> None:
    drawn: list[object] = []
    async with vpn.open():
        await vpn.until(lambda: vpn.cursor() == "vpn")
        vpn.main.bindings_updated_signal.subscribe(vpn.main, drawn.append)
        await vpn.press("j")
        vpn.world.run(Spec("c", network="container:vpn"))
        await vpn.until(lambda: "  c" in vpn.lines())
        assert drawn == []
        await vpn.press("G")
        await vpn.until(lambda: len(drawn) == 1)
        await vpn.press("k")
        await vpn.until(lambda: len(drawn) == 2)


@pytest.mark.parametrize("key", ["slash", "ctrl+p"])
async def test_no_cursor_blinks(vpn: Stage, key: str) -> None:
    async with vpn.open():
        await vpn.until(lambda: vpn.cursor() == "vpn")
        await vpn.press(key)
        await vpn.until(lambda: isinstance(vpn.app.focused, Input))
        typed = vpn.app.focused
        assert isinstance(typed, Input)
        await vpn.until(lambda: not typed.cursor_blink)

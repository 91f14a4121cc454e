"""A watch that goes on as before costs no bytes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.demo.home import demo_world
from nstui.model.watch import Hold
from nstui.tui.notices import HostBar
from nstui.tui.screens.watch import WatchList, WatchScreen
from tests.support.builders import NOON
from tests.support.watching import ScriptedWatch, circuit, status, watched
from tests.unit.tui.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest
    from textual.geometry import Region
    from textual.widget import Widget


def noting(widget: Widget, drawn: list[Widget]) -> Callable[..., object]:
    """Return the refresh of a widget that notes that it was called."""
    refresh = widget.refresh

    def note(*regions: Region, **options: bool) -> object:
        drawn.append(widget)
        return refresh(*regions, **options)

    return note


async def test_what_is_read_again_is_not_drawn_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    written = status(watched(Hold.NO_PROOF, "a"), circuits=(circuit("b"),))
    watch = ScriptedWatch(written)
    reads: list[int] = []
    watch.before_read = lambda: reads.append(1)
    stage = Stage(demo_world(lambda: NOON), watch=watch)
    drawn: list[Widget] = []
    async with stage.open():
        await stage.until(lambda: "circuit open" in stage.bar())
        await stage.press("w")
        await stage.until(lambda: isinstance(stage.app.screen, WatchScreen))
        bar, listed = (
            stage.main.query_one(HostBar),
            stage.app.screen.query_one(WatchList),
        )
        for widget in (bar, listed, *stage.app.screen.query("Static, KeyFooter")):
            monkeypatch.setattr(widget, "refresh", noting(widget, drawn))
        watch.say(replace(written, written_at=NOON + timedelta(seconds=1)))
        seen = len(reads)
        await stage.until(lambda: len(reads) >= seen + 3)
        assert drawn == []
        watch.say(replace(written, circuits=()))
        await stage.until(lambda: bar in drawn and listed in drawn)

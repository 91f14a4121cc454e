"""The log of a container on the screen."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from textual.widgets import Input

from nstui.demo.containers import Spec
from nstui.model.audit import LogSource
from nstui.tui.notices import Banner
from nstui.tui.screens.logs import LogsScreen
from nstui.tui.screens.prompts import QuestionScreen
from nstui.tui.widgets.log_buffer import KEPT_LINES
from nstui.tui.widgets.log_view import LogView

if TYPE_CHECKING:
    import pytest

    from tests.unit.tui.stage import Stage


async def opened(stage: Stage, name: str = "loner") -> LogView:
    """Open the log of a container."""
    await stage.until(lambda: bool(stage.lines()))
    await stage.goto(name)
    await stage.press("l")
    await stage.until(lambda: isinstance(stage.app.screen, LogsScreen))
    return stage.app.screen.query_one(LogView)


def rows(view: LogView) -> list[str]:
    """Return the rows in sight, as they are drawn."""
    height = min(view.size.height, view.log_layout.height - view.scroll_offset.y)
    return [view.render_line(y).text.rstrip() for y in range(height)]


def title(stage: Stage) -> str:
    return stage.text("#container-title")


def numbered(first: int, last: int) -> list[str]:
    return [f"line {number:05}" for number in range(first, last + 1)]


def restarted(stage: Stage, name: str = "loner") -> str:
    """Return the line between the last two runs of a container."""
    moment = stage.world.records.get(name).runs[-1].started_at.astimezone()
    return f"── restarted {moment:%H:%M:%S} ──"


def say(stage: Stage, *texts: str) -> None:
    for text in texts:
        stage.world.say("loner", text)


async def test_what_comes_is_shown_until_one_scrolls_back(vpn: Stage) -> None:
    say(vpn, *numbered(1, 50))
    async with vpn.open(80, 24):
        view = await opened(vpn)
        await vpn.until(lambda: rows(view)[-1:] == ["line 00050"])
        assert "log of loner  ● running  following" in title(vpn)
        assert "the last 1,000 lines · 50 lines" in title(vpn)
        say(vpn, "line 00051")
        await vpn.until(lambda: rows(view)[-1:] == ["line 00051"])

        await vpn.press("k")
        await vpn.until(lambda: "paused" in title(vpn))
        before = rows(view)
        say(vpn, "line 00052", "line 00053")
        await vpn.until(lambda: "paused, 2 new lines" in title(vpn))
        assert rows(view) == before
        await vpn.press("G")
        await vpn.until(lambda: "following" in title(vpn))
        assert rows(view)[-1] == "line 00053"

        await vpn.press("g")
        await vpn.until(lambda: rows(view)[:1] == ["line 00001"])
        assert "paused" in title(vpn)
        await vpn.press("pagedown", "pagedown", "pagedown", "pagedown")
        await vpn.until(lambda: "following" in title(vpn))
        await vpn.press("escape")
        await vpn.until(lambda: vpn.app.screen is vpn.main)


async def test_searching(vpn: Stage) -> None:
    say(vpn, "ERROR one", *numbered(1, 40), "error two", "Error three", "end")
    async with vpn.open(80, 24):
        view = await opened(vpn)
        await vpn.until(lambda: rows(view)[-1:] == ["end"])
        await vpn.press("slash", *"error")
        await vpn.until(lambda: vpn.text("#search-count") == "3/3")
        assert "following" in title(vpn)
        await vpn.press("enter", "n")
        await vpn.until(lambda: vpn.text("#search-count") == "1/3")
        assert rows(view)[0] == "ERROR one"
        assert "paused" in title(vpn)
        say(vpn, "one more error")
        await vpn.until(lambda: vpn.text("#search-count") == "1/4")
        await vpn.press("N")
        await vpn.until(lambda: vpn.text("#search-count") == "4/4")
        await vpn.press("slash", *"Error")
        await vpn.until(lambda: vpn.text("#search-count") == "1/1")
        await vpn.press("end", "x")
        await vpn.until(lambda: vpn.text("#search-count") == "nothing found")
        await vpn.press("escape")
        await vpn.until(lambda: not vpn.app.screen.query_one("#search-bar").display)
        assert vpn.app.screen.query_one(Input).value == ""
        await vpn.press("escape")
        await vpn.until(lambda: vpn.app.screen is vpn.main)


async def test_what_is_gone_to_stays_in_sight(vpn: Stage) -> None:
    say(vpn, *numbered(1, 40), "an error", "end")
    async with vpn.open(80, 24):
        view = await opened(vpn)
        await vpn.until(lambda: rows(view)[-1:] == ["end"])
        await vpn.press("slash", *"error", "enter")
        assert "following" in title(vpn)
        await vpn.press("n")
        before = rows(view)
        say(vpn, *numbered(50, 90))
        await vpn.until(lambda: "paused, 41 new lines" in title(vpn))
        assert rows(view) == before


async def test_what_is_found_is_marked_without_colour(
    vpn: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stage = type(vpn)(vpn.world)
    say(stage, "an error", "an error")
    async with stage.open(80, 24):
        view = await opened(stage)
        await stage.until(lambda: len(rows(view)) == 2)
        await stage.press("slash", *"err", "enter")
        await stage.until(lambda: stage.text("#search-count") == "2/2")
        first, current = (
            {s.style for s in view.render_line(y) if s.text == "err"} for y in (0, 1)
        )
        assert [style.underline for style in first if style] == [True]
        assert [style.reverse for style in current if style] == [True]


async def test_the_life_of_the_container_goes_on(vpn: Stage) -> None:
    say(vpn, "one")
    async with vpn.open():
        view = await opened(vpn)
        await vpn.until(lambda: rows(view) == ["one"])
        vpn.world.stop("loner")
        await vpn.until(lambda: "○ exited  ended" in title(vpn))
        assert rows(view) == ["one"]
        vpn.world.start("loner")
        say(vpn, "two")
        await vpn.until(lambda: "● running  following" in title(vpn))
        mark = restarted(vpn)
        await vpn.until(lambda: rows(view) == ["one", mark, "two"])
        vpn.world.remove("loner", force=True)
        await vpn.until(lambda: "✗ no longer exists  ended" in title(vpn))
        assert rows(view) == ["one", mark, "two"]


async def test_nothing_written_and_nothing_readable(vpn: Stage) -> None:
    vpn.world.run(Spec("mute", log_driver="none"))
    async with vpn.open():
        await opened(vpn)
        nothing = "nothing was written (the last 1,000 lines)"
        await vpn.until(lambda: vpn.text("#log-empty") == nothing)
        await vpn.press("q")
        await opened(vpn, "mute")
        refusal = (
            "the log cannot be read: configured logging driver does not support reading"
        )
        await vpn.until(lambda: vpn.text("#log-empty") == refusal)


async def test_an_engine_that_is_gone_for_a_while(vpn: Stage) -> None:
    say(vpn, "one")
    async with vpn.open():
        view = await opened(vpn)
        await vpn.until(lambda: rows(view) == ["one"])
        vpn.engine.go_away()
        vpn.main.action_refresh()
        banner = vpn.app.screen.query_one(Banner)
        await vpn.until(lambda: banner.display)
        await vpn.until(lambda: "ended" in title(vpn))
        vpn.engine.come_back()
        say(vpn, "two")
        await vpn.until(lambda: rows(view) == ["one", "two"])
        await vpn.until(lambda: not banner.display)


async def test_stderr_has_a_sign_where_there_is_both(vpn: Stage) -> None:
    say(vpn, "out")
    async with vpn.open(40, 24):
        view = await opened(vpn)
        await vpn.until(lambda: rows(view) == ["out"])
        assert "stderr" not in title(vpn)
        vpn.world.say("loner", "e" * 50, LogSource.STDERR)
        await vpn.until(lambda: len(rows(view)) == 3)
        wide = view.log_layout.width - 2
        assert rows(view) == ["  out", "▌ " + "e" * wide, "  " + "e" * (50 - wide)]
        await vpn.until(lambda: "▌ stderr" in title(vpn))


async def test_nothing_acts_on_the_terminal(vpn: Stage) -> None:
    say(vpn, "\x1b[31mred\x1b]52;c;aGk=\x07\x00 [bold]x[/] \x1b[2J", "5 %\r6 %")
    async with vpn.open():
        view = await opened(vpn)
        await vpn.until(lambda: rows(view) == ["red\\x00 [bold]x[/]", "6 %"])


async def test_times_and_wrapping(vpn: Stage) -> None:
    say(vpn, "x" * 200)
    async with vpn.open(80, 24):
        view = await opened(vpn)
        await vpn.until(lambda: len(rows(view)) == 3)
        await vpn.press("w")
        await vpn.until(lambda: len(rows(view)) == 1)
        await vpn.press("slash", *"xx", "enter", "escape", "right")
        await vpn.until(lambda: view.scroll_offset.x > 0)
        await vpn.press("w", "t")
        await vpn.until(lambda: len(rows(view)) == 4)
        assert rows(view)[0][:19].strip().startswith("11-23 ")
        assert rows(view)[1].startswith(" " * 19 + "x")


async def test_selecting_with_the_mouse_takes_lines_as_they_were(vpn: Stage) -> None:
    say(vpn, "first line", "x" * 100, "last one")
    async with vpn.open(60, 24):
        view = await opened(vpn)
        await vpn.until(lambda: len(rows(view)) == 4)
        await vpn.drag("#log", (7, 0), (4, 3))
        assert vpn.app.screen.get_selected_text() == f"line\n{'x' * 100}\nlast"


async def test_how_far_back_it_is_read(vpn: Stage) -> None:
    say(vpn, "before")
    vpn.world.restart("loner")
    say(vpn, "after")
    async with vpn.open():
        view = await opened(vpn)
        mark = restarted(vpn)
        await vpn.until(lambda: rows(view) == ["before", mark, "after"])
        await vpn.press("s")
        await vpn.until(lambda: isinstance(vpn.app.screen, QuestionScreen))
        await vpn.press("down", "down", "down", "down", "enter")
        await vpn.until(lambda: rows(view) == ["after"])
        assert "since its last start · 1 line" in title(vpn)
        await vpn.press("s")
        await vpn.until(lambda: isinstance(vpn.app.screen, QuestionScreen))
        await vpn.press("escape")
        await vpn.until(lambda: isinstance(vpn.app.screen, LogsScreen))
        assert rows(view) == ["after"]


async def test_a_flood(vpn: Stage) -> None:
    say(vpn, *numbered(1, 5))
    async with vpn.open(80, 24):
        view = await opened(vpn)
        await vpn.until(lambda: len(rows(view)) == 5)
        say(vpn, *numbered(6, KEPT_LINES + 100))
        await vpn.until(lambda: rows(view)[-1:] == [f"line {KEPT_LINES + 100:05}"])
        assert f"{KEPT_LINES:,} lines · 100 older lines dropped" in title(vpn)
        await vpn.press("g")
        await vpn.until(lambda: rows(view)[0] == "line 00101")


async def test_the_place_is_kept_while_lines_go(vpn: Stage) -> None:
    say(vpn, *numbered(1, KEPT_LINES))
    async with vpn.open(80, 24):
        view = await opened(vpn)
        await vpn.press("s")
        await vpn.until(lambda: isinstance(vpn.app.screen, QuestionScreen))
        await vpn.press("end", "enter")
        await vpn.until(lambda: f"{KEPT_LINES:,} lines" in title(vpn))
        await vpn.press("pageup", "pageup")
        await vpn.until(lambda: "paused" in title(vpn))
        before = rows(view)
        say(vpn, *numbered(1, 30))
        await vpn.until(lambda: "30 older lines dropped" in title(vpn))
        assert rows(view) == before


async def test_one_log_at_a_time_and_its_thread_ends(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.goto("loner")
        vpn.main.action_open("logs")
        vpn.main.action_open("logs")
        await vpn.until(lambda: isinstance(vpn.app.screen, LogsScreen))
        await vpn.press("l")
        await vpn.until(lambda: vpn.app.screen is vpn.main)
        await vpn.until(lambda: "log" not in {t.name for t in threading.enumerate()})


async def test_a_line_of_no_container_has_no_log(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 2)
        await demo.press("G")
        await demo.until(lambda: demo.main.container_at_cursor() is None)
        assert demo.main.check_action("open", ("logs",)) is None
        await demo.press("l")
        assert demo.app.screen is demo.main

"""The logs of a group on the screen, the filter of lines, and the file of a log."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from textual.widgets import Input

from nstui.analysis.logs import PlacedLine
from nstui.demo.containers import Spec
from nstui.model.audit import LogLine, LogSource
from nstui.tui.screens.export import SaveScreen
from nstui.tui.screens.group_logs import GroupLogsScreen
from nstui.tui.screens.help import HelpScreen
from nstui.tui.screens.logs import LogsScreen
from nstui.tui.widgets.log_filter import LineFilterBar
from nstui.tui.widgets.log_view import LogView
from tests.unit.tui.test_logs import numbered, opened, restarted, rows, title

if TYPE_CHECKING:
    from pathlib import Path

    from textual.geometry import Region

    from tests.unit.tui.stage import Stage


async def opened_group(stage: Stage, name: str = "vpn", key: str = "L") -> LogView:
    """Open the log of the group of a container."""
    await stage.until(lambda: bool(stage.lines()))
    await stage.goto(name)
    await stage.press(key)
    await stage.until(lambda: isinstance(stage.app.screen, GroupLogsScreen))
    return stage.app.screen.query_one(LogView)


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def count(stage: Stage) -> str:
    return stage.text("#filter-lines-count")


async def test_the_log_of_a_group_is_merged_and_followed(vpn: Stage) -> None:
    for name, text in ("b", "1"), ("vpn", "2"), ("b-sidecar", "3"), ("loner", "no"):
        vpn.world.say(name, text)
    async with vpn.open(80, 24):
        view = await opened_group(vpn, "b")
        await vpn.until(lambda: len(rows(view)) == 3)
        assert rows(view) == ["b         1", "vpn       2", "b-sidecar 3"]
        assert "log of vpn and its 3 dependents  following" in title(vpn)
        assert "4 of 4 running" in title(vpn)
        assert "the last 1,000 lines of each · 3 lines" in title(vpn)
        vpn.world.say("a", "4", LogSource.STDERR)
        await vpn.until(lambda: rows(view)[-1:] == ["a         ▌ 4"])
        assert rows(view)[0] == "b           1"
        await vpn.press("L")
        await vpn.until(lambda: vpn.app.screen is vpn.main)
        await vpn.until(lambda: "log" not in {t.name for t in threading.enumerate()})


async def test_members_restart_and_come_later(vpn: Stage) -> None:
    vpn.world.say("a", "old")
    async with vpn.open(80, 24):
        view = await opened_group(vpn)
        await vpn.until(lambda: rows(view) == ["a         old"])
        vpn.world.restart("a")
        vpn.world.say("a", "new")
        mark = f"a         {restarted(vpn, 'a')}"
        await vpn.until(lambda: rows(view) == ["a         old", mark, "a         new"])
        vpn.world.run(Spec("late-one-x", network="container:vpn"))
        vpn.world.say("late-one-x", "later")
        await vpn.until(lambda: rows(view)[-1] == "late-one-x later")
        assert rows(view)[0] == "a          old"
        assert "vpn and its 4 dependents" in title(vpn)
        vpn.world.stop("b")
        await vpn.until(lambda: "4 of 5 running" in title(vpn))
        assert "following" in title(vpn)


async def test_a_group_that_goes_leaves_its_lines(vpn: Stage) -> None:
    vpn.world.say("a", "1")
    async with vpn.open(80, 24):
        view = await opened_group(vpn)
        await vpn.until(lambda: rows(view) == ["a         1"])
        for name in ("b-sidecar", "b", "a", "vpn"):
            vpn.world.remove(name, force=True)
        await vpn.until(lambda: "log of vpn  ended  0 of 0 running" in title(vpn))
        assert rows(view) == ["a         1"]


async def test_one_that_cannot_be_read_is_told(vpn: Stage) -> None:
    vpn.world.run(Spec("mute", network="container:vpn", log_driver="none"))
    vpn.world.say("a", "1")
    async with vpn.open(120, 24):
        view = await opened_group(vpn)
        await vpn.until(lambda: rows(view) == ["a         1"])
        await vpn.until(
            lambda: (
                vpn.text("#log-empty") == "the log of mute cannot be read: "
                "configured logging driver does not support reading"
            )
        )
        vpn.world.say("b", "2")
        await vpn.until(lambda: rows(view)[-1] == "b         2")


async def test_what_is_late_does_not_move_what_one_reads(vpn: Stage) -> None:
    for text in numbered(1, 40):
        vpn.world.say("a", text)
    async with vpn.open(80, 24):
        view = await opened_group(vpn)
        await vpn.until(lambda: rows(view)[-1:] == ["a         line 00040"])
        await vpn.press("slash", *"00025", "enter", "k")
        await vpn.until(lambda: vpn.text("#search-count") == "1/1")
        before = rows(view)
        # Its lines are older than what is shown.
        view.add(tuple(_older(view, 5)))
        await vpn.press("n")
        assert rows(view) == before
        assert vpn.text("#search-count") == "1/1"
        await vpn.press("g")
        await vpn.until(lambda: rows(view)[0] == "b         older 0")


def _older(view: LogView, lines: int) -> list[PlacedLine]:
    first = view.log_layout.buffer.lines[0].key
    other = list(view.log_layout.prefix.names)[2]
    return [
        PlacedLine(
            (first[0] - lines + number, other, number),
            LogLine(LogSource.STDOUT, first[0], f"older {number}"),
        )
        for number in range(lines)
    ]


async def test_long_names_are_cut_in_the_middle(vpn: Stage) -> None:
    for number in (1, 2):
        name = f"media-downloader-{number}"
        vpn.world.run(Spec(name, network="container:vpn"))
        vpn.world.say(name, "x")
    async with vpn.open(40, 20):
        view = await opened_group(vpn)
        await vpn.until(lambda: rows(view) == ["medi…er-1 x", "medi…er-2 x"])


@pytest.mark.parametrize("key", ["l", "L"])
async def test_a_heading_opens_the_log_of_its_group(demo: Stage, key: str) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 2)
        await demo.until(lambda: demo.tree.move_to("host"))
        await demo.press(key)
        await demo.until(lambda: isinstance(demo.app.screen, GroupLogsScreen))
        assert "log of caddy and " in title(demo)


async def test_one_that_shares_with_nobody_opens_its_own(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.goto("loner")
        await vpn.press("L")
        await vpn.until(lambda: isinstance(vpn.app.screen, LogsScreen))
        assert not isinstance(vpn.app.screen, GroupLogsScreen)
        assert "log of loner" in title(vpn)


async def test_only_the_lines_that_match(vpn: Stage) -> None:
    for text in ("an error", *numbered(1, 40), "Error two", "end"):
        vpn.world.say("loner", text)
    async with vpn.open(80, 24):
        view = await opened(vpn)
        await vpn.until(lambda: rows(view)[-1:] == ["end"])
        await vpn.press("ampersand", *"error")
        await vpn.until(lambda: rows(view) == ["an error", "Error two"])
        assert count(vpn) == "2 of 43 lines"
        await vpn.press("enter")
        vpn.world.say("loner", "nothing")
        vpn.world.say("loner", "error three")
        await vpn.until(lambda: rows(view)[-1] == "error three")
        await vpn.until(lambda: count(vpn) == "3 of 45 lines")
        # A search finds only what is shown.
        await vpn.press("slash", *"r t", "enter")
        await vpn.until(lambda: vpn.text("#search-count") == "2/2")
        await vpn.press("slash", *"end", "enter")
        await vpn.until(lambda: vpn.text("#search-count") == "nothing found")
        # Escape ends the search, then the filter, then closes the log.
        await vpn.press("escape")
        assert rows(view) == ["an error", "Error two", "error three"]
        await vpn.press("escape")
        await vpn.until(lambda: rows(view)[-2:] == ["nothing", "error three"])
        assert not vpn.app.screen.query_one(LineFilterBar).display
        await vpn.press("escape")
        await vpn.until(lambda: vpn.app.screen is vpn.main)


async def test_the_same_key_shows_all_again(vpn: Stage) -> None:
    for text in numbered(1, 3):
        vpn.world.say("loner", text)
    async with vpn.open(80, 24):
        view = await opened(vpn)
        await vpn.until(lambda: len(rows(view)) == 3)
        await vpn.press("ampersand", *"00002", "enter")
        await vpn.until(lambda: rows(view) == ["line 00002"])
        await vpn.press("ampersand")
        await vpn.until(lambda: len(rows(view)) == 3)
        await vpn.press("ampersand", *"00004")
        await vpn.until(lambda: count(vpn) == "0 of 3 lines")
        assert rows(view) == []
        await vpn.press("escape")
        await vpn.until(lambda: len(rows(view)) == 3)


async def test_the_filter_of_a_group_finds_names(vpn: Stage) -> None:
    vpn.world.say("a", "about b-sidecar")
    vpn.world.say("b-sidecar", "hello")
    vpn.world.say("vpn", "no")
    async with vpn.open(80, 24):
        view = await opened_group(vpn)
        await vpn.until(lambda: len(rows(view)) == 3)
        await vpn.press("ampersand", *"sidecar", "enter")
        await vpn.until(
            lambda: rows(view) == ["a         about b-sidecar", "b-sidecar hello"]
        )


async def test_a_match_that_the_filter_hides_is_left(vpn: Stage) -> None:
    for text in ("one x", "two y x", "three"):
        vpn.world.say("loner", text)
    async with vpn.open(80, 24):
        view = await opened(vpn)
        await vpn.until(lambda: len(rows(view)) == 3)
        await vpn.press("slash", *"x", "enter", "N")
        await vpn.until(lambda: vpn.text("#search-count") == "1/2")
        await vpn.press("ampersand", *"y")
        await vpn.until(lambda: vpn.text("#search-count") == "-/1")


@pytest.mark.parametrize("key", ["W", "ctrl+s"])
async def test_what_is_shown_is_saved(
    vpn: Stage, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    vpn.world.say("vpn", "one\x1b[31m red")
    vpn.world.say("a", "two red", LogSource.STDERR)
    vpn.world.say("b", "three")
    async with vpn.open(80, 24):
        view = await opened_group(vpn)
        await vpn.until(lambda: len(rows(view)) == 3)
        await vpn.press("ampersand", *"red", "enter")
        await vpn.until(lambda: len(rows(view)) == 2)
        await vpn.press(key)
        await vpn.until(lambda: isinstance(vpn.app.screen, SaveScreen))
        assert vpn.text("#prompt-title") == "Save 2 lines in a file"
        name = vpn.app.screen.query_one(Input).value
        assert name.startswith("vpn-group-2")
        assert name.endswith(".log")
        await vpn.press("enter")
        await vpn.until(lambda: isinstance(vpn.app.screen, GroupLogsScreen))
        assert vpn.notices() == [f"saved 2 lines in {tmp_path / name}"]
        lines = (tmp_path / name).read_text().splitlines()
        stamps = [line.split(" ")[0] for line in lines]
        assert [line.partition(" ")[2] for line in lines] == [
            "vpn         one red",
            "a         ▌ two red",
        ]
        assert stamps == sorted(stamps)
        assert all(stamp.startswith("2026-11-23T12:00:00.") for stamp in stamps)


async def test_nothing_is_overwritten_and_escape_saves_nothing(
    vpn: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x").write_text("mine")
    vpn.world.say("loner", "one")
    async with vpn.open(80, 24):
        view = await opened(vpn)
        await vpn.until(lambda: rows(view) == ["one"])
        await vpn.press("W")
        await vpn.until(lambda: isinstance(vpn.app.screen, SaveScreen))
        await vpn.press("ctrl+u", "x", "enter")
        refusal = "✗ x exists already: choose another name"
        await vpn.until(lambda: vpn.text("#save-note") == refusal)
        await vpn.press("escape")
        await vpn.until(lambda: isinstance(vpn.app.screen, LogsScreen))
        assert files(tmp_path) == ["x"]
        assert (tmp_path / "x").read_text() == "mine"
        assert vpn.notices() == []


async def test_the_help_names_every_key_and_sign(vpn: Stage) -> None:
    async with vpn.open(80, 40):
        await opened_group(vpn)
        await vpn.press("question_mark")
        await vpn.until(lambda: isinstance(vpn.app.screen, HelpScreen))
        lines = vpn.text("#help-text").splitlines()
        keys = {key for line in lines for key in line[2:16].replace(",", "").split()}
        named = "esc q l L / n N & s W t w ? G g home space b j ↓ k ↑ → ← ▌ !"
        assert set(named.split()) <= keys
        assert any(line.split()[:3] == ["G", "end", "F"] for line in lines)
        # The details, and the states of containers, are on the main screen.
        assert not [line for line in lines if "details" in line or "exited" in line]


async def test_after_a_restart_its_log_is_offered(vpn: Stage) -> None:
    async with vpn.open(100, 30):
        await vpn.until(lambda: bool(vpn.lines()))
        await vpn.goto("loner")
        await vpn.press("R")
        await vpn.until(lambda: len(vpn.app.screen_stack) > 1)
        await vpn.press("right", "enter")
        await vpn.until(lambda: bool(vpn.notices()))
        assert vpn.notices() == ["restarted loner; l shows its log"]


async def test_nothing_is_drawn_while_nothing_comes(
    vpn: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    vpn.world.say("a", "1")
    async with vpn.open(80, 24):
        view = await opened_group(vpn)
        await vpn.until(lambda: rows(view) == ["a         1"])
        drawn: list[object] = []
        show = view.refresh

        def refresh(*regions: Region, **more: bool) -> LogView:
            drawn.append(regions)
            return show(*regions, **more)

        monkeypatch.setattr(view, "refresh", refresh)
        vpn.main.action_refresh()
        await vpn.press("x")
        assert drawn == []
        vpn.world.say("a", "2")
        await vpn.until(lambda: rows(view)[-1] == "a         2")
        assert drawn

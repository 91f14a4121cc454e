"""The tabs of the details: which one is shown, and what is read for it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from textual.content import Content

from nstui.demo.containers import Spec
from nstui.demo.host import SimHost
from nstui.demo.kernel import SimClock
from nstui.demo.world import World
from nstui.model.snapshot import ReadProblem
from nstui.tui.keys import Tab
from nstui.tui.poller import SHORTEST_S
from nstui.tui.tabs import OUT_OF_REACH, UNDER_WAY
from nstui.tui.widgets.details_panel import DetailsPanel, TabStrip, fit_labels
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage
from tests.unit.tui.watched_host import WatchedHost

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def world() -> World:
    """An owner with a dependent, and one that shares with nobody."""
    world = World(SimClock(lambda: NOON))
    world.run(Spec("vpn"))
    world.run(Spec("dep", network="container:vpn"))
    world.run(Spec("loner"))
    return world


@pytest.fixture
def host(world: World) -> Iterator[WatchedHost]:
    """What is asked by the tabs; it answers what is open in the end."""
    watched = WatchedHost(SimHost(world))
    yield watched
    watched.release()


@pytest.fixture
def stage(world: World, host: WatchedHost) -> Stage:
    return Stage(world, evidence=host)


def chosen(stage: Stage) -> str:
    """Return the tab that the strip shows as chosen."""
    strip = stage.main.query_one(TabStrip).content
    assert isinstance(strip, Content)
    (span,) = [span for span in strip.spans if "underline" in str(span.style)]
    return strip.plain[span.start : span.end]


def asked(stage: Stage, host: WatchedHost) -> list[tuple[str, list[str]]]:
    """Return what was asked, by name."""
    names = {record.id: record.spec.name for record in stage.world.records}
    return [(what, [names[c] for c in whom]) for what, whom in host.asked]


@pytest.mark.parametrize(
    ("width", "text"),
    [
        (80, " 1 Overview   2 Network   3 Members   4 Evidence"),
        (45, " 1 Overview  2 Network  3 Members  4 Evidence"),
        (44, " 1 Overview 2 Network 3 Members 4 Evidence"),
        (42, " 1 Overview 2 Network 3 Members 4 Evidence"),
        (41, " 1   2 Network   3   4"),
        (10, " 1 2 Network 3 4"),
    ],
)
def test_the_strip_fits(width: int, text: str) -> None:
    line = ""
    for label in fit_labels(Tab.NETWORK, width):
        line = line.ljust(label.start) + label.text
        assert label.end == len(line)
    assert line == text


async def test_a_tab_is_chosen_by_its_number_or_the_next_one(stage: Stage) -> None:
    async with stage.open():
        await stage.until(lambda: "vpn" in stage.details())
        assert chosen(stage) == "1 Overview"
        for key, tab in (
            ("3", "3 Members"),
            ("right_square_bracket", "4 Evidence"),
            ("right_square_bracket", "1 Overview"),
            ("left_square_bracket", "4 Evidence"),
            ("2", "2 Network"),
        ):
            await stage.press(key)
            assert chosen(stage) == tab
        await stage.until(lambda: "Interfaces" in stage.details())
        await stage.goto("loner")
        await stage.until(lambda: stage.details().startswith("loner"))
        await stage.until(lambda: "Interfaces" in stage.details())
        assert chosen(stage) == "2 Network"


async def test_a_tab_is_chosen_by_a_click(stage: Stage) -> None:
    async with stage.open():
        await stage.until(lambda: "vpn" in stage.details())
        labels = {label.tab: label for label in fit_labels(Tab.OVERVIEW, 44)}
        await stage.click("#tabs", labels[Tab.MEMBERS].start)
        assert chosen(stage) == "3 Members"
        await stage.click("#tabs", labels[Tab.MEMBERS].end)
        assert chosen(stage) == "3 Members"


async def test_the_help_and_the_palette_have_the_tabs(stage: Stage) -> None:
    async with stage.open(80, 24):
        await stage.until(lambda: "vpn" in stage.details())
        await stage.press("question_mark")
        await stage.until(lambda: len(stage.app.screen_stack) == 2)
        keys = stage.text("#help-text")
        for key in ("  1  ", "  4  ", "  ]  ", "  [  "):
            assert key in keys
        await stage.press("escape")
        commands = stage.app.get_system_commands(stage.app.screen)
        assert {f"Details: {tab}" for tab in Tab} <= {
            command.title for command in commands
        }


async def test_the_overview_reads_nothing(stage: Stage, host: WatchedHost) -> None:
    async with stage.open():
        await stage.until(lambda: "vpn" in stage.details())
        await stage.press("j", "2")
        await stage.until(lambda: bool(host.asked))
        assert asked(stage, host) == [("interior", ["vpn"])]
        await stage.press("1", "k", "r", "4")
        await stage.until(lambda: len(host.asked) == 2)
        assert asked(stage, host)[1][0] == "evidence"


async def test_one_network_is_read_once_for_all_in_it(
    stage: Stage, host: WatchedHost
) -> None:
    async with stage.open():
        await stage.until(lambda: "vpn" in stage.details())
        await stage.press("2")
        await stage.until(lambda: "Interfaces" in stage.details())
        await stage.goto("dep")
        assert "Interfaces" in stage.details()
        await stage.goto("loner")
        await stage.until(lambda: stage.details().startswith("loner"))
        assert "Interfaces" not in stage.details()
        await stage.until(lambda: "Interfaces" in stage.details())
        assert asked(stage, host) == [("interior", ["vpn"]), ("interior", ["loner"])]


async def test_only_where_the_cursor_rests_is_read(
    stage: Stage, host: WatchedHost
) -> None:
    async with stage.open():
        await stage.until(lambda: "vpn" in stage.details())
        stage.main.browser.action_tab(Tab.EVIDENCE)
        for name in ("loner", "vpn", "loner", "dep"):
            assert stage.tree.move_to(stage.world.records.get(name).id)
        await stage.until(lambda: "the process of vpn" in stage.details())
        assert asked(stage, host) == [("evidence", ["dep"])]


async def test_what_comes_too_late_is_dropped_and_never_two_are_read_at_once(
    stage: Stage, host: WatchedHost
) -> None:
    async with stage.open():
        await stage.until(lambda: "vpn" in stage.details())
        host.hold()
        await stage.press("2")
        await stage.until(lambda: len(host.asked) == 1)
        await stage.goto("loner")
        await stage.until(lambda: stage.details().startswith("loner  net:["))
        # The second reading is due by now, and waits for the first one.
        await stage.until(lambda: UNDER_WAY in stage.details())
        assert len(host.asked) == 1
        host.release()
        await stage.until(lambda: "Interfaces" in stage.details())
        assert stage.details().startswith("loner")
        assert asked(stage, host) == [("interior", ["vpn"]), ("interior", ["loner"])]
        assert host.most_at_once == 1


async def test_it_is_read_again_now_and_then_and_when_asked(
    world: World, host: WatchedHost
) -> None:
    stage = Stage(world, evidence=host, interval=0.1)
    async with stage.open():
        await stage.until(lambda: "vpn" in stage.details())
        await stage.press("3")
        await stage.until(lambda: len(host.asked) == 1)
        began = time.monotonic()
        await stage.press("r")
        await stage.until(lambda: len(host.asked) == 3)
        assert host.asked_at[1] - began < SHORTEST_S
        assert host.asked_at[2] - host.asked_at[1] > SHORTEST_S / 2


async def test_what_members_use_is_told_by_two_readings(
    stage: Stage, host: WatchedHost
) -> None:
    async with stage.open():
        await stage.until(lambda: "vpn" in stage.details())
        await stage.press("3")
        await stage.until(lambda: " MB" in stage.details())
        assert stage.details().count("…") == 2
        assert "%" not in stage.details()
        assert isinstance(stage.world.clock, SimClock)
        stage.world.clock.advance(timedelta(seconds=2))
        await stage.press("r")
        await stage.until(lambda: stage.details().count("%") == 2)
        # The member that stays has its numbers still when another one has restarted.
        stage.world.clock.advance(timedelta(seconds=2))
        stage.world.restart("dep")
        await stage.until(lambda: stage.details().count("%") == 1)
        assert asked(stage, host)[0] == ("usage", ["vpn", "dep"])


async def test_a_container_that_was_restarted_is_read_anew(
    stage: Stage, host: WatchedHost
) -> None:
    async with stage.open():
        await stage.until(lambda: "vpn" in stage.details())
        await stage.goto("loner")
        await stage.press("2")
        await stage.until(lambda: "Interfaces" in stage.details())
        stage.world.restart("loner")
        await stage.until(lambda: len(host.asked) == 2)
        await stage.until(lambda: "Interfaces" in stage.details())
        stage.world.stop("loner")
        await stage.until(lambda: "not running" in stage.details())
        await stage.press("3")
        assert "exited" in stage.details()
        await stage.press("4")
        assert stage.details().count("not running") == 3
        assert len(host.asked) == 2


async def test_nothing_is_read_behind_another_screen(
    stage: Stage, host: WatchedHost
) -> None:
    async with stage.open():
        await stage.until(lambda: "vpn" in stage.details())
        await stage.press("2")
        await stage.until(lambda: "Interfaces" in stage.details())
        await stage.press("question_mark")
        stage.world.restart("vpn")
        readings = stage.main.query_one(DetailsPanel).poller
        await stage.until(lambda: readings.is_paused)
        assert len(host.asked) == 1
        await stage.press("escape")
        await stage.until(lambda: "Interfaces" in stage.details())
        assert len(host.asked) == 2


@pytest.mark.parametrize("tab", ["2", "3"])
async def test_what_may_not_be_read_says_what_it_needs(
    stage: Stage, host: WatchedHost, tab: str
) -> None:
    host.refuse(ReadProblem.DENIED)
    async with stage.open():
        await stage.until(lambda: "vpn" in stage.details())
        await stage.press(tab)
        await stage.until(lambda: "needs root: run nstui with sudo" in stage.details())


@pytest.mark.parametrize("tab", ["2", "3", "4"])
async def test_a_host_out_of_reach_says_where_to_run_it(world: World, tab: str) -> None:
    stage = Stage(world)
    async with stage.open():
        await stage.until(lambda: "vpn" in stage.details())
        await stage.press(tab)
        assert OUT_OF_REACH in stage.details()


async def test_a_line_that_is_no_container_has_a_sentence(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 10)
        tops = [b for b in demo.tree.rows() if b.container is None]
        said = {}
        for tab in ("2", "4"):
            await demo.press(tab)
            for top in tops:
                assert demo.tree.move_to(top.key)
                await demo.press()
                said[tab, top.kind] = demo.details()
        assert len(said) == 8
        assert all(words.endswith(".") for words in said.values())
        assert demo.tree.move_to("unshared")
        await demo.press("3")
        assert "vaultwarden" in demo.details()


async def test_quitting_waits_for_no_reading(stage: Stage, host: WatchedHost) -> None:
    async with stage.open():
        await stage.until(lambda: "vpn" in stage.details())
        host.hold()
        await stage.press("3")
        await stage.until(lambda: len(host.asked) == 1)
        began = time.monotonic()
        await stage.press("q")
    assert stage.app.return_code == 0
    # It would wait for one without an end.
    assert time.monotonic() - began < 30


async def test_the_place_in_the_text_is_kept_until_another_line_is_shown(
    demo: Stage,
) -> None:
    async with demo.open(height=16):
        await demo.until(lambda: len(demo.lines()) > 10)
        await demo.goto("vpn")
        await demo.until(lambda: "qmcgaw" in demo.details())
        scroll = demo.main.query_one("#details-scroll")
        scroll.scroll_to(y=5, animate=False)
        await demo.until(lambda: scroll.scroll_y == 5)
        demo.world.restart("vpn")
        pid = f"{demo.world.records.get('vpn').pid}"
        await demo.until(lambda: pid in demo.details())
        assert scroll.scroll_y == 5
        await demo.goto("sonarr")
        await demo.until(lambda: scroll.scroll_y == 0)

"""A standing watch in the text UI: its badge, its screen, and who heals."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from textual.widgets import OptionList

from nstui.demo.containers import Spec
from nstui.demo.home import demo_world
from nstui.demo.world import World
from nstui.model.container import short_id
from nstui.model.watch import Hold
from nstui.tui.notices import Banner
from nstui.tui.screens.findings import FindingsScreen
from nstui.tui.screens.help import HelpScreen
from nstui.tui.screens.main import NO_WATCH
from nstui.tui.screens.prompts import ActionScreen
from nstui.tui.screens.questions import DecisionScreen
from nstui.tui.screens.watch import WatchList, WatchScreen
from tests.support.builders import NOON
from tests.support.watching import ScriptedWatch, circuit, status, watched
from tests.unit.tui.stage import Stage

if TYPE_CHECKING:
    from nstui.model.watch import WatchedIncident

SETTLING = watched(
    Hold.SETTLING, "a", "b", "b-sidecar", until_s=8, reason="vpn has only just begun"
)
HEALING = watched(None, "a", "b", "b-sidecar")


def vpn(watch: ScriptedWatch, *, is_read_only: bool = False) -> Stage:
    """Return a host whose owner was restarted, with this watch."""
    world = World(lambda: NOON)
    world.run(Spec("vpn"))
    world.run(Spec("a", network="container:vpn"))
    world.run(Spec("b", network="container:vpn"))
    world.run(Spec("b-sidecar", network="container:b"))
    world.run(Spec("loner"))
    world.restart("vpn")
    return Stage(world, watch=watch, is_read_only=is_read_only)


def rows(stage: Stage) -> list[str]:
    """Return the lines of the watch's list."""
    listed = stage.app.screen.query_one(WatchList)
    return [str(option.prompt) for option in listed.options]


async def opened(stage: Stage) -> None:
    """Open the watch's screen."""
    await stage.until(lambda: bool(stage.lines()))
    await stage.press("w")
    await stage.until(lambda: isinstance(stage.app.screen, WatchScreen))


async def test_the_badge_follows_the_watch() -> None:
    watch = ScriptedWatch(status())
    stage = vpn(watch)
    async with stage.open():
        await stage.until(lambda: "nstui  watch ✓  Docker" in stage.bar())
        watch.say(status(SETTLING))
        await stage.until(lambda: "watch: 1 waiting" in stage.bar())
        watch.say(status(circuits=(circuit("a"),)))
        await stage.until(lambda: "watch: circuit open" in stage.bar())


async def test_where_no_watch_was_ever_there_is_no_badge() -> None:
    stage = vpn(ScriptedWatch(None, is_held=False))
    async with stage.open():
        await opened(stage)
        assert "watch" not in stage.bar()
        assert "no watch runs, and none has written" in stage.text("#watch-title")
        assert "nstui watch heals what breaks" in stage.text("#watch-notes")


async def test_a_watch_that_cannot_be_read_is_not_taken_for_none() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    watch = ScriptedWatch(None, is_held=False)
    watch.before_read = fail
    stage = vpn(watch)
    async with stage.open():
        await stage.until(lambda: "watch: unknown" in stage.bar())
        await stage.press("w")
        assert "ZeroDivisionError" in stage.text("#watch-title")


async def test_a_disk_that_hangs_holds_up_nothing() -> None:
    goes_on, readers = threading.Event(), []

    def hang() -> None:
        readers.append(threading.current_thread())
        goes_on.wait()

    watch = ScriptedWatch(status())
    watch.before_read = hang
    stage = vpn(watch)
    async with stage.open():
        await stage.until(lambda: len(readers) == 1 and bool(stage.lines()))
        before = stage.cursor()
        await stage.press("j")
        await stage.until(lambda: stage.cursor() != before)
        assert len(readers) == 1
        assert readers[0] is not threading.main_thread()
        goes_on.set()
        await stage.until(lambda: "watch ✓" in stage.bar())


async def test_the_list_tells_what_waits_and_why() -> None:
    stage = vpn(ScriptedWatch(status(SETTLING, circuits=(circuit("loner"),))))
    async with stage.open():
        await stage.until(lambda: "watch" in stage.bar())
        await opened(stage)
        title = stage.text("#watch-title")
        assert "a watch runs since" in title
        assert "12 healed, 1 failed" in title
        first, second = rows(stage)
        assert "✗ circuit open  loner" in first
        assert "→ nstui watch --reset loner" in first
        assert "the watch heals it in 8 s: vpn has only just begun" in second


async def test_the_list_follows_the_watch_and_keeps_its_cursor() -> None:
    watch = ScriptedWatch(status(circuits=(circuit("a"), circuit("b"))))
    stage = vpn(watch)
    async with stage.open():
        await stage.until(lambda: "watch" in stage.bar())
        await opened(stage)
        await stage.press("j")
        listed = stage.app.screen.query_one(WatchList)
        watch.say(status(circuits=(circuit("0"), circuit("a"), circuit("b"))))
        await stage.until(lambda: listed.option_count == 3)
        row = listed.row_at_cursor()
        assert row is not None
        assert row.names == ("b",)
        watch.say(status())
        await stage.until(lambda: "✓ nothing to heal" in stage.text("#watch-notes"))
        assert not listed.display


async def test_what_the_watch_says_of_the_engine_is_said_once() -> None:
    watch = ScriptedWatch(status(SETTLING))
    stage = vpn(watch)
    async with stage.open():
        await opened(stage)
        stage.engine.go_away()
        stage.main.action_refresh()
        banner = stage.app.screen.query_one(Banner)
        await stage.until(lambda: banner.display)
        watch.say(status(SETTLING, problem="the engine cannot be reached"))
        await stage.until(lambda: not banner.display)
        assert stage.text("#watch-notes").count("cannot be reached") == 1
        watch.say(status(SETTLING))
        await stage.until(lambda: banner.display)


async def test_a_long_line_stays_behind_the_sign_of_the_cursor() -> None:
    names = [f"container-with-a-name-{number}" for number in range(4)]
    watch = ScriptedWatch(status(watched(Hold.AT_WORK, *names)))
    stage = vpn(watch)
    async with stage.open(60, 20):
        await opened(stage)
        (row,) = rows(stage)
        lines = row.splitlines()
        assert lines[0].startswith("▌ ✗ waiting")
        assert len(lines) > 3
        assert all(line.startswith("▌     ") for line in lines[1:-1])
        assert lines[-1] == "▌   the watch waits"
        assert max(map(len, lines)) <= 60
        assert "".join(lines).count("container-with-a-name-3") == 1


@pytest.mark.parametrize("key", ["escape", "q", "w"])
async def test_the_list_is_closed(key: str) -> None:
    stage = vpn(ScriptedWatch(status(SETTLING)))
    async with stage.open():
        await opened(stage)
        await stage.press(key)
        await stage.until(lambda: stage.app.screen is stage.main)
        # And opened again.
        await opened(stage)


async def test_enter_goes_to_the_container() -> None:
    stage = vpn(ScriptedWatch(status(circuits=(circuit("b-sidecar"),))))
    async with stage.open():
        await stage.until(lambda: "circuit" in stage.bar())
        await opened(stage)
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen is stage.main)
        await stage.until(lambda: stage.cursor() == "b-sidecar")


async def test_what_has_gone_meanwhile_is_not_gone_to() -> None:
    stage = vpn(ScriptedWatch(status(circuits=(circuit("gone"),))))
    async with stage.open():
        await stage.until(lambda: "circuit" in stage.bar())
        before = stage.cursor()
        await opened(stage)
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen is stage.main)
        assert stage.cursor() == before


async def test_a_circuit_is_closed_after_asking() -> None:
    watch = ScriptedWatch(status(circuits=(circuit("a"),)))
    stage = vpn(watch)
    async with stage.open():
        await stage.until(lambda: "circuit" in stage.bar())
        await opened(stage)
        await stage.press("r")
        await stage.until(lambda: isinstance(stage.app.screen, DecisionScreen))
        assert stage.text("#prompt-title") == "Close the circuit of a?"
        await stage.press("enter")
        await stage.until(lambda: isinstance(stage.app.screen, WatchScreen))
        assert watch.asked == []
        await stage.press("r")
        await stage.until(lambda: isinstance(stage.app.screen, DecisionScreen))
        await stage.press("down", "y")
        await stage.until(lambda: watch.asked == ["a"])
        await stage.until(lambda: len(stage.notices()) == 2)
        assert stage.notices() == [
            "the watch is asked to close the circuit of a",
            "the circuit of a is closed",
        ]
        await stage.until(lambda: "watch ✓" in stage.bar())


async def test_a_request_that_cannot_be_written_is_told() -> None:
    watch = ScriptedWatch(status(circuits=(circuit("a"),)))
    watch.refusal = "the watch cannot be asked: no space left on device"
    stage = vpn(watch)
    async with stage.open():
        await stage.until(lambda: "circuit" in stage.bar())
        await opened(stage)
        await stage.press("r")
        await stage.until(lambda: isinstance(stage.app.screen, DecisionScreen))
        await stage.press("down", "y")
        await stage.until(lambda: stage.notices() == [watch.refusal])


async def test_read_only_closes_no_circuit() -> None:
    watch = ScriptedWatch(status(circuits=(circuit("a"),)))
    stage = vpn(watch, is_read_only=True)
    async with stage.open():
        await stage.until(lambda: "circuit" in stage.bar())
        await opened(stage)
        await stage.press("r")
        assert stage.notices() == ["refused: nstui was started with --read-only"]
        assert watch.asked == []


async def test_the_command_is_copied() -> None:
    left = watched(Hold.NO_PROOF, "a", command="nstui heal --onto new a")
    stage = vpn(ScriptedWatch(status(left)))
    async with stage.open():
        await stage.until(lambda: "watch" in stage.bar())
        await opened(stage)
        await stage.press("r", "y")
        assert stage.notices() == ["copied: nstui heal --onto new a"]
        assert stage.app.clipboard == "nstui heal --onto new a"


async def test_the_keys_are_explained() -> None:
    stage = vpn(ScriptedWatch(status(circuits=(circuit("a"),))))
    async with stage.open():
        await opened(stage)
        await stage.press("question_mark")
        await stage.until(lambda: isinstance(stage.app.screen, HelpScreen))
        assert "Close the circuit" in stage.text("#help-text")


async def test_the_demo_has_no_watch() -> None:
    stage = Stage(demo_world(lambda: NOON))
    async with stage.open():
        await stage.until(lambda: bool(stage.lines()))
        await stage.press("w")
        assert stage.notices() == [NO_WATCH]


async def test_the_list_of_findings_says_that_it_will_be_healed() -> None:
    watch = ScriptedWatch(None)
    stage = vpn(watch)
    owner = stage.world.records.get("vpn").id
    watch.say(status(replace(SETTLING, key=f"owner:{short_id(owner)}")))
    async with stage.open():
        await stage.until(lambda: "watch: 1 waiting" in stage.bar())
        await stage.press("f")
        await stage.until(lambda: isinstance(stage.app.screen, FindingsScreen))

        def first() -> str:
            listed = stage.app.screen.query_one("#findings", OptionList)
            return str(listed.get_option_at_index(0).prompt)

        words = "the watch heals it in 8 s: vpn has only just begun"
        await stage.until(lambda: words in first())
        watch.say(status(replace(HEALING, key=f"owner:{short_id(owner)}")))
        await stage.until(lambda: "the watch is healing it" in first())
        watch.say(status(HEALING))
        await stage.until(lambda: "the watch" not in first())


@pytest.mark.parametrize(
    ("incident", "words"),
    [
        (SETTLING, "the watch heals it in 8 s: vpn has only just begun"),
        (
            watched(Hold.AT_WORK, "a", "b", reason="compose is at work"),
            "the watch waits: compose is at work",
        ),
    ],
)
async def test_what_the_watch_will_heal_is_healed_after_saying_so(
    incident: WatchedIncident, words: str
) -> None:
    stage = vpn(ScriptedWatch(status(incident)))
    async with stage.open():
        await stage.until(lambda: "watch: 1 waiting" in stage.bar())
        await stage.press("H")
        await stage.until(lambda: isinstance(stage.app.screen, ActionScreen))
        assert stage.text("#notice") == words
        await stage.press("right", "enter")
        await stage.until(lambda: "nothing wrong" in stage.bar())


async def test_what_the_watch_is_healing_is_left_to_it() -> None:
    watch = ScriptedWatch(status(HEALING))
    stage = vpn(watch)
    async with stage.open():
        await stage.until(lambda: "watch: healing" in stage.bar())
        await stage.press("H")
        left = "the watch is healing it: nothing is done beside it"
        await stage.until(lambda: stage.notices() == [left])
        watch.say(status(watched(Hold.NO_PROOF, "a", "b", "b-sidecar")))
        await stage.until(lambda: "watch ✓" in stage.bar())
        await stage.press("H")
        await stage.until(lambda: isinstance(stage.app.screen, ActionScreen))
        assert not stage.app.screen.query("#notice")


async def test_a_dry_run_keeps_nobody_from_healing() -> None:
    stage = vpn(ScriptedWatch(status(HEALING, is_dry_run=True)))
    async with stage.open():
        await stage.until(lambda: "watch: dry run" in stage.bar())
        await stage.press("H")
        await stage.until(lambda: isinstance(stage.app.screen, ActionScreen))
        assert stage.text("#notice") == "the watch would heal it"

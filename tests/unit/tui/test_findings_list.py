"""The list of findings keeps its place, and says no more than is known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Input

from nstui.demo.containers import Spec
from nstui.demo.faults import set_health
from nstui.demo.world import World
from nstui.model.container import Health
from nstui.tui.notices import Banner
from nstui.tui.screens.findings import FindingList, FindingsScreen
from nstui.tui.widgets.row_list import CURSOR
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage

if TYPE_CHECKING:
    import pytest


async def opened(stage: Stage) -> FindingList:
    """Open the list of findings."""
    await stage.until(lambda: bool(stage.lines()))
    await stage.press("f")
    await stage.until(lambda: isinstance(stage.app.screen, FindingsScreen))
    return stage.app.screen.query_one(FindingList)


def prompts(shown: FindingList) -> list[str]:
    """Return what each finding says, line by line."""
    return [str(option.prompt) for option in shown.options]


def at_cursor(shown: FindingList) -> str:
    """Return the first line of the finding under the cursor, without its sign."""
    (marked,) = [p for p in prompts(shown) if p.startswith(CURSOR)]
    assert shown.highlighted == prompts(shown).index(marked)
    return marked.partition("\n")[0].removeprefix(CURSOR)


async def test_sentences_hang_under_their_container(demo: Stage) -> None:
    async with demo.open(60, 24):
        shown = await opened(demo)
        for prompt in prompts(shown):
            head, *rest = prompt.split("\n")
            assert head[2] in "✗!·"
            assert all(line[2:4] == "  " for line in rest)
            assert max(len(line) for line in (head, *rest)) <= 60
        assert "nstui heal wg-home" in prompts(shown)[0]


async def test_the_cursor_has_a_sign_that_needs_no_colour(
    demo: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stage = Stage(demo.world)
    async with stage.open(80, 24):
        shown = await opened(stage)
        assert at_cursor(shown) == "✗ ▸ stale join  wg-home"
        await stage.press("j")
        assert at_cursor(shown) == "✗ ▸ owner gone  85073aacebaf"
        await stage.press("G", "k")
        assert at_cursor(shown) == "✗ unhealthy  vaultwarden"


async def test_the_cursor_stays_on_its_finding_and_scroll_too() -> None:
    world = World(lambda: NOON)
    for number in range(20):
        world.run(Spec(f"c{number:02}"))
        set_health(world, f"c{number:02}", Health.UNHEALTHY)
    world.run(Spec("a-first"))
    stage = Stage(world)
    async with stage.open(80, 24):
        shown = await opened(stage)
        await stage.press(*"jjjjjjjjjjkkk")
        scrolled = shown.scroll_y
        assert scrolled > 0
        set_health(world, "a-first", Health.UNHEALTHY)
        await stage.until(lambda: len(prompts(shown)) == 21)
        assert at_cursor(shown) == "✗ unhealthy  c07"
        assert shown.scroll_y == scrolled
        set_health(world, "c07", Health.HEALTHY)
        await stage.until(lambda: len(prompts(shown)) == 20)
        assert at_cursor(shown) == "✗ unhealthy  c08"


async def test_what_is_healed_while_the_list_is_open_leaves_it_empty(
    vpn: Stage,
) -> None:
    set_health(vpn.world, "loner", Health.UNHEALTHY)
    async with vpn.open():
        shown = await opened(vpn)
        set_health(vpn.world, "loner", Health.HEALTHY)
        await vpn.until(lambda: vpn.text("#findings-none") == "nothing is wrong")
        assert "verified by the kernel" in vpn.text("#findings-title")
        assert not shown.display
        set_health(vpn.world, "a", Health.UNHEALTHY)
        await vpn.until(lambda: shown.display)
        await vpn.press("enter")
        await vpn.until(lambda: vpn.cursor() == "a")


async def test_enter_shows_what_a_filter_hides(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 2)
        everything = demo.lines()
        await demo.press("slash", *"redis", "enter")
        await demo.until(lambda: "pihole" not in " ".join(demo.lines()))
        await opened(demo)
        await demo.press("enter")
        await demo.until(lambda: demo.cursor() == "wg-home")
        assert demo.main.query_one(Input).value == ""
        assert demo.lines() == everything


async def test_n_does_not_call_well_what_a_filter_hides(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 2)
        await demo.press("slash", *"redis", "enter")
        await demo.until(lambda: "pihole" not in " ".join(demo.lines()))
        await demo.press("n")
        assert demo.cursor() == "redis"
        assert demo.notices() == []


async def test_pressing_f_twice_at_once_opens_one_list(demo: Stage) -> None:
    async with demo.open():
        await demo.until(lambda: len(demo.lines()) > 2)
        demo.main.action_findings()
        demo.main.action_findings()
        await demo.until(lambda: isinstance(demo.app.screen, FindingsScreen))
        await demo.press("escape")
        await demo.until(lambda: demo.app.screen is demo.main)
        await opened(demo)


async def test_the_list_says_when_the_engine_is_gone(vpn: Stage) -> None:
    async with vpn.open():
        await opened(vpn)
        vpn.engine.go_away()
        vpn.main.action_refresh()
        banner = vpn.app.screen.query_one(Banner)
        await vpn.until(lambda: banner.display)
        assert "shown is what was seen at" in str(banner.content)
        vpn.engine.come_back()
        await vpn.until(lambda: not banner.display)


async def test_what_matters_most_is_in_front_where_the_terminal_is_narrow(
    demo: Stage,
) -> None:
    async with demo.open(80, 24):
        await demo.until(lambda: len(demo.lines()) > 2)
        await demo.goto("redis")
        await demo.press("space")
        second = demo.bar().partition("\n")[2]
        assert second.startswith(
            "✓ 1 selected  ✗ wg-home was restarted 6 h ago: 1 has no network  ✗"
        )


async def test_what_is_ignored_is_counted_and_shown_on_request() -> None:
    world = World(lambda: NOON)
    labels = (("nstui.ignore", "unhealthy"),)
    world.run(Spec("known", has_health_check=True, labels=labels))
    set_health(world, "known", Health.UNHEALTHY)
    stage = Stage(world)
    async with stage.open(80, 24):
        shown = await opened(stage)
        assert "1 ignored" in stage.text("#findings-title")
        assert prompts(shown) == []
        await stage.press("i")
        assert at_cursor(shown) == (
            "✗ unhealthy  known  ignored: label nstui.ignore=unhealthy"
        )
        await stage.press("i")
        assert prompts(shown) == []
        await stage.press("i", "enter")
        assert stage.cursor() == "known"


async def test_where_nothing_is_ignored_no_key_shows_it(demo: Stage) -> None:
    async with demo.open(80, 24):
        shown = await opened(demo)
        before = prompts(shown)
        await demo.press("i")
        assert prompts(shown) == before
        assert "ignored" not in demo.text("#findings-title")


async def test_a_row_that_goes_while_it_is_chosen_is_not_another(demo: Stage) -> None:
    """The choice arrives after a look that has changed the list."""
    async with demo.open():
        shown = await opened(demo)
        rows = shown.rows_shown
        shown.highlighted = len(rows) - 1
        shown.action_select()
        shown.show_rows(rows[:-1])
        await demo.press()
        assert isinstance(demo.app.screen, FindingsScreen)


async def test_a_row_that_moves_while_it_is_chosen_is_still_chosen(
    demo: Stage,
) -> None:
    async with demo.open():
        shown = await opened(demo)
        rows = shown.rows_shown
        shown.highlighted = 0
        shown.action_select()
        shown.show_rows(rows[::-1])
        await demo.until(lambda: demo.app.screen is demo.main)
        row = demo.tree.row_at_cursor()
        assert row is not None
        assert row.container == rows[0].container

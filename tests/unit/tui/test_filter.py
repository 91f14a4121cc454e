"""The filter of the tree: the cursor, the keys and the folds while it is on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual import events

from nstui.demo.containers import Spec
from nstui.demo.faults import set_health
from nstui.demo.world import World
from nstui.model.container import Health
from nstui.model.namespace import NamespacesRead
from nstui.tui.widgets.group_tree import FOLD_MARK
from nstui.tui.widgets.search import FilterBar, NoMatch
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Iterable


@pytest.fixture
def host() -> Stage:
    """An owner with three dependents, another owner, and some that share nothing."""
    world = World(lambda: NOON)
    world.run(Spec("gluetun"))
    for name in ("prowlarr", "sonarr", "sonarr-exporter"):
        world.run(Spec(name, network="container:gluetun"))
    world.run(Spec("pod"))
    world.run(Spec("app", network="container:pod"))
    world.run(Spec("sonarr-old"))
    world.run(Spec("web"))
    return Stage(world)


async def filter_by(stage: Stage, text: str, *keys: str) -> None:
    await stage.until(lambda: len(stage.lines()) > 2)
    await stage.press("slash", *text, "enter", *keys)


def count(stage: Stage) -> str:
    return stage.text("#filter-count")


async def walked(stage: Stage, keys: Iterable[str]) -> list[str | None]:
    """Return where the cursor is after each key."""
    seen = []
    for key in keys:
        await stage.press(key)
        seen.append(stage.cursor())
    return seen


async def test_the_cursor_is_on_the_match_and_the_keys_act_on_it(host: Stage) -> None:
    async with host.open():
        await filter_by(host, "sonarr")
        assert host.lines()[:2] == ["gluetun", "  sonarr"]
        assert host.cursor() == "sonarr"
        assert count(host) == "1 of 3"
        assert "name     sonarr" in host.details()
        await host.press("s")
        await host.until(lambda: len(host.app.screen_stack) == 2)
        assert "sonarr" in host.text("#prompt-title")
        assert "gluetun" not in host.text("#prompt-title")


async def test_keys_typed_at_once_act_on_the_match(host: Stage) -> None:
    async with host.open():
        await host.until(lambda: len(host.lines()) > 2)
        for key in ("slash", *"web", "enter", "l"):
            character = {"slash": "/", "enter": "\r"}.get(key, key)
            host.app.post_message(events.Key(key, character))
        await host.until(lambda: len(host.app.screen_stack) == 2)
        assert "web" in host.text("#container-title")


async def test_movement_stays_among_the_matches(host: Stage) -> None:
    async with host.open():
        await filter_by(host, "sonarr")
        down = ["sonarr-exporter", "sonarr-old", "sonarr-old"]
        assert await walked(host, ("j", "down", "j")) == down
        assert await walked(host, ("k", "up", "k")) == [down[0], "sonarr", "sonarr"]
        ends = ("G", "g", "end", "home", "pagedown", "pageup")
        assert await walked(host, ends) == ["sonarr-old", "sonarr"] * 3
        around = [*down[:2], "sonarr", "sonarr-old"]
        assert await walked(host, ("n", "n", "n", "N")) == around
        assert count(host) == "3 of 3"


async def test_a_click_on_what_is_only_context_does_nothing(host: Stage) -> None:
    async with host.open():
        await filter_by(host, "sonarr")
        await host.click("#groups", 3)
        assert host.cursor() == "sonarr"
        await host.press("j")
        assert host.cursor() == "sonarr-exporter"


async def test_context_is_dim_and_matches_are_not(host: Stage) -> None:
    async with host.open():
        await filter_by(host, "sonarr")
        tree = host.tree
        owner, match = (tree.get_node_at_line(line) for line in (0, 2))
        assert owner is not None
        assert match is not None
        plain = tree.rich_style
        dim = tree.get_component_rich_style("tone--muted", partial=True)
        for node, is_dim in ((owner, True), (match, False)):
            spans = tree.render_label(node, plain, plain).spans
            name = next(span for span in spans if span.start == 2)
            assert (name.style == dim) is is_dim


async def test_a_fold_is_open_while_it_has_matches(host: Stage) -> None:
    async with host.open():
        await host.until(lambda: len(host.lines()) > 2)
        everything = host.lines()
        fold = "2 containers that share no network"
        assert everything[-1] == fold
        await filter_by(host, "web")
        await host.until_lines("1 container that shares no network", "  web")
        assert host.cursor() == "web"
        await host.press("escape")
        await host.until_lines(*everything)
        row = host.tree.row_at_cursor()
        assert row is not None
        assert row.container is None


async def test_a_group_that_was_folded_is_folded_again_afterwards(host: Stage) -> None:
    async with host.open():
        await host.until(lambda: len(host.lines()) > 2)
        await host.goto("gluetun")
        await host.press("enter")
        assert "  sonarr" not in host.lines()
        folded = host.lines()
        await filter_by(host, "sonarr")
        assert host.cursor() == "sonarr"
        await host.press("escape")
        await host.until_lines(*folded)


async def test_a_match_that_is_folded_away_meanwhile_is_opened_again(
    host: Stage,
) -> None:
    async with host.open():
        await filter_by(host, "g")
        await host.until(lambda: host.cursor() == "gluetun")
        await host.press("slash", *"luetun", "enter")
        await filter_by(host, "")
        assert host.lines()[:2] == ["gluetun", "  prowlarr"]
        await host.press("enter")
        assert "  prowlarr" not in host.lines()
        host.world.run(Spec("unrelated"))
        await host.press("r")
        assert "  prowlarr" not in host.lines()
        await host.press("slash", "backspace", "enter")
        await host.until(lambda: "  prowlarr" in host.lines())


async def test_nothing_matches(host: Stage) -> None:
    async with host.open():
        await filter_by(host, "[x]")
        line = host.main.query_one(NoMatch)
        await host.until(lambda: line.display)
        assert str(line.content) == "nothing matches '[x]' · escape shows all"
        assert count(host) == "no match"
        assert host.lines() == []
        await host.press("s", "d", "n", "N", "j", "enter", "space")
        assert len(host.app.screen_stack) == 1
        await host.press("escape")
        await host.until(lambda: not line.display)
        assert len(host.lines()) > 2


async def test_an_empty_filter_goes_away_with_enter(host: Stage) -> None:
    async with host.open():
        await filter_by(host, " ")
        assert not host.main.query_one(FilterBar).display
        assert host.app.focused is host.tree


async def test_the_cursor_goes_to_a_match_when_its_own_is_gone(host: Stage) -> None:
    async with host.open():
        await filter_by(host, "sonarr", "j")
        assert host.cursor() == "sonarr-exporter"
        host.world.remove("sonarr-exporter", force=True)
        await host.until(lambda: "  sonarr-exporter" not in host.lines())
        assert host.cursor() == "sonarr-old"


async def test_going_to_what_is_only_context_clears_the_filter(host: Stage) -> None:
    async with host.open():
        await filter_by(host, "sonarr")
        host.main.browser.go_to(host.world.records.get("gluetun").id)
        await host.press()
        assert host.cursor() == "gluetun"
        assert not host.main.query_one(FilterBar).display


async def test_by_port(demo: Stage) -> None:
    async with demo.open(80, 24):
        await filter_by(demo, "8989")
        assert demo.cursor() == "vpn"
        assert count(demo) == "1 of 1"


async def test_it_begins_at_the_worst_finding_and_stays_there(host: Stage) -> None:
    set_health(host.world, "web", Health.UNHEALTHY)
    async with host.open(80, 24):
        await host.until(lambda: host.cursor() == "web")
        assert host.lines()[-2:] == ["  web", "  sonarr-old"]
        set_health(host.world, "app", Health.UNHEALTHY)
        await host.until(lambda: "2 incidents" in host.bar())
        assert host.cursor() == "web"


async def test_where_nothing_is_wrong_it_begins_at_the_top(host: Stage) -> None:
    async with host.open():
        await host.until(lambda: len(host.lines()) > 2)
        assert host.tree.cursor_line == 0


async def test_what_a_fold_hides_takes_no_room() -> None:
    world = World(lambda: NOON)
    world.run(Spec("vpn"))
    world.run(Spec("dep", network="container:vpn"))
    world.run(Spec("a-very-long-name-" * 3))
    stage = Stage(world)
    async with stage.open(80, 24):
        await stage.until(lambda: len(stage.lines()) > 2)
        narrow = stage.rows()[0].index("running")
        await stage.press("G", "enter")
        await stage.until(lambda: stage.rows()[0].index("running") > narrow)
        await stage.press("enter")
        await stage.until(lambda: stage.rows()[0].index("running") == narrow)
        assert stage.rows()[2].startswith(FOLD_MARK)
        assert not stage.tree.show_horizontal_scrollbar


async def test_what_is_in_doubt_is_told_before_the_engine(host: Stage) -> None:
    async with host.open(60, 20):
        await host.until(lambda: "verified by the kernel" in host.bar())
        assert host.bar().startswith("nstui  Docker 28.5.2")
        host.host.level = NamespacesRead.DECLARED
        await host.press("r")
        await host.until(lambda: "not verified" in host.bar())
        assert host.bar().startswith("nstui  not verified (engine only)")

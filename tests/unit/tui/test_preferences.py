"""What the user prefers: applied at the start, and kept at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Footer, Static

from nstui.analysis.preferences.choices import Choices, Column, LastLeft, Preferences
from nstui.analysis.tree.tree import SortOrder
from nstui.tui.screens.help import HelpScreen
from nstui.tui.screens.prompts import ActionScreen
from nstui.tui.session import Session
from nstui.tui.widgets.search import FilterInput
from tests.unit.tui.stage import Stage
from tests.unit.tui.test_kinds import view

if TYPE_CHECKING:
    import pytest

    from nstui.demo.world import World

ENDPOINT = "unix:///run/test.sock"


def prefer(
    world: World,
    choices: Choices | None = None,
    left: LastLeft | None = None,
    problems: tuple[str, ...] = (),
) -> tuple[Stage, Session]:
    """Return a stage with preferences, and what is kept of it."""
    session = Session(Preferences(choices or Choices(), problems=problems), left)
    return Stage(world, session=session), session


def footer(stage: Stage) -> dict[str, str]:
    """Return the keys that the footer shows, by their words."""
    found = {}
    for key in stage.app.screen.query_one(Footer).query("FooterKey"):
        found[str(getattr(key, "description", ""))] = getattr(key, "key_display", "")
    return found


async def test_the_theme_is_kept(demo: Stage) -> None:
    stage, session = prefer(demo.world, Choices(theme="nord"))
    async with stage.open(80, 24):
        await stage.until(lambda: bool(stage.lines()))
        assert stage.app.theme == "nord"
        assert "-theme-nord" in stage.app.classes
        assert session.changed.is_empty
        stage.app.search_themes()
        await stage.press(*"dracula")
        await stage.until(lambda: stage.app.screen.query("OptionList").first().display)
        await stage.press("down", "enter")
        await stage.until(lambda: stage.app.theme == "dracula")
        await stage.until(lambda: session.changed == LastLeft(theme="dracula"))


async def test_a_light_theme_is_light_from_the_start(demo: Stage) -> None:
    stage, session = prefer(demo.world, Choices(theme="textual-light"))
    async with stage.open(80, 24):
        await stage.until(lambda: bool(stage.lines()))
        assert "-light-mode" in stage.app.classes
        assert "-dark-mode" not in stage.app.classes
        assert session.changed.is_empty


async def test_a_theme_that_does_not_exist_is_not_used(demo: Stage) -> None:
    stage, _ = prefer(demo.world, Choices(theme="of yesterday"))
    async with stage.open(80, 24):
        assert stage.app.theme == "textual-dark"


async def test_without_colours_no_theme_is_used(
    demo: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stage, session = prefer(demo.world, Choices(theme="nord"))
    async with stage.open(80, 24):
        await stage.until(lambda: bool(stage.lines()))
        assert stage.app.theme == "textual-dark"
        assert session.changed.is_empty


async def test_the_order_is_kept(demo: Stage) -> None:
    stage, session = prefer(demo.world, Choices(order=SortOrder.NAME))
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 10)
        assert view(stage) == "by name"
        assert stage.lines()[-2:] != []
        tops = [line for line in stage.lines() if not line.startswith(" ")]
        assert tops.index("vpn") > tops.index("pod-infra")
        assert session.changed.is_empty
        await stage.press("o")
        assert session.changed == LastLeft(order=SortOrder.STATE)


async def test_folds_are_kept_by_the_owners_name(vpn: Stage) -> None:
    stage, session = prefer(vpn.world)
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 5)
        await stage.goto("vpn")
        await stage.press("enter", "G", "enter")
        await stage.until_lines("vpn", "1 container that shares no network", "  loner")
    changed = session.changed
    assert changed == LastLeft(
        folds={ENDPOINT: {"container:vpn": False, "unshared": True}}
    )
    again, session = prefer(vpn.world, left=changed)
    async with again.open():
        await again.until_lines("vpn", "1 container that shares no network", "  loner")
        assert session.changed.is_empty
        await again.goto("vpn")
        await again.press("enter")
        await again.until(lambda: len(again.lines()) == 6)
    assert session.changed.folds == {ENDPOINT: {"container:vpn": True}}


async def test_the_folds_of_another_engine_do_not_count(vpn: Stage) -> None:
    left = LastLeft(folds={"tcp://other": {"container:vpn": False}})
    stage, _ = prefer(vpn.world, left=left)
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 5)


async def test_a_filter_folds_nothing_for_good(vpn: Stage) -> None:
    stage, session = prefer(vpn.world)
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 5)
        await stage.press("slash", *"loner", "enter", "escape")
        await stage.until(lambda: len(stage.lines()) == 5)
    assert session.changed.is_empty


async def test_columns_are_left_out(demo: Stage) -> None:
    stage, _ = prefer(demo.world, Choices(columns=(Column.COMPOSE,)))
    async with stage.open(160, 40):
        await stage.until(lambda: len(stage.lines()) > 10)
        drawn = "\n".join(stage.rows())
        assert "+pid" not in drawn
        assert "media/" in drawn
        assert "qbittorrent:" not in drawn
    async with demo.open(160, 40):
        await demo.until(lambda: len(demo.lines()) > 10)
        drawn = "\n".join(demo.rows())
        assert "+pid" in drawn
        assert "qbittorrent:" in drawn


async def test_keys_are_the_users_own(demo: Stage) -> None:
    keymap = {"remove": "x,delete", "stop": "d", "refresh": "f5"}
    stage, _ = prefer(demo.world, Choices(keymap=keymap))
    async with stage.open(80, 24):
        await stage.until(lambda: len(stage.lines()) > 10)
        await stage.goto("vpn")
        shown = footer(stage)
        assert (shown["Remove"], shown["Stop"]) == ("x", "d")
        await stage.press("s")
        assert not isinstance(stage.app.screen, ActionScreen)
        for key, word in (("x", "Remov"), ("d", "Stop")):
            await stage.press(key)
            await stage.until(lambda: isinstance(stage.app.screen, ActionScreen))
            texts = stage.app.screen.query(Static).results()
            assert word in " ".join(str(each.content) for each in texts)
            await stage.press("escape")
            await stage.until(lambda: stage.app.screen is stage.main)
        await stage.press("question_mark")
        await stage.until(lambda: isinstance(stage.app.screen, HelpScreen))
        help_ = str(stage.app.screen.query_one("#help-text", Static).content)
        lines = [line.split(maxsplit=2) for line in help_.splitlines()]
        assert ["f5", "Read", "everything again now"] in lines
        assert not any(line[:1] == ["r"] for line in lines)


async def test_the_filter_opens_with_another_key(demo: Stage) -> None:
    stage, _ = prefer(demo.world, Choices(keymap={"filter": "f3"}))
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 10)
        await stage.press("slash", "f3", *"sonarr")
        box = stage.main.query_one(FilterInput)
        await stage.until(lambda: box.value == "sonarr")
        assert stage.app.focused is box


async def test_mistakes_are_told_without_being_parsed(demo: Stage) -> None:
    problems = ("c.toml: [red]them is not a setting", "b", "c", "d", "e")
    stage, _ = prefer(demo.world, problems=problems)
    async with stage.open():
        await stage.until(lambda: bool(stage.lines()))
        assert stage.notices() == [*problems[:3], "2 more: nstui config"]


async def test_the_demo_has_folds_of_its_own(vpn: Stage) -> None:
    stage, session = prefer(vpn.world, Choices(order=SortOrder.NAME))
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 5)
        stage.app.demo.enter()
        await stage.until(lambda: len(stage.lines()) > 10)
        assert view(stage) == "by name"
        owner = next(row for row in stage.tree.rows() if row.label == "vpn")
        stage.tree.move_to(owner.key)
        await stage.press("enter")
        await stage.until(lambda: not session.changed.is_empty)
    assert session.changed.folds == {"demo://": {"container:vpn": False}}

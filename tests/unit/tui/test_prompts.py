"""The prompts before an action: their keys, their buttons, and what they ignore."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest
from textual.events import Key, MouseDown, MouseUp
from textual.widgets import Button, Input

from nstui.demo.containers import Spec
from nstui.demo.world import World
from nstui.tui.screens.closing import REACTION_S
from nstui.tui.screens.prompts import ActionScreen, Choice
from nstui.tui.screens.questions import OwnerScreen, QuestionScreen
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage
from tests.unit.tui.test_actions import ask, states

if TYPE_CHECKING:
    from textual.widget import Widget

SIX = (
    *("flaresolverr", "prowlarr", "qbittorrent"),
    *("radarr", "sonarr", "torrent-exporter"),
)
FORTY = tuple(f"worker-{number:02}" for number in range(40))
REMOVE = ("Keep vpn", "Remove vpn and its 6 dependents", "Remove only vpn")


def group(*names: str) -> Stage:
    """Return a host with an owner and its dependents."""
    world = World(lambda: NOON)
    world.run(Spec("vpn"))
    for name in names:
        world.run(Spec(name, network="container:vpn"))
    return Stage(world)


def drawn(stage: Stage) -> str:
    """Return what is on the screen."""
    strips = stage.app.screen._compositor.render_strips()  # noqa: SLF001 - as it is drawn
    return "\n".join(strip.text for strip in strips)


def focused(stage: Stage) -> str | None:
    widget: Widget | None = stage.app.screen.focused
    return None if widget is None else widget.id


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20), (40, 20)])
async def test_all_names_and_whole_buttons_are_on_the_screen(
    size: tuple[int, int],
) -> None:
    stage = group(*SIX)
    async with stage.open(*size):
        prompt = await ask(stage, "d", "vpn")
        await stage.press()
        text = drawn(stage)
        assert [name for name in SIX if name not in text] == []
        assert [label for label in REMOVE if label not in text] == []
        assert "y type the name · n/esc keep" in text
        width, height = size
        for button in prompt.query(Button):
            assert button.region.right < width
            assert button.region.bottom < height


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 20)])
async def test_what_has_no_room_scrolls_and_is_counted(size: tuple[int, int]) -> None:
    stage = group(*FORTY)
    async with stage.open(*size):
        await ask(stage, "d", "vpn")
        await stage.press()
        shown = stage.text("#below")
        assert shown.startswith("▼ ")
        assert shown in drawn(stage)
        seen = {name for name in FORTY if name in drawn(stage)}
        for _ in range(20):
            await stage.press("pagedown")
            seen |= {name for name in FORTY if name in drawn(stage)}
        assert seen == set(FORTY)
        assert stage.text("#below").startswith("▲ ")
        assert "worker-39 vpn" in drawn(stage)


async def test_the_count_is_of_what_is_below() -> None:
    stage = group(*FORTY)
    async with stage.open(60, 20):
        prompt = await ask(stage, "d", "vpn")
        await stage.press()
        text = prompt.query_one("#effects")
        count = text.max_scroll_y
        assert stage.text("#below") == f"▼ {count} more lines below"
        await stage.press("j")
        assert stage.text("#below") == f"▼ {count - 1} more lines below"
        await stage.press("k", "k")
        assert stage.text("#below") == f"▼ {count} more lines below"


async def test_a_prompt_fits_itself_to_another_size() -> None:
    stage = group(*SIX)
    async with stage.open(120, 40):
        prompt = await ask(stage, "d", "vpn")
        for size in ((40, 20), (60, 20), (80, 24)):
            await stage.resize(*size)
            await stage.press()
            assert [label for label in REMOVE if label not in drawn(stage)] == []
            hints = prompt.query_one("#hints")
            assert hints.region.bottom == prompt.query_one("#prompt").region.bottom - 1


@pytest.mark.parametrize(
    ("key", "label"),
    [
        ("d", "Keep vpn"),
        ("s", "Keep vpn running"),
        ("K", "Keep vpn running"),
        ("R", "Leave vpn as it is"),
    ],
)
async def test_the_default_keeps_and_says_what(key: str, label: str) -> None:
    stage = group("a", "b")
    async with stage.open():
        prompt = await ask(stage, key, "vpn")
        assert focused(stage) == Choice.KEEP
        assert str(prompt.query_one("#keep", Button).label) == label
        await stage.press("enter")
        await stage.until(lambda: stage.app.screen is stage.main)
        assert set(states(stage).values()) == {"running"}


@pytest.mark.parametrize("key", ["n", "escape", "enter"])
@pytest.mark.parametrize("action", ["d", "s", "K", "R"])
async def test_each_key_that_cancels(key: str, action: str) -> None:
    stage = group("a")
    async with stage.open():
        await ask(stage, action, "vpn")
        await stage.press(key)
        await stage.until(lambda: stage.app.screen is stage.main)
        assert stage.notices() == []
        assert states(stage) == {"vpn": "running", "a": "running"}


@pytest.mark.parametrize(
    ("action", "name", "said"),
    [
        ("d", "loner", "removed loner; U brings it back"),
        ("s", "loner", "stopped loner"),
        ("K", "loner", "killed loner"),
        ("R", "loner", "restarted loner"),
        ("s", "vpn", "stopped a, b-sidecar, b, vpn"),
        ("R", "vpn", "restarted vpn, a, b, b-sidecar"),
    ],
)
async def test_y_acts_in_the_least_harmful_way(
    vpn: Stage, action: str, name: str, said: str
) -> None:
    async with vpn.open():
        await ask(vpn, action, name)
        await vpn.press("y")
        await vpn.until(lambda: bool(vpn.notices()))
        assert vpn.notices()[0].startswith(said)


async def test_y_is_no_way_around_the_name(vpn: Stage) -> None:
    async with vpn.open():
        prompt = await ask(vpn, "d", "vpn")
        await vpn.press("y")
        assert focused(vpn) == "name"
        await vpn.press("y", "enter")
        assert prompt.query_one(Input).value == "y"
        assert all(b.disabled for b in prompt.query(Button) if b.id != Choice.KEEP)
        await vpn.press("escape")
        await vpn.until(lambda: vpn.app.screen is vpn.main)
        assert len(states(vpn)) == 5


async def test_arrows_go_from_button_to_button(vpn: Stage) -> None:
    async with vpn.open(40, 20):
        await ask(vpn, "R", "vpn")
        for key, there in (
            ("down", Choice.WITH_DEPENDENTS),
            ("up", Choice.KEEP),
            ("right", Choice.WITH_DEPENDENTS),
            ("left", Choice.KEEP),
        ):
            await vpn.press(key)
            assert focused(vpn) == there


@pytest.mark.parametrize(
    ("action", "name", "variants"),
    [
        ("d", "loner", {"keep": "primary", "act": "error"}),
        ("s", "loner", {"keep": "primary", "act": "warning"}),
        (
            "R",
            "vpn",
            {"keep": "primary", "with-dependents": "warning", "anyway": "error"},
        ),
        (
            "d",
            "vpn",
            {"keep": "primary", "with-dependents": "error", "anyway": "error"},
        ),
    ],
)
async def test_colours_go_by_harm(
    vpn: Stage, action: str, name: str, variants: dict[str, str]
) -> None:
    async with vpn.open():
        prompt = await ask(vpn, action, name)
        assert {b.id: b.variant for b in prompt.query(Button)} == variants


async def test_a_heal_that_loses_nothing_is_not_red(vpn: Stage) -> None:
    vpn.world.restart("vpn")
    async with vpn.open():
        prompt = await ask(vpn, "H")
        act = prompt.query_one("#act", Button)
        assert (str(act.label), act.variant) == ("Heal 3 containers", "success")
        assert not prompt.query_one("#prompt").has_class("-harmful")


def type_ahead(*keys: str) -> list[Key]:
    """Return keys that are typed now, to be handled later."""
    return [Key(key, key if len(key) == 1 else None) for key in keys]


async def test_keys_typed_before_the_prompt_do_not_reach_it(vpn: Stage) -> None:
    early = type_ahead("tab", "enter", "y", "right", "enter")
    async with vpn.open():
        await ask(vpn, "d", "loner")
        await vpn.react()
        for key in early:
            vpn.app.post_message(key)
        await vpn.press()
        assert isinstance(vpn.app.screen, ActionScreen)
        assert focused(vpn) == Choice.KEEP
        assert len(states(vpn)) == 5
        await vpn.press("tab", "enter")
        await vpn.until(lambda: len(states(vpn)) == 4)


async def test_nobody_reacts_to_a_prompt_at_once(vpn: Stage) -> None:
    async with vpn.open():
        prompt = await ask(vpn, "d", "loner")
        await vpn.until(lambda: prompt.heeds_from < float("inf"))
        hasty = Key("y", "y")
        hasty.time = prompt.heeds_from - REACTION_S / 2
        vpn.app.post_message(hasty)
        await vpn.press()
        assert vpn.app.screen is prompt
        hasty = Key("y", "y")
        hasty.time = prompt.heeds_from
        vpn.app.post_message(hasty)
        await vpn.until(lambda: len(states(vpn)) == 4)


async def test_keys_meant_for_the_tree_do_not_reach_a_prompt_over_it(
    vpn: Stage,
) -> None:
    """A key that the tree leaves alone goes to the bindings of what is on top."""
    async with vpn.open():
        await vpn.goto("loner")
        early = type_ahead("y", "enter")
        prompt = await ask(vpn, "d", "loner")
        await vpn.react()
        for key in early:
            key._set_forwarded()  # noqa: SLF001 - as the app does before it has an effect
            vpn.tree.post_message(key)
        await vpn.press()
        assert vpn.app.screen is prompt
        assert len(states(vpn)) == 5


async def test_clicks_from_before_a_prompt_do_not_reach_it(vpn: Stage) -> None:
    async with vpn.open():
        began = time.monotonic()
        prompt = await ask(vpn, "d", "loner")
        await vpn.press()
        x, y = prompt.query_one("#act").region.offset
        for kind in (MouseDown, MouseUp):
            event = kind(None, x + 1, y, 0, 0, 1, shift=False, meta=False, ctrl=False)
            event.time = began
            vpn.app.post_message(event)
        await vpn.press()
        assert vpn.app.screen is prompt
        await vpn.click("#act", 1)
        await vpn.until(lambda: len(states(vpn)) == 4)


async def test_escape_is_heard_at_once(vpn: Stage) -> None:
    async with vpn.open():
        await ask(vpn, "d", "loner")
        vpn.app.post_message(Key("escape", None))
        await vpn.until(lambda: vpn.app.screen is vpn.main)


async def test_a_name_may_be_typed_as_fast_as_one_can(vpn: Stage) -> None:
    async with vpn.open():
        prompt = await ask(vpn, "s", "vpn")
        prompt.query_one(Input).focus()
        await vpn.react()
        for key in type_ahead(*"vpn", "enter"):
            vpn.app.post_message(key)
        await vpn.until(lambda: states(vpn)["vpn"] == "exited")
        assert states(vpn)["a"] == "running"


async def test_a_name_may_follow_y_at_once(vpn: Stage) -> None:
    """Its letters do not reach the button that has the focus: n would keep."""
    async with vpn.open():
        prompt = await ask(vpn, "d", "vpn")
        await vpn.react()
        for key in type_ahead("y", *"vpn", "enter"):
            vpn.app.post_message(key)
        await vpn.until(lambda: focused(vpn) == Choice.ANYWAY)
        assert prompt.query_one(Input).value == "vpn"


@pytest.mark.parametrize("turns", range(4))
async def test_no_letter_of_a_name_is_lost_whenever_it_comes_after_y(
    vpn: Stage, turns: int
) -> None:
    """What moves the focus has its turn between any two of the keys."""
    keys = ("y", *"vpn", "enter")
    async with vpn.open():
        for pause_after in range(1, len(keys)):
            prompt = await ask(vpn, "d", "vpn")
            await vpn.react()
            typed = type_ahead(*keys)
            for key in typed[:pause_after]:
                vpn.app.post_message(key)
            for _ in range(turns):
                await asyncio.sleep(0)
            for key in typed[pause_after:]:
                vpn.app.post_message(key)
            await vpn.until(lambda: focused(vpn) == Choice.ANYWAY)
            assert prompt.query_one(Input).value == "vpn"
            await vpn.press("escape")


@pytest.fixture
def orphans() -> Stage:
    """Two dependents whose owners are gone, and some that could replace them."""
    world = World(lambda: NOON)
    for old, dependent in (("old", "dep"), ("elder", "kid")):
        world.run(Spec(old))
        world.run(Spec(dependent, network=f"container:{old}"))
        world.remove(old, force=True)
    for name in ("alpha", "beta", "gamma"):
        world.run(Spec(name))
    return Stage(world)


async def heal(stage: Stage) -> None:
    await stage.until(lambda: bool(stage.lines()))
    for dependent in ("dep", "kid"):
        await stage.goto(dependent)
        await stage.press("space")
    await stage.press("H")
    await stage.until(lambda: isinstance(stage.app.screen, OwnerScreen))


def asked(stage: Stage) -> str:
    """Return the title of what is on top; empty if that is no prompt."""
    found = stage.app.screen.query("#prompt-title")
    return stage.text("#prompt-title") if found else ""


def is_asked(stage: Stage, question: str) -> bool:
    return asked(stage) == question


async def test_escape_goes_back_in_a_chain_of_prompts(orphans: Stage) -> None:
    async with orphans.open():
        await heal(orphans)
        first = asked(orphans)
        assert first.endswith(" is gone. Which container should it join?")
        await orphans.press("down", "enter")
        await orphans.until(lambda: asked(orphans) not in {first, ""})
        second = asked(orphans)
        assert isinstance(orphans.app.screen, OwnerScreen)
        await orphans.press("down", "enter")
        await orphans.until(lambda: isinstance(orphans.app.screen, ActionScreen))
        assert focused(orphans) == Choice.KEEP
        assert "esc back" in drawn(orphans)
        for question in (second, first):
            await orphans.press("escape")
            await orphans.until(partial(is_asked, orphans, question))
        await orphans.press("escape")
        await orphans.until(lambda: orphans.app.screen is orphans.main)
        assert orphans.notices() == []


async def test_what_is_left_alone_is_not_asked_again(orphans: Stage) -> None:
    async with orphans.open():
        await heal(orphans)
        first = asked(orphans)
        await orphans.press("enter")
        await orphans.until(lambda: asked(orphans) not in {first, ""})
        await orphans.press("down", "enter")
        await orphans.until(lambda: isinstance(orphans.app.screen, ActionScreen))
        assert "not healed: " in orphans.text("#effects-text")
        assert "--onto" not in orphans.text("#effects-text")


async def test_what_is_typed_narrows_the_candidates(orphans: Stage) -> None:
    async with orphans.open():
        await heal(orphans)
        answers = orphans.app.screen.query_one("#answers")
        await orphans.press(*"gam")
        await orphans.until(lambda: "beta" not in drawn(orphans))
        shown = drawn(orphans)
        assert "gamma" in shown
        assert "Leave " in shown
        await orphans.press(*"xx")
        await orphans.until(lambda: "nothing matches 'gamxx'" in drawn(orphans))
        await orphans.press(*("backspace",) * 2)
        await orphans.until(lambda: "nothing matches" not in drawn(orphans))
        assert answers.region.height >= 1
        first = asked(orphans)
        await orphans.press("enter")
        await orphans.until(lambda: asked(orphans) not in {first, ""})
        await orphans.press("enter")
        await orphans.until(lambda: isinstance(orphans.app.screen, ActionScreen))
        assert " on gamma" in orphans.text("#effects-text")


@pytest.mark.parametrize("size", [(80, 24), (60, 20), (40, 20)])
async def test_a_long_result_scrolls(vpn: Stage, size: tuple[int, int]) -> None:
    lines = [f"failed: line {number}" for number in range(50)]
    async with vpn.open(*size):
        vpn.app.push_screen(
            QuestionScreen("Not everything was healed", lines, ("close",))
        )
        await vpn.press()
        assert vpn.text("#below").startswith("▼ ")
        assert "close" in drawn(vpn)
        await vpn.press("pagedown")
        assert "line 49" not in drawn(vpn)
        await vpn.press(*("pagedown",) * 8)
        assert "line 49" in drawn(vpn)
        await vpn.press("enter")
        assert vpn.app.screen is vpn.main

"""Another context is opened inside the screen."""

from __future__ import annotations

from typing import Never

from textual.widgets import Input, OptionList

from nstui.errors import EngineUnreachable
from nstui.service.hosts import SeveralHosts
from nstui.tui.palette import Palette
from nstui.tui.screens.hosts import HostsScreen
from tests.support.sim_faults import SilentEngine
from tests.unit.tui.hosts_stage import HostsStage, pair


async def choose(stage: HostsStage, words: str) -> None:
    """Choose a context in the palette that is about to open."""
    await stage.until(lambda: isinstance(stage.app.screen, Palette))
    await stage.press(*words)
    palette = stage.app.screen
    await stage.until(lambda: palette.query_one(OptionList).option_count == 1)
    await stage.press("enter")
    await stage.until(lambda: not palette.is_attached)


async def test_another_context_makes_a_list_of_the_two() -> None:
    stage = HostsStage(pair("nas"), contexts=(pair("attic"), pair("barn")))
    async with stage.open():
        await stage.until_open("nas")
        await stage.press("backspace")
        assert stage.is_open("nas")
        await stage.press("colon")
        await choose(stage, "att")
        await stage.until_open("attic")
        assert stage.bar().startswith("nstui  attic  ")
        await stage.press("backspace")
        await stage.until(lambda: isinstance(stage.app.screen, HostsScreen))
        for name in ("nas", "attic"):
            await stage.until_row(name, "✓ nothing wrong")
        assert stage.at_cursor() == "attic"
        await stage.press("colon")
        await choose(stage, "bar")
        await stage.until_open("barn")
        await stage.press("colon")
        await choose(stage, "att")
        await stage.until_open("attic")
        assert stage.hosts["attic"].connected == 1


async def test_the_palette_offers_it_also_where_one_host_is_shown() -> None:
    stage = HostsStage(pair("nas"), contexts=(pair("attic"),))
    async with stage.open():
        await stage.until_open("nas")
        await stage.command("open context")
        await choose(stage, "attic")
        await stage.until_open("attic")


async def test_a_context_that_cannot_be_connected_changes_nothing() -> None:
    gone = pair("attic")
    gone.error = EngineUnreachable("the docker context 'attic' does not exist")
    stage = HostsStage(pair("nas"), contexts=(gone,))
    async with stage.open():
        await stage.until_open("nas")
        await stage.press("colon")
        await choose(stage, "attic")
        await stage.until(
            lambda: "the docker context 'attic' does not exist" in stage.notices()
        )
        assert stage.is_open("nas")
        assert len(stage.app.screen_stack) == 1


async def test_an_unknown_name_matches_nothing_and_changes_nothing() -> None:
    stage = HostsStage(pair("nas"), contexts=(pair("attic"),))
    async with stage.open():
        await stage.until_open("nas")
        await stage.press("colon")
        await stage.until(lambda: isinstance(stage.app.screen, Palette))
        await stage.press(*"zzz")
        palette = stage.app.screen
        options = palette.query_one(OptionList)
        await stage.until(
            lambda: any("No matches" in str(o.prompt) for o in options.options)
        )
        assert palette.query_one(Input).value == "zzz"
        await stage.press("enter", "escape")
        await stage.until(lambda: stage.is_open("nas"))


async def test_contexts_that_cannot_be_listed_are_told() -> None:
    def fail() -> Never:
        raise EngineUnreachable("docker's configuration cannot be read")

    stage = HostsStage(pair("nas"), contexts=())
    stage.app._hosts._several = SeveralHosts((stage.hosts["nas"].choice,), fail)  # type: ignore[union-attr]  # noqa: SLF001 - the stage gives a tuple
    async with stage.open():
        await stage.until_open("nas")
        await stage.press("colon")
        await stage.until(
            lambda: stage.notices() == ["docker's configuration cannot be read"]
        )


async def test_the_context_that_is_shown_is_not_connected_again() -> None:
    nas = pair("nas")
    stage = HostsStage(nas, contexts=(nas,))
    async with stage.open():
        await stage.until_open("nas")
        await stage.press("colon")
        await choose(stage, "nas")
        await stage.until(lambda: stage.notices() == ["nas is shown already"])
        assert nas.connected == 1
        assert len(stage.app.screen_stack) == 1


async def test_a_context_that_is_connected_late_does_not_close_a_screen() -> None:
    attic = pair("attic")
    attic.may_connect.clear()
    stage = HostsStage(pair("nas"), contexts=(attic,))
    async with stage.open():
        await stage.until_open("nas")
        await stage.press("colon")
        await choose(stage, "attic")
        await stage.press("question_mark")
        await stage.until(lambda: len(stage.app.screen_stack) == 2)
        attic.may_connect.set()
        await stage.until(
            lambda: "attic is not opened: close this screen first" in stage.notices()
        )
        assert len(stage.app.screen_stack) == 2


async def test_without_contexts_there_is_no_key_for_them() -> None:
    stage = HostsStage(pair("nas"), pair("attic"))
    async with stage.open():
        await stage.until_row("nas", "just now")
        await stage.press("colon")
        await stage.enter("nas")
        await stage.press("colon")
        assert stage.is_open("nas")


async def test_a_context_without_an_answer_is_left_for_the_next_host() -> None:
    silent = pair("attic", engine=SilentEngine)
    stage = HostsStage(pair("a"), pair("b"), contexts=(silent,))
    async with stage.open():
        await stage.until_row("a", "just now")
        await stage.until_row("b", "just now")
        await stage.enter("a")
        await stage.press("colon")
        await choose(stage, "attic")
        await stage.until(lambda: stage.bar().startswith("nstui  attic"))
        await stage.press("greater_than_sign")
        await stage.until_open("a")

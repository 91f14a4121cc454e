"""The palette: commands by their groups, containers when typing, and the demo."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from textual.widgets import OptionList

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.tui.key_groups import KeyGroup
from nstui.tui.notices import HostBar
from nstui.tui.widgets.search import FilterBar
from tests.unit.tui.stage import PATIENCE_S, Stage, demo_connection

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.container import Container
    from nstui.service.host import Host


def titles(stage: Stage) -> list[str]:
    """Return what the palette offers on the screen, in its order."""
    return [c.title for c in stage.app.get_system_commands(stage.app.screen)]


def options(stage: Stage) -> list[str]:
    """Return the texts in the open palette."""
    listed = stage.app.screen.query_one(OptionList)
    return [str(option.prompt) for option in listed.options]


async def test_commands_are_in_the_order_of_the_help(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: len(vpn.lines()) > 2)
        await vpn.goto("vpn")
        offered = titles(vpn)
        groups = [title.split(":")[0] for title in offered[:-1]]
        assert list(dict.fromkeys(groups)) == [
            group for group in KeyGroup if group is not KeyGroup.MOVE
        ]
        assert offered[0] == "Look: Findings"
        assert offered[-1] == "Demo: show a simulated host"
        await vpn.press("ctrl+p")
        await vpn.until(lambda: len(options(vpn)) == len(offered))
        assert [option.splitlines()[0] for option in options(vpn)] == offered
        assert options(vpn)[0].splitlines()[1] == "List the incidents · f"


async def test_a_picture_is_saved_and_it_is_said_where(
    vpn: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with vpn.open():
        await vpn.until(lambda: len(vpn.lines()) > 2)
        await vpn.command("Screenshot")
        await vpn.until(lambda: bool(vpn.notices()))
        (said,) = vpn.notices()
    (file,) = tmp_path.iterdir()  # noqa: ASYNC240 - nothing else runs by now
    assert said == f"the picture of the screen is in {file}"
    picture = file.read_text()
    assert picture.startswith("<svg")
    assert "b-sidecar" in picture
    assert "Screenshot" not in picture


async def test_a_picture_that_cannot_be_saved_is_told(
    vpn: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "no-folder").touch()
    there = str(tmp_path / "no-folder" / "x.svg")
    monkeypatch.setattr("nstui.tui.palette.default_path", lambda _: there)
    async with vpn.open():
        await vpn.until(lambda: len(vpn.lines()) > 2)
        await vpn.command("Screenshot")
        await vpn.until(lambda: bool(vpn.notices()))
        assert vpn.notices() == [f"{there} cannot be written: not a directory"]


async def test_containers_are_offered_for_what_is_typed(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: len(vpn.lines()) > 2)
        await vpn.goto("vpn")
        await vpn.press("ctrl+p")
        await vpn.until(lambda: len(options(vpn)) > 10)
        assert not [option for option in options(vpn) if "loner" in option]
        await vpn.press(*"loner")
        await vpn.until(lambda: options(vpn) == ["Go to loner"])
        await vpn.press("enter")
        await vpn.until(lambda: vpn.cursor() == "loner")


async def test_commands_that_cannot_be_used_are_not_offered(vpn: Stage) -> None:
    vpn.world.stop("loner")
    async with vpn.open():
        await vpn.until(lambda: len(vpn.lines()) > 2)
        await vpn.goto("vpn")
        assert "Act: Stop" in titles(vpn)
        await vpn.press("G")
        await vpn.until(lambda: vpn.main.container_at_cursor() is None)
        assert "Act: Stop" not in titles(vpn)
        assert "Act: Prune" in titles(vpn)


async def test_a_log_has_commands_of_its_own(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: len(vpn.lines()) > 2)
        await vpn.goto("vpn")
        await vpn.press("l")
        await vpn.until(lambda: vpn.app.screen is not vpn.main)
        assert {"Look: Save", "Arrange: Wrap", "Find: Search"} <= set(titles(vpn))
        assert not [title for title in titles(vpn) if "emo" in title or "Act" in title]


async def test_the_demo_is_left_for_the_host_as_it_was(vpn: Stage) -> None:
    async with vpn.open():
        await vpn.until(lambda: len(vpn.lines()) > 2)
        live = vpn.main
        await vpn.press("slash", *"loner", "enter")
        await vpn.until(lambda: vpn.cursor() == "loner")
        await vpn.press("D")
        assert vpn.app.screen is live

        await vpn.command("demo: show")
        await vpn.until(lambda: vpn.main is not live and len(vpn.lines()) > 10)
        assert "DEMO" in vpn.bar()
        assert "back to unix:///run/test.sock" in vpn.notices()[0]
        assert "Demo: show a simulated host" not in titles(vpn)
        vpn.world.run(Spec("loner-too"))

        await vpn.command("leave the demo")
        await vpn.until(lambda: vpn.main is live)
        assert "DEMO" not in str(live.query_one(HostBar).content)
        assert live.query_one(FilterBar).text == "loner"
        assert vpn.cursor() == "loner"
        await vpn.until(lambda: "loner-too" in "".join(vpn.lines()))
        vpn.world.run(Spec("loner-three"))
        await vpn.until(lambda: "loner-three" in "".join(vpn.lines()))
        assert "Leave the demo" not in titles(vpn)

        await vpn.command("demo: show")
        await vpn.until(lambda: vpn.main is not live)
        await vpn.press("q")
        assert vpn.app.return_code == 0


async def test_a_demo_from_the_start_is_not_left(demo: Stage) -> None:
    class DemoStage(Stage):
        def connection(self) -> Host:
            return demo_connection()

    stage = DemoStage(demo.world)
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 10)
        assert "DEMO" in stage.bar()
        assert not [title for title in titles(stage) if "emo" in title.split(":")[0]]
        stage.app.demo.leave()
        stage.app.demo.enter()
        await stage.press()
        assert stage.app.screen is stage.main


class SlowEngine(SimEngine):
    """An engine that answers only when it may."""

    may_answer = threading.Event()

    def containers(self) -> tuple[Container, ...]:
        assert self.may_answer.wait(PATIENCE_S)
        return super().containers()


async def test_no_demo_while_an_action_is_planned(vpn: Stage) -> None:
    SlowEngine.may_answer.set()
    stage = Stage(vpn.world, engine=SlowEngine)
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 2)
        await stage.goto("vpn")
        SlowEngine.may_answer.clear()
        await stage.press("s")
        await stage.until(lambda: stage.main.is_busy)
        stage.app.demo.enter()
        SlowEngine.may_answer.set()
        sentence = "an action is under way: try again when it has ended"
        await stage.until(lambda: stage.notices() == [sentence])
        assert "DEMO" not in stage.bar()
        await stage.until(lambda: stage.app.screen is not stage.main)


@pytest.mark.parametrize("flag", ["_show_busy", "_list_visible"])
async def test_a_palette_that_is_half_removed_ends_nothing(
    vpn: Stage, flag: str
) -> None:
    async with vpn.open():
        await vpn.until(lambda: len(vpn.lines()) > 2)
        await vpn.press("ctrl+p")
        palette = vpn.app.screen
        await vpn.until(lambda: bool(options(vpn)))
        await palette.query_one(OptionList).remove()
        # As its timers do, which end later than its parts.
        setattr(palette, flag, not getattr(palette, flag))
        await vpn.press("escape")
        await vpn.until(lambda: vpn.app.screen is vpn.main)

"""The key that makes containers anew: what is asked, shown and done."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from textual.widgets import OptionList

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.images import SimImage
from nstui.demo.world import World
from nstui.tui.screens.action_flow import LOSING
from nstui.tui.screens.closing import ProgressScreen
from nstui.tui.screens.prompts import ActionScreen
from nstui.tui.screens.questions import DecisionScreen
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.image import Image, PullProgress

IMAGE = "qmcgaw/gluetun:v3.40"
NEW = SimImage(id=f"sha256:{'1' * 64}")


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let what nothing can end in a simulation count as steady at once."""
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0)


def vpn(engine: type[SimEngine] = SimEngine, *, is_read_only: bool = False) -> Stage:
    """Return a host with an owner of whose image there is a newer one."""
    world = World(lambda: NOON)
    world.run(Spec("vpn", IMAGE))
    world.run(Spec("web", network="container:vpn"))
    world.image_store.publish(IMAGE, NEW)
    return Stage(world, engine=engine, is_read_only=is_read_only)


async def asked(stage: Stage) -> None:
    """Press the key on the owner; wait for the question."""
    await stage.until(lambda: bool(stage.lines()))
    await stage.goto("vpn")
    await stage.press("C")
    await stage.until(lambda: isinstance(stage.app.screen, DecisionScreen))


async def prompted(stage: Stage, *keys: str) -> None:
    """Answer the question; wait for the prompt."""
    await stage.press(*keys)
    await stage.until(lambda: isinstance(stage.app.screen, ActionScreen))


def image_of(stage: Stage, name: str) -> str:
    """Return the id of the image that a container is made of."""
    record = stage.world.records.get(name)
    return str(stage.engine.inspect(record.id)["Image"])


async def test_it_asks_from_which_image() -> None:
    stage = vpn()
    async with stage.open():
        await asked(stage)
        assert stage.text("#prompt-title") == "Recreate vpn from which image?"
        answers = stage.app.screen.query_one("#answers", OptionList)
        assert [str(one.prompt) for one in answers.options] == [
            "The image that is here",
            "The newest one: pull it first",
        ]
        await stage.press("escape")
        await stage.until(lambda: stage.app.screen is stage.main)
        assert stage.notices() == []


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (60, 20)])
async def test_the_question_stands_in_the_middle(size: tuple[int, int]) -> None:
    stage = vpn()
    async with stage.open(*size):
        await asked(stage)
        width, height = size
        box = stage.app.screen.query_one("#prompt").region
        assert abs(box.y - (height - box.bottom)) <= 1
        assert abs(box.x - (width - box.right)) <= 1


async def test_the_prompt_says_what_is_done_and_what_is_put_back() -> None:
    stage = vpn()
    async with stage.open():
        await asked(stage)
        await prompted(stage, "down", "enter")
        assert stage.text("#prompt-title") == "Recreate vpn?"
        shown = stage.text("#effects-text").splitlines()
        assert shown[1:] == [
            f"pulls {IMAGE}",
            f"recreates vpn from {IMAGE}",
            "recreates web on vpn",
            "puts everything back if vpn is not well within 60 s",
        ]
        assert stage.text("#commands") == "nstui recreate --pull vpn"


async def test_escape_goes_back_to_the_question() -> None:
    stage = vpn()
    async with stage.open():
        await asked(stage)
        await prompted(stage, "enter")
        assert stage.text("#commands") == "nstui recreate vpn"
        await stage.press("escape")
        await stage.until(lambda: isinstance(stage.app.screen, DecisionScreen))
        await prompted(stage, "down", "enter")
        assert stage.text("#commands") == "nstui recreate --pull vpn"


async def test_it_is_recreated_with_what_depends_on_it() -> None:
    stage = vpn()
    before = {name: stage.world.records.get(name).id for name in ("vpn", "web")}
    async with stage.open():
        await asked(stage)
        await prompted(stage, "down", "enter")
        await stage.press("right", "enter")
        await stage.until(lambda: stage.notices() == ["recreated vpn, web"])
    after = {name: stage.world.records.get(name).id for name in ("vpn", "web")}
    assert not set(before.values()) & set(after.values())
    assert image_of(stage, "vpn") == NEW.id


async def test_keeping_it_changes_nothing() -> None:
    stage = vpn()
    before = stage.world.records.get("vpn").id
    async with stage.open():
        await asked(stage)
        await prompted(stage, "enter")
        await stage.press("n")
        await stage.until(lambda: stage.app.screen is stage.main)
    assert stage.world.records.get("vpn").id == before


class SlowPull(SimEngine):
    """Stops half way in a pull until a test lets it go on."""

    goes_on: threading.Event

    def pull(
        self,
        reference: str,
        on_progress: Callable[[PullProgress], None],
        platform: str = "",
    ) -> Image:
        def wait(progress: PullProgress) -> None:
            on_progress(progress)
            if progress.done == 1:
                self.goes_on.wait()

        return super().pull(reference, wait, platform)


async def test_the_pull_is_followed() -> None:
    stage = vpn(SlowPull)
    assert isinstance(stage.engine, SlowPull)
    stage.engine.goes_on = threading.Event()
    async with stage.open():
        await asked(stage)
        await prompted(stage, "down", "enter")
        await stage.press("right", "enter")
        await stage.until(lambda: isinstance(stage.app.screen, ProgressScreen))
        first = f"… pull {IMAGE}: 1 of 3 layers, 4.0 MB"
        steps = "#progress-steps"
        await stage.until(lambda: stage.text(steps).splitlines()[0] == first)
        stage.engine.goes_on.set()
        await stage.until(lambda: stage.notices() == ["recreated vpn, web"])


async def test_a_pull_that_fails_changes_nothing() -> None:
    stage = vpn()
    before = stage.world.records.get("vpn").id
    stage.world.image_store.refuse(IMAGE, "manifest unknown")
    async with stage.open():
        await asked(stage)
        await prompted(stage, "down", "enter")
        await stage.press("right", "enter")
        await stage.until(lambda: len(stage.notices()) == 1)
        assert "manifest unknown" in stage.notices()[0]
    assert stage.world.records.get("vpn").id == before


async def test_what_does_not_start_is_put_back() -> None:
    stage = vpn()
    before = stage.world.records.get("vpn").id
    sick = SimImage(id=f"sha256:{'2' * 64}", start_error="exec format error")
    stage.world.image_store.publish(IMAGE, sick)
    async with stage.open():
        await asked(stage)
        await prompted(stage, "down", "enter")
        await stage.press("right", "enter")
        await stage.until(lambda: len(stage.notices()) == 1)
        assert "everything was put back" in stage.notices()[0]
    assert stage.world.records.get("vpn").id == before


async def test_read_only_recreates_nothing() -> None:
    stage = vpn(is_read_only=True)
    async with stage.open():
        await stage.until(lambda: bool(stage.lines()))
        await stage.goto("vpn")
        await stage.press("C")
        assert stage.notices() == ["refused: nstui was started with --read-only"]


async def test_what_was_written_on_an_old_image_can_only_be_discarded() -> None:
    stage = vpn()
    stage.world.write("vpn", "/notes")
    async with stage.open():
        await asked(stage)
        await stage.press("enter")
        await stage.until(lambda: stage.text("#prompt-title") == LOSING)
        answers = stage.app.screen.query_one("#answers", OptionList)
        assert [str(one.prompt) for one in answers.options] == [
            "Change nothing",
            "Discard changes outside volumes",
        ]
        await stage.press("enter")
        # Back to the first question.
        await stage.until(lambda: "which image" in stage.text("#prompt-title"))
        await stage.press("enter")
        await stage.until(lambda: stage.text("#prompt-title") == LOSING)
        await prompted(stage, "down", "enter")
        await stage.press("right", "enter")
        await stage.until(lambda: stage.notices() == ["recreated vpn, web"])


async def test_what_changed_meanwhile_is_shown_without_asking_again() -> None:
    stage = vpn()
    async with stage.open():
        await asked(stage)
        await prompted(stage, "enter")
        stage.world.run(Spec("late", network="container:vpn"))
        first = stage.app.screen
        await stage.press("right", "enter")
        await stage.until(
            lambda: (
                isinstance(stage.app.screen, ActionScreen)
                and stage.app.screen is not first
            )
        )
        assert "something changed meanwhile" in stage.text("#notice")
        assert "recreates late on vpn" in stage.text("#effects-text")

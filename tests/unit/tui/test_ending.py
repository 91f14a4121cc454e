"""The end of the screen, and of the app, while something is under way."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import pytest
from textual.events import Key

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.world import World
from nstui.errors import EngineRefused
from nstui.model.watch import WatchReading
from nstui.tui.notices import HostBar
from nstui.tui.screens.closing import ProgressScreen
from nstui.tui.screens.main import ENDING
from tests.support.builders import NOON
from tests.unit.tui.stage import PATIENCE_S, Stage
from tests.unit.tui.test_actions import ask, states

if TYPE_CHECKING:
    from nstui.model.container import ContainerId

INTERRUPTED = 130


class Held(SimEngine):
    """An engine that begins to stop or restart a container, and waits for a test."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.begun, self.goes_on = threading.Event(), threading.Event()
        self.fails = False

    def _hold(self) -> None:
        self.begun.set()
        assert self.goes_on.wait(PATIENCE_S)
        if self.fails:
            raise EngineRefused("no space left on device")

    def stop(
        self,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        self._hold()
        super().stop(container, timeout, signal)

    def restart(
        self,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        self._hold()
        super().restart(container, timeout, signal)


@pytest.fixture
def held() -> Stage:
    """An owner with a dependent, and an engine that waits."""
    world = World(lambda: NOON)
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    return Stage(world, engine=Held)


def engine_of(stage: Stage) -> Held:
    assert isinstance(stage.engine, Held)
    return stage.engine


@pytest.mark.parametrize("key", ["q", "ctrl+q"])
async def test_to_quit_waits_for_the_step_under_way(held: Stage, key: str) -> None:
    engine = engine_of(held)
    async with held.open():
        await ask(held, "s", "dep")
        await held.press("y")
        await held.until(engine.begun.is_set)
        await held.until(lambda: isinstance(held.app.screen, ProgressScreen))
        await held.press(key)
        await held.until(lambda: ENDING in held.notices())
        assert held.app.is_running
        assert held.app.return_code is None
        engine.goes_on.set()
        await held.until(lambda: held.app.return_code == INTERRUPTED)
    assert states(held) == {"own": "running", "dep": "exited"}


async def test_to_quit_takes_no_further_step(held: Stage) -> None:
    engine = engine_of(held)
    async with held.open():
        await ask(held, "R", "own")
        await held.press("y")
        await held.until(engine.begun.is_set)
        await held.press("ctrl+q")
        engine.goes_on.set()
        await held.until(lambda: held.app.return_code == INTERRUPTED)
        assert "interrupted" in held.main._outcome  # noqa: SLF001 - printed at the end


async def test_nothing_is_asked_any_more_once_the_app_is_to_end(held: Stage) -> None:
    """The terminal may be gone, so that nobody could answer."""
    engine = engine_of(held)
    held.world.restart("own")
    engine.fails = True
    async with held.open():
        await held.until(lambda: bool(held.lines()))
        await ask(held, "H")
        await held.press("y")
        await held.until(engine.begun.is_set)
        held.app.action_end()
        await held.until(lambda: ENDING in held.notices())
        engine.goes_on.set()
        await held.until(lambda: held.app.return_code == INTERRUPTED)


async def test_to_quit_again_is_at_once(
    held: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A step may take an hour, as the stop of a container without a limit."""
    monkeypatch.setattr("nstui.tui.app.AGAIN_S", 0.2)
    engine = engine_of(held)
    async with held.open():
        await ask(held, "s", "dep")
        await held.press("y")
        await held.until(engine.begun.is_set)
        await held.press("ctrl+q")
        await held.until(lambda: ENDING in held.notices())
        assert held.app.is_running
        await asyncio.sleep(0.3)
        held.app.post_message(Key("ctrl+q", None))
        await held.until(lambda: held.app.return_code == INTERRUPTED)
    engine.goes_on.set()


async def test_a_key_that_is_held_asks_to_quit_once(
    held: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.tui.app.AGAIN_S", 3600)
    engine = engine_of(held)
    async with held.open():
        await ask(held, "s", "dep")
        await held.press("y")
        await held.until(engine.begun.is_set)
        await held.press("ctrl+q", "ctrl+q", "ctrl+q")
        assert held.app.is_running
        assert held.notices().count(ENDING) == 1
        engine.goes_on.set()
        await held.until(lambda: held.app.return_code == INTERRUPTED)
    assert states(held) == {"own": "running", "dep": "exited"}


async def test_to_quit_is_at_once_while_only_asked(held: Stage) -> None:
    async with held.open():
        await ask(held, "s", "dep")
        await held.press("ctrl+q")
        await held.until(lambda: held.app.return_code == 0)
    assert states(held) == {"own": "running", "dep": "running"}


class Late:
    """A watch that is read until a test lets that end."""

    def __init__(self) -> None:
        self.asked, self.ends = threading.Event(), threading.Event()

    def read(self) -> WatchReading:
        self.asked.set()
        assert self.ends.wait(PATIENCE_S)
        return WatchReading(status=None, is_held=True)

    def has_taken_requests(self) -> bool:
        raise AssertionError

    def request_reset(self, name: str) -> None:
        raise AssertionError(name)


async def test_a_reading_that_ends_with_its_screen_shows_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Its parts are gone by then, and the screen is not quite."""
    late = Late()
    stage = Stage(World(lambda: NOON), watch=late)
    async with stage.open():
        opened = stage.app._screen_for(stage.connection())  # noqa: SLF001 - as one of several
        await stage.app.push_screen(opened)
        await stage.until(late.asked.is_set)

        def end_reading(_bar: HostBar) -> None:
            late.ends.set()
            time.sleep(0.05)

        monkeypatch.setattr(HostBar, "on_unmount", end_reading, raising=False)
        await stage.app.pop_screen()
        await stage.press()
        assert stage.app.is_running


async def test_a_screen_that_is_never_shown_again_reads_no_watch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nstui.tui.watch_follower.EVERY_S", 0.01)
    late = Late()
    late.ends.set()
    stage = Stage(World(lambda: NOON), watch=late)
    async with stage.open():
        # One that runs is read each time.
        for _ in range(3):
            await stage.until(late.asked.is_set)
            late.asked.clear()
        stage.main.retire()
        await stage.press()
        late.asked.clear()
        await asyncio.sleep(0.3)
        assert not late.asked.is_set()

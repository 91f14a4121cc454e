"""Several that ask for one reading share it, and there are never two at once."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import TYPE_CHECKING

import pytest
from textual.app import App
from textual.screen import Screen
from textual.widgets import Static

from nstui.errors import InternalFault
from nstui.tui import poller as module
from nstui.tui.poller import Poller

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 60.0
REST_S = 0.02
LATE_S = 0.05
SHORTEST_S = 0.1


class Source:
    """What is read: it answers when it is told to, and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.kept: list[str] = []
        self.begun: list[float] = []
        self.ended: list[float] = []
        """When each reading began and ended."""

        self.threads = 0
        self.most_threads = 0
        self.error: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()

    def reader(self, name: str) -> Callable[[], Callable[[], None]]:
        """Return what reads something."""

        def read() -> Callable[[], None]:
            self.begun.append(time.monotonic())
            self.asked.append(name)
            self.threads += 1
            self.most_threads = max(self.most_threads, self.threads)
            self.gate.wait(PATIENCE_S)
            self.threads -= 1
            self.ended.append(time.monotonic())
            if self.error is not None:
                raise self.error
            return lambda: self.kept.append(name)

        return read


class Stage:
    """An app with one widget, and the readings for it."""

    def __init__(self, source: Source, interval: float | None = None) -> None:
        self.source = source
        self.app: App[None] = App()
        self.changes: list[bool] = []
        """Whether it was late, at each change that was told of."""

        self.widget = Static()
        self.readings = Poller(
            self.widget,
            interval=interval,
            on_change=lambda: self.changes.append(self.readings.is_late),
        )

    def want(self, name: str) -> None:
        """Want something to be read, as a redrawn widget does again and again."""
        self.readings.want(name, self.source.reader(name))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds, but not for ever."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end
            await asyncio.sleep(0.005)


@pytest.fixture
def source() -> Iterator[Source]:
    """Yield it; whoever waits for it in the end is answered."""
    source = Source()
    yield source
    source.gate.set()


@pytest.fixture(autouse=True)
def _shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "CURSOR_REST_S", REST_S)
    monkeypatch.setattr(module, "LATE_S", LATE_S)
    monkeypatch.setattr(module, "SHORTEST_S", SHORTEST_S)


async def test_what_is_wanted_already_is_not_read_anew(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LATE_S", PATIENCE_S)
    stage = Stage(source, interval=60)
    async with stage.app.run_test():
        await stage.app.mount(stage.widget)
        for _ in range(5):
            stage.want("a")
            await asyncio.sleep(REST_S / 4)
        await stage.until(lambda: source.kept == ["a"])
        for _ in range(5):
            stage.want("a")
        stage.readings.resume()
        await asyncio.sleep(2 * SHORTEST_S)
        assert source.asked == ["a"]
        assert stage.changes == [False]
        stage.readings.read_again()
        await stage.until(lambda: source.kept == ["a", "a"])


async def test_whoever_asks_while_it_is_read_waits_for_the_one_reading(
    source: Source,
) -> None:
    source.gate.clear()
    stage = Stage(source, interval=60)
    async with stage.app.run_test():
        await stage.app.mount(stage.widget)
        stage.want("a")
        await stage.until(lambda: source.asked == ["a"])
        for _ in range(3):
            stage.readings.read_again()
            stage.want("a")
        await asyncio.sleep(4 * REST_S)
        source.gate.set()
        await stage.until(lambda: source.kept == ["a"])
        await asyncio.sleep(4 * REST_S)
        assert (source.asked, source.kept) == (["a"], ["a"])


async def test_another_is_read_after_the_one_that_hangs_and_that_is_dropped(
    source: Source,
) -> None:
    source.gate.clear()
    stage = Stage(source, interval=60)
    async with stage.app.run_test():
        await stage.app.mount(stage.widget)
        stage.want("a")
        await stage.until(lambda: source.asked == ["a"])
        stage.want("b")
        await stage.until(lambda: stage.readings.is_late)
        stage.want("c")
        assert not stage.readings.is_late
        await asyncio.sleep(4 * REST_S)
        assert source.asked == ["a"]
        source.gate.set()
        await stage.until(lambda: source.kept == ["c"])
        assert source.asked == ["a", "c"]
        assert source.most_threads == 1


async def test_one_that_is_not_wanted_any_more_is_dropped(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LATE_S", PATIENCE_S)
    source.gate.clear()
    stage = Stage(source)
    async with stage.app.run_test():
        await stage.app.mount(stage.widget)
        stage.want("a")
        await stage.until(lambda: source.asked == ["a"])
        stage.readings.want_nothing()
        source.gate.set()
        await stage.until(lambda: source.threads == 0)
        await asyncio.sleep(2 * SHORTEST_S)
        assert (source.asked, source.kept, stage.changes) == (["a"], [], [])
        stage.readings.read_again()
        await asyncio.sleep(4 * REST_S)
        assert source.asked == ["a"]


async def test_it_is_read_again_and_again_in_its_interval(source: Source) -> None:
    stage = Stage(source)
    async with stage.app.run_test():
        await stage.app.mount(stage.widget)
        began = time.monotonic()
        stage.want("a")
        await stage.until(lambda: len(source.kept) == 3)
        assert time.monotonic() - began >= 2 * SHORTEST_S
        # One that is asked for comes at once, and another interval after it.
        stage.readings.read_again()
        await stage.until(lambda: len(source.kept) == 5)
        assert source.begun[4] - source.ended[3] >= SHORTEST_S / 2


async def test_what_takes_long_is_read_less_often(source: Source) -> None:
    source.gate.clear()
    stage = Stage(source)
    async with stage.app.run_test():
        await stage.app.mount(stage.widget)
        stage.want("a")
        await stage.until(lambda: stage.readings.is_late)
        assert stage.changes == [True]
        source.gate.set()
        await stage.until(lambda: source.kept == ["a"])
        assert stage.changes == [True, False]
        await stage.until(lambda: source.kept == ["a", "a"])
        # It took LATE_S at least, and the pause is ten times as long.
        pause = source.begun[1] - source.ended[0]
        assert pause >= module.PAUSE_FACTOR * LATE_S - SHORTEST_S


async def test_what_is_shown_already_may_take_longer(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHORTEST_S", 60)
    stage = Stage(source)
    async with stage.app.run_test():
        await stage.app.mount(stage.widget)
        for name in ("a", "b"):
            source.gate.clear()
            stage.want(name)
            await stage.until(lambda: stage.readings.is_late)
            source.gate.set()
            await stage.until(lambda name=name: source.kept[-1:] == [name])  # type: ignore[misc]
            source.gate.clear()
            stage.readings.read_again()
            await asyncio.sleep(2 * LATE_S)
            assert not stage.readings.is_late
            source.gate.set()
            await stage.until(lambda name=name: source.kept[-2:] == [name] * 2)  # type: ignore[misc]


async def test_nothing_is_read_while_another_screen_is_on_top(source: Source) -> None:
    stage = Stage(source)
    async with stage.app.run_test() as pilot:
        await stage.app.mount(stage.widget)
        stage.readings.resume()
        assert source.asked == []
        await stage.app.push_screen(Screen[None]())
        stage.want("a")
        await stage.until(lambda: stage.readings.is_paused)
        await asyncio.sleep(4 * REST_S)
        assert source.asked == []
        stage.app.pop_screen()
        await pilot.pause()
        stage.readings.resume()
        assert not stage.readings.is_paused
        await stage.until(lambda: source.kept == ["a"])


async def test_a_reading_that_fails_says_so_and_the_next_is_made(
    source: Source,
) -> None:
    source.error = InternalFault("all [b]is[/b] lost")
    stage = Stage(source)
    async with stage.app.run_test():
        await stage.app.mount(stage.widget)
        stage.want("a")
        told_of = stage.app._notifications  # noqa: SLF001 - there is no other way
        await stage.until(lambda: len(told_of) > 0)
        told = next(iter(told_of))
        assert "all [b]is[/b] lost" in told.message
        assert told.severity == "error"
        source.error = None
        await stage.until(lambda: source.kept == ["a"])

"""The logs of several containers, read in the background."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.world import World
from nstui.model.audit import LogSource
from nstui.service.log_feed import LogFeed
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.analysis.logs import PlacedLine
    from nstui.service.log_feed import FeedNews

PATIENCE = 60.0
RESTARTED = "(restarted)"


class Reader:
    """Takes what a feed tells of."""

    def __init__(self, world: World, *, keep: int = 1000, limit: int = 32) -> None:
        self.engine = SimEngine(world)
        self.lines: list[PlacedLine] = []
        self.feed = LogFeed(self.engine, keep=keep, on_news=lambda: None, limit=limit)

    def read(self, *, tail: int = 1000) -> None:
        self.feed.read(self.engine.containers(), tail=tail, since=lambda _: None)

    def look(self) -> None:
        self.feed.follow(self.engine.containers())

    def take(self) -> FeedNews:
        news = self.feed.take()
        self.lines = sorted((*self.lines, *news.lines), key=lambda line: line.key)
        return news

    def until(self, holds: Callable[[FeedNews], bool]) -> FeedNews:
        """Take until something holds."""
        deadline = time.monotonic() + PATIENCE
        while not holds(news := self.take()):
            assert time.monotonic() < deadline, (news, self.texts)
            time.sleep(0.01)
        return news

    def until_texts(self, *texts: str) -> None:
        self.until(lambda _: self.texts == list(texts))

    @property
    def texts(self) -> list[str]:
        return [
            RESTARTED if each.line.source is LogSource.MARK else each.line.text
            for each in self.lines
        ]


@pytest.fixture
def world() -> World:
    world = World(lambda: NOON)
    world.run(Spec("a"))
    world.run(Spec("b"))
    return world


@pytest.fixture
def make_reader(world: World) -> Iterator[Callable[..., Reader]]:
    readers: list[Reader] = []

    def make(*, keep: int = 1000, limit: int = 32) -> Reader:
        readers.append(Reader(world, keep=keep, limit=limit))
        return readers[-1]

    yield make
    for reader in readers:
        reader.feed.stop()
    wait_until(lambda: not open_logs())


@pytest.fixture
def reader(make_reader: Callable[..., Reader]) -> Reader:
    return make_reader()


def test_logs_are_merged_by_time(world: World, reader: Reader) -> None:
    for name, text in ("a", "1"), ("b", "2"), ("b", "3"), ("a", "4"):
        world.say(name, text)
    reader.read()
    reader.until_texts("1", "2", "3", "4")
    world.say("b", "5")
    world.say("a", "6")
    reader.until_texts("1", "2", "3", "4", "5", "6")
    assert not reader.take().has_ended


def test_one_that_is_restarted_and_one_that_comes_later(
    world: World, reader: Reader
) -> None:
    world.say("a", "old")
    reader.read()
    reader.until_texts("old")
    world.restart("a")
    world.say("a", "new")
    world.run(Spec("c"))
    world.say("c", "later")
    reader.look()
    reader.until_texts("old", RESTARTED, "new", "later")


def test_the_last_start_is_marked_between_what_is_read(
    world: World, reader: Reader
) -> None:
    world.say("a", "old")
    world.restart("a")
    world.say("a", "new")
    world.restart("b")
    reader.read()
    reader.until_texts("old", RESTARTED, "new")


def test_a_restart_that_is_seen_before_the_end_of_the_log(
    world: World, reader: Reader
) -> None:
    reader.read()
    reader.until(lambda news: news.has_begun)
    world.restart("a")
    # The look comes first, and there is no other.
    reader.look()
    world.say("a", "new")
    reader.until_texts(RESTARTED, "new")


def test_one_that_cannot_be_read_leaves_the_others(
    world: World, reader: Reader
) -> None:
    world.run(Spec("mute", log_driver="none"))
    world.say("a", "1")
    reader.read()
    reader.until_texts("1")
    news = reader.until(lambda news: news.has_begun)
    (problem,) = news.problems.values()
    assert set(news.problems) == {world.records.get("mute").id}
    assert "does not support reading" in str(problem)
    reader.look()
    world.say("b", "2")
    reader.until_texts("1", "2")
    assert reader.take().problems


def test_only_so_many_are_followed_at_once(
    world: World, make_reader: Callable[..., Reader]
) -> None:
    for name in "cde":
        world.run(Spec(name))
        world.say(name, name)
    world.say("b", "b")
    world.stop("e")
    reader = make_reader(limit=2)
    reader.read()
    # One that does not run is read, and makes room again.
    reader.until_texts("e", "b")
    news = reader.until(lambda news: len(news.waiting) == 2)
    assert names(world, news) == ["c", "d"]
    assert open_logs() == 2
    world.stop("a")
    reader.until_texts("c", "e", "b")
    assert names(world, reader.take()) == ["d"]
    assert open_logs() == 2


def test_each_holds_its_part_of_what_is_kept(
    world: World, make_reader: Callable[..., Reader]
) -> None:
    for number in range(300):
        world.say("a", f"a{number}")
    world.say("b", "b")
    reader = make_reader(keep=200)
    reader.read(tail=1000)
    reader.until(lambda _: len(reader.texts) == 101)
    assert reader.texts[0] == "a200"
    assert "b" in reader.texts


def test_what_is_missing_is_counted(
    world: World, make_reader: Callable[..., Reader]
) -> None:
    reader = make_reader(keep=2)
    reader.read()
    reader.until(lambda news: news.has_begun)
    for number in range(250):
        world.say("a", f"a{number}")
    world.stop("a")
    world.stop("b")
    wait_until(lambda: not open_logs())
    news = reader.take()
    assert dict(news.skipped) == {world.records.get("a").id: 150}
    assert reader.texts[0] == "a150"
    assert news.has_ended


def test_reading_again_begins_anew(world: World, reader: Reader) -> None:
    world.say("a", "1")
    reader.read()
    reader.until_texts("1")
    reader.lines = []
    reader.read()
    reader.until_texts("1")
    wait_until(lambda: open_logs() == 2)


def names(world: World, news: FeedNews) -> list[str]:
    """Return the names of those that wait."""
    return sorted(world.records.get(each).name for each in news.waiting)


def open_logs() -> int:
    """Return how many threads read a log."""
    return sum(thread.name == "log" for thread in threading.enumerate())


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)

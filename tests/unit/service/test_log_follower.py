"""The log of a container, read in the background."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.world import World
from nstui.errors import EngineRefused, EngineUnreachable
from nstui.service.log_feed import LogFollower, LogNews
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.model.container import ContainerId

PATIENCE = 60.0
KEEP = 3


class Reader:
    """Takes what a follower tells of."""

    def __init__(self, engine: SimEngine, container: ContainerId) -> None:
        self.told = 0
        self.texts: list[str] = []
        self.skipped = 0
        self.last: LogNews | None = None
        self.follower = LogFollower(engine, container, keep=KEEP, on_news=self._count)

    def _count(self) -> None:
        self.told += 1

    def take(self) -> LogNews:
        self.last = self.follower.take()
        self.texts += [line.text for line in self.last.lines]
        self.skipped += self.last.skipped
        return self.last

    def until(self, holds: Callable[[LogNews], bool]) -> LogNews:
        """Take until something holds."""
        deadline = time.monotonic() + PATIENCE
        while not holds(news := self.take()):
            assert time.monotonic() < deadline, news
            time.sleep(0.01)
        return news


@pytest.fixture
def world() -> World:
    world = World(lambda: NOON)
    world.run(Spec("own"))
    return world


@pytest.fixture
def engine(world: World) -> SimEngine:
    return SimEngine(world)


@pytest.fixture
def reader(world: World, engine: SimEngine) -> Iterator[Reader]:
    reader = Reader(engine, world.records.get("own").id)
    yield reader
    reader.follower.stop()


def test_what_comes_is_told_once_until_it_is_taken(
    world: World, reader: Reader
) -> None:
    reader.follower.start()
    reader.until(lambda news: news.has_begun)
    told = reader.told
    world.say("own", "one")
    wait_until(lambda: reader.told == told + 1)
    world.say("own", "two")
    reader.until(lambda _: reader.texts == ["one", "two"])
    assert reader.told <= told + 2


def test_no_more_is_held_than_may_be(world: World, reader: Reader) -> None:
    for number in range(10):
        world.say("own", str(number))
    reader.follower.start()
    wait_until(lambda: reader.told > 0)
    world.stop("own")
    reader.until(lambda news: news.has_ended)
    assert reader.texts[-KEEP:] == ["7", "8", "9"]
    assert reader.skipped + len(reader.texts) == 10


def test_tail_and_since(world: World, reader: Reader) -> None:
    for number in range(10):
        world.say("own", str(number))
    world.stop("own")
    reader.follower.start(tail=2)
    news = reader.until(lambda news: news.has_ended)
    assert reader.texts == ["8", "9"]
    assert news.problem is None


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        (lambda world, _: world.remove("own", force=True), EngineRefused),
        (lambda _, engine: engine.hang(), EngineUnreachable),
    ],
    ids=["gone", "hanging"],
)
def test_why_it_cannot_be_read(
    world: World,
    engine: SimEngine,
    reader: Reader,
    spoil: Callable[[World, SimEngine], None],
    error: type[Exception],
) -> None:
    spoil(world, engine)
    reader.follower.start()
    news = reader.until(lambda news: news.has_ended)
    assert isinstance(news.problem, error)
    assert not news.has_begun
    # What has ended can be taken before it is told.
    wait_until(lambda: reader.told > 0)
    assert reader.told == 1


def test_stopping_ends_the_thread_and_tells_nobody(
    world: World, reader: Reader
) -> None:
    reader.follower.start()
    reader.until(lambda news: news.has_begun)
    told = reader.told
    reader.follower.stop()
    wait_until(lambda: "log" not in {t.name for t in threading.enumerate()})
    world.say("own", "one")
    assert reader.told == told


def test_stopping_before_the_engine_has_answered(
    reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_answer = threading.Event()
    logs = SimEngine.logs

    def slow_logs(engine: SimEngine, container: ContainerId, **more: None) -> object:
        assert may_answer.wait(PATIENCE)
        return logs(engine, container, **more)

    monkeypatch.setattr(SimEngine, "logs", slow_logs)
    reader.follower.start()
    reader.follower.stop()
    may_answer.set()
    wait_until(lambda: "log" not in {t.name for t in threading.enumerate()})
    assert reader.told == 0


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)

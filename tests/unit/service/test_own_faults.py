"""Mistakes of nstui's own: told as such, and no thread ends of them."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Never

import pytest

from nstui.cli.exits import ExitCode, exit_code_for
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineRefused, InternalFault
from nstui.service.host import open_host
from nstui.service.log_feed import LogFollower
from nstui.service.observer import Prefetch
from nstui.service.watcher import ENDED, Watcher
from tests.support.builders import NOON, cid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from nstui.analysis.report import Report
    from nstui.errors import NstuiError
    from nstui.model.audit import LogLine
    from nstui.model.container import Container, ContainerEvent, ContainerId

PATIENCE_S = 60.0


def _failing(error: Exception) -> Iterator[Never]:
    """Fail when the first of something is asked for."""
    for each in (error,):
        raise each
    yield from ()


class Faulty(SimEngine):
    """An engine whose adapter makes mistakes as often as it is told."""

    looks = 0
    streams = 0
    error: Exception = KeyError("Id")

    def containers(self) -> tuple[Container, ...]:
        if self.looks:
            self.looks -= 1
            raise self.error
        return super().containers()

    def events(self, since_ns: int | None = None) -> Iterator[ContainerEvent]:
        events = super().events(since_ns)
        return self._broken() if self.streams else events

    def _broken(self) -> Iterator[ContainerEvent]:
        self.streams -= 1
        yield from _failing(self.error)

    def logs(
        self,
        container: ContainerId,
        *,
        tail: int | None = None,
        since_ns: int | None = None,
    ) -> Log:
        del container, tail, since_ns
        return Log()

    def listed(self) -> tuple[Container, ...]:
        raise self.error


class Log:
    """A log that ends in a mistake."""

    def __iter__(self) -> Iterator[LogLine]:
        """Fail."""
        yield from _failing(KeyError("stream"))

    def close(self) -> None:
        """Do nothing."""


class Scene:
    """A watched world, and what its watcher told."""

    def __init__(self, on_report: Callable[[Report], object] | None = None) -> None:
        self.world = World(lambda: NOON)
        self.world.run(Spec("vpn"))
        self.engine = Faulty(self.world)
        self.observer = open_host(
            self.engine, SimHost(self.world), MemoryAuditLog(), endpoint="sim"
        ).observer
        self.reports: list[Report] = []
        self.failures: list[NstuiError] = []
        self.watcher = Watcher(
            self.observer,
            self.engine,
            interval=0.01,
            on_report=on_report or self.reports.append,
            on_failure=self.failures.append,
        )

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, "it did not come about"
            time.sleep(0.005)


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once."""
    monkeypatch.setattr("nstui.service.watcher.RETRY_S", 0.01)


@pytest.fixture
def scene() -> Iterator[Scene]:
    scene = Scene()
    yield scene
    scene.watcher.stop()


@pytest.mark.parametrize(
    "error", [KeyError("Id"), RecursionError("deep"), MemoryError(), OSError(5, "no")]
)
def test_a_mistake_while_looking_is_told_and_looking_goes_on(
    scene: Scene, error: Exception
) -> None:
    scene.engine.error = error
    scene.engine.looks = 3
    scene.watcher.start()
    scene.until(lambda: len(scene.reports) > 2)
    assert [type(each) for each in scene.failures] == [InternalFault] * 3
    assert type(error).__name__ in str(scene.failures[0])
    assert scene.watcher.waiting_s < PATIENCE_S


def test_a_mistake_while_listening_is_told_and_listening_goes_on(scene: Scene) -> None:
    scene.engine.streams = 3
    scene.watcher.start()
    scene.until(lambda: len(scene.failures) == 3)
    fault = scene.failures[0]
    assert isinstance(fault, InternalFault)
    assert str(fault).startswith(
        "nstui failed here: KeyError: 'Id' (test_own_faults.py"
    )
    assert str(fault).endswith("; please report it")
    scene.until(lambda: scene.watcher.every_s == 0.01 and bool(scene.reports))
    before = len(scene.reports)
    scene.world.run(Spec("late"))
    scene.until(lambda: len(scene.reports) > before)


def test_a_mistake_of_who_is_told_is_told_as_well() -> None:
    told = []

    def stumble(report: Report) -> None:
        told.append(report)
        if len(told) < 3:
            raise ZeroDivisionError

    scene = Scene(on_report=stumble)
    scene.watcher.start()
    scene.until(lambda: len(told) > 4)
    scene.watcher.stop()
    assert [type(each) for each in scene.failures] == [InternalFault] * 2
    assert "ZeroDivisionError" in str(scene.failures[0])


def test_a_mistake_in_telling_is_told_as_python_does(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[type[BaseException]] = []
    monkeypatch.setattr(
        threading, "excepthook", lambda args: seen.append(args.exc_type)
    )

    def stumble(error: NstuiError) -> None:
        raise LookupError(str(error))

    reports: list[Report] = []
    scene.engine.looks = 2
    watcher = Watcher(
        scene.observer,
        scene.engine,
        interval=0.01,
        on_report=reports.append,
        on_failure=stumble,
    )
    watcher.start()
    scene.until(lambda: len(reports) > 2)
    watcher.stop()
    assert seen == [LookupError, LookupError]


def test_a_mistake_between_looks_is_told_and_it_goes_on(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    stumbles = iter((True, True))

    def look(_: object) -> None:
        if next(stumbles, False):
            raise ArithmeticError

    monkeypatch.setattr("nstui.service.watcher.Debouncer.note_look", look)
    scene.watcher.start()
    scene.until(lambda: len(scene.reports) > 2)
    assert [type(each) for each in scene.failures] == [InternalFault] * 2


class Mute(SimEngine):
    """An engine whose events a proxy withholds."""

    def events(self, since_ns: int | None = None) -> Iterator[ContainerEvent]:
        raise EngineRefused(f"refused: 403 Forbidden since {since_ns}"[:22])


class Breaking(SimEngine):
    """An engine whose events end as soon as they begin."""

    def events(self, since_ns: int | None = None) -> Iterator[ContainerEvent]:
        del since_ns
        return iter(())


@pytest.mark.parametrize(
    ("engine", "why"), [(Mute, "refused: 403 Forbidden"), (Breaking, ENDED)]
)
def test_events_that_are_not_heard_are_said_not_to_be(
    engine: type[SimEngine], why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.watcher.DISCONNECTED_INTERVAL_S", 0.01)
    world = World(lambda: NOON)
    deaf = engine(world)
    reports: list[Report] = []
    failures: list[NstuiError] = []
    watcher = Watcher(
        open_host(deaf, SimHost(world), MemoryAuditLog(), endpoint="sim").observer,
        deaf,
        interval=None,
        on_report=reports.append,
        on_failure=failures.append,
    )
    watcher.start()
    end = time.monotonic() + PATIENCE_S
    while not (watcher.stream_problem and reports):
        assert time.monotonic() < end
        time.sleep(0.005)
    watcher.stop()
    assert watcher.stream_problem == why
    assert reports
    assert failures == []


def test_a_log_that_ends_in_a_mistake_says_so() -> None:
    engine = Faulty(World(lambda: NOON))
    news = threading.Event()
    follower = LogFollower(engine, cid("vpn"), keep=9, on_news=news.set)
    follower.start()
    end = time.monotonic() + PATIENCE_S
    while not (taken := follower.take()).has_ended:
        assert time.monotonic() < end
        time.sleep(0.005)
    assert isinstance(taken.problem, InternalFault)
    assert "KeyError: 'stream'" in str(taken.problem)


def test_a_first_glimpse_that_fails_says_so() -> None:
    engine = Faulty(World(lambda: NOON))
    host = SimHost(World(lambda: NOON))
    observer = open_host(engine, host, MemoryAuditLog(), endpoint="sim").observer
    with pytest.raises(InternalFault, match="KeyError: 'Id'"):
        Prefetch(observer).take()


def test_a_fault_fits_a_line_and_has_an_exit_code_of_its_own() -> None:
    fault = InternalFault.of(ValueError("a\nb" + "x" * 1000))
    assert "\n" not in str(fault)
    assert len(str(fault)) < 300
    assert exit_code_for(fault) is ExitCode.FAILED
    assert str(InternalFault.of(KeyError())) == (
        "nstui failed here: KeyError; please report it"
    )

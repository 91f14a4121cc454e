"""Looking again: at events, now and then, and after trouble."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from nstui.analysis.report import Report
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineUnreachable
from nstui.model.namespace import NamespaceKind
from nstui.service.host import open_host
from nstui.service.observer import Prefetch
from nstui.service.watcher import LookRunner, Watcher
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import pytest

    from nstui.errors import NstuiError
    from nstui.model.container import Container, ContainerEvent

NEVER = 3600.0
PATIENCE_S = 60.0


class Counting(SimEngine):
    """Counts how often it was asked for its containers: once in each look."""

    looks = 0

    def containers(self) -> tuple[Container, ...]:
        self.looks += 1
        return super().containers()


class Scene:
    """A watched world, and what its watcher told."""

    def __init__(self, interval: float | None = NEVER) -> None:
        self.world = World(lambda: NOON)
        self.world.run(Spec("vpn"))
        self.engine = Counting(self.world)
        connection = open_host(
            self.engine, SimHost(self.world), MemoryAuditLog(), endpoint="sim"
        )
        self.reports: list[Report] = []
        self.failures: list[NstuiError] = []
        self.events: list[ContainerEvent] = []
        self.watcher = Watcher(
            connection.observer,
            self.engine,
            interval=interval,
            on_report=self.reports.append,
            on_failure=self.failures.append,
            on_event=self.events.append,
        )

    @contextmanager
    def watched(self) -> Iterator[Scene]:
        self.watcher.start()
        try:
            yield self
        finally:
            self.watcher.stop()

    def until(self, condition: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, "it did not come about"
            time.sleep(0.005)

    def names(self) -> list[str]:
        last = self.reports[-1] if self.reports else None
        return [c.name for c in last.snapshot.containers] if last else []


def test_the_first_look_comes_at_once() -> None:
    with Scene().watched() as scene:
        scene.until(lambda: scene.names() == ["vpn"])


def test_every_event_is_passed_on_before_the_look_that_it_causes() -> None:
    with Scene().watched() as scene:
        scene.until(lambda: bool(scene.reports))
        looks = len(scene.reports)
        scene.world.restart("vpn")
        scene.until(lambda: len(scene.reports) > looks)
        assert [e.action for e in scene.events][-1] in {"start", "restart"}


def test_an_engine_has_answered_if_it_has_answered_the_last_look() -> None:
    scene = Scene()
    observer = open_host(
        scene.engine, SimHost(scene.world), MemoryAuditLog(), endpoint="sim"
    ).observer
    looks = LookRunner(
        scene.reports.append, scene.failures.append, stopped=threading.Event()
    )
    answers = [looks.is_answered]
    for happens in (list, scene.engine.hang, scene.engine.come_back):
        happens()
        assert looks.run(observer.look_afresh) is (happens != scene.engine.hang)
        answers.append(looks.is_answered)
    assert answers == [False, True, False, True]
    assert (len(scene.reports), len(scene.failures)) == (2, 1)


def test_what_follows_from_a_look_is_computed_before_it_is_shown() -> None:
    with Scene().watched() as scene:
        scene.until(lambda: bool(scene.reports))
    assert_computed(scene.reports[0])


def test_a_first_glimpse_is_computed_before_it_is_taken() -> None:
    world = World(lambda: NOON)
    world.run(Spec("vpn"))
    host = open_host(SimEngine(world), SimHost(world), MemoryAuditLog(), endpoint="sim")
    assert_computed(Prefetch(host.observer).take())


def assert_computed(report: Report) -> None:
    """Nothing is left to be computed by whoever shows a report."""
    kept = {n for n, v in vars(Report).items() if isinstance(v, cached_property)}
    assert {"graph", "all_findings", "incidents"} <= kept
    assert kept <= vars(report).keys()
    assert vars(report)["_groups"].keys() == set(NamespaceKind)


def test_an_event_makes_it_look() -> None:
    with Scene().watched() as scene:
        scene.until(lambda: bool(scene.reports))
        scene.world.run(Spec("late"))
        scene.until(lambda: scene.names() == ["late", "vpn"])


def test_without_events_it_looks_now_and_then() -> None:
    with Scene(interval=0.01).watched() as scene:
        scene.until(lambda: len(scene.reports) > 5)


def test_a_storm_of_events_causes_few_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    all_run = threading.Event()
    with Scene().watched() as scene:
        scene.until(lambda: bool(scene.reports))
        before = len(scene.reports)
        look = scene.engine.containers

        def look_late() -> tuple[Container, ...]:
            assert all_run.wait(PATIENCE_S)
            return look()

        # However long it takes until all run, the storm is one.
        monkeypatch.setattr(scene.engine, "containers", look_late)
        for number in range(100):
            scene.world.run(Spec(f"c{number}"))
        all_run.set()
        scene.until(lambda: len(scene.names()) == 101)
        assert len(scene.reports) - before <= 5


def test_while_events_are_heard_it_seldom_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nstui.service.watcher.DISCONNECTED_INTERVAL_S", 0.01)
    scene = Scene(interval=None)
    with scene.watched():
        scene.until(lambda: bool(scene.reports))
        scene.world.run(Spec("late"))
        scene.until(lambda: "late" in scene.names())
        before = len(scene.reports)
        # There is nothing to wait for: that nothing happens takes time.
        end = time.monotonic() + 0.3
        scene.until(lambda: time.monotonic() > end)
        assert len(scene.reports) - before <= 1


def test_while_no_events_are_heard_it_often_looks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nstui.service.watcher.DISCONNECTED_INTERVAL_S", 0.01)
    monkeypatch.setattr("nstui.service.watcher.RETRY_S", NEVER)
    monkeypatch.setattr("nstui.service.watcher.LONGEST_RETRY_S", NEVER)
    scene = Scene(interval=None)
    with scene.watched():
        scene.until(lambda: bool(scene.reports))
        # The stream ends, and is not opened again in this test's life.
        scene.engine.close()
        scene.until(lambda: len(scene.reports) > 20)


def test_the_end_of_the_stream_makes_it_look() -> None:
    with Scene().watched() as scene:
        scene.until(lambda: bool(scene.reports))
        scene.world.run(Spec("late"))
        scene.until(lambda: scene.names() == ["late", "vpn"])
        scene.engine.go_away()
        scene.until(lambda: bool(scene.failures))


def test_a_failure_is_told_and_tried_again() -> None:
    scene = Scene()
    scene.engine.go_away()
    with scene.watched():
        scene.until(lambda: bool(scene.failures))
        assert isinstance(scene.failures[0], EngineUnreachable)
        scene.engine.come_back()
        scene.until(lambda: scene.names() == ["vpn"])


def test_events_are_heard_again_after_the_engine_was_away() -> None:
    with Scene().watched() as scene:
        scene.until(lambda: bool(scene.reports))
        scene.engine.go_away()
        scene.engine.come_back()
        scene.world.run(Spec("while-away"))
        scene.until(lambda: scene.names() == ["vpn", "while-away"])
        scene.world.run(Spec("later"))
        scene.until(lambda: "later" in scene.names())


def test_refresh_looks_now() -> None:
    with Scene().watched() as scene:
        scene.until(lambda: bool(scene.reports))
        before = len(scene.reports)
        scene.watcher.refresh()
        scene.until(lambda: len(scene.reports) > before)


def test_silence_is_counted_until_an_answer() -> None:
    with Scene().watched() as scene:
        scene.until(lambda: bool(scene.reports) and scene.watcher.waiting_s == 0)
        scene.engine.hang()
        scene.watcher.refresh()
        scene.until(lambda: len(scene.failures) > 1)
        assert scene.watcher.waiting_s > 0.5
        scene.engine.come_back()
        scene.until(lambda: scene.watcher.waiting_s == 0)


def test_the_analysis_of_an_answer_is_no_silence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, released = threading.Event(), threading.Event()

    def slowly(report: Report) -> Report:
        begun.set()
        released.wait(PATIENCE_S)
        return report

    monkeypatch.setattr(Report, "complete", slowly)
    scene = Scene()
    with scene.watched():
        assert begun.wait(PATIENCE_S)
        assert scene.watcher.waiting_s == 0
        released.set()
        scene.until(lambda: bool(scene.reports))


def test_a_refusal_is_an_answer() -> None:
    with Scene().watched() as scene:
        scene.until(lambda: bool(scene.reports))
        scene.engine.go_away()
        scene.watcher.refresh()
        scene.until(lambda: bool(scene.failures) and scene.watcher.waiting_s == 0)


class Stuck(SimEngine):
    """An engine whose answer never comes."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.asked = threading.Event()
        self.released = threading.Event()

    def containers(self) -> tuple[Container, ...]:
        self.asked.set()
        self.released.wait(PATIENCE_S)
        return super().containers()


def test_stopping_waits_for_no_answer_and_nothing_is_told_afterwards() -> None:
    world = World(lambda: NOON)
    engine = Stuck(world)
    connection = open_host(engine, SimHost(world), MemoryAuditLog(), endpoint="sim")
    told: list[object] = []
    watcher = Watcher(
        connection.observer,
        engine,
        interval=NEVER,
        on_report=told.append,
        on_failure=told.append,
    )
    others = set(threading.enumerate())
    watcher.start()
    assert engine.asked.wait(PATIENCE_S)
    began = time.monotonic()
    watcher.stop()
    assert time.monotonic() - began < PATIENCE_S / 2
    engine.released.set()
    end = time.monotonic() + PATIENCE_S
    while set(threading.enumerate()) - others:
        assert time.monotonic() < end
        time.sleep(0.01)
    assert told == []


def test_nothing_is_looked_at_while_it_rests() -> None:
    scene = Scene(interval=0.01)
    with scene.watched():
        scene.until(lambda: len(scene.reports) > 1)
        scene.watcher.pause()
        # A look that was under way ends.
        scene.until(lambda: _stands_still(scene))
        seen = len(scene.reports)
        scene.world.run(Spec("newcomer"))
        assert _stands_still(scene)
        scene.watcher.resume()
        scene.until(lambda: len(scene.reports) > seen)
        assert len(scene.reports[seen].snapshot.containers) == 2


def _stands_still(scene: Scene) -> bool:
    """Tell whether no look is under way, or begins in the time of several looks."""
    ended = len(scene.reports) + len(scene.failures)
    return not threading.Event().wait(0.1) and scene.engine.looks == ended

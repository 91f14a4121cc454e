"""A host of a list: connected, watched aside, opened and left."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineUnreachable
from nstui.service import watcher
from nstui.service.host import open_host
from nstui.service.host_choice import HostChoice
from nstui.service.hosts import ListedHost
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from nstui.analysis.report import Report
    from nstui.errors import NstuiError
    from nstui.service.host import Host

PATIENCE_S = 60.0
OFTEN_S = 0.5


class CountingEngine(SimEngine):
    """Counts how often it is asked, and whether it was closed."""

    looks = 0
    closed = 0

    def containers(self):  # type: ignore[no-untyped-def]  # noqa: ANN201 - as above
        self.looks += 1
        return super().containers()

    def close(self) -> None:
        self.closed += 1
        super().close()


class Scene:
    """A host, how it is connected, and what its list was told."""

    def __init__(self) -> None:
        self.world = World(lambda: NOON)
        self.world.run(Spec("vpn"))
        self.engine = CountingEngine(self.world)
        self.may_connect = threading.Event()
        self.may_connect.set()
        self.errors: list[NstuiError] = []
        self.changes = 0
        self.listed = ListedHost(
            HostChoice("nas", self.connect), self._change, interval=OFTEN_S
        )
        self.reports: list[Report] = []
        self.failures: list[NstuiError] = []

    def connect(self) -> Host:
        self.may_connect.wait()
        if self.errors:
            raise self.errors.pop()
        return open_host(
            self.engine, SimHost(self.world), MemoryAuditLog(), endpoint="sim"
        )

    def _change(self) -> None:
        self.changes += 1

    def open(self, who: object) -> None:
        self.listed.open(who, self.reports.append, self.failures.append)


def until(condition: Callable[[], bool]) -> None:
    limit = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.005)


def test_it_is_summed_up_and_told() -> None:
    scene = Scene()
    scene.listed.start()
    until(lambda: scene.listed.summary.taken_at is not None)
    assert (scene.listed.summary.running, scene.listed.summary.name) == (1, "nas")
    assert scene.changes >= 1
    assert scene.listed.host is not None
    scene.listed.stop()


def test_it_is_started_only_once() -> None:
    scene = Scene()
    scene.listed.start()
    until(lambda: scene.engine.looks == 1)
    scene.listed.start()
    assert scene.listed.host is not None
    scene.listed.stop()
    assert scene.engine.closed == 1


def test_aside_it_is_looked_at_once_for_many_events(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watcher, "ASIDE_LIMITS_S", (0.3,))
    scene = Scene()
    scene.listed.start()
    until(lambda: scene.engine.looks == 1)
    watching = scene.listed.watcher
    assert watching is not None
    until(lambda: watching.is_connected)
    for name in "abcdefgh":
        scene.world.run(Spec(name))
    until(lambda: scene.listed.summary.containers == 9)
    assert scene.engine.looks <= 3
    scene.listed.stop()


def test_aside_it_is_looked_at_each_thirty_seconds_whatever_is_asked_for() -> None:
    scene = Scene()
    scene.listed.start()
    until(lambda: scene.listed.watcher is not None)
    watching = scene.listed.watcher
    assert watching is not None
    assert watching.every_s == 30.0
    who = object()
    scene.open(who)
    assert watching.every_s == OFTEN_S
    scene.listed.leave(who)
    assert watching.every_s == 30.0
    scene.listed.stop()


def test_opened_it_is_looked_at_at_once_and_passes_everything_on() -> None:
    scene = Scene()
    scene.listed.start()
    until(lambda: scene.engine.looks == 1)
    who = object()
    scene.open(who)
    until(lambda: len(scene.reports) == 1)
    scene.world.run(Spec("web"))
    until(lambda: scene.listed.summary.containers == 2)
    until(lambda: len(scene.reports[-1].snapshot.containers) == 2)
    scene.listed.leave(who)
    seen = len(scene.reports)
    scene.listed.refresh()
    looks = scene.engine.looks
    until(lambda: scene.engine.looks > looks)
    assert len(scene.reports) == seen
    scene.listed.stop()


def test_only_who_has_opened_it_leaves_it() -> None:
    scene = Scene()
    scene.listed.start()
    until(lambda: scene.engine.looks == 1)
    scene.open(first := object())
    scene.open(object())
    scene.listed.leave(first)
    until(lambda: bool(scene.reports))
    seen = len(scene.reports)
    scene.listed.refresh()
    until(lambda: len(scene.reports) > seen)
    scene.listed.stop()


def test_a_failure_is_told_again_to_who_opens_it() -> None:
    scene = Scene()
    scene.engine.go_away()
    scene.listed.start()
    until(lambda: bool(scene.listed.summary.problem))
    scene.open(object())
    assert "refuses connections" in str(scene.failures[0])
    scene.listed.stop()


def test_connecting_is_tried_again_at_once_if_asked_for() -> None:
    scene = Scene()
    scene.errors.append(EngineUnreachable("no such context"))
    scene.listed.start()
    until(lambda: scene.listed.summary.problem == "no such context")
    scene.listed.refresh()
    until(lambda: scene.listed.host is not None)
    until(lambda: not scene.listed.summary.problem)
    scene.listed.stop()


def test_a_host_that_is_connected_too_late_is_closed() -> None:
    scene = Scene()
    scene.may_connect.clear()
    scene.listed.start()
    scene.listed.stop()
    scene.may_connect.set()
    until(lambda: scene.engine.closed == 1)
    assert scene.listed.host is None
    assert scene.changes == 0


def test_it_does_not_matter_that_it_was_never_connected() -> None:
    scene = Scene()
    scene.open(who := object())
    scene.listed.leave(who)
    scene.listed.refresh()
    scene.listed.stop()
    assert scene.reports == []

"""A first glimpse, taken before anybody can show it."""

from __future__ import annotations

import time

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineUnreachable
from nstui.model.namespace import NamespacesRead
from nstui.service.host import Host, open_host
from nstui.service.observer import Prefetch
from nstui.service.watcher import Watcher
from tests.support.builders import NOON

PATIENCE_S = 60.0


@pytest.fixture
def world() -> World:
    world = World(lambda: NOON)
    world.run(Spec("vpn"))
    world.run(Spec("dep", network="container:vpn"))
    return world


@pytest.fixture
def engine(world: World) -> SimEngine:
    return SimEngine(world)


@pytest.fixture
def connection(engine: SimEngine, world: World) -> Host:
    return open_host(engine, SimHost(world), MemoryAuditLog(), endpoint="sim")


def test_a_glimpse_knows_the_list_and_says_that_the_rest_is_to_come(
    connection: Host,
) -> None:
    report = Prefetch(connection.observer).take()
    snapshot = report.snapshot
    assert snapshot.is_glimpse
    assert snapshot.namespaces_read is NamespacesRead.DECLARED
    assert [c.name for c in snapshot.containers] == ["dep", "vpn"]
    assert {c.inspection for c in snapshot.containers} == {None}
    (group,) = report.groups()
    assert [report.graph.name(member) for member in group.members] == ["vpn", "dep"]


def test_what_keeps_it_from_being_taken_is_told_to_who_takes_it(
    engine: SimEngine, connection: Host
) -> None:
    engine.go_away()
    with pytest.raises(EngineUnreachable):
        Prefetch(connection.observer).take()


def test_a_watcher_shows_it_first_and_waits_until_that_is_done(
    engine: SimEngine, connection: Host
) -> None:
    told: list[bool] = []
    watcher = Watcher(
        connection.observer,
        engine,
        interval=3600.0,
        on_report=lambda report: told.append(report.snapshot.is_glimpse),
        on_failure=lambda error: pytest.fail(str(error)),
        first=Prefetch(connection.observer).take,
    )
    watcher.start()
    try:
        end = time.monotonic() + PATIENCE_S
        while not told and time.monotonic() < end:
            time.sleep(0.005)
        assert told == [True]
        watcher.proceed()
        while len(told) == 1 and time.monotonic() < end:
            time.sleep(0.005)
        assert told[:2] == [True, False]
    finally:
        watcher.stop()

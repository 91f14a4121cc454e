"""An empty world and the ports that show it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.kernel import SimClock
from nstui.demo.world import World


@pytest.fixture
def clock() -> SimClock:
    return SimClock(lambda: datetime(2026, 11, 23, 16, 5, tzinfo=UTC))


@pytest.fixture
def world(clock: SimClock) -> World:
    return World(clock)


@pytest.fixture
def engine(world: World) -> SimEngine:
    return SimEngine(world)


@pytest.fixture
def host(world: World) -> SimHost:
    return SimHost(world)

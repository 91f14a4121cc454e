"""Simulated hosts for the text UI."""

from __future__ import annotations

import pytest

from nstui.demo.containers import Spec
from nstui.demo.home import demo_world
from nstui.demo.world import World
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage


@pytest.fixture
def demo() -> Stage:
    """The host of the demo."""
    return Stage(demo_world(lambda: NOON))


@pytest.fixture
def vpn() -> Stage:
    """An owner with two dependents, one of them with its own, and a loner."""
    world = World(lambda: NOON)
    world.run(Spec("vpn"))
    world.run(Spec("a", network="container:vpn"))
    world.run(Spec("b", network="container:vpn"))
    world.run(Spec("b-sidecar", network="container:b"))
    world.run(Spec("loner"))
    return Stage(world)

"""The first frame is of the engine's list alone; what was read comes after it."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from nstui.demo.engine import SimEngine
from nstui.demo.home import demo_world
from tests.support.builders import NOON
from tests.unit.tui.stage import PATIENCE_S, Stage

if TYPE_CHECKING:
    from nstui.demo.world import World
    from nstui.model.container import Container


class SlowEngine(SimEngine):
    """Lists at once, and inspects when it is let."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.inspects = threading.Event()

    def containers(self) -> tuple[Container, ...]:
        self.inspects.wait(PATIENCE_S)
        return super().containers()

    def listed(self) -> tuple[Container, ...]:
        self.inspects.set()
        listed = super().listed()
        self.inspects.clear()
        return listed


@pytest.fixture
def slow() -> Stage:
    return Stage(demo_world(lambda: NOON), engine=SlowEngine, has_glimpse=True)


async def test_the_tree_is_there_before_anything_was_inspected(slow: Stage) -> None:
    assert isinstance(slow.engine, SlowEngine)
    async with slow.open():
        await slow.until(lambda: "qbittorrent" in "".join(slow.lines()))
        assert "reading what each of them shares" in slow.bar()
        assert "nothing wrong" not in slow.bar()
        assert "not verified" not in slow.bar()
        slow.engine.inspects.set()
        await slow.until(lambda: "3 incidents" in slow.bar())
        assert "verified by the kernel" in slow.bar()
        assert slow.notices() == []


async def test_nobody_says_that_all_is_well_before_it_was_read(slow: Stage) -> None:
    assert isinstance(slow.engine, SlowEngine)
    async with slow.open():
        await slow.until(lambda: len(slow.lines()) > 2)
        await slow.press("f")
        await slow.until(lambda: len(slow.app.screen_stack) > 1)
        assert "still to be read" in slow.text("#findings-unseen")
        slow.engine.inspects.set()
        await slow.until(lambda: "3 incidents" in slow.text("#findings-title"))
        assert slow.text("#findings-unseen") == ""

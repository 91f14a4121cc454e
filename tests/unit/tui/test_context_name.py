"""The name of the context is in the header, whatever is known and however narrow."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.world import World
from nstui.model.namespace import NamespacesRead
from nstui.tui.notices import HostBar, NoEngine
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage
from tests.unit.tui.test_snapshots import LARGE, NARROW, SMALL, TINY, SnapCompare

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from textual.pilot import Pilot

    from nstui.model.snapshot import EngineInfo

NAME = "storage-in-the-attic"
SIZES = pytest.mark.parametrize("size", [LARGE, NARROW, SMALL, TINY], ids=str)


class Named(SimEngine):
    """An engine that was found through a context."""

    def info(self) -> EngineInfo:
        return replace(super().info(), context=NAME)


def named(level: NamespacesRead = NamespacesRead.INODE) -> Stage:
    """Return an owner and its dependent, read at a level."""
    world = World(lambda: NOON)
    world.run(Spec("vpn"))
    world.run(Spec("web", network="container:vpn"))
    stage = Stage(world, engine=Named, context=NAME)
    stage.host.level = level
    return stage


def silent() -> Stage:
    """Return the same without an engine that answers."""
    stage = named()
    stage.engine.go_away()
    return stage


def header(stage: Stage) -> str:
    """Return the first line of the header, which must have room."""
    line = stage.bar().split("\n")[0]
    assert cell_len(line) <= stage.main.query_one(HostBar).content_size.width
    return line


@SIZES
async def test_before_the_first_answer_and_after_it(size: tuple[int, int]) -> None:
    stage = silent()
    async with stage.open(*size):
        await stage.until(lambda: stage.main.query_one(NoEngine).display)
        assert NAME in header(stage)
        stage.engine.come_back()
        await stage.until(lambda: "vpn" in stage.lines())
        assert NAME in header(stage)


@SIZES
@pytest.mark.parametrize("level", [NamespacesRead.FINGERPRINT, NamespacesRead.DECLARED])
async def test_where_what_is_known_is_doubtful(
    size: tuple[int, int], level: NamespacesRead
) -> None:
    stage = named(level)
    async with stage.open(*size):
        await stage.until(lambda: "vpn" in stage.lines())
        shown = header(stage)
        start, end = NAME[:4], NAME[-3:]
        assert NAME in shown or (start in shown and end in shown)
        assert "verified" in shown


def drawn(stage: Stage) -> Callable[[Pilot[None]], Awaitable[None]]:
    """Return what waits until the header is as it stays."""

    async def run(pilot: Pilot[None]) -> None:
        stage.attach(pilot)
        await stage.until(
            lambda: stage.main.query_one(NoEngine).display or "vpn" in stage.lines()
        )

    return run


@SIZES
def test_the_picture_before_the_first_answer(
    snap_compare: SnapCompare, size: tuple[int, int]
) -> None:
    stage = silent()
    assert snap_compare(stage.app, terminal_size=size, run_before=drawn(stage))


@SIZES
def test_the_picture_of_what_is_not_verified(
    snap_compare: SnapCompare, size: tuple[int, int]
) -> None:
    stage = named(NamespacesRead.DECLARED)
    assert snap_compare(stage.app, terminal_size=size, run_before=drawn(stage))

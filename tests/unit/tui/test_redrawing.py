"""What is drawn again when the tree changes, and what stays where it is."""

from __future__ import annotations

import pytest

from nstui.analysis.tree.tree import build_tree
from nstui.demo.containers import Spec
from nstui.demo.world import World
from tests.support.builders import NOON
from tests.unit.tui.stage import Stage

PAIRS = 30


@pytest.fixture
def stage() -> Stage:
    """More groups of two than the screen has lines."""
    world = World(lambda: NOON)
    for number in range(PAIRS):
        world.run(Spec(f"own{number:02}"))
        world.run(Spec(f"dep{number:02}", network=f"container:own{number:02}"))
    return Stage(world)


def drawn(stage: Stage) -> str:
    """Return what is on the terminal."""
    strips = stage.app.screen._compositor.render_strips()  # noqa: SLF001 - what is sent to the terminal
    return "\n".join("".join(part.text for part in strip) for strip in strips)


def line_of(stage: Stage, name: str) -> str:
    """Return the line of the tree that shows a container."""
    width = stage.tree.size.width
    lines = [line[:width] for line in drawn(stage).split("\n")]
    return next((line for line in lines if f" {name} " in line), "")


async def test_a_line_that_differs_is_drawn_again(stage: Stage) -> None:
    async with stage.open(height=24):
        await stage.until(lambda: "running" in line_of(stage, "own03"))
        stage.world.pause("own03")
        await stage.until(lambda: "paused" in line_of(stage, "own03"))
        assert "running" in line_of(stage, "own04")


async def test_a_line_that_was_out_of_sight_is_drawn_as_it_is_by_then(
    stage: Stage,
) -> None:
    async with stage.open(height=24):
        await stage.until(lambda: "running" in line_of(stage, "own05"))
        await stage.press("G")
        await stage.until(lambda: line_of(stage, "own05") == "")
        stage.world.pause("own05")
        # What is in sight changes as well, so that the look is known to be shown.
        stage.world.pause(f"own{PAIRS - 1}")
        await stage.until(lambda: "paused" in line_of(stage, f"own{PAIRS - 1}"))
        await stage.press("g")
        assert "paused" in line_of(stage, "own05")


@pytest.mark.parametrize(
    ("place", "is_volatile", "scrolled"),
    [
        pytest.param(5, True, 0, id="what is scrolled to stays"),
        pytest.param(5, False, 4, id="or else the line under the cursor"),
        pytest.param(25, True, 25 * 2 + 1 - 21, id="unless it would be out of sight"),
    ],
)
async def test_where_the_lines_are_when_they_change_places(
    stage: Stage, place: int, *, is_volatile: bool, scrolled: int
) -> None:
    async with stage.open(height=24):
        await stage.until(lambda: len(stage.lines()) == 2 * PAIRS)
        await stage.goto("own03")
        report = stage.connection().observer.look()
        rows = list(build_tree(report))
        rows.insert(place, rows.pop(3))
        stage.tree.show(rows, report, is_volatile=is_volatile)
        await stage.press()
        assert stage.cursor() == "own03"
        assert stage.tree.cursor_line == 2 * place
        assert round(stage.tree.scroll_y) == scrolled


async def test_lines_that_change_places_stay_the_same_nodes(stage: Stage) -> None:
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 2 * PAIRS)
        report = stage.connection().observer.look()
        before = {node.data.key: node for node in stage.tree.root.children if node.data}
        stage.tree.show(reversed(build_tree(report)), report)
        after = [node for node in stage.tree.root.children if node.data]
        assert after == list(reversed(before.values()))
        assert stage.lines()[0] == f"own{PAIRS - 1}"

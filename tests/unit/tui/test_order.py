"""The tree in another order."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.home import demo_world
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.model.snapshot import ReadProblem
from tests.support.builders import NOON
from tests.unit.tui.asked_host import AskedHost
from tests.unit.tui.stage import Stage
from tests.unit.tui.test_kinds import view

if TYPE_CHECKING:
    from datetime import datetime


class Clock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now

    def go_on(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stage(clock: Clock) -> Stage:
    """The host of the demo, with a clock that moves."""
    world = demo_world(clock)
    return Stage(world, evidence=SimHost(world))


def tops(stage: Stage) -> list[str]:
    """Return the lines that are beneath none."""
    return [line for line in stage.lines() if not line.startswith(" ")]


def cells(stage: Stage) -> dict[str, str]:
    """Return what each visible container is ordered by."""
    nodes = [stage.tree.get_node_at_line(n) for n in range(stage.tree.last_line + 1)]
    lines = [node.data for node in nodes if node is not None and node.data is not None]
    return {line.row.label: line.text.measure.text for line in lines}


async def test_one_order_after_the_other_and_back(stage: Stage) -> None:
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 10)
        at_first = stage.lines()
        said = []
        for _ in range(6):
            await stage.press("o")
            said.append(view(stage))
        assert said == [
            "by name",
            "by state, stopped first",
            "by age, last changed first",
            "by CPU, groups by their sums",
            "by memory, groups by their sums",
            "",
        ]
        assert stage.lines() == at_first
        await stage.press("O")
        assert view(stage) == "by memory, groups by their sums"
        await stage.press("O", "O")
        assert view(stage) == "by age, last changed first"


async def test_by_name(stage: Stage) -> None:
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 10)
        await stage.press("o")
        assert tops(stage) == [
            "85073aacebaf (no longer exists)",
            "host network (2 containers)",
            "pod-infra",
            "ts-paperless",
            "vpn",
            "wg-home",
            "6 containers that share no network",
        ]
        assert set(cells(stage).values()) == {""}


async def test_by_age_a_restart_brings_a_group_to_the_top(stage: Stage) -> None:
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 10)
        await stage.press("o", "o", "o")
        assert tops(stage)[0] == "wg-home"
        assert cells(stage)["vpn"].endswith(" d")
        stage.world.restart("vpn")
        await stage.until(lambda: tops(stage)[0] == "vpn")
        assert cells(stage)["vpn"] == "a moment"


async def test_by_memory(stage: Stage) -> None:
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 10)
        await stage.press("O")
        await stage.until(lambda: "Σ" in cells(stage)["vpn"])
        found = cells(stage)
        assert found["vpn"].partition("  Σ ")[2].endswith(" MB")
        sums = [float(found[top].split("Σ")[1].split()[0]) for top in labels(stage)]
        assert sums == sorted(sums, reverse=True)


def labels(stage: Stage) -> list[str]:
    """Return the labels of the groups, without the fold at the end."""
    return [node.data.row.label for node in stage.tree.root.children if node.data][:-1]


async def test_by_cpu_takes_two_readings(clock: Clock) -> None:
    world = demo_world(clock)
    host = AskedHost(world)
    stage = Stage(world, evidence=host)
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 10)
        await stage.press("g", "O", "O")
        await stage.until(lambda: host.answers_of_usage == 1)
        assert cells(stage)["vpn"].strip() == "…"
        clock.go_on(5)
        await stage.press("r")
        await stage.until(lambda: "%" in cells(stage)["vpn"])
        sums = [percent(cells(stage)[top]) for top in labels(stage)]
        assert sums == sorted(sums, reverse=True)
        assert stage.tree.cursor_line == 0


def percent(cell: str) -> float:
    """Return the sum in a cell."""
    return float(cell.split("Σ")[1].strip().removesuffix("%"))


async def test_the_cursor_stays_on_its_container(stage: Stage) -> None:
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 10)
        await stage.goto("sonarr")
        for _ in range(6):
            await stage.press("o")
            assert stage.cursor() == "sonarr"


async def test_at_the_top_it_stays_at_the_top(stage: Stage) -> None:
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 10)
        await stage.press("g")
        first = stage.cursor()
        await stage.press("O")
        await stage.until(lambda: "Σ" in cells(stage)["vpn"])
        assert stage.tree.cursor_line == 0
        assert stage.cursor() != first


async def test_one_that_was_moved_meanwhile_is_left_where_it_is(stage: Stage) -> None:
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 10)
        await stage.press("O", "j", "j")
        moved_to = stage.cursor()
        await stage.until(lambda: "Σ" in cells(stage)["vpn"])
        assert stage.cursor() == moved_to


async def test_what_cannot_be_read_says_so_and_comes_last(clock: Clock) -> None:
    world = World(clock)
    for name in ("a", "b", "c"):
        world.run(Spec(name))
    world.stop("c")
    host = SimHost(world)
    host.inject_problem("a", ReadProblem.VANISHED)
    stage = Stage(world, evidence=host)
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 1)
        await stage.press("G", "enter", "O")
        await stage.until(lambda: cells(stage).get("a", "").strip() == "?")
        assert stage.lines()[1:] == ["  b", "  c", "  a"]
        assert cells(stage)["c"].strip() == ""


async def test_where_nobody_can_look_that_is_said(clock: Clock) -> None:
    world = World(clock)
    world.run(Spec("a"))
    stage = Stage(world)
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 1)
        await stage.press("G", "enter", "O")
        assert cells(stage)["a"].strip() == "?"


async def test_the_filter_applies_in_every_order(stage: Stage) -> None:
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) > 10)
        await stage.press("slash", *"media", "enter", "O")
        await stage.until(lambda: "Σ" in cells(stage)["vpn"])
        assert tops(stage) == ["vpn"]
        await stage.press("o")
        assert tops(stage) == ["vpn"]


async def test_nothing_is_read_that_nobody_wants_to_see(clock: Clock) -> None:
    world = World(clock)
    world.run(Spec("first"))
    host = AskedHost(world)
    stage = Stage(world, evidence=host)
    async with stage.open():
        await stage.until(lambda: len(stage.lines()) == 1)
        await stage.press("O", "a")
        await stage.until(lambda: host.answers_of_usage == 1)
        await stage.until(lambda: host.asked_for_holders == 1)
        await stage.press("o", "a", "r")
        world.run(Spec("second", network="container:first"))
        await stage.until(lambda: "  second" in stage.lines())
        assert (host.answers_of_usage, host.asked_for_holders) == (1, 1)

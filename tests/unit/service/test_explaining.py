"""Looking at one container as closely as the machine lets one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.cli.tree import explain_container
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.faults import add_foreign_process
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.model.namespace import NamespacesRead
from nstui.model.network import NetworkProcess, Usage
from nstui.model.snapshot import ReadProblem
from nstui.service.observer import Observer

if TYPE_CHECKING:
    from nstui.analysis.explain import Explanation


@pytest.fixture
def world() -> World:
    """Return a world whose clock goes."""
    world = World()
    world.run(Spec("own"))
    world.run(Spec("dep", network="container:own"))
    world.run(Spec("off", network="container:own"))
    world.stop("off")
    return world


def explained(
    world: World, name: str, level: NamespacesRead = NamespacesRead.INODE
) -> Explanation:
    """Look at a container of a world."""
    host = SimHost(world, level)
    report = Observer(SimEngine(world), host).look()
    return explain_container(host, report, world.records.get(name).id)


def test_all_in_its_network_are_read_twice(world: World) -> None:
    add_foreign_process(world, "own", "tcpdump")
    told = explained(world, "dep")
    assert [each.container.name for each in told.members] == ["own", "dep", "off"]
    for member in told.members[:2]:
        assert isinstance(member.usage, Usage)
        assert member.cpu_percent is not None
        assert member.cpu_percent > 0
    assert told.members[2].usage is None
    assert isinstance(told.outsiders, tuple)
    assert [each.command for each in told.outsiders] == ["tcpdump"]
    assert isinstance(told.outsiders[0], NetworkProcess)


def test_of_one_that_does_not_run_the_others_are_read(world: World) -> None:
    told = explained(world, "off")
    assert (told.evidence, told.interior, told.outsiders) == (None, None, None)
    assert isinstance(told.members[0].usage, Usage)


def test_what_cannot_be_read_says_why(world: World) -> None:
    told = explained(world, "own", NamespacesRead.DECLARED)
    assert told.members[0].usage is ReadProblem.NOT_THE_CONTAINER
    assert told.outsiders is ReadProblem.NOT_THE_CONTAINER


def test_where_nobody_tells_more_the_engine_still_does(world: World) -> None:
    report = Observer(SimEngine(world), SimHost(world)).look()
    told = explain_container(None, report, world.records.get("own").id)
    assert [each.usage for each in told.members] == [None, None, None]
    assert told.interior is None

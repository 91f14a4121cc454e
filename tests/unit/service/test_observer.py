"""Snapshots are made of two sources that may disagree."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.snapshot import HostReading, ProcessReading, ReadProblem
from nstui.service.observer import Observer
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from nstui.model.container import Container, ContainerId
    from nstui.model.namespace import Namespace


class Forgetful(SimEngine):
    """An engine adapter that remembers until it is told to forget, and counts."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.remembered: tuple[Container, ...] | None = None
        self.forgotten: list[ContainerId] = []

    def containers(self) -> tuple[Container, ...]:
        if self.remembered is None:
            self.remembered = super().containers()
        return self.remembered

    def forget(self, containers: Iterable[ContainerId] | None = None) -> None:
        self.remembered = None
        self.forgotten.extend(containers or ())


def small_world() -> World:
    world = World(lambda: NOON)
    world.run(Spec("vpn"))
    world.run(Spec("dep", network="container:vpn"))
    return world


def test_a_look_puts_engine_and_kernel_side_by_side() -> None:
    world = small_world()
    report = Observer(SimEngine(world), SimHost(world), lambda: NOON).look()
    snapshot = report.snapshot
    assert snapshot.taken_at == NOON
    assert [c.name for c in snapshot.containers] == ["dep", "vpn"]
    dep, vpn = (c.id for c in snapshot.containers)
    net = NamespaceKind.NET
    assert snapshot.namespace(dep, net) == snapshot.namespace(vpn, net) is not None
    assert report.findings == ()


def test_a_pid_that_is_no_longer_the_containers_makes_the_engine_be_asked_again() -> (
    None
):
    world = small_world()
    engine = Forgetful(world)
    observer = Observer(engine, SimHost(world), lambda: NOON)
    observer.look()
    world.restart("vpn")
    report = observer.look()
    assert engine.forgotten == [world.records.get("vpn").id]
    assert [finding.code for finding in report.findings] == ["stale-join"]


class ElsewhereHost:
    """The kernel of a machine on which the engine's pids mean nothing."""

    def __init__(self) -> None:
        self.reads = 0

    def read(self, pids: Mapping[ContainerId, int]) -> HostReading:
        self.reads += 1
        return HostReading(
            NamespacesRead.DECLARED,
            {
                container: ProcessReading(
                    pid, {}, None, problem=ReadProblem.NOT_THE_CONTAINER
                )
                for container, pid in pids.items()
            },
        )

    def kept(
        self, sandboxes: Mapping[ContainerId, str]
    ) -> Mapping[ContainerId, Namespace]:
        raise AssertionError(sandboxes)


def test_pids_of_another_machine_are_not_asked_about_again() -> None:
    world = small_world()
    engine, host = Forgetful(world), ElsewhereHost()
    Observer(engine, host, lambda: NOON).look()
    assert (engine.forgotten, host.reads) == ([], 1)


def test_a_look_afresh_remembers_nothing() -> None:
    world = small_world()
    engine = Forgetful(world)
    observer = Observer(engine, SimHost(world), lambda: NOON)
    observer.look()
    world.run(Spec("late"))
    assert len(observer.look().snapshot.containers) == 2
    assert len(observer.look_afresh().snapshot.containers) == 3

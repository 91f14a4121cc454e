"""Snapshots are made of two sources that may disagree."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineRefused
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.snapshot import HostReading, ProcessReading, ReadProblem
from nstui.service.observer import Observer
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

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

    def begin(self, pids: Mapping[ContainerId, int]) -> Callable[[], HostReading]:
        return partial(self.read, pids)

    def kept(
        self, sandboxes: Mapping[ContainerId, str]
    ) -> Mapping[ContainerId, Namespace]:
        raise AssertionError(sandboxes)


def test_pids_of_another_machine_are_not_asked_about_again() -> None:
    world = small_world()
    engine, host = Forgetful(world), ElsewhereHost()
    Observer(engine, host, lambda: NOON).look()
    assert (engine.forgotten, host.reads) == ([], 1)


class Ahead(SimHost):
    """A kernel that notes what it is asked, and asked to begin with."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.asked: list[str] = []

    def read(self, pids: Mapping[ContainerId, int]) -> HostReading:
        self.asked.append("read")
        return super().read(pids)

    def begin(self, pids: Mapping[ContainerId, int]) -> Callable[[], HostReading]:
        self.asked.append("begin")
        return partial(super().read, pids)


class Telling(SimEngine):
    """An engine that notes when it is asked in the list of its kernel."""

    asked: list[str]
    refusal: EngineRefused | None = None

    def containers(self) -> tuple[Container, ...]:
        self.asked.append("list")
        if self.refusal is not None:
            raise self.refusal
        return super().containers()


def looks_ahead(change: Callable[[World, Observer], object]) -> list[str]:
    """Return what a second look asks for, and in which order."""
    world = small_world()
    engine, host = Telling(world), Ahead(world)
    engine.asked = host.asked
    observer = Observer(engine, host, lambda: NOON)
    observer.look()
    assert host.asked == ["list", "read"]
    host.asked.clear()
    change(world, observer)
    seen = observer.look()
    fresh = Observer(SimEngine(world), SimHost(world), lambda: NOON).look()
    assert seen.snapshot.host == fresh.snapshot.host
    return host.asked


def test_a_look_at_what_has_not_changed_asks_engine_and_kernel_at_once() -> None:
    assert looks_ahead(lambda *_: None) == ["begin", "list"]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda world: world.run(Spec("late")), id="more"),
        pytest.param(lambda world: world.remove("dep", force=True), id="fewer"),
        pytest.param(lambda world: world.restart("vpn"), id="another process"),
    ],
)
def test_what_was_read_of_other_processes_is_not_used(
    change: Callable[[World], object],
) -> None:
    found = looks_ahead(lambda world, _: change(world))
    assert found == ["begin", "list", "read"]


def test_after_a_look_that_failed_the_kernel_is_asked_last() -> None:
    def fail(_: World, observer: Observer) -> None:
        engine = observer._engine  # noqa: SLF001 - that of the test
        assert isinstance(engine, Telling)
        engine.refusal = EngineRefused("too many requests")
        with pytest.raises(EngineRefused):
            observer.look()
        engine.refusal = None
        engine.asked.clear()

    assert looks_ahead(fail) == ["list", "read"]


def test_after_something_was_forgotten_the_kernel_is_asked_last() -> None:
    found = looks_ahead(lambda _, observer: observer.forget())
    assert found == ["list", "read"]


def test_a_look_afresh_remembers_nothing() -> None:
    world = small_world()
    engine = Forgetful(world)
    observer = Observer(engine, SimHost(world), lambda: NOON)
    observer.look()
    world.run(Spec("late"))
    assert len(observer.look().snapshot.containers) == 2
    assert len(observer.look_afresh().snapshot.containers) == 3

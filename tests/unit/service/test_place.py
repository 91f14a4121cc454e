"""A look tells what keeps the kernel from being read where nstui runs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.model.namespace import NamespacesRead
from nstui.model.own import Place
from nstui.model.snapshot import EngineMachine, HostReading
from nstui.service.observer import Observer
from tests.support.builders import NOON

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import ContainerId
    from nstui.model.snapshot import EngineInfo

DESKTOP = "Docker Desktop"


class Elsewhere(SimEngine):
    """An engine that says where it runs, and counts how often it is asked."""

    asked = 0

    def info(self) -> EngineInfo:
        return replace(super().info(), kernel="6.10.14-linuxkit")

    def machine(self) -> EngineMachine:
        self.asked += 1
        return EngineMachine(system=DESKTOP)


class Here(SimHost):
    """A host that was read at a level, in a place."""

    def __init__(
        self, world: World, level: NamespacesRead, place: Place | None, obstacle: str
    ) -> None:
        super().__init__(world)
        self._read = HostReading(
            level, note="the adapter's", obstacle=obstacle, place=place
        )

    def read(self, pids: Mapping[ContainerId, int]) -> HostReading:  # noqa: ARG002
        return self._read


def look(
    level: NamespacesRead, place: Place | None, obstacle: str = ""
) -> tuple[HostReading, int]:
    """Return what a look tells of the host, and how often the engine was asked."""
    world = World(lambda: NOON)
    world.run(Spec("web"))
    engine = Elsewhere(world)
    report = Observer(engine, Here(world, level, place, obstacle), lambda: NOON).look()
    return report.snapshot.host, engine.asked


def test_the_engine_tells_what_the_place_does_not() -> None:
    host, asked = look(NamespacesRead.DECLARED, Place(kernel="6.12"))

    assert host.obstacle == "engine in a VM"
    assert host.note is not None
    assert host.note.startswith(f"{DESKTOP} runs the engine in a VM")
    assert asked == 1


def test_the_engine_is_not_asked_where_a_right_is_missing() -> None:
    place = Place(is_container=True, may_trace=False)

    host, asked = look(NamespacesRead.FINGERPRINT, place)

    assert (host.obstacle, asked) == ("no SYS_PTRACE", 0)


def test_behind_ssh_the_engine_tells_why_no_process_is_proven() -> None:
    host, asked = look(NamespacesRead.DECLARED, None)
    assert (host.obstacle, asked) == ("engine in a VM", 1)
    host, asked = look(NamespacesRead.INODE, None)
    assert (host.obstacle, asked) == ("", 0)


def test_what_is_not_certain_leaves_the_sentence_of_the_adapter() -> None:
    host, asked = look(NamespacesRead.FINGERPRINT, Place())

    assert (host.obstacle, host.note, asked) == ("", "the adapter's", 0)


def test_what_the_adapter_knows_counts_before_what_the_engine_says() -> None:
    host, asked = look(NamespacesRead.DECLARED, None, "no shell there")

    assert (host.obstacle, host.note) == ("no shell there", "the adapter's")
    assert asked == 0

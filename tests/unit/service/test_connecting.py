"""Attaching a container to its network again, and seeing that it has one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineRefused, HalfDone
from nstui.service.observer import Observer
from nstui.service.verified import VerifiedEngine
from tests.support.sim_accidents import disconnect
from tests.support.sim_faults import Fault, FaultyEngine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import Container, ContainerId
    from nstui.model.snapshot import HostReading


class BareHost(SimHost):
    """A kernel that never gets to see the card."""

    def read(self, pids: Mapping[ContainerId, int]) -> HostReading:
        """Read everything, and leave out every interface but ``lo``."""
        reading = super().read(pids)
        bare = {
            container: replace(process, interfaces=("lo",))
            for container, process in reading.processes.items()
        }
        return replace(reading, processes=bare)


class Scene:
    """A container that has lost its network, and who attaches it again."""

    def __init__(self, host: type[SimHost] = SimHost) -> None:
        self.world = World()
        self.world.run(Spec("web"))
        disconnect(self.world, "web")
        self.engine = FaultyEngine(SimEngine(self.world))
        self.observer = Observer(self.engine, host(self.world))
        self.verified = VerifiedEngine(self.engine, self.observer)

    @property
    def web(self) -> Container:
        """The container as it is now."""
        (web,) = self.observer.look().snapshot.containers
        return web

    def connect(self) -> None:
        """Attach it."""
        self.verified.connect(self.web, "bridge")


@pytest.mark.parametrize("fault", [None, Fault.REFUSED_AND_DONE, Fault.LOST_AFTER])
def test_what_is_seen_is_done(fault: Fault | None) -> None:
    scene = Scene()
    if fault is not None:
        scene.engine.fail(1, fault)
    scene.connect()
    snapshot = scene.observer.look().snapshot
    assert scene.web.networks == ("bridge",)
    assert snapshot.interfaces(scene.web.id) == ("lo", "eth0")


@pytest.mark.parametrize("fault", [Fault.LIED, Fault.REFUSED])
def test_what_is_not_seen_has_failed(
    fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.service.verified.SETTLING_S", 0.0)
    scene = Scene()
    scene.engine.fail(1, fault)
    with pytest.raises(EngineRefused):
        scene.connect()
    assert scene.web.networks == ()


def test_a_network_without_an_interface_is_not_all_that_was_wanted() -> None:
    scene = Scene(BareHost)
    with pytest.raises(HalfDone, match="still has no network interface but lo"):
        scene.connect()

"""A container that is made anew has what the old one had, or it is no replacement."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import StepFailed
from nstui.model.container import ComposeService
from nstui.model.plan import Request
from nstui.model.step import Action
from nstui.service.host import open_host
from tests.support.sim_compose import SimCompose
from tests.support.sim_faults import FaultyEngine

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import ContainerId
    from nstui.service.host import Host

HEAL = Request(action=Action.HEAL, targets=())
OWN = ComposeService("p", "own")
DATA = {"Type": "volume", "Name": "data", "Destination": "/data", "RW": True}


class Forgetful(FaultyEngine):
    """An engine that mounts nothing into new containers, and keeps no environment."""

    def __init__(self, world: World, old: ContainerId) -> None:
        super().__init__(SimEngine(world))
        self._old = old

    def inspect(self, container: ContainerId) -> Mapping[str, object]:
        """Return what the old container has, or that a new one has nothing."""
        known = dict(super().inspect(container))
        if container == self._old:
            known["Mounts"] = [DATA]
            known["Config"] = {"Env": ["TOKEN=x"]}
        return known


class Scene:
    """A dependent whose owner was made anew."""

    def __init__(self, service: ComposeService | None = None) -> None:
        self.world = World()
        self.world.run(Spec("own", compose=OWN))
        spec = Spec("dep", network="container:own", compose=service)
        self.dep = self.world.run(spec)
        self.engine = Forgetful(self.world, self.dep)
        self.host: Host = open_host(
            self.engine,
            SimHost(self.world),
            MemoryAuditLog(),
            endpoint="sim",
            find_compose=lambda: SimCompose(self.world),
        )
        self.host.observer.look()
        self.world.remove("own", force=True)
        self.world.run(Spec("own", compose=OWN))

    def fail(self) -> str:
        """Heal; return what is said."""
        with pytest.raises(StepFailed) as caught:
            self.host.executor.carry_out(self.host.executor.plan(HEAL))
        return str(caught.value)


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0)


def test_a_copy_that_lacks_something_is_dropped_before_the_old_one_is_touched() -> None:
    scene = Scene()
    assert (
        "the new dep came out without what was mounted at /data"
        " and without the environment's TOKEN as it was; dep was put back"
    ) in scene.fail()
    assert scene.engine.asked == ["create", "remove"]
    assert scene.world.records.get("dep").id == scene.dep
    assert sorted(record.name for record in scene.world.records) == ["dep", "own"]


def test_what_compose_makes_without_it_is_no_success() -> None:
    scene = Scene(ComposeService("p", "dep", depends_on=("own",)))
    assert "compose recreated dep without what was mounted at /data" in scene.fail()

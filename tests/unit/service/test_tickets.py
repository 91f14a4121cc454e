"""What a guard of the engine is told about before it is asked for."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.guarding.requests import Change
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import EngineRefused, StepFailed
from nstui.model.container import ComposeService
from nstui.model.plan import Layer, Policy, Request
from nstui.model.step import Action
from nstui.service.host import open_host
from nstui.service.observer import Observer
from nstui.service.verified import VerifiedEngine
from tests.support.sim_compose import SimCompose

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from nstui.ports import Tickets
    from nstui.service.host import Host

Told = tuple["ContainerId", Change]


class Booth:
    """Implements `nstui.ports.Tickets`: keeps each until a call takes it."""

    def __init__(self) -> None:
        self.left: Counter[Told] = Counter()
        self.names: set[str] = set()

    def issue(self, container: ContainerId, name: str, change: Change) -> None:
        """Keep it."""
        self.names.add(name)
        self.left[container, change] += 1


class StrictEngine(SimEngine):
    """An engine with a guard that lets nothing through without a ticket."""

    def __init__(self, world: World, booth: Booth) -> None:
        super().__init__(world)
        self._booth = booth
        self.is_broken = False

    def _take(self, container: ContainerId, change: Change) -> None:
        if not self._booth.left[container, change]:
            raise EngineRefused(f"no ticket to {change}")
        self._booth.left[container, change] -= 1

    def stop(
        self,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        """Stop it, with a ticket."""
        self._take(container, Change.STOP)
        super().stop(container, timeout, signal)

    def restart(
        self,
        container: ContainerId,
        timeout: int | None = None,
        signal: str | None = None,
    ) -> None:
        """Restart it, with a ticket."""
        self._take(container, Change.RESTART)
        super().restart(container, timeout, signal)

    def kill(self, container: ContainerId, signal: str | None = None) -> None:
        """Kill it, with a ticket."""
        self._take(container, Change.KILL)
        super().kill(container, signal)

    def remove(
        self, container: ContainerId, *, force: bool = False, volumes: bool = False
    ) -> None:
        """Remove it, with a ticket."""
        self._take(container, Change.RM)
        super().remove(container, force=force, volumes=volumes)

    def start(self, container: ContainerId) -> None:
        """Start it, unless it is broken."""
        if self.is_broken and self._world.records.get(container).name == "web":
            raise EngineRefused("no")
        super().start(container)


class Scene:
    """An owner with a dependent, and an executor that tells the guard or does not."""

    def __init__(self, *, tells: bool = True) -> None:
        self.world = World()
        self.world.run(Spec("vpn"))
        self.world.run(Spec("web", network="container:vpn"))
        self.booth = Booth()
        self.engine = StrictEngine(self.world, self.booth)
        self.host = self._open(self.booth if tells else None)

    def _open(self, tickets: Tickets | None) -> Host:
        return open_host(
            self.engine,
            SimHost(self.world),
            MemoryAuditLog(),
            endpoint="sim",
            find_tickets=lambda: tickets,
        )

    def id(self, name: str) -> ContainerId:
        """Return the id of a container."""
        found = self.host.observer.look_afresh().graph.resolve(name)
        assert found is not None
        return found

    def carry_out(self, action: Action, policy: Policy, *, force: bool = False) -> None:
        """Carry out an action on the owner."""
        request = Request(
            action=action,
            targets=(self.id("vpn"),),
            policy=policy,
            force=force,
            layer=Layer.DROP,
        )
        executor = self.host.executor
        executor.carry_out(executor.plan(request))


@pytest.mark.parametrize("policy", [Policy.WITH_DEPENDENTS, Policy.BREAK_DEPENDENTS])
@pytest.mark.parametrize(
    "action",
    [Action.RM, Action.STOP, Action.KILL, Action.RESTART, Action.RECREATE],
)
def test_each_call_of_a_confirmed_plan_has_a_ticket_of_its_own(
    action: Action, policy: Policy
) -> None:
    scene = Scene()
    scene.carry_out(action, policy, force=True)
    assert not +scene.booth.left
    assert "vpn" in scene.booth.names


def test_without_a_ticket_this_guard_lets_nothing_through() -> None:
    scene = Scene(tells=False)
    with pytest.raises(StepFailed, match="no ticket to stop"):
        scene.carry_out(Action.STOP, Policy.BREAK_DEPENDENTS)


def test_the_way_back_has_tickets_too() -> None:
    scene = Scene()
    before = {name: scene.id(name) for name in ("vpn", "web")}
    scene.engine.is_broken = True
    with pytest.raises(StepFailed) as failed:
        scene.carry_out(Action.RECREATE, Policy.PROTECT)
    assert "no ticket" not in str(failed.value)
    assert scene.id("vpn") == before["vpn"]
    assert not +scene.booth.left


def test_what_stands_in_for_a_lost_owner_is_removed_with_a_ticket() -> None:
    scene = Scene()
    observer = Observer(scene.engine, SimHost(scene.world))
    scene.world.stop("web")
    scene.world.remove("vpn", force=True)
    graph = observer.look_afresh().graph
    web = graph.containers[scene.id("web")]
    VerifiedEngine(scene.engine, observer, scene.booth).start_orphan(web, graph)
    left = observer.look_afresh().graph.containers.values()
    assert [one.name for one in left] == ["web"]
    assert not +scene.booth.left


def test_compose_may_end_what_it_recreates() -> None:
    world = World()
    world.run(Spec("vpn", compose=ComposeService("media", "vpn")))
    booth = Booth()
    host = open_host(
        SimEngine(world),
        SimHost(world),
        MemoryAuditLog(),
        endpoint="sim",
        find_compose=lambda: SimCompose(world),
        find_tickets=lambda: booth,
    )
    vpn = host.observer.look_afresh().graph.resolve("vpn")
    assert vpn is not None
    executor = host.executor
    executor.carry_out(executor.plan(Request(action=Action.RECREATE, targets=(vpn,))))
    assert {told for told in booth.left if told[0] == vpn} == {
        (vpn, Change.STOP),
        (vpn, Change.KILL),
        (vpn, Change.RM),
    }

"""Healing what compose manages, on a simulated host with a simulated compose."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.errors import StepFailed
from nstui.model.container import ComposeService
from nstui.model.plan import Action, Request, Verb
from nstui.service.connection import Connection, connect
from nstui.sim.compose import SimCompose
from nstui.sim.engine import SimEngine
from nstui.sim.host import SimHost
from nstui.sim.spec import Spec
from nstui.sim.store import MemoryStore
from nstui.sim.world import World

if TYPE_CHECKING:
    from nstui.model.container import Container

HEAL = Request(action=Action.HEAL, targets=())
WEB = ComposeService("p", "web", depends_on=("vpn",))


class Leaky(SimCompose):
    """A compose that makes containers without the join they should have, as v1 may."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._world_of_mine = world

    def recreate(
        self,
        container: Container,
        command: tuple[str, ...],
        changes: tuple[str, ...] = (),  # noqa: ARG002 - as the other's
    ) -> None:
        """Give the service a container on the default network."""
        service = command[-1]
        self._world_of_mine.remove(container.id, force=True)
        self._world_of_mine.run(Spec(service, compose=WEB))


@pytest.fixture
def world() -> World:
    """Build a project whose owner was recreated alone."""
    world = World()
    vpn = Spec("vpn", compose=ComposeService("p", "vpn"))
    world.run(vpn)
    world.run(Spec("web", network="container:vpn", compose=WEB))
    world.remove("vpn", force=True)
    world.run(replace(vpn, name="vpn-2"))
    return world


def attach(world: World, compose: SimCompose) -> Connection:
    """Connect nstui to a world with a compose."""
    return connect(
        SimEngine(world),
        SimHost(world),
        MemoryStore(),
        endpoint="sim",
        find_compose=lambda: compose,
    )


def test_compose_heals_what_it_manages(world: World) -> None:
    host = attach(world, SimCompose(world))
    plan = host.executor.plan(HEAL)
    assert [step.verb for step in plan.steps] == [Verb.COMPOSE]
    host.executor.carry_out(plan)
    assert host.observer.look_afresh().findings == ()


def test_a_container_without_its_join_is_no_success(world: World) -> None:
    host = attach(world, Leaky(world))
    with pytest.raises(StepFailed, match="web without what it joined: it is on bridge"):
        host.executor.carry_out(host.executor.plan(HEAL))


@pytest.mark.parametrize("is_oneoff", [True, False])
def test_compose_is_not_asked_to_do_more_than_replace_one(
    world: World, *, is_oneoff: bool
) -> None:
    """It would make a service as large as its file says, or miss a stray one."""
    gone = world.records.get("web").joins[0].reference
    world.remove("web", force=True)
    world.rename("vpn-2", "vpn")
    for name in ("web-1",) if is_oneoff else ("web-1", "web-2"):
        service = replace(WEB, is_oneoff=is_oneoff)
        world.create(Spec(name, network=f"container:{gone}", compose=service))
    host = attach(world, SimCompose(world))
    plan = host.executor.plan(HEAL)
    assert {step.verb for step in plan.steps} == {Verb.RECREATE}
    host.executor.carry_out(plan)
    assert host.observer.look_afresh().findings == ()

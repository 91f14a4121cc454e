"""Healing what compose manages, on a simulated host with a simulated compose."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.faults import crash
from nstui.demo.host import SimHost
from nstui.demo.store import MemoryStore
from nstui.demo.world import World
from nstui.errors import EngineRefused, StepFailed
from nstui.model.container import ComposeService, short_id
from nstui.model.healing import Recomposition
from nstui.model.plan import Request
from nstui.model.step import Action, Verb
from nstui.service.host import Host, open_host
from nstui.service.recompose import NoCompose
from tests.support.builders import container
from tests.support.sim_compose import SimCompose
from tests.support.sim_faults import Killed

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


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nstui.service.recompose.STEADY_S", 0)


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


def attach(world: World, compose: SimCompose, store: MemoryStore | None = None) -> Host:
    """Connect nstui to a world with a compose."""
    return open_host(
        SimEngine(world),
        SimHost(world),
        store or MemoryStore(),
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


class Elsewhere(SimCompose):
    """A compose whose file names another owner by now."""

    def __init__(self, world: World, owner: str) -> None:
        super().__init__(world)
        self._world_of_mine, self._owner = world, owner

    def recreate(
        self,
        container: Container,
        command: tuple[str, ...],
        changes: tuple[str, ...] = (),  # noqa: ARG002 - the port's
    ) -> None:
        """Make the service anew on the other owner, or so that it ends at once."""
        self._world_of_mine.remove(container.id, force=True)
        network = f"container:{self._owner}"
        self._world_of_mine.run(Spec(command[-1], network=network, compose=WEB))


class Ending(SimCompose):
    """A compose whose file has another command by now, which ends at once."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._world_of_mine = world

    def recreate(
        self,
        container: Container,
        command: tuple[str, ...],
        changes: tuple[str, ...] = (),
    ) -> None:
        """Make the service anew, and let it end."""
        super().recreate(container, command, changes)
        crash(self._world_of_mine, command[-1], 3)


class Refusing(SimCompose):
    """A compose that fails, after it has begun or before."""

    def __init__(self, world: World, *, has_begun: bool) -> None:
        super().__init__(world)
        self._world_of_mine, self._has_begun = world, has_begun

    def recreate(
        self,
        container: Container,
        command: tuple[str, ...],
        changes: tuple[str, ...] = (),  # noqa: ARG002 - the port's
    ) -> None:
        """Fail, with the old one stopped and a new one beside it."""
        if self._has_begun:
            world, name = self._world_of_mine, command[-1]
            world.stop(container.id)
            world.rename(container.id, f"{short_id(container.id)}_{name}")
            world.create(Spec(name, compose=WEB))
        raise EngineRefused("no such image: app:2")


def test_what_compose_puts_into_another_network_is_no_success(world: World) -> None:
    world.run(Spec("oth"))
    host = attach(world, Elsewhere(world, "oth"))
    plan = host.executor.plan(HEAL)
    old = plan.steps[0].container
    with pytest.raises(StepFailed) as caught:
        host.executor.carry_out(plan)
    assert "the new web joined oth, not in the net namespace of vpn-2" in str(
        caught.value
    )
    assert f"nstui removed show --as-run {old}" in str(caught.value)


def test_what_ends_at_once_is_no_success(world: World) -> None:
    host = attach(world, Ending(world))
    with pytest.raises(StepFailed, match="the new web ended with exit code 3; the old"):
        host.executor.carry_out(host.executor.plan(HEAL))


@pytest.mark.parametrize("has_begun", [False, True])
def test_where_compose_refuses_nstui_does_it(world: World, *, has_begun: bool) -> None:
    host = attach(world, Refusing(world, has_begun=has_begun))
    outcome = host.executor.carry_out(host.executor.plan(HEAL))
    assert outcome.remarks == (
        "compose did not recreate web: no such image: app:2; nstui does it itself",
    )
    report = host.observer.look_afresh()
    assert report.findings == ()
    assert sorted(c.name for c in report.snapshot.containers) == ["vpn-2", "web"]


class Idle(SimCompose):
    """A compose that finds everything as it should be."""

    def recreate(
        self,
        container: Container,
        command: tuple[str, ...],
        changes: tuple[str, ...] = (),
    ) -> None:
        """Do nothing, and say nothing."""


def test_where_compose_sees_nothing_to_do_nstui_does_it(world: World) -> None:
    host = attach(world, Idle(world))
    outcome = host.executor.carry_out(host.executor.plan(HEAL))
    (remark,) = outcome.remarks
    assert remark == (
        "compose did not recreate web: compose did not replace web;"
        " nstui does it itself"
    )
    assert host.observer.look_afresh().findings == ()


def test_where_there_is_no_compose_nothing_of_it_is_run() -> None:
    web = container("web", compose="p/web")
    compose = NoCompose()
    assert compose.recreation(web) == Recomposition()
    assert compose.joins(web) is None
    with pytest.raises(EngineRefused, match="no compose here to recreate web with x"):
        compose.recreate(web, ("x",))


def test_where_the_old_one_cannot_be_put_back_that_is_said(world: World) -> None:
    host = attach(world, Refusing(world, has_begun=True))
    plan = host.executor.plan(HEAL)
    before = world.records.get("web").id
    world.break_image("busybox:1.36", "exec format error")
    with pytest.raises(StepFailed, match="could not start web again: what it joined"):
        host.executor.carry_out(plan)
    assert world.records.get("web").id == before
    assert len(tuple(world.records)) == 2


class Unknowing(SimCompose):
    """A compose that cannot tell what a service joins."""

    def joins(self, container: Container) -> None:
        """Know nothing."""


def test_where_compose_cannot_tell_the_owner_the_user_is_asked(world: World) -> None:
    assert attach(world, SimCompose(world)).executor.plan(HEAL).choices == ()
    plan = attach(world, Unknowing(world)).executor.plan(HEAL)
    assert plan.steps == ()
    assert [choice.needed_by for choice in plan.choices] == [("web",)]


class Dying(SimCompose):
    """A compose during which nstui is killed, at some point of its work."""

    def __init__(self, world: World, at: str) -> None:
        super().__init__(world)
        self._world_of_mine, self._at = world, at

    def recreate(
        self,
        container: Container,
        command: tuple[str, ...],  # noqa: ARG002 - as below
        changes: tuple[str, ...] = (),  # noqa: ARG002 - the port's
    ) -> None:
        """Do a part of what it does, and end."""
        world, old = self._world_of_mine, container.id
        world.stop(old)
        if self._at in {"renamed", "made", "the new one is left"}:
            world.rename(old, f"{short_id(old)}_web")
        if self._at in {"made", "the new one is left"}:
            network = f"container:{world.records.get('vpn-2').id}"
            world.create(Spec("web", network=network, compose=WEB))
        if self._at == "the new one is left":
            world.remove(old, force=True)
        raise Killed


@pytest.mark.parametrize("at", ["stopped", "renamed", "made", "the new one is left"])
def test_what_compose_was_cut_off_in_is_finished(world: World, at: str) -> None:
    store = MemoryStore()
    host = attach(world, Dying(world, at), store)
    with pytest.raises(Killed):
        host.executor.carry_out(host.executor.plan(HEAL))
    store.release_all()

    host = attach(world, SimCompose(world), store)
    plan = host.executor.plan(HEAL)
    assert [(step.verb, step.name) for step in plan.steps] == [(Verb.FINISH, "web")]
    host.executor.carry_out(plan)
    report = host.observer.look_afresh()
    assert report.findings == ()
    assert sorted(c.name for c in report.snapshot.containers) == ["vpn-2", "web"]
    assert world.records.get("web").state.has_process
    assert host.executor.plan(HEAL).steps == ()


def test_where_compose_fails_again_the_old_one_runs_as_it_did(world: World) -> None:
    store = MemoryStore()
    host = attach(world, Dying(world, "renamed"), store)
    before = world.records.get("web").id
    with pytest.raises(Killed):
        host.executor.carry_out(host.executor.plan(HEAL))
    store.release_all()

    host = attach(world, Refusing(world, has_begun=False), store)
    with pytest.raises(StepFailed, match="app:2; web runs again as it was"):
        host.executor.carry_out(host.executor.plan(HEAL))
    assert world.records.get("web").id == before
    assert world.records.get("web").state.has_process

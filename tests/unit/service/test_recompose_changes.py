"""What compose would change, and what it put into containers, on a simulated host."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.errors import EngineRefused, StepFailed
from nstui.model.healing import ComposeJoin
from nstui.model.step import Verb
from nstui.render.document import dump_line
from nstui.render.plan_document import plan_document
from nstui.service import verified
from nstui.service.host import open_host
from tests.support.sim_compose import SimCompose
from tests.support.sim_faults import Fault, FaultyEngine
from tests.unit.service.test_recompose import HEAL, attach, no_waiting, world

if TYPE_CHECKING:
    from nstui.demo.world import World
    from nstui.model.container import Container

__all__ = ["no_waiting", "world"]

ASKED = replace(HEAL, compose=True)
CHANGES = ("environment KEY", "volume /data")
FILES = ("/etc/conf", "/run/secrets/s")


class Straying(SimCompose):
    """A compose whose project says that a service joins another one."""

    def joins(self, container: Container) -> tuple[ComposeJoin, ...]:
        """Return that it joins another one."""
        kinds = (join.kind for join in container.joins)
        return tuple(ComposeJoin(kind=kind, service="other") for kind in kinds)


@pytest.fixture
def compose(world: World) -> SimCompose:
    """Return a compose whose project was edited."""
    compose = SimCompose(world)
    compose.changes["web"] = CHANGES
    return compose


def test_what_compose_would_change_nstui_does_not(
    world: World, compose: SimCompose
) -> None:
    host = attach(world, compose)
    plan = host.executor.plan(HEAL)
    assert [step.verb for step in plan.steps] == [Verb.RECREATE]
    assert [one.compose_changes for one in plan.recreations] == [CHANGES]
    host.executor.carry_out(plan)
    assert host.observer.look_afresh().findings == ()


def test_compose_does_it_where_the_user_wants_that(
    world: World, compose: SimCompose
) -> None:
    host = attach(world, compose)
    plan = host.executor.plan(ASKED)
    assert [(s.verb, s.changes) for s in plan.steps] == [(Verb.COMPOSE, CHANGES)]
    host.executor.carry_out(plan)
    assert host.observer.look_afresh().findings == ()


def test_more_than_was_agreed_to_is_refused(world: World, compose: SimCompose) -> None:
    host = attach(world, compose)
    plan = host.executor.plan(ASKED)
    before = world.records.get("web").id
    command = plan.steps[0].command
    subject = host.observer.look().graph.containers[before]
    compose.changes["web"] = (*CHANGES, "image")
    with pytest.raises(EngineRefused, match="compose would change web"):
        compose.recreate(subject, command, plan.steps[0].changes)
    assert world.records.get("web").id == before


def test_it_is_not_let_join_another_owner(world: World) -> None:
    # That it has the name of the one that is gone is proof enough.
    world.rename(world.records.get("vpn-2").id, "vpn")
    plan = attach(world, Straying(world)).executor.plan(HEAL)
    assert [step.verb for step in plan.steps] == [Verb.RECREATE]
    assert [one.compose_changes for one in plan.recreations] == [
        ("network_mode (it would join other)",)
    ]


def test_its_files_are_carried_and_are_nothing_that_was_written(
    world: World, compose: SimCompose
) -> None:
    compose.wrote["web"] = ("/etc/conf",)
    for path in FILES:
        world.write("web", path)
    host = attach(world, compose)
    plan = host.executor.plan(HEAL)
    assert plan.losing == ()
    assert [step.files for step in plan.steps] == [FILES]
    assert f'"files": {json.dumps(FILES)}' in dump_line(plan_document(plan))
    host.executor.carry_out(plan)
    assert world.written("web") == FILES


@pytest.mark.parametrize("fault", [Fault.REFUSED, Fault.LOST_BEFORE, Fault.LIED])
def test_without_its_files_no_container_takes_the_place_of_another(
    world: World,
    compose: SimCompose,
    fault: Fault,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(verified, "SETTLING_S", 0.1)
    compose.wrote["web"] = ("/etc/conf",)
    world.write("web", "/etc/conf")
    before = world.records.get("web").id
    engine = FaultyEngine(SimEngine(world))
    host = open_host(
        engine,
        SimHost(world),
        MemoryAuditLog(),
        endpoint="sim",
        find_compose=lambda: compose,
    )
    plan = host.executor.plan(HEAL)
    engine.fail(2, fault)
    with pytest.raises(StepFailed, match="web was put back"):
        host.executor.carry_out(plan)
    assert engine.asked[:2] == ["create", "carry"]
    assert world.records.get("web").id == before
    assert len(tuple(world.records)) == 2

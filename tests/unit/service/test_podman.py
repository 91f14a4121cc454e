"""Plans on a simulated Podman, which refuses what Docker does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.containers import Spec
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.errors import ActionImpossible, EngineRefused, WouldBreakDependents
from nstui.model.container import Pod
from nstui.model.plan import Policy, Request
from nstui.model.step import Action
from nstui.service.host import open_host
from tests.support.sim_podman import PodmanWorld

if TYPE_CHECKING:
    from nstui.service.executor import Executor


@pytest.fixture
def world() -> PodmanWorld:
    """Return a host with an owner and one that joined it."""
    world = PodmanWorld()
    world.run(Spec("vpn"))
    world.run(Spec("dep", network="container:vpn"))
    return world


def executor_of(world: PodmanWorld) -> Executor:
    """Return what carries plans out on a host."""
    return open_host(
        SimEngine(world), SimHost(world), MemoryAuditLog(), endpoint="sim"
    ).executor


def removal(world: PodmanWorld, name: str, policy: Policy) -> Request:
    """Return a request to kill and remove."""
    target = world.records.get(name).id
    return Request(action=Action.RM, targets=(target,), policy=policy, force=True)


def names(world: PodmanWorld) -> list[str]:
    return [record.name for record in world.records]


def test_it_refuses_as_podman_does(world: PodmanWorld) -> None:
    with pytest.raises(EngineRefused, match="only after what joined it"):
        world.remove("vpn", force=True)
    assert names(world) == ["dep", "vpn"]


def test_an_owner_goes_with_its_dependents_or_not_at_all(world: PodmanWorld) -> None:
    executor = executor_of(world)
    protected = executor.plan(removal(world, "vpn", Policy.PROTECT))
    with pytest.raises(WouldBreakDependents) as caught:
        executor.carry_out(protected)
    assert "--with-dependents acts on them too" in str(caught.value)
    assert "--break-dependents" not in str(caught.value)
    anyway = executor.plan(removal(world, "vpn", Policy.BREAK_DEPENDENTS))
    with pytest.raises(ActionImpossible, match="only after what joined it"):
        executor.carry_out(anyway)
    assert names(world) == ["dep", "vpn"]

    executor.carry_out(executor.plan(removal(world, "vpn", Policy.WITH_DEPENDENTS)))

    assert names(world) == []


def test_a_stop_that_is_refused_and_done_is_done() -> None:
    world = PodmanWorld()
    world.run(Spec("vpn", removes_itself=True))
    world.run(Spec("dep", network="container:vpn"))
    executor = executor_of(world)
    target = world.records.get("vpn").id
    request = Request(
        action=Action.STOP, targets=(target,), policy=Policy.BREAK_DEPENDENTS
    )

    executor.carry_out(executor.plan(request))

    assert not world.records.get("vpn").state.has_process


def test_what_holds_a_pod_is_named_with_its_pod(world: PodmanWorld) -> None:
    world.run(Spec("media-infra", pod=Pod("media", is_infra=True)))
    executor = executor_of(world)

    with pytest.raises(ActionImpossible, match="use podman pod rm media"):
        executor.carry_out(
            executor.plan(removal(world, "media-infra", Policy.BREAK_DEPENDENTS))
        )

    assert "media-infra" in names(world)

"""Plans on any host on which something else manages some, or that Podman runs."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.demo.world import World
from nstui.errors import ActionImpossible, ManagedElsewhere, StepFailed
from nstui.model.container import Pod
from nstui.model.plan import Policy, Request
from nstui.model.step import Action, Verb
from nstui.service import step_runner
from nstui.service.host import Host, open_host
from tests.support.managers import (
    POD_LABELS,
    SYSTEM_UNIT,
    UNIT_LABELS,
    USER_UNIT,
    swarm_labels,
)
from tests.support.sim_managers import SimManagers
from tests.support.sim_podman import PodmanWorld
from tests.unit.properties.recipes import Recipe, Wish, build, request_of, scenes
from tests.unit.properties.watching import see

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.demo.containers import Spec

HEAL = Request(action=Action.HEAL, targets=(), wait_s=0)
NOTHING: dict[str, str] = {}
LABELS = (NOTHING, NOTHING, swarm_labels(), POD_LABELS, UNIT_LABELS)
UNITS = (None, None, None, SYSTEM_UNIT, USER_UNIT)


@pytest.fixture(autouse=True, scope="module")
def _in_haste() -> Iterator[None]:
    """Wait for nothing: a simulated manager has acted when it answers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(step_runner, "SETTLING_S", 0.0)
        patch.setattr(step_runner, "STEADY_S", 0.0)
        yield


@st.composite
def managed(draw: st.DrawFn) -> tuple[Recipe, Wish, type[World]]:
    """Draw a host of which something else manages some, and something to wish for."""
    recipe, wish = draw(scenes())
    specs = tuple(_managed(draw, spec) for spec in recipe.specs)
    kind = draw(st.sampled_from([World, PodmanWorld]))
    return replace(recipe, specs=specs), wish, kind


def _managed(draw: st.DrawFn, spec: Spec) -> Spec:
    unit = draw(st.sampled_from(UNITS))
    labels = draw(st.sampled_from(LABELS))
    return replace(spec, runs_in=unit, labels=tuple(labels.items()))


def attach(world: World, *, is_reached: bool = True) -> Host:
    """Connect nstui to a host, with what manages some of it or without."""
    return open_host(
        SimEngine(world),
        SimHost(world),
        MemoryAuditLog(),
        endpoint="sim",
        managers=SimManagers(world) if is_reached else None,
    )


@given(managed(), st.booleans())
def test_nobody_but_its_manager_touches_one_that_is_managed(
    scene: tuple[Recipe, Wish, type[World]],
    is_reached: bool,  # noqa: FBT001 - drawn
) -> None:
    recipe, wish, kind = scene
    world = build(recipe, kind)
    host = attach(world, is_reached=is_reached)
    report = host.observer.look()
    theirs = {c.id for c in report.snapshot.containers if c.manager is not None}
    for request in (request_of(wish, world), HEAL):
        if not request.targets and request.action not in {Action.PRUNE, Action.HEAL}:
            continue
        plan = host.executor.plan(request)
        touching = [s for s in plan.steps if s.verb not in {Verb.WAIT, Verb.MANAGER}]
        assert not theirs & {step.container for step in touching}
        back = [step for step in plan.recovery if step.verb is not Verb.MANAGER]
        assert not theirs & {step.container for step in back}


@given(managed())
def test_what_is_refused_for_a_manager_changes_nothing(
    scene: tuple[Recipe, Wish, type[World]],
) -> None:
    recipe, wish, kind = scene
    world = build(recipe, kind)
    request = request_of(wish, world)
    assume(request.targets or wish.action is Action.PRUNE)
    host = attach(world)
    plan = host.executor.plan(request)
    assume(plan.managed)

    with pytest.raises(ManagedElsewhere):
        host.executor.carry_out(plan)

    assert see(world) == see(build(recipe, kind))


@given(managed())
def test_healing_leaves_the_processes_of_the_managed_to_their_managers(
    scene: tuple[Recipe, Wish, type[World]],
) -> None:
    recipe, _, kind = scene
    world = build(recipe, kind)
    host = attach(world, is_reached=False)
    theirs = {
        c.id: c.pid
        for c in host.observer.look().snapshot.containers
        if c.manager is not None
    }
    # A pid namespace that ends takes whoever is in it along, managed or not.
    shared = {r.id for r in world.records if any(j.kind == "pid" for j in r.joins)}

    with suppress(StepFailed, ActionImpossible):
        host.executor.carry_out(host.executor.plan(HEAL))

    now = {record.id: record.pid for record in world.records}
    for container, pid in theirs.items():
        if container not in shared:
            assert now[container] == pid


@given(scenes(), st.integers(0, 5))
def test_podman_refuses_nothing_that_is_planned(
    scene: tuple[Recipe, Wish], infra: int
) -> None:
    recipe, wish = scene
    specs = list(recipe.specs)
    number = infra % len(specs)
    specs[number] = replace(specs[number], pod=Pod("media", is_infra=True))
    world = build(replace(recipe, specs=tuple(specs)), PodmanWorld)
    request = request_of(wish, world)
    assume(request.targets or wish.action is Action.PRUNE)
    host = attach(world)
    plan = host.executor.plan(request)
    assume(plan.is_permitted and plan.is_possible and plan.steps)

    host.executor.carry_out(plan)


@given(scenes(policies=(Policy.PROTECT,)))
def test_where_nothing_is_managed_a_plan_is_as_it_was(
    scene: tuple[Recipe, Wish],
) -> None:
    recipe, wish = scene
    world = build(recipe)
    request = request_of(wish, world)
    assume(request.targets or wish.action is Action.PRUNE)

    with_managers = attach(world).executor.plan(request)

    assert with_managers == attach(world, is_reached=False).executor.plan(request)
    assert with_managers.managed == ()

"""Plans on any host: whom they touch, in which order, and whom never."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nstui.analysis.graph.graph import Graph
from nstui.analysis.plans.plans import make_plan
from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.errors import ActionImpossible, WouldBreakDependents
from nstui.model.container import ContainerId
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.plan import Policy
from nstui.model.step import Action, ShareKind
from nstui.service.host import open_host
from tests.unit.properties.doing import accepted, carried_out, connect_to, plan_on, take
from tests.unit.properties.recipes import Recipe, Wish, build, request_of, scenes
from tests.unit.properties.watching import homes_of, see, what_happened

if TYPE_CHECKING:
    from random import Random

    from nstui.demo.containers import Record
    from nstui.service.results import Progress

CAREFUL = (Policy.PROTECT, Policy.WITH_DEPENDENTS)


class Interrupted(Exception):
    """Nobody is there any more to take the next step."""


@given(scenes())
def test_what_is_refused_changes_nothing(scene: tuple[Recipe, Wish]) -> None:
    recipe, wish = scene
    world = build(recipe)
    plan = plan_on(world, wish)
    assume(plan.objections or not plan.is_permitted)
    with pytest.raises((ActionImpossible, WouldBreakDependents)):
        connect_to(world).executor.carry_out(plan)
    assert see(world) == see(build(recipe))


@given(scenes(policies=CAREFUL))
def test_nobody_runs_on_what_was_removed(scene: tuple[Recipe, Wish]) -> None:
    recipe, wish = scene
    plan = accepted(recipe, wish)
    world = build(recipe)
    homes = homes_of(world)
    needs = {r.id: needed_by(r) for r in world.records}
    present = see(world, homes)

    def look(progress: Progress) -> None:
        now = see(world, homes)
        removed = present.keys() - now.keys()
        for container, seen in now.items():
            was = present[container]
            ran_with_it = seen.process is not None and seen.process == was.process
            assert not (ran_with_it and needs[container] & removed), progress

    connect_to(world).executor.carry_out(plan, look)


def needed_by(record: Record) -> set[ContainerId]:
    """Return those that a container joined by id or linked to."""
    joined = {ContainerId(join.reference) for join in record.joins}
    return joined | {link.target.id for link in record.links}


@given(scenes(), st.randoms(use_true_random=False))
def test_the_same_host_has_the_same_plan(
    scene: tuple[Recipe, Wish], random: Random
) -> None:
    recipe, wish = scene
    plan = plan_on(build(recipe), wish)
    assert plan_on(build(recipe), wish) == plan
    snapshot = connect_to(build(recipe)).observer.look().snapshot
    containers = list(snapshot.containers)
    random.shuffle(containers)
    shuffled = replace(snapshot, containers=tuple(containers))
    assert make_plan(shuffled, Graph(containers), plan.request) == plan


@given(scenes(), st.integers(0, 30))
def test_an_interrupted_plan_leaves_the_rest_untouched(
    scene: tuple[Recipe, Wish], moment: int
) -> None:
    recipe, wish = scene
    plan = accepted(recipe, wish)
    number, is_done = divmod(moment % (2 * len(plan.steps)), 2)

    def interrupt(progress: Progress) -> None:
        if (progress.number, progress.is_done) == (number + 1, bool(is_done)):
            raise Interrupted

    world = build(recipe)
    with pytest.raises(Interrupted):
        connect_to(world).executor.carry_out(plan, interrupt)
    assert see(world) == see(take(build(recipe), plan.steps[: number + is_done]))


@given(scenes(actions=(Action.RESTART,), policies=(Policy.WITH_DEPENDENTS,)))
def test_a_restart_with_dependents_ends_with_all_of_them_together(
    scene: tuple[Recipe, Wish],
) -> None:
    recipe, wish = scene
    plan = accepted(recipe, wish)
    world = carried_out(recipe, wish)
    snapshot = connect_to(world).observer.look().snapshot
    graph = Graph(snapshot.containers)
    ran = {r.id for r in build(recipe).records if r.state.has_process}
    for target in plan.targets:
        for kind in NamespaceKind:
            home = snapshot.namespace(target.id, kind)
            for dependent in ran & set(graph.dependents(target.id, (ShareKind(kind),))):
                assert snapshot.namespace(dependent, kind) == home


@given(scenes(actions=(Action.PRUNE,)))
def test_a_prune_removes_nobody_that_others_need(scene: tuple[Recipe, Wish]) -> None:
    recipe, wish = scene
    plan = accepted(recipe, wish)
    before = build(recipe)
    after = carried_out(recipe, wish)
    gone = [
        record for record in before.records if after.records.find(record.id) is None
    ]
    assert {record.id for record in gone} == {target.id for target in plan.targets}
    assert not any(record.state.has_process for record in gone)
    for record in before.records:
        meant = [before.records.find(join.reference) for join in record.joins]
        meant += [link.target for link in record.links]
        assert not [other for other in meant if other in gone and other is not record]


@given(
    scenes(
        actions=(Action.STOP, Action.KILL, Action.RESTART),
        policies=(Policy.BREAK_DEPENDENTS,),
        steady=True,
    )
)
def test_what_brings_the_harmed_back_does(scene: tuple[Recipe, Wish]) -> None:
    recipe, wish = scene
    plan = accepted(recipe, wish)
    if not plan.recovery:
        # Most plans harm nobody: to ask for others would leave too few to try.
        return
    then, world = see(build(recipe)), carried_out(recipe, wish)
    take(world, plan.recovery)
    now = see(world)
    for container, was in then.items():
        seen = now[container]
        # A restart starts also what did not run before; what ran must run again.
        assert was.process is None or seen.process is not None
        assert seen.at_home >= was.at_home
        assert seen.reachable >= was.reachable


@given(scenes(), st.sampled_from(NamespacesRead))
def test_however_little_can_be_read_no_harm_goes_unsaid(
    scene: tuple[Recipe, Wish], level: NamespacesRead
) -> None:
    recipe, wish = scene
    assume(wish.policy in CAREFUL)
    world = build(recipe)
    request = request_of(wish, world)
    assume(request.targets or wish.action is Action.PRUNE)
    nstui = open_host(
        SimEngine(world), SimHost(world, level), MemoryAuditLog(), endpoint="sim"
    )
    plan = nstui.executor.plan(request)
    assume(plan.is_permitted and not plan.objections and plan.steps)
    homes = homes_of(world)
    then = see(world, homes)
    nstui.executor.carry_out(plan)
    now = see(world, homes)
    acted_on = {step.container for step in plan.steps}
    for container in then.keys() - acted_on:
        assert not what_happened(then[container], now.get(container))

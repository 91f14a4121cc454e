"""Plans on any host: they do what they say, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from nstui.analysis.graph import Graph
from nstui.analysis.plans import make_plan
from nstui.errors import ActionImpossible, WouldBreakDependents
from nstui.model.container import ContainerId
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.plan import (
    Action,
    EffectLater,
    EffectNow,
    Policy,
    ShareKind,
    Verb,
)
from nstui.service.connection import connect
from nstui.sim.engine import SimEngine
from nstui.sim.host import SimHost
from nstui.sim.store import MemoryStore
from tests.properties.recipes import Recipe, Wish, build, request_of, scenes
from tests.properties.watching import (
    Seen,
    homes_of,
    prospects,
    see,
    what_happened,
)

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

    from nstui.model.plan import Effect, Plan, Step
    from nstui.service.connection import Connection
    from nstui.service.executor import Progress
    from nstui.sim.record import Record
    from nstui.sim.world import World

CAREFUL = (Policy.PROTECT, Policy.WITH_DEPENDENTS)


class Interrupted(Exception):
    """Nobody is there any more to take the next step."""


def connect_to(world: World) -> Connection:
    """Return nstui, connected to a simulated host."""
    return connect(SimEngine(world), SimHost(world), MemoryStore(), endpoint="sim")


def plan_on(world: World, wish: Wish) -> Plan:
    """Return the plan for a wish."""
    request = request_of(wish, world)
    assume(request.targets or request.action is Action.PRUNE)
    return connect_to(world).executor.plan(request)


def accepted(recipe: Recipe, wish: Wish) -> Plan:
    """Return a plan that nobody objects to."""
    plan = plan_on(build(recipe), wish)
    assume(plan.is_permitted and not plan.objections and plan.steps)
    return plan


def carried_out(recipe: Recipe, wish: Wish) -> World:
    """Return the host on which a plan was carried out to its end."""
    world = build(recipe)
    connect_to(world).executor.carry_out(plan_on(world, wish))
    return world


def take(world: World, steps: Iterable[Step]) -> World:
    """Return the host on which steps were taken one by one."""
    engine = SimEngine(world)
    for step in steps:
        match step.verb:
            case Verb.STOP:
                engine.stop(step.container)
            case Verb.KILL:
                engine.kill(step.container)
            case Verb.START:
                engine.start(step.container)
            case Verb.RESTART:
                engine.restart(step.container)
            case Verb.RM:
                engine.remove(step.container, force=step.force)
            case Verb.WAIT:
                engine.containers()
    return world


@given(scenes())
def test_what_is_refused_changes_nothing(scene: tuple[Recipe, Wish]) -> None:
    recipe, wish = scene
    world = build(recipe)
    plan = plan_on(world, wish)
    assume(plan.objections or not plan.is_permitted)
    with pytest.raises((ActionImpossible, WouldBreakDependents)):
        connect_to(world).executor.carry_out(plan)
    assert see(world) == see(build(recipe))


@given(scenes())
def test_what_was_permitted_goes_through_and_does_as_it_says(
    scene: tuple[Recipe, Wish],
) -> None:
    recipe, wish = scene
    plan = accepted(recipe, wish)
    acted_on = {s.container for s in plan.steps} | {t.id for t in plan.targets}
    before = build(recipe)
    after = carried_out(recipe, wish)
    homes = homes_of(before)
    then, now = see(before, homes), see(after, homes)
    gone = {r.id: r for r in before.records if after.records.find(r.id) is None}
    by_itself = any(r.spec.restart != "no" for r in before.records)
    for container, seen in then.items():
        effects = [e for e in plan.effects if e.container == container]
        had = prospects(partial(build, recipe), container, gone={})
        make = partial(carried_out, recipe, wish)
        has = prospects(make, container, gone=gone, ran=seen.process is not None)
        if container not in acted_on:
            check_now(effects, seen, now.get(container))
            check_later(effects, had.later, has.later, exact=not by_itself)
        is_wanted = container in acted_on and (
            wish.action in {Action.RM, Action.PRUNE} or container not in now
        )
        if not is_wanted and not any(effect.harms for effect in effects):
            assert has.is_startable or not had.is_startable


def check_now(effects: list[Effect], then: Seen, now: Seen | None) -> None:
    """Compare what was said to happen at once with what did."""
    said = {effect.now for effect in effects} - {EffectNow.NONE}
    happened = what_happened(then, now)
    if EffectNow.KILLED in happened:
        assert EffectNow.KILLED in said
        return
    assert now is not None
    assert happened == said
    assert now.state is then.state
    assert not happened or any(effect.harms for effect in effects)


def check_later(
    effects: list[Effect], had: EffectLater, has: EffectLater, *, exact: bool
) -> None:
    """Compare what was said of a container's next start with how it went.

    Args:
        effects: What was said.
        had: How it would have gone before.
        has: How it goes now.
        exact: Whether less harm than was said is wrong as well.

    """
    later = [effect.later for effect in effects]
    said = min(later, default=EffectLater.NONE, key=lambda each: each.rank)
    assert has.rank >= min(said.rank, had.rank)
    if exact and had is EffectLater.NONE:
        assert has is said


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


@given(scenes(policies=(Policy.BREAK_DEPENDENTS,)))
def test_what_brings_the_harmed_back_does(scene: tuple[Recipe, Wish]) -> None:
    recipe, wish = scene
    plan = accepted(recipe, wish)
    assume(plan.recovery)
    assume(not any(spec.restart != "no" for spec in recipe.specs))
    before, world = build(recipe), carried_out(recipe, wish)
    then = see(before)
    take(world, plan.recovery)
    now = see(world)
    for effect in plan.harmed:
        was = then[effect.container]
        seen = now[effect.container]
        assert (seen.process is None) == (was.process is None)
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
    nstui = connect(
        SimEngine(world), SimHost(world, level), MemoryStore(), endpoint="sim"
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

"""What a permitted plan says of others is what happens to them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from hypothesis import given

from nstui.model.step import Action, EffectLater, EffectNow
from tests.unit.properties.doing import accepted, carried_out
from tests.unit.properties.recipes import Recipe, Wish, build, scenes
from tests.unit.properties.watching import (
    Prospects,
    Seen,
    homes_of,
    passed_by,
    prospects,
    see,
    what_happened,
)

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from nstui.model.step import Effect


@dataclass(frozen=True, slots=True)
class Fate:
    """One container before and after a plan."""

    then: Seen
    now: Seen | None
    had: Prospects
    worst: EffectLater
    """How its next start would have gone, or that of anybody it joined."""

    has: Prospects


def fates(recipe: Recipe, wish: Wish) -> dict[ContainerId, Fate]:
    """Carry out a plan and return what became of everybody."""
    before, after = build(recipe), carried_out(recipe, wish)
    homes = homes_of(before)
    then, now = see(before, homes), see(after, homes)
    absent = [s for s in recipe.specs if before.records.find(s.name) is None]
    gone = [s for s in recipe.specs if after.records.find(s.name) is None]
    make, made = partial(build, recipe), partial(carried_out, recipe, wish)
    had = {c: prospects(make, c, absent=absent, gone=absent) for c in then}
    found = {}
    for container, seen in then.items():
        on_the_way = passed_by(before, before.records.get(container))
        found[container] = Fate(
            then=seen,
            now=now.get(container),
            had=had[container],
            worst=min((had[c].later for c in on_the_way), key=lambda x: x.rank),
            has=prospects(
                made, container, absent=absent, gone=gone, ran=seen.process is not None
            ),
        )
    return found


@given(scenes())
def test_what_was_permitted_goes_through_and_does_as_it_says(
    scene: tuple[Recipe, Wish],
) -> None:
    recipe, wish = scene
    plan = accepted(recipe, wish)
    acted_on = {s.container for s in plan.steps} | {t.id for t in plan.targets}
    removes = wish.action in {Action.RM, Action.PRUNE}
    by_itself = any(spec.restart != "no" for spec in recipe.specs)
    for container, fate in fates(recipe, wish).items():
        effects = [e for e in plan.effects if e.container == container]
        is_target = container in acted_on
        if not is_target:
            check_now(effects, fate)
            check_later(effects, fate, exact=not by_itself)
        is_wanted = is_target and (removes or fate.now is None)
        if not is_wanted and not any(effect.harms for effect in effects):
            assert fate.has.is_startable or not fate.had.is_startable


def check_now(effects: list[Effect], fate: Fate) -> None:
    """Compare what was said to happen at once with what did."""
    said = {effect.now for effect in effects} - {EffectNow.NONE}
    happened = what_happened(fate.then, fate.now)
    if EffectNow.KILLED in happened:
        assert EffectNow.KILLED in said
        return
    assert fate.now is not None
    assert happened == said
    assert fate.now.state is fate.then.state
    assert not happened or any(effect.harms for effect in effects)


def check_later(effects: list[Effect], fate: Fate, *, exact: bool) -> None:
    """Compare what was said of a container's next start with how it went.

    Args:
        effects: What was said.
        fate: What happened.
        exact: Whether less harm than was said is wrong as well.

    """
    later = [effect.later for effect in effects]
    said = min(later, default=EffectLater.NONE, key=lambda each: each.rank)
    assert fate.has.later.rank >= min(said.rank, fate.worst.rank)
    if exact and fate.worst is EffectLater.NONE:
        assert fate.has.later is said

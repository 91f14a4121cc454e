"""Nobody is harmed unsaid, whatever names and declarations hide."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from hypothesis import assume, given
from hypothesis import strategies as st

from nstui.demo.audit_log import MemoryAuditLog
from nstui.demo.engine import SimEngine
from nstui.demo.host import SimHost
from nstui.errors import PlanOutdated
from nstui.model.namespace import NamespacesRead
from nstui.model.plan import Policy
from nstui.model.step import EffectNow
from nstui.service.host import open_host
from tests.unit.properties.doing import connect_to
from tests.unit.properties.recipes import Recipe, Wish, build, request_of, scenes
from tests.unit.properties.suffering import lives, suffered

if TYPE_CHECKING:
    from nstui.demo.world import World
    from nstui.model.container import ContainerId
    from nstui.model.plan import Plan
    from nstui.model.step import Effect
    from nstui.service.host import Host

CAREFUL = (Policy.PROTECT, Policy.WITH_DEPENDENTS)
Fates = dict["ContainerId", set[EffectNow]]


def done(connection: Host, wish: Wish, world: World) -> tuple[Plan, Fates]:
    """Carry a wish out; return the plan, and what became of those that it left alone.

    What is not permitted is not carried out. A step can bring somebody into a namespace
    that a later one ends, through one that has entered it: then that is not taken.
    """
    request = request_of(wish, world)
    plan = connection.executor.plan(request)
    assume(plan.is_permitted and not plan.objections and plan.steps)
    before = lives(world)
    with suppress(PlanOutdated):
        connection.executor.carry_out(plan)
    after = lives(world)
    acted_on = {step.container for step in plan.steps}
    return plan, {
        container: suffered(life, after.get(container))
        for container, life in before.items()
        if container not in acted_on
    }


@given(scenes(hidden=True))
def test_whoever_is_harmed_was_named_and_whoever_was_named_is_harmed(
    scene: tuple[Recipe, Wish],
) -> None:
    recipe, wish = scene
    world = build(recipe)
    lonely = {c for c, life in lives(world).items() if life.interfaces == ("lo",)}
    plan, fates = done(connect_to(world), wish, world)
    for container, fate in fates.items():
        effects = [e for e in plan.effects if e.container == container]
        said = {effect.now for effect in effects if effect.harms}
        assert fate <= said or EffectNow.KILLED in said
        assert not (fate and wish.policy in CAREFUL)
        for effect in effects:
            assert is_true(effect, fate) or container in lonely


def is_true(effect: Effect, fate: set[EffectNow]) -> bool:
    """Tell whether what was said for certain to happen at once has happened."""
    if not effect.is_certain or EffectNow.KILLED in fate:
        return True
    return effect.now in fate or effect.now not in {
        EffectNow.KILLED,
        EffectNow.LOSES_NETWORK,
    }


HIDDEN_FROM = {
    NamespacesRead.FINGERPRINT: {"enter ipc"},
    NamespacesRead.DECLARED: {"enter ipc", "enter network", "swap names"},
}
"""What of the moves nobody can know where so little can be read."""


@given(
    scenes(hidden=True, policies=CAREFUL),
    st.sampled_from([NamespacesRead.FINGERPRINT, NamespacesRead.DECLARED]),
)
def test_however_little_can_be_read_a_name_hides_nobody(
    scene: tuple[Recipe, Wish], level: NamespacesRead
) -> None:
    recipe, wish = scene
    assume(not HIDDEN_FROM[level] & {move for move, _ in recipe.moves})
    world = build(recipe)
    nstui = open_host(
        SimEngine(world), SimHost(world, level), MemoryAuditLog(), endpoint="sim"
    )
    _, fates = done(nstui, wish, world)
    assert not any(fates.values())

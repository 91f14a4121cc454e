"""Containers that nobody means to keep: the engine removes them when they end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.effects import find_effects
from nstui.analysis.order import removes_itself
from nstui.model.plan import Action, EffectNow

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nstui.analysis.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.plan import Effect
    from nstui.model.snapshot import Snapshot


def without_harm(graph: Graph, effect: Effect) -> Effect:
    """Return an effect as no harm, if it is one on a container that is thrown away."""
    if not effect.harms or not removes_itself(graph.containers[effect.container]):
        return effect
    if effect.now is not EffectNow.KILLED:
        return replace(effect, harms=False)
    return replace(
        effect, harms=False, sentence=f"ends with {effect.via_name}, and removes itself"
    )


def ends(graph: Graph, effect: Effect) -> bool:
    """Tell whether an effect is the end of a container that is thrown away."""
    is_killed = effect.now is EffectNow.KILLED
    return is_killed and removes_itself(graph.containers[effect.container])


def find_ended(
    snapshot: Snapshot,
    graph: Graph,
    *,
    restarted: Collection[ContainerId],
    recreated: Collection[ContainerId],
) -> Iterator[Effect]:
    """Yield what becomes of those thrown away that would end before their own turn.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        restarted: Whom to restart, those that are thrown away among them.
        recreated: Whom to recreate, the same.

    """
    for container in (*restarted, *recreated):
        if not removes_itself(graph.containers[container]):
            continue
        others = (
            (Action.RESTART, tuple(c for c in restarted if c != container)),
            (Action.RM, tuple(c for c in recreated if c != container)),
        )
        effects = (
            effect
            for action, on in others
            for effect in find_effects(snapshot, graph, action, on)
        )
        yield from (e for e in effects if e.container == container and ends(graph, e))

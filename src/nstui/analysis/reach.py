"""Whom an action is carried out on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.effects import find_effects
from nstui.model.plan import Action, EffectLater, Policy

if TYPE_CHECKING:
    from nstui.analysis.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.plan import Effect, Request
    from nstui.model.snapshot import Snapshot


def harm_of(action: Action) -> Action:
    """Return the action whose effects an action has: a prune removes."""
    return Action.RM if action is Action.PRUNE else action


def find_acted_on(
    snapshot: Snapshot, graph: Graph, request: Request
) -> tuple[ContainerId, ...]:
    """Return the targets, and with them all who would be harmed if that is wanted."""
    acted_on = request.targets
    while request.policy is Policy.WITH_DEPENDENTS:
        effects = find_effects(snapshot, graph, harm_of(request.action), acted_on)
        lost = {e.container for e in effects if _is_lost(request, e)}
        wanted = (e.container for e in effects if _belongs(request, e))
        more = dict.fromkeys(c for c in wanted if c not in {*lost, *acted_on})
        if not more:
            break
        acted_on += tuple(more)
    return acted_on


def _belongs(request: Request, effect: Effect) -> bool:
    """Tell whether acting on the dependents too means this one.

    A restart takes along also those who lost their owner's namespace before.
    """
    is_left_out = (
        request.action is Action.RESTART and effect.later is EffectLater.RESTART_REJOINS
    )
    return effect.harms or is_left_out


def _is_lost(request: Request, effect: Effect) -> bool:
    """Tell whether acting on a dependent too does not save it from harm.

    A restart of its owner can be the end of one that removes itself.
    """
    is_final = effect.later is EffectLater.MUST_BE_RECREATED
    return request.action is Action.RESTART and is_final

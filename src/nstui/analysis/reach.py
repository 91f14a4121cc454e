"""Whom an action is carried out on, and what that does to others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.effects import find_effects
from nstui.analysis.graph import JOIN_KINDS
from nstui.analysis.signals import SignalEnd, what_it_does
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Action, EffectLater, Policy

if TYPE_CHECKING:
    from collections.abc import Collection

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
        effects = effects_of(snapshot, graph, request, acted_on)
        lost = {e.container for e in effects if _is_lost(graph, request, e)}
        wanted = (e.container for e in effects if _belongs(request, e))
        more = dict.fromkeys(c for c in wanted if c not in {*lost, *acted_on})
        if not more:
            break
        acted_on += tuple(more)
    return acted_on


def effects_of(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    acted_on: Collection[ContainerId],
) -> tuple[Effect, ...]:
    """Return what a request does to others than those that it ends."""
    ended = ended_by(graph, request, acted_on)
    return find_effects(snapshot, graph, harm_of(request.action), ended)


def ended_by(
    graph: Graph,
    request: Request,
    acted_on: Collection[ContainerId],
    end: SignalEnd = SignalEnd.ENDS,
) -> tuple[ContainerId, ...]:
    """Return those that an action ends, of those that it is carried out on.

    Not every signal does. With another `end`, those are meant that it has that on.
    """
    if request.action is not Action.KILL:
        return tuple(acted_on) if end is SignalEnd.ENDS else ()
    return tuple(c for c in acted_on if _signalled(graph, request, c) is end)


def _signalled(graph: Graph, request: Request, container: ContainerId) -> SignalEnd:
    inspection = graph.containers[container].inspection
    own = "" if inspection is None else inspection.stop_signal
    return what_it_does(request.signal, own)


def _belongs(request: Request, effect: Effect) -> bool:
    """Tell whether acting on the dependents too means this one.

    A restart takes along also those who lost their owner's namespace before.
    """
    is_left_out = (
        request.action is Action.RESTART and effect.later is EffectLater.RESTART_REJOINS
    )
    return effect.harms or is_left_out


def _is_lost(graph: Graph, request: Request, effect: Effect) -> bool:
    """Tell whether acting on a dependent too does not save it from harm.

    A restart of its owner can be the end of one that removes itself. One whose own
    declarations lead nowhere, or to somebody who is no more than a guest there, is not
    brought back by a restart.
    """
    if request.action is not Action.RESTART:
        return False
    is_final = effect.later is EffectLater.MUST_BE_RECREATED
    return is_final or not comes_back(graph, effect)


def comes_back(graph: Graph, effect: Effect) -> bool:
    """Tell whether a dependent's restart brings it to where it belongs."""
    if effect.is_declared or effect.kind not in JOIN_KINDS:
        return True
    kind = NamespaceKind(effect.kind)
    root = graph.chain(effect.container, kind).owner
    home = graph.presence.owner(effect.container, kind)
    if root is None or home not in {None, root}:
        return False
    household = graph.presence.household(root, kind)
    return household is None or household.owner == root

"""What brings back those that an action harms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.effects import find_effects
from nstui.analysis.graph import JOIN_KINDS
from nstui.analysis.order import owners_first, removes_itself
from nstui.analysis.reach import ended_by, find_acted_on
from nstui.analysis.restarts import find_obstacles
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import (
    Action,
    EffectLater,
    EffectNow,
    Policy,
    Request,
    Step,
    Verb,
)

if TYPE_CHECKING:
    from collections.abc import Collection

    from nstui.analysis.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.plan import Effect
    from nstui.model.snapshot import Snapshot

_PASSING = frozenset({Action.STOP, Action.KILL, Action.RESTART})
"""The actions after which whom they were carried out on is still there."""


def find_recovery(
    snapshot: Snapshot, graph: Graph, request: Request, effects: Collection[Effect]
) -> tuple[Step, ...]:
    """Return what brings all back that an action harms, owners first.

    Nothing does if somebody can only be recreated, or could not be started then, or
    if bringing one back would be the end of another.
    """
    harmed = tuple(effect for effect in effects if effect.harms)
    if request.action not in _PASSING or not harmed:
        return ()
    if any(_is_final(graph, request, effect) for effect in harmed):
        return ()
    up = {c.id for c in graph.containers.values() if c.state.has_process}
    ended = {effect.container for effect in effects if effect.now is EffectNow.KILLED}
    stops = request.action is not Action.RESTART
    ends = ended_by(graph, request, request.targets)
    stopped = set(ends) & up if stops else set()
    again = _to_restart(snapshot, graph, request, harmed)
    if any(e.harms for e in find_effects(snapshot, graph, Action.RESTART, again)):
        return ()
    order = owners_first(graph, {*stopped, *again})
    is_gone = any(removes_itself(graph.containers[c]) for c in stopped)
    if is_gone or any(find_obstacles(graph, order, up - stopped - ended)):
        return ()
    return tuple(
        Step(
            verb=Verb.START if container in stopped else Verb.RESTART,
            container=container,
            name=graph.name(container),
        )
        for container in order
    )


def _is_final(graph: Graph, request: Request, effect: Effect) -> bool:
    """Tell whether one can only be recreated, or would be led to somebody else."""
    if effect.later is EffectLater.MUST_BE_RECREATED:
        return True
    if effect.is_declared or effect.kind not in JOIN_KINDS:
        return False
    root = graph.chain(effect.container, NamespaceKind(effect.kind)).owner
    return root not in request.targets


def _needs_restart(graph: Graph, effect: Effect) -> bool:
    """Tell whether somebody is not well again as soon as its owner runs."""
    ran = graph.containers[effect.container].state.has_process
    return ran and effect.now is not EffectNow.EXEC_FAILS


def _joined_one_of(
    graph: Graph, container: ContainerId, others: Collection[ContainerId]
) -> bool:
    return any(container in graph.dependents(other) for other in others)


def _to_restart(
    snapshot: Snapshot, graph: Graph, request: Request, harmed: Collection[Effect]
) -> tuple[ContainerId, ...]:
    """Return those harmed, with whom a restart of them would leave behind."""
    lost = dict.fromkeys(e.container for e in harmed if _needs_restart(graph, e))
    # Who was restarted while what it joined was lost already is lost with it.
    with_them = (c for c in request.targets if _joined_one_of(graph, c, lost))
    restart = Request(
        action=Action.RESTART,
        targets=(*lost, *with_them),
        policy=Policy.WITH_DEPENDENTS,
    )
    return find_acted_on(snapshot, graph, restart)

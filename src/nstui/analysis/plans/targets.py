"""The containers that an action affects or ends, and how to restore the others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import JOIN_KINDS, running
from nstui.analysis.managers import management_text
from nstui.analysis.plans.effects import find_effects
from nstui.analysis.plans.order import is_up, owners_first, removes_itself
from nstui.analysis.plans.preconditions import restart_blockers
from nstui.analysis.plans.starting import find_concerned
from nstui.analysis.signals import SignalEnd, what_it_does
from nstui.model.container import ContainerState
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Kept, Policy, Request
from nstui.model.step import Action, EffectLater, EffectNow, ShareKind, Step, Verb

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.snapshot import Snapshot
    from nstui.model.step import Effect


_PRUNED_STATES = frozenset(
    {ContainerState.CREATED, ContainerState.EXITED, ContainerState.DEAD}
)
"""The states of removable containers, as for ``docker container prune``."""

_KEEPING_ACTIONS = frozenset({Action.STOP, Action.KILL, Action.RESTART})
"""The actions after which their targets still exist."""


def _equal_action(action: Action) -> Action:
    """Return the action with the same effects: for ``prune``, ``rm``."""
    return Action.RM if action is Action.PRUNE else action


def expand_targets(
    snapshot: Snapshot, graph: Graph, request: Request
) -> tuple[ContainerId, ...]:
    """Return the targets, together with all harmed containers if the policy asks so."""
    if request.action.ends_nothing:
        return find_concerned(graph, request)
    acted_on = request.targets
    while request.policy is Policy.WITH_DEPENDENTS:
        effects = effects_of(snapshot, graph, request, acted_on)
        lost = {e.container for e in effects if _stays_harmed(graph, request, e)}
        wanted = (e.container for e in effects if _is_taken_along(request, e))
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
    """Return the effects of a request on containers that it does not end."""
    ended = ended_by(graph, request, acted_on)
    return find_effects(snapshot, graph, _equal_action(request.action), ended)


def ended_by(
    graph: Graph,
    request: Request,
    acted_on: Collection[ContainerId],
    end: SignalEnd = SignalEnd.ENDS,
) -> tuple[ContainerId, ...]:
    """Return the containers that an action ends, of those it is carried out on.

    A signal may end none. With another `end`, the containers for which the signal has
    that result are returned instead.
    """
    if request.action.ends_nothing:
        return ()
    if request.action is not Action.KILL:
        return tuple(acted_on) if end is SignalEnd.ENDS else ()
    return tuple(c for c in acted_on if _signal_result(graph, request, c) is end)


def _signal_result(graph: Graph, request: Request, container: ContainerId) -> SignalEnd:
    inspection = graph.containers[container].inspection
    own = "" if inspection is None else inspection.stop_signal
    return what_it_does(request.signal, own)


def _is_taken_along(request: Request, effect: Effect) -> bool:
    """Tell whether acting on dependents too includes this one.

    A restart also includes dependents that had lost their owner's namespace before.
    """
    is_left_out = (
        request.action is Action.RESTART and effect.later is EffectLater.RESTART_REJOINS
    )
    return effect.harms or is_left_out


def _stays_harmed(graph: Graph, request: Request, effect: Effect) -> bool:
    """Tell whether acting on a dependent too does not save it from harm.

    A restart of the owner can end a dependent that removes itself. A dependent with
    declarations that lead nowhere, or to a container that is itself in another's
    namespace, is not brought back by a restart.
    """
    if request.action is not Action.RESTART:
        return False
    is_final = effect.later is EffectLater.MUST_BE_RECREATED
    return is_final or not comes_back(graph, effect)


def comes_back(graph: Graph, effect: Effect) -> bool:
    """Tell whether a restart brings a dependent back into the right namespace."""
    if effect.is_declared or effect.kind not in JOIN_KINDS:
        return True
    kind = NamespaceKind(effect.kind)
    root = graph.chain(effect.container, kind).owner
    home = graph.presence.owner(effect.container, kind)
    if root is None or home not in {None, root}:
        return False
    shared = graph.presence.shared(root, kind)
    return shared is None or shared.owner == root


def find_prunable(snapshot: Snapshot, graph: Graph) -> tuple[ContainerId, ...]:
    """Return the stopped containers that nothing manages or depends on.

    Stopped dependents count too, since they could be started after what they depend on.
    Once they are gone, another prune also removes their owner.
    """
    return tuple(
        container.id
        for container in _sort_by_name(snapshot)
        if _is_stopped(container)
        and container.manager is None
        and not _needed_by(graph, container)
    )


def find_kept(snapshot: Snapshot, graph: Graph) -> tuple[Kept, ...]:
    """Return the stopped containers that ``prune`` leaves alone.

    Others depend on them, or something else manages them.
    """
    return tuple(
        Kept(container.id, container.name, needed_by, _managed_by(container))
        for container in _sort_by_name(snapshot)
        if _is_stopped(container)
        and ((needed_by := _needed_by(graph, container)) or container.manager)
    )


def _sort_by_name(snapshot: Snapshot) -> list[Container]:
    return sorted(snapshot.containers, key=lambda container: container.name)


def _is_stopped(container: Container) -> bool:
    return container.state in _PRUNED_STATES and not is_up(container)


def _managed_by(container: Container) -> str:
    return "" if container.manager is None else management_text(container.manager)


def _needed_by(graph: Graph, container: Container) -> tuple[str, ...]:
    users = {
        dependency.container
        for dependency in graph.users(container.id)
        if dependency.kind is not ShareKind.VOLUMES_FROM
        and dependency.container != container.id
    }
    return tuple(sorted(graph.name(user) for user in users))


def find_recovery(
    snapshot: Snapshot, graph: Graph, request: Request, effects: Collection[Effect]
) -> tuple[Step, ...]:
    """Return the steps that restore all harmed containers, owners first.

    The result is empty if one of them can only be recreated or could not be started, or
    if restoring one would end another.
    """
    harmed = tuple(effect for effect in effects if effect.harms)
    if request.action not in _KEEPING_ACTIONS or not harmed:
        return ()
    if any(_is_final(graph, request, effect) for effect in harmed):
        return ()
    up = running(graph)
    ended = {effect.container for effect in effects if effect.now is EffectNow.KILLED}
    stops = request.action is not Action.RESTART
    ends = ended_by(graph, request, request.targets)
    stopped = set(ends) & up if stops else set()
    again = _with_left_behind(snapshot, graph, request, harmed)
    if any(e.harms for e in find_effects(snapshot, graph, Action.RESTART, again)):
        return ()
    order = owners_first(graph, {*stopped, *again})
    is_gone = any(removes_itself(graph.containers[c]) for c in stopped)
    if is_gone or any(restart_blockers(graph, order, up - stopped - ended)):
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
    """Tell whether a container can only be recreated, or would join another one."""
    if effect.later is EffectLater.MUST_BE_RECREATED:
        return True
    if effect.is_declared or effect.kind not in JOIN_KINDS:
        return False
    root = graph.chain(effect.container, NamespaceKind(effect.kind)).owner
    return root not in request.targets


def _needs_restart(graph: Graph, effect: Effect) -> bool:
    """Tell whether a dependent needs a restart once its owner runs."""
    ran = graph.runs(effect.container)
    return ran and effect.now is not EffectNow.EXEC_FAILS


def _joined_one_of(
    graph: Graph, container: ContainerId, others: Collection[ContainerId]
) -> bool:
    return any(container in graph.dependents(other) for other in others)


def _with_left_behind(
    snapshot: Snapshot, graph: Graph, request: Request, harmed: Collection[Effect]
) -> tuple[ContainerId, ...]:
    """Return the harmed containers and those that their restart would leave behind."""
    lost = dict.fromkeys(e.container for e in harmed if _needs_restart(graph, e))
    # A target that joined one of these has lost its namespace as well.
    with_them = (c for c in request.targets if _joined_one_of(graph, c, lost))
    restart = Request(
        action=Action.RESTART,
        targets=(*lost, *with_them),
        policy=Policy.WITH_DEPENDENTS,
    )
    return expand_targets(snapshot, graph, restart)


def without_harm(graph: Graph, effect: Effect) -> Effect:
    """Return an effect without harm if its container removes itself."""
    if not effect.harms or not removes_itself(graph.containers[effect.container]):
        return effect
    if effect.now is not EffectNow.KILLED:
        return replace(effect, harms=False)
    return replace(
        effect, harms=False, sentence=f"ends with {effect.via_name}, and removes itself"
    )


def ends(graph: Graph, effect: Effect) -> bool:
    """Tell whether an effect ends a container that removes itself."""
    is_killed = effect.now is EffectNow.KILLED
    return is_killed and removes_itself(graph.containers[effect.container])


def find_ended(
    snapshot: Snapshot,
    graph: Graph,
    *,
    restarted: Collection[ContainerId],
    recreated: Collection[ContainerId],
) -> Iterator[Effect]:
    """Yield the effects on containers that remove themselves and end before their turn.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        restarted: The containers to restart, including those that remove themselves.
        recreated: The containers to recreate, likewise.

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

"""What an action on some containers does to those that depend on them.

The table is that of an experiment on three generations of Docker: it holds for a
running container that depends directly. The rest follows: who joined a dependent is
in the same namespace; a dependent that is killed harms its own dependents; a
container that itself joined another's namespace takes none away when it goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from nstui.analysis.graph import JOIN_KINDS
from nstui.analysis.staleness import is_left_behind
from nstui.analysis.words import effect_sentence
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Action, Effect, EffectLater, EffectNow, ShareKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nstui.analysis.graph import Dependency, Graph
    from nstui.model.container import ContainerId
    from nstui.model.snapshot import Snapshot

NOW = {
    ShareKind.NET: EffectNow.LOSES_NETWORK,
    ShareKind.PID: EffectNow.KILLED,
    ShareKind.IPC: EffectNow.NAMESPACE_SPLIT,
    ShareKind.UTS: EffectNow.NONE,
    ShareKind.LINK: EffectNow.EXEC_FAILS,
    ShareKind.VOLUMES_FROM: EffectNow.NONE,
}
"""What each action does at once; a link survives a restart of its target."""

LATER = {
    Action.RM: EffectLater.MUST_BE_RECREATED,
    Action.STOP: EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS,
    Action.KILL: EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS,
    Action.RESTART: EffectLater.RESTART_REJOINS,
}
"""What each action does to the next start, through whatever is shared but volumes."""


@dataclass(frozen=True, slots=True)
class _Happening:
    """Something that ends the namespaces a container owns."""

    container: ContainerId
    action: Action


def effect_of(
    action: Action, kind: ShareKind, *, is_running: bool = True
) -> tuple[EffectNow, EffectLater]:
    """Return what an action on a running container does to a direct dependent."""
    harmless_link = kind is ShareKind.LINK and action is Action.RESTART
    if kind is ShareKind.VOLUMES_FROM or harmless_link:
        return EffectNow.NONE, EffectLater.NONE
    if is_running:
        return NOW[kind], LATER[action]
    later = EffectLater.NONE if action is Action.RESTART else LATER[action]
    return EffectNow.NONE, later


def find_effects(
    snapshot: Snapshot, graph: Graph, action: Action, on: Collection[ContainerId]
) -> tuple[Effect, ...]:
    """Return the effects on all containers but those acted on, the worst first."""
    found: dict[tuple[ContainerId, ShareKind, ContainerId], Effect] = {}
    queue = [_Happening(container, action) for container in on]
    happened = set(on)
    while queue:
        happening = queue.pop(0)
        for effect in _effects_of(snapshot, graph, happening):
            if effect.container in on:
                continue
            found.setdefault((effect.container, effect.kind, effect.via), effect)
            if effect.now is EffectNow.KILLED and effect.container not in happened:
                happened.add(effect.container)
                queue.append(_Happening(effect.container, Action.KILL))
    return tuple(
        sorted(
            found.values(),
            key=lambda e: (e.now.rank, e.later.rank, e.is_indirect, e.name, e.kind),
        )
    )


def _effects_of(
    snapshot: Snapshot, graph: Graph, happening: _Happening
) -> Iterator[Effect]:
    """Yield what one happening does, through each kind of sharing."""
    for kind in ShareKind:
        if kind in {ShareKind.LINK, ShareKind.VOLUMES_FROM}:
            users = tuple(d for d in graph.users(happening.container) if d.kind is kind)
        else:
            users = graph.joiners(happening.container, (kind,))
        for dependency in users:
            effect = _effect(snapshot, graph, happening, dependency)
            if effect is not None:
                yield effect


def _effect(
    snapshot: Snapshot, graph: Graph, happening: _Happening, dependency: Dependency
) -> Effect | None:
    if dependency.target is None:
        return None
    owner = graph.containers[happening.container]
    dependent = graph.containers[dependency.container]
    now, later = _outcome(snapshot, graph, happening, dependency)
    is_unchanged = now is EffectNow.NONE and later is EffectLater.NONE
    if is_unchanged and dependency.kind is not ShareKind.VOLUMES_FROM:
        return None
    return Effect(
        container=dependent.id,
        name=dependent.name,
        kind=dependency.kind,
        via=dependency.target,
        via_name=graph.name(dependency.target),
        is_indirect=dependency.target != owner.id,
        now=now,
        later=later,
        harms=now is not EffectNow.NONE
        or (happening.action is Action.RM and later is not EffectLater.NONE),
        sentence=effect_sentence(
            now,
            later,
            kind=dependency.kind,
            owner=owner.name,
            is_running=dependent.state.has_process,
        ),
    )


def _outcome(
    snapshot: Snapshot, graph: Graph, happening: _Happening, dependency: Dependency
) -> tuple[EffectNow, EffectLater]:
    """Adjust the table to what is the case: who runs, who owns, who is there still."""
    owner = graph.containers[happening.container]
    dependent = graph.containers[dependency.container]
    now, later = effect_of(
        happening.action, dependency.kind, is_running=dependent.state.has_process
    )
    if not owner.state.has_process:
        now = EffectNow.NONE
        if happening.action in {Action.STOP, Action.KILL}:
            later = EffectLater.NONE
    if dependency.kind in JOIN_KINDS:
        kind = NamespaceKind(dependency.kind)
        is_stale = _is_elsewhere(snapshot, graph, owner.id, dependent.id, kind)
        if is_stale or graph.join(owner.id, kind) is not None:
            now = EffectNow.NONE
            if happening.action is Action.RESTART and not is_stale:
                later = EffectLater.NONE
        if later is EffectLater.MUST_BE_RECREATED and _follows_names(
            graph, dependency, owner.id, kind
        ):
            later = EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS
    return now, later


def _is_elsewhere(
    snapshot: Snapshot,
    graph: Graph,
    owner: ContainerId,
    dependent: ContainerId,
    kind: NamespaceKind,
) -> bool:
    """Tell whether a dependent has already lost the namespace the owner is in."""
    hops = graph.chain(dependent, kind).hops
    way = hops[: hops.index(owner) + 1]
    return any(
        is_left_behind(snapshot, graph, container, joined, kind)
        for container, joined in pairwise(way)
    )


def _follows_names(
    graph: Graph, dependency: Dependency, owner: ContainerId, kind: NamespaceKind
) -> bool:
    """Tell whether a join leads to the owner by names alone.

    Such a dependent can start again once a container of that name runs. One that
    holds an id anywhere on the way is bound to a container that is no more.
    """
    step: Dependency | None = dependency
    while step is not None and step.by_name:
        if step.target is None or step.target == owner:
            return True
        step = graph.join(step.target, kind)
    return False

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
from nstui.analysis.order import removes_itself
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


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What one happening does to one dependent."""

    happening: _Happening
    now: EffectNow
    later: EffectLater

    @property
    def harms(self) -> bool:
        """Whether the dependent is worse off."""
        is_removal = self.happening.action is Action.RM
        is_barred = is_removal and self.later is not EffectLater.NONE
        return self.now is not EffectNow.NONE or is_barred


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
    found: dict[Dependency, list[_Outcome]] = {}
    queue = [_happening(graph, container, action) for container in on]
    happened = set(on)
    while queue:
        happening = queue.pop(0)
        for dependency, outcome in _outcomes(snapshot, graph, happening):
            if dependency.container in on:
                continue
            found.setdefault(dependency, []).append(outcome)
            is_killed = outcome.now is EffectNow.KILLED
            if is_killed and dependency.container not in happened:
                happened.add(dependency.container)
                queue.append(_death(graph, dependency.container, outcome))
    effects = (
        _effect(graph, dependency, outcomes, on)
        for dependency, outcomes in found.items()
    )
    return tuple(
        sorted(
            effects,
            key=lambda e: (e.now.rank, e.later.rank, e.is_indirect, e.name, e.kind),
        )
    )


def _happening(graph: Graph, container: ContainerId, action: Action) -> _Happening:
    """Return what an action comes to: what removes itself is gone once it stops."""
    is_end = action in {Action.STOP, Action.KILL}
    if is_end and removes_itself(graph.containers[container]):
        return _Happening(container, Action.RM)
    return _Happening(container, action)


def _death(graph: Graph, container: ContainerId, outcome: _Outcome) -> _Happening:
    """Return what the end of a dependent is to its own: as if removed if for ever."""
    is_final = outcome.later is EffectLater.MUST_BE_RECREATED
    return _happening(graph, container, Action.RM if is_final else Action.KILL)


def _outcomes(
    snapshot: Snapshot, graph: Graph, happening: _Happening
) -> Iterator[tuple[Dependency, _Outcome]]:
    """Yield what one happening does, through each kind of sharing."""
    for kind in ShareKind:
        if kind in JOIN_KINDS:
            users = graph.joiners(happening.container, (kind,))
        else:
            users = tuple(d for d in graph.users(happening.container) if d.kind is kind)
        for dependency in users:
            now, later = _outcome(snapshot, graph, happening, dependency)
            is_unchanged = now is EffectNow.NONE and later is EffectLater.NONE
            if not is_unchanged or kind is ShareKind.VOLUMES_FROM:
                yield dependency, _Outcome(happening, now, later)


def _effect(
    graph: Graph,
    dependency: Dependency,
    outcomes: Collection[_Outcome],
    on: Collection[ContainerId],
) -> Effect:
    """Put together what several happenings do to one dependent: the worst of each."""
    dependent = graph.containers[dependency.container]
    # It was found from its target, so it has one.
    via = dependency.target or dependency.container
    now = min((outcome.now for outcome in outcomes), key=lambda each: each.rank)
    lasting = min(outcomes, key=lambda outcome: outcome.later.rank)
    return Effect(
        container=dependent.id,
        name=dependent.name,
        kind=dependency.kind,
        via=via,
        via_name=graph.name(via),
        is_indirect=via not in on,
        now=now,
        later=lasting.later,
        harms=any(outcome.harms for outcome in outcomes),
        sentence=effect_sentence(
            now,
            lasting.later,
            kind=dependency.kind,
            owner=graph.name(lasting.happening.container),
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
        is_barred = later is EffectLater.MUST_BE_RECREATED
        if is_barred and _follows_name(graph, dependency, owner.id, kind):
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


def _follows_name(
    graph: Graph, dependency: Dependency, owner: ContainerId, kind: NamespaceKind
) -> bool:
    """Tell whether the join that leads to the owner is one by name.

    Such a dependent can start again once a container of that name runs, and then so
    can those that joined it. A join that holds the id is bound to what is no more.
    """
    step: Dependency | None = dependency
    while step is not None and step.target != owner:
        step = None if step.target is None else graph.join(step.target, kind)
    return step is not None and step.by_name

"""What an action on some containers does to those that depend on them.

The table is that of an experiment on three generations of Docker: it holds for a
running container that depends directly. The rest follows: who joined a dependent is
in the same namespace; a dependent that is killed harms its own dependents; a
container that itself joined another's namespace takes none away when it goes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nstui.analysis.graph import JOIN_KINDS
from nstui.analysis.groups import uses_host
from nstui.analysis.order import is_up, removes_itself
from nstui.analysis.staleness import is_left_behind
from nstui.analysis.startable import is_barred
from nstui.analysis.words import effect_sentence
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Action, Effect, EffectLater, EffectNow, ShareKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

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
        is_kept_down = is_removal and self.later is not EffectLater.NONE
        return self.now is not EffectNow.NONE or is_kept_down


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
    """Return the effects on others than those acted on, the worst first.

    Of those acted on it tells only who is there afterwards and can never start again.
    """
    found: dict[Dependency, list[_Outcome]] = {}
    queue = [_happening(graph, container, action) for container in on]
    for happening in queue:
        for dependency, outcome in _outcomes(snapshot, graph, happening):
            felt = _felt(graph, action, on, dependency.container, outcome)
            if felt is None:
                continue
            found.setdefault(dependency, []).append(felt)
            end = _end_of(graph, on, dependency.container, found)
            if end is not None and end not in queue:
                queue.append(end)
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
    """Return what an action comes to.

    What removes itself is gone once it stops, and what has lost what it needs for a
    start is as good as gone.
    """
    is_end = action in {Action.STOP, Action.KILL}
    subject = graph.containers[container]
    is_final = removes_itself(subject) or is_barred(graph, container)
    if is_end and is_up(subject) and is_final:
        return _Happening(container, Action.RM)
    return _Happening(container, action)


def _felt(
    graph: Graph,
    action: Action,
    on: Collection[ContainerId],
    container: ContainerId,
    outcome: _Outcome,
) -> _Outcome | None:
    """Return what an outcome is to a dependent; None if it is acted on all the same.

    To be stopped was asked for, never to start again was not.
    """
    if container not in on:
        return outcome
    stays = _happening(graph, container, action).action in {Action.STOP, Action.KILL}
    lasting = replace(outcome, now=EffectNow.NONE)
    return lasting if stays and lasting.harms else None


def _end_of(
    graph: Graph,
    on: Collection[ContainerId],
    container: ContainerId,
    found: Mapping[Dependency, list[_Outcome]],
) -> _Happening | None:
    """Return what the fate of a dependent is to its own, if it is one for them.

    One that will never run again is as good as removed, unless it still runs.
    """
    outcomes = [
        outcome
        for dependency in graph.dependencies(container)
        for outcome in found.get(dependency, ())
    ]
    is_final = any(o.later is EffectLater.MUST_BE_RECREATED for o in outcomes)
    if any(outcome.now is EffectNow.KILLED for outcome in outcomes):
        return _happening(graph, container, Action.RM if is_final else Action.KILL)
    runs_on = graph.containers[container].state.has_process and container not in on
    return _Happening(container, Action.RM) if is_final and not runs_on else None


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
            is_running=dependent.state.has_process and dependent.id not in on,
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
        if is_stale or not _owns(graph, owner.id, kind):
            now = EffectNow.NONE
            if happening.action is Action.RESTART and not is_stale:
                later = EffectLater.NONE
        is_final = later is EffectLater.MUST_BE_RECREATED
        if is_final and _follows_name(graph, dependency, owner.id, kind):
            later = EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS
    if now is EffectNow.KILLED and removes_itself(dependent):
        later = EffectLater.MUST_BE_RECREATED
    return now, later


def _owns(graph: Graph, container: ContainerId, kind: NamespaceKind) -> bool:
    """Tell whether a container's namespace is its own and ends with it."""
    has_joined = graph.join(container, kind) is not None
    return not has_joined and not uses_host(graph.containers[container], kind)


def _is_elsewhere(
    snapshot: Snapshot,
    graph: Graph,
    owner: ContainerId,
    dependent: ContainerId,
    kind: NamespaceKind,
) -> bool:
    """Tell whether a dependent is not in the namespace the owner is or will be in.

    That of one that joined another is what the other is in, once it is restarted. Those
    in between do not matter: a restart of one of them moves nobody.
    """
    chain = graph.chain(owner, kind)
    if uses_host(graph.containers[chain.hops[-1]], kind):
        return False
    home = chain.hops[min(1, len(chain.hops) - 1)]
    return is_left_behind(snapshot, graph, dependent, home, kind)


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

"""What an action on some containers does to those that depend on them.

A dependent that is killed harms its own dependents, and so does one that can never
start again.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from nstui.analysis.graph import JOIN_KINDS
from nstui.analysis.order import is_up, removes_itself
from nstui.analysis.outcomes import Happening, find_outcomes
from nstui.analysis.startable import is_barred
from nstui.analysis.words import later_words, now_words, volumes_words
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.plan import Action, Effect, EffectLater, EffectNow, ShareKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from nstui.analysis.graph import Dependency, Graph
    from nstui.analysis.outcomes import Outcome
    from nstui.model.container import ContainerId
    from nstui.model.snapshot import Snapshot


@dataclass(slots=True)
class _Found:
    """What happens to one dependent through one kind of sharing."""

    dependency: Dependency
    outcomes: list[Outcome] = field(default_factory=list)


class _Findings:
    """What was found so far, by what it is found through."""

    def __init__(self) -> None:
        self._found: dict[object, _Found] = {}
        self._of: dict[ContainerId, list[_Found]] = {}

    def add(self, dependency: Dependency, outcome: Outcome) -> None:
        """Take in an outcome; there is one namespace of a kind, and many links."""
        container, kind = dependency.container, dependency.kind
        target = None if kind in JOIN_KINDS else dependency.target
        found = self._found.get((container, kind, target))
        if found is None:
            found = self._found[container, kind, target] = _Found(dependency)
            self._of.setdefault(container, []).append(found)
        found.outcomes.append(outcome)

    def everything(self) -> Iterable[_Found]:
        """Return all, in the order in which it was found."""
        return self._found.values()

    def of(self, container: ContainerId) -> tuple[Outcome, ...]:
        """Return all that happens to one dependent."""
        return tuple(o for found in self._of.get(container, ()) for o in found.outcomes)


def find_effects(
    snapshot: Snapshot, graph: Graph, action: Action, on: Collection[ContainerId]
) -> tuple[Effect, ...]:
    """Return the effects on others than those acted on, the worst first.

    Of those acted on it tells only who is there afterwards and can never start again.
    """
    findings = _Findings()
    queue = [_happening(graph, container, action, container) for container in on]
    queued = set(queue)
    for happening in queue:
        for dependency, outcome in find_outcomes(snapshot, graph, happening):
            felt = _felt(graph, action, on, dependency.container, outcome)
            if felt is None:
                continue
            findings.add(dependency, felt)
            outcomes = findings.of(dependency.container)
            end = _end_of(graph, on, dependency.container, outcomes, happening.cause)
            if end is not None and end not in queued:
                queued.add(end)
                queue.append(end)
    return _in_order(
        _effect(snapshot, graph, found, findings.of(found.dependency.container), on)
        for found in findings.everything()
    )


def worst_of_each(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """Return one effect for each container: the worst of what all its kinds bring."""
    by_container: dict[ContainerId, list[Effect]] = {}
    for effect in effects:
        by_container.setdefault(effect.container, []).append(effect)
    return _in_order(_together(several) for several in by_container.values())


def _together(effects: list[Effect]) -> Effect:
    """Return the worst of several effects on one container: now, and later."""
    worst = min(effects, key=lambda e: (not e.harms, e.now.rank, e.later.rank))
    lasting = min(effects, key=lambda e: (e.later.rank, e is not worst))
    if lasting.later is worst.later:
        return worst
    sentence = "; ".join(filter(None, (worst.at_once, lasting.next_start)))
    return replace(
        worst,
        later=lasting.later,
        next_start=lasting.next_start,
        sentence=sentence or worst.sentence,
    )


def _in_order(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    return tuple(
        sorted(
            effects,
            key=lambda e: (e.now.rank, e.later.rank, e.is_indirect, e.name, e.kind),
        )
    )


def _happening(
    graph: Graph, container: ContainerId, action: Action, cause: ContainerId
) -> Happening:
    """Return what an action comes to.

    What removes itself is gone once it stops, and what has lost what it needs for a
    start is as good as gone.
    """
    is_end = action in {Action.STOP, Action.KILL}
    subject = graph.containers[container]
    is_final = removes_itself(subject) or is_barred(graph, container)
    if is_end and is_up(subject) and is_final:
        return Happening(container, Action.RM, cause)
    return Happening(container, action, cause)


def _felt(
    graph: Graph,
    action: Action,
    on: Collection[ContainerId],
    container: ContainerId,
    outcome: Outcome,
) -> Outcome | None:
    """Return what an outcome is to a dependent; None if it is acted on all the same.

    To be stopped was asked for, never to start again was not.
    """
    if container not in on:
        return outcome
    happening = _happening(graph, container, action, container)
    stays = happening.action in {Action.STOP, Action.KILL}
    lasting = replace(outcome, now=EffectNow.NONE)
    return lasting if stays and lasting.harms else None


def _end_of(
    graph: Graph,
    on: Collection[ContainerId],
    container: ContainerId,
    outcomes: Collection[Outcome],
    cause: ContainerId,
) -> Happening | None:
    """Return what the fate of a dependent is to its own, if it is one for them.

    One that will never run again is as good as removed, unless it still runs.
    """
    is_final = any(o.later is EffectLater.MUST_BE_RECREATED for o in outcomes)
    if any(outcome.now is EffectNow.KILLED for outcome in outcomes):
        action = Action.RM if is_final else Action.KILL
        return _happening(graph, container, action, cause)
    runs_on = graph.containers[container].state.has_process and container not in on
    if is_final and not runs_on:
        return Happening(container, Action.RM, cause)
    return None


def _effect(
    snapshot: Snapshot,
    graph: Graph,
    found: _Found,
    others: Collection[Outcome],
    on: Collection[ContainerId],
) -> Effect:
    """Put together what several happenings do to one dependent: the worst of each.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        found: What happens to it through one kind of sharing.
        others: What happens to it through every kind.
        on: Those that are acted on.

    """
    dependency = found.dependency
    dependent = graph.containers[dependency.container]
    # It was found from its target, so it has one.
    via = dependency.target or dependency.container
    worst = min(found.outcomes, key=lambda outcome: outcome.now.rank)
    lasting = min(found.outcomes, key=lambda outcome: outcome.later.rank)
    is_running = dependent.state.has_process and dependent.id not in on
    at_once = _at_once(graph, found, others, is_running=is_running)
    next_start = later_words(
        lasting.later, needed=lasting.needed, is_declared=lasting.is_declared
    )
    return Effect(
        container=dependent.id,
        name=dependent.name,
        kind=dependency.kind,
        via=via,
        via_name=graph.name(via),
        is_indirect=via not in on,
        now=worst.now,
        later=lasting.later,
        harms=any(outcome.harms for outcome in found.outcomes),
        sentence="; ".join(filter(None, (at_once, next_start))),
        at_once=at_once,
        next_start=next_start,
        because_of=tuple(
            sorted({graph.name(o.happening.cause) for o in found.outcomes if o.harms})
        ),
        known_by=_known_by(snapshot, found),
        is_declared=any(outcome.is_declared for outcome in found.outcomes),
        is_certain=worst.is_certain,
    )


def _at_once(
    graph: Graph, found: _Found, others: Collection[Outcome], *, is_running: bool
) -> str:
    """Say what happens at once; to one that is killed nothing else does."""
    kind = found.dependency.kind
    worst = min(found.outcomes, key=lambda outcome: outcome.now.rank)
    owner = graph.name(worst.happening.container)
    deadly = [o for o in others if o.now is EffectNow.KILLED]
    if kind is ShareKind.VOLUMES_FROM:
        return volumes_words(owner, is_killed=bool(deadly))
    if deadly:
        worst = min(deadly, key=lambda outcome: not outcome.is_certain)
    return now_words(
        worst.now,
        kind=kind,
        owner=owner,
        is_running=is_running,
        is_certain=worst.is_certain,
    )


def _known_by(snapshot: Snapshot, found: _Found) -> NamespacesRead:
    """Return what says that a dependent is where it is."""
    kind = found.dependency.kind
    if kind not in JOIN_KINDS:
        return NamespacesRead.DECLARED
    places = {found.dependency.container}
    places |= {outcome.happening.container for outcome in found.outcomes}
    seen = [snapshot.namespace(place, NamespaceKind(kind)) for place in places]
    if None in seen:
        return NamespacesRead.DECLARED
    is_known = not any(one.fingerprint for one in seen if one is not None)
    return NamespacesRead.INODE if is_known else NamespacesRead.FINGERPRINT

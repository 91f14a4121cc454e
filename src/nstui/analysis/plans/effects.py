"""The effects of an action on the dependents of its targets, and their texts.

A dependent that is killed, or that can never start again, harms its own dependents too.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import JOIN_KINDS
from nstui.analysis.plans.order import is_up, removes_itself
from nstui.analysis.plans.outcomes import NamespaceEnd, find_outcomes
from nstui.analysis.startable import can_never_start
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.step import Action, Effect, EffectLater, EffectNow, ShareKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.graph.presence import Dependency
    from nstui.analysis.plans.outcomes import DependentOutcome
    from nstui.model.container import ContainerId
    from nstui.model.snapshot import Snapshot


_NOW = {
    EffectNow.KILLED: "is killed at once",
    EffectNow.LOSES_NETWORK: "loses its network at once",
    EffectNow.NAMESPACE_SPLIT: "is cut off from the {kind} namespace of {owner}",
    EffectNow.EXEC_FAILS: "docker exec into it fails",
}
_NOW_OF_SEVERAL = {
    EffectNow.KILLED: "are killed at once",
    EffectNow.LOSES_NETWORK: "lose their network at once",
    EffectNow.NAMESPACE_SPLIT: "are cut off from the {kind} namespace of {owner}",
    EffectNow.EXEC_FAILS: "refuse docker exec",
}
_MAYBE_NOW = {
    EffectNow.KILLED: "may be killed at once",
    EffectNow.LOSES_NETWORK: "may lose its network at once",
    EffectNow.NAMESPACE_SPLIT: "may be cut off from the {kind} namespace of {owner}",
}
_MAYBE_NOW_OF_SEVERAL = {
    **_MAYBE_NOW,
    EffectNow.LOSES_NETWORK: "may lose their network at once",
}
_LATER = {
    EffectLater.MUST_BE_RECREATED: "can never start again, must be recreated",
    EffectLater.CANNOT_RESTART_UNTIL_OWNER_RUNS: (
        "cannot start again until {needed} runs"
    ),
    EffectLater.RESTART_REJOINS: "must be restarted to rejoin {needed}",
}
_UNDECLARED_LATER = {
    **_LATER,
    EffectLater.RESTART_REJOINS: "its next start joins {needed}",
    EffectLater.NONE: "nothing declares that it is there",
}
_LATER_OF_SEVERAL = {
    **_LATER,
    EffectLater.MUST_BE_RECREATED: "can never start again",
}
_UNDECLARED_LATER_OF_SEVERAL = {
    **_LATER_OF_SEVERAL,
    EffectLater.RESTART_REJOINS: "join {needed} at their next start",
    EffectLater.NONE: "are declared nowhere",
}


def now_text(  # noqa: PLR0913 - a sentence depends on all of them
    now: EffectNow,
    *,
    kind: ShareKind,
    owner: str,
    is_running: bool,
    is_certain: bool = True,
    of_several: bool = False,
) -> str:
    """Return what happens to a dependent at once, in words.

    Args:
        now: The effect.
        kind: The kind of sharing.
        owner: The name of the container that the effect comes from.
        is_running: Whether the dependent runs, and would continue without the action.
        is_certain: Whether the namespace is known to be the container's.
        of_several: Whether the subject of the sentence is several dependents.

    """
    if of_several:
        words = _NOW_OF_SEVERAL | ({} if is_certain else _MAYBE_NOW_OF_SEVERAL)
        unchanged = "keep running" if is_running else "are not running"
    else:
        words = _NOW | ({} if is_certain else _MAYBE_NOW)
        unchanged = "keeps running" if is_running else "is not running"
    return words.get(now, unchanged).format(kind=kind, owner=owner)


def later_text(
    later: EffectLater,
    *,
    needed: str,
    is_declared: bool = True,
    of_several: bool = False,
) -> str:
    """Return what a dependent's next start requires; empty if nothing has changed.

    Args:
        later: The effect.
        needed: The names of the containers that must run for the start.
        is_declared: Whether the dependent declares the dependency on what ends.
        of_several: Whether the subject of the sentence is several dependents.

    """
    if of_several:
        words = _LATER_OF_SEVERAL if is_declared else _UNDECLARED_LATER_OF_SEVERAL
    else:
        words = _LATER if is_declared else _UNDECLARED_LATER
    return words.get(later, "").format(needed=needed)


def volumes_text(
    owner: str, *, is_killed: bool = False, of_several: bool = False
) -> str:
    """Return what happens to the volumes a dependent uses: they all stay."""
    if of_several:
        unchanged = "" if is_killed else "; nothing changes for them"
        return f"use volumes of {owner}, which stay{unchanged}"
    unchanged = "" if is_killed else ", nothing changes for it"
    return f"uses volumes of {owner}: they stay{unchanged}"


@dataclass(slots=True)
class _KindOutcomes:
    """What happens to one dependent through one kind of sharing."""

    dependency: Dependency
    outcomes: list[DependentOutcome] = field(default_factory=list)


class _OutcomeIndex:
    """The outcomes found so far, by dependent, kind and, if it is no join, target."""

    def __init__(self) -> None:
        self._found: dict[object, _KindOutcomes] = {}
        self._of: dict[ContainerId, list[_KindOutcomes]] = {}

    def add(self, dependency: Dependency, outcome: DependentOutcome) -> None:
        """Add an outcome; each kind has one join, but there may be many links."""
        container, kind = dependency.container, dependency.kind
        target = None if kind in JOIN_KINDS else dependency.target
        found = self._found.get((container, kind, target))
        if found is None:
            found = self._found[container, kind, target] = _KindOutcomes(dependency)
            self._of.setdefault(container, []).append(found)
        found.outcomes.append(outcome)

    def everything(self) -> Iterable[_KindOutcomes]:
        """Return all outcomes in the order in which they were found."""
        return self._found.values()

    def of(self, container: ContainerId) -> tuple[DependentOutcome, ...]:
        """Return all outcomes for one dependent."""
        return tuple(o for found in self._of.get(container, ()) for o in found.outcomes)


def find_effects(
    snapshot: Snapshot, graph: Graph, action: Action, on: Collection[ContainerId]
) -> tuple[Effect, ...]:
    """Return the effects on containers that are not acted on, the worst first.

    Of the containers acted on, only those are included that remain but can never start
    again.
    """
    index = _OutcomeIndex()
    queue = [_ending_of(graph, container, action, container) for container in on]
    queued = set(queue)
    for ending in queue:
        for dependency, outcome in find_outcomes(snapshot, graph, ending):
            unrequested = _unrequested_outcome(
                graph, action, on, dependency.container, outcome
            )
            if unrequested is None:
                continue
            index.add(dependency, unrequested)
            outcomes = index.of(dependency.container)
            next_ending = _ending_of_dependent(
                graph, on, dependency.container, outcomes, ending.cause
            )
            if next_ending is not None and next_ending not in queued:
                queued.add(next_ending)
                queue.append(next_ending)
    return _sort_effects(
        _effect(snapshot, graph, found, index.of(found.dependency.container), on)
        for found in index.everything()
    )


def worst_of_each(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    """Return one effect for each container: the worst over all kinds."""
    by_container: dict[ContainerId, list[Effect]] = {}
    for effect in effects:
        by_container.setdefault(effect.container, []).append(effect)
    return _sort_effects(_combine_effects(several) for several in by_container.values())


def _combine_effects(effects: list[Effect]) -> Effect:
    """Return the worst of several effects on one container, now and later."""
    worst = min(effects, key=lambda e: (not e.harms, e.now.rank, e.later.rank))
    lasting = min(effects, key=lambda e: (e.later.rank, e is not worst))
    if lasting.later is worst.later:
        return worst
    sentence = "; ".join(filter(None, (worst.at_once, lasting.next_start)))
    return replace(
        worst,
        later=lasting.later,
        next_start=lasting.next_start,
        next_start_of_several=lasting.next_start_of_several,
        sentence=sentence or worst.sentence,
    )


def _sort_effects(effects: Iterable[Effect]) -> tuple[Effect, ...]:
    return tuple(
        sorted(
            effects,
            key=lambda e: (e.now.rank, e.later.rank, e.is_indirect, e.name, e.kind),
        )
    )


def _ending_of(
    graph: Graph, container: ContainerId, action: Action, cause: ContainerId
) -> NamespaceEnd:
    """Return how an action ends a container's namespaces.

    A container that removes itself is gone once it stops, and one that has lost what it
    needs for a start counts as gone.
    """
    is_end = action in {Action.STOP, Action.KILL}
    subject = graph.containers[container]
    is_final = removes_itself(subject) or can_never_start(graph, container)
    if is_end and is_up(subject) and is_final:
        return NamespaceEnd(container, Action.RM, cause)
    return NamespaceEnd(container, action, cause)


def _unrequested_outcome(
    graph: Graph,
    action: Action,
    on: Collection[ContainerId],
    container: ContainerId,
    outcome: DependentOutcome,
) -> DependentOutcome | None:
    """Return the part of an outcome that the action does not request; None if none.

    A stop of a dependent that is acted on was requested; that it can never start again
    was not.
    """
    if container not in on:
        return outcome
    ending = _ending_of(graph, container, action, container)
    stays = ending.action in {Action.STOP, Action.KILL}
    lasting = replace(outcome, now=EffectNow.NONE)
    return lasting if stays and lasting.harms else None


def _ending_of_dependent(
    graph: Graph,
    on: Collection[ContainerId],
    container: ContainerId,
    outcomes: Collection[DependentOutcome],
    cause: ContainerId,
) -> NamespaceEnd | None:
    """Return how the outcomes of a dependent end its own namespaces; None if not.

    A container that will never run again counts as removed, unless it still runs.
    """
    is_final = any(o.later is EffectLater.MUST_BE_RECREATED for o in outcomes)
    if any(outcome.now is EffectNow.KILLED for outcome in outcomes):
        action = Action.RM if is_final else Action.KILL
        return _ending_of(graph, container, action, cause)
    runs_on = graph.runs(container) and container not in on
    if is_final and not runs_on:
        return NamespaceEnd(container, Action.RM, cause)
    return None


def _effect(
    snapshot: Snapshot,
    graph: Graph,
    found: _KindOutcomes,
    others: Collection[DependentOutcome],
    on: Collection[ContainerId],
) -> Effect:
    """Combine the outcomes for one dependent into an effect: the worst of each.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        found: What happens to it through one kind of sharing.
        others: What happens to it through all kinds.
        on: The containers that are acted on.

    """
    dependency = found.dependency
    dependent = graph.containers[dependency.container]
    # It was found from its target, so it has one.
    via = dependency.target or dependency.container
    worst = min(found.outcomes, key=lambda outcome: outcome.now.rank)
    lasting = min(found.outcomes, key=lambda outcome: outcome.later.rank)
    is_running = dependent.state.has_process and dependent.id not in on
    now_of = partial(_at_once_text, graph, found, others, is_running=is_running)
    later_of = partial(
        later_text,
        lasting.later,
        needed=lasting.needed,
        is_declared=lasting.is_declared,
    )
    at_once, next_start = now_of(), later_of()
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
        at_once_of_several=now_of(of_several=True),
        next_start_of_several=later_of(of_several=True),
        because_of=tuple(
            sorted({graph.name(o.ending.cause) for o in found.outcomes if o.harms})
        ),
        known_by=_known_by(snapshot, found),
        is_declared=any(outcome.is_declared for outcome in found.outcomes),
        is_certain=worst.is_certain,
    )


def _at_once_text(
    graph: Graph,
    found: _KindOutcomes,
    others: Collection[DependentOutcome],
    *,
    is_running: bool,
    of_several: bool = False,
) -> str:
    """Return what happens at once, in words; for a killed dependent only that."""
    kind = found.dependency.kind
    worst = min(found.outcomes, key=lambda outcome: outcome.now.rank)
    owner = graph.name(worst.ending.container)
    deadly = [o for o in others if o.now is EffectNow.KILLED]
    if kind is ShareKind.VOLUMES_FROM:
        return volumes_text(owner, is_killed=bool(deadly), of_several=of_several)
    if deadly:
        worst = min(deadly, key=lambda outcome: not outcome.is_certain)
    return now_text(
        worst.now,
        kind=kind,
        owner=owner,
        is_running=is_running,
        is_certain=worst.is_certain,
        of_several=of_several,
    )


def _known_by(snapshot: Snapshot, found: _KindOutcomes) -> NamespacesRead:
    """Return the source from which a dependent's namespaces are known."""
    kind = found.dependency.kind
    if kind not in JOIN_KINDS:
        return NamespacesRead.DECLARED
    places = {found.dependency.container}
    places |= {outcome.ending.container for outcome in found.outcomes}
    seen = [snapshot.namespace(place, NamespaceKind(kind)) for place in places]
    if None in seen:
        return NamespacesRead.DECLARED
    is_known = not any(one.fingerprint for one in seen if one is not None)
    return NamespacesRead.INODE if is_known else NamespacesRead.FINGERPRINT

"""The containers that healing acts on, and those that it cannot help."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.exits import start_error
from nstui.analysis.graph.graph import JOIN_KINDS, Graph, all_hops
from nstui.analysis.healing.broken import (
    find_broken,
    find_detached,
    find_held_up,
    find_to_restart,
    find_uncertain_detached,
)
from nstui.analysis.healing.owners import (
    find_owner_changes,
    find_stopped_needs,
    find_successions,
)
from nstui.analysis.healing.unhealable import find_unhealable
from nstui.analysis.plans.effects import find_effects
from nstui.analysis.plans.interruptions import find_interruptions
from nstui.analysis.plans.order import is_up
from nstui.analysis.plans.targets import ends, find_ended, without_harm
from nstui.analysis.succession import gone_references, replacements_of
from nstui.model.container import ContainerId, ContainerState, Join
from nstui.model.frozen import dataclass
from nstui.model.healing import Unhealed
from nstui.model.plan import Policy
from nstui.model.step import Action, EffectLater

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.analysis.succession import Succession
    from nstui.model.container import Container
    from nstui.model.plan import Request
    from nstui.model.snapshot import Snapshot
    from nstui.model.step import Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The extent of healing, before the cost of recreating is known."""

    healed: tuple[ContainerId, ...]
    """The broken containers that will be healed."""

    started: frozenset[ContainerId]
    restarted: frozenset[ContainerId]
    recreated: Mapping[ContainerId, tuple[Join, ...]]
    """The recreated containers, each with all its new joins."""

    to_run: frozenset[ContainerId]
    """The recreated containers that are started."""

    connected: frozenset[ContainerId]
    """The containers that are attached again to the network they were made for."""

    afterwards: Graph
    """The dependencies afterwards, with the old ids of the recreated containers."""

    effects: tuple[Effect, ...]
    """The harmful effects on containers that are not acted on."""

    successions: tuple[Succession, ...]
    moved: frozenset[ContainerId]
    """The recreated containers with an existing owner that the user moves elsewhere."""

    unhealed: tuple[Unhealed, ...]
    notes: tuple[str, ...]
    """Notes about named containers that need no change, and about paused ones."""

    @property
    def acted_on(self) -> frozenset[ContainerId]:
        """All containers that are started, restarted or recreated."""
        return self.started | self.restarted | self.recreated.keys()


def find_scope(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    left: tuple[Unhealed, ...] = (),
) -> Scope:
    """Return what has to be done to heal the named containers, or all.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        request: The containers to heal.
        left: The containers that are left alone, and why.

    """
    broken = find_broken(snapshot, graph, request.targets)
    changes = find_owner_changes(snapshot, graph, request, broken)
    if changes.joins:
        # From here on they count as joined to their new owners, although not in place
        # yet.
        graph = with_joins(graph, changes.joins)
        snapshot = replace(snapshot, containers=tuple(graph.containers.values()))
        broken |= dict.fromkeys(changes.joins)
    successions = find_successions(snapshot, graph, request, broken)
    replacements = replacements_of(successions)
    wanted = _requested_broken(graph, broken, request, replacements)
    unhealed = _find_unhealed(snapshot, graph, broken, successions, left)
    unhealable = {one.container for one in unhealed}
    others = tuple(c for c in broken if c not in unhealable)
    unhealed += find_held_up(snapshot, graph, others, replacements, request.targets)
    unhealable = {one.container for one in (*unhealed, *changes.refused)}
    healed = tuple(c for c in wanted if c not in unhealable)
    to_restart = (
        find_to_restart(snapshot, graph, request.targets) | changes.joins.keys()
    )
    first = _directly_needed(
        graph, [c for c in healed if c in to_restart], changes.joins
    )
    parts = with_left_behind(
        snapshot, graph, request, first, broken.keys() - unhealable
    )
    ended = tuple(effects_on_ended(snapshot, graph, parts))
    parts = parts.without({effect.container for effect in ended})
    recreated, restarted = parts.recreated, parts.restarted
    to_be_run = {c for c in recreated if should_run(graph, c)}
    failed = {c for c in healed if start_error(graph.containers[c])} - recreated
    to_run = restarted | to_be_run | failed
    needed = frozenset({*failed, *find_stopped_needs(graph, to_run, replacements)})
    joins = {c: new_joins(graph, c, replacements, recreated) for c in recreated}
    return Scope(
        healed=tuple(
            c
            for c in graph.containers
            if c in {*healed, *recreated} - {effect.container for effect in ended}
        ),
        started=needed - recreated,
        restarted=restarted,
        recreated=joins,
        to_run=frozenset(to_be_run | needed & recreated),
        connected=find_detached(snapshot, graph, request.targets).intersection(healed),
        afterwards=with_joins(graph, joins),
        effects=(*ended, *effects_on_others(snapshot, graph, parts, needed, ended)),
        successions=tuple(s for s in successions if {*s.joined_by} & {*wanted}),
        moved=frozenset(changes.joins),
        unhealed=(
            *changes.refused,
            *(one for one in unhealed if one.container in wanted),
            *find_uncertain_detached(snapshot, graph, request.targets),
        ),
        notes=(*changes.notes, *paused_notes(graph, (*restarted, *to_be_run))),
    )


def _find_unhealed(
    snapshot: Snapshot,
    graph: Graph,
    broken: Collection[ContainerId],
    successions: tuple[Succession, ...],
    left: tuple[Unhealed, ...],
) -> tuple[Unhealed, ...]:
    """Return the broken containers that cannot be healed, or are left alone."""
    found = find_unhealable(snapshot, graph, tuple(broken), successions)
    found += _blocked_by_interruptions(snapshot, graph, broken, found)
    known = {one.container for one in found}
    return found + tuple(one for one in left if one.container not in known)


def paused_notes(graph: Graph, containers: Iterable[ContainerId]) -> Iterator[str]:
    """Yield the paused containers that run after a new start."""
    for container in sorted(containers, key=graph.name):
        if graph.containers[container].state is ContainerState.PAUSED:
            yield f"{graph.name(container)} is paused now, and runs once it is healed"


@dataclass(frozen=True, slots=True)
class Parts:
    """The containers that are recreated, and those that are restarted."""

    restarted: frozenset[ContainerId]
    recreated: frozenset[ContainerId]

    def without(self, others: Collection[ContainerId]) -> Parts:
        """Return the same without some containers."""
        return Parts(self.restarted - set(others), self.recreated - set(others))


def effects_on_ended(
    snapshot: Snapshot, graph: Graph, parts: Parts
) -> Iterator[Effect]:
    """Yield the effects on self-removing containers that end before their turn."""
    found = find_ended(
        snapshot, graph, restarted=parts.restarted, recreated=parts.recreated
    )
    for effect in found:
        yield without_harm(graph, effect)


def _blocked_by_interruptions(
    snapshot: Snapshot,
    graph: Graph,
    broken: Collection[ContainerId],
    unhealed: Collection[Unhealed],
) -> tuple[Unhealed, ...]:
    """Return the containers that joined one left behind by an interrupted plan."""
    left = {c for one in find_interruptions(snapshot, graph) for c in one.covers}
    known = {one.container for one in unhealed}
    found = []
    for container in broken:
        over = next((hop for hop in all_hops(graph, container) if hop in left), None)
        if over is not None and container not in known:
            reason = f"it joined {graph.name(over)}, which a plan that was cut off left"
            found.append(Unhealed(container, graph.name(container), reason))
    return tuple(found)


def _directly_needed(
    graph: Graph, healed: Collection[ContainerId], moved: Collection[ContainerId]
) -> Parts:
    """Return what the broken containers themselves need."""
    recreated = frozenset(c for c in healed if c in moved or _has_gone_join(graph, c))
    running = frozenset(c for c in healed if graph.runs(c))
    return Parts(running - recreated, recreated)


def _has_gone_join(graph: Graph, container: ContainerId) -> bool:
    """Tell whether a container itself joined one that is gone and is replaced."""
    by_id, by_name = gone_references(graph, container)
    return bool(by_id or by_name)


def with_left_behind(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    parts: Parts,
    healable: Collection[ContainerId],
) -> Parts:
    """Add the containers that healing would leave behind, as far as that is wanted."""
    include_all = request.policy is Policy.WITH_DEPENDENTS
    while True:
        harmed = [
            e for e in _harmful_effects(snapshot, graph, parts) if not ends(graph, e)
        ]
        by_id = set(_joiners_by_id(graph, parts.recreated))
        along = {e.container for e in harmed if include_all or e.container in healable}
        final = {e.container for e in harmed if _is_final(e)}
        along |= by_id & {*healable}
        recreated = parts.recreated | along & (final | by_id)
        running = frozenset(c for c in along if graph.runs(c))
        restarted = (parts.restarted | running) - recreated
        extended = Parts(restarted, recreated)
        if extended == parts:
            return extended
        parts = extended


def _requested_broken(
    graph: Graph,
    broken: Collection[ContainerId],
    request: Request,
    replacements: Mapping[ContainerId, ContainerId],
) -> tuple[ContainerId, ...]:
    """Return the requested broken containers, and the broken ones that they joined.

    This includes replacements of containers that are gone, which they will join.
    """
    if not request.targets:
        return tuple(broken)
    named = set(request.targets)
    for target in request.targets:
        named.update((*graph.dependents(target), *all_hops(graph, target)))
    for container in tuple(named & set(broken)):
        named.update(all_hops(graph, container))
        named.update(find_stopped_needs(graph, (container,), replacements))
        for hop in all_hops(graph, container):
            taking = (replacements.get(gone) for gone in gone_references(graph, hop)[0])
            named.update(
                c
                for replacement in taking
                if replacement
                for c in all_hops(graph, replacement)
            )
    return tuple(c for c in broken if c in named)


def should_run(graph: Graph, container: ContainerId) -> bool:
    """Tell whether a container runs, or would if it could."""
    subject = graph.containers[container]
    return is_up(subject) or bool(start_error(subject))


def _harmful_effects(
    snapshot: Snapshot, graph: Graph, parts: Parts
) -> Iterator[Effect]:
    """Yield the harmful effects of healing on other containers."""
    everything = (
        *find_effects(snapshot, graph, Action.RM, tuple(parts.recreated)),
        *find_effects(snapshot, graph, Action.RESTART, tuple(parts.restarted)),
    )
    seen = set()
    for effect in everything:
        key = (effect.container, effect.kind)
        if effect.harms and key not in seen:
            seen.add(key)
            yield effect


def effects_on_others(
    snapshot: Snapshot,
    graph: Graph,
    parts: Parts,
    needed: Collection[ContainerId],
    ended: Collection[Effect],
) -> Iterator[Effect]:
    """Yield the effects of healing on others, except on self-removing containers."""
    known = {*parts.restarted, *parts.recreated, *needed}
    known |= {effect.container for effect in ended}
    for effect in _harmful_effects(snapshot, graph, parts):
        if effect.container not in known:
            yield without_harm(graph, effect)


def _is_final(effect: Effect) -> bool:
    return effect.later is EffectLater.MUST_BE_RECREATED


def _joiners_by_id(
    graph: Graph, recreated: Collection[ContainerId]
) -> Iterator[ContainerId]:
    """Yield the containers with joins to the id of one that is recreated."""
    for container in recreated:
        for dependency in graph.users(container):
            if dependency.kind in JOIN_KINDS and not dependency.by_name:
                yield dependency.container


def new_joins(
    graph: Graph,
    container: ContainerId,
    replacements: Mapping[ContainerId, ContainerId],
    recreated: Collection[ContainerId],
) -> tuple[Join, ...]:
    """Return the new joins of a container.

    One that is recreated before it is joined by name.
    """
    joins = []
    for join in graph.containers[container].joins:
        target = graph.resolve(join.reference)
        reference = join.reference
        if target is None:
            target = replacements.get(ContainerId(join.reference))
            reference = target or reference
        if target is not None and target in recreated:
            reference = graph.name(target)
        joins.append(Join(join.kind, reference))
    return tuple(joins)


def with_joins(graph: Graph, joins: Mapping[ContainerId, tuple[Join, ...]]) -> Graph:
    """Return the dependencies once containers have other joins."""
    return Graph(_replace_joins(c, joins.get(c.id)) for c in graph.containers.values())


def _replace_joins(container: Container, joins: tuple[Join, ...] | None) -> Container:
    if joins is None or container.inspection is None:
        return container
    return replace(container, inspection=replace(container.inspection, joins=joins))

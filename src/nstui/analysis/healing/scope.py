"""Whom healing has to act on, and whom it cannot help."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from nstui.analysis.effects import find_effects
from nstui.analysis.failed_starts import start_error
from nstui.analysis.graph import JOIN_KINDS, Graph
from nstui.analysis.healing.broken import (
    find_broken,
    find_detached,
    find_torn,
    find_unsure,
)
from nstui.analysis.healing.failed import find_held_up
from nstui.analysis.healing.lost import find_lost
from nstui.analysis.healing.moves import find_moves
from nstui.analysis.healing.needs import find_stopped_needs
from nstui.analysis.healing.successors import find_successions
from nstui.analysis.interruptions import find_interruptions
from nstui.analysis.order import is_up
from nstui.analysis.succession import gone_references
from nstui.analysis.throwaways import ends, find_ended, without_harm
from nstui.model.container import ContainerId, ContainerState, Join
from nstui.model.healing import Unhealed
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import Action, EffectLater, Policy

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.analysis.succession import Succession
    from nstui.model.container import Container
    from nstui.model.plan import Effect, Request
    from nstui.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What healing comes to, before anything is known of what a recreation costs."""

    mended: tuple[ContainerId, ...]
    """Those that are broken and will be well."""

    started: frozenset[ContainerId]
    restarted: frozenset[ContainerId]
    recreated: Mapping[ContainerId, tuple[Join, ...]]
    """Each with all that the new container joins."""

    to_run: frozenset[ContainerId]
    """Those of the recreated whose new container is started."""

    connected: frozenset[ContainerId]
    """Those that are attached again to the network they were made for."""

    afterwards: Graph
    """Who depends on whom then; those recreated have their old ids in it."""

    effects: tuple[Effect, ...]
    """On others than those that are acted on, if they harm."""

    successions: tuple[Succession, ...]
    moved: frozenset[ContainerId]
    """Those of the recreated whose owner exists, and whom the user wants elsewhere."""

    unhealed: tuple[Unhealed, ...]
    notes: tuple[str, ...]
    """Of those whom the user named and for whom there is nothing to do, and of those
    who are paused."""

    @property
    def acted_on(self) -> frozenset[ContainerId]:
        """Everybody who is started, restarted or recreated."""
        return self.started | self.restarted | self.recreated.keys()


def find_scope(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    left: tuple[Unhealed, ...] = (),
) -> Scope:
    """Return what has to be done to heal those that are named, or all.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        request: Whom to heal.
        left: Those that are left alone, and why.

    """
    broken = find_broken(snapshot, graph, request.targets)
    moves = find_moves(snapshot, graph, request, broken)
    if moves.joins:
        # From here on they have joined whom they shall join, and are not there yet.
        graph = _joined_anew(graph, moves.joins)
        snapshot = replace(snapshot, containers=tuple(graph.containers.values()))
        broken |= dict.fromkeys(moves.joins)
    successions = find_successions(snapshot, graph, request, broken)
    heirs = {s.gone: s.successor for s in successions if s.successor is not None}
    wanted = _wanted(graph, broken, request, heirs)
    unhealed = find_lost(snapshot, graph, tuple(broken), successions)
    unhealed += _blocked(snapshot, graph, broken, unhealed)
    known = {one.container for one in unhealed}
    unhealed += tuple(one for one in left if one.container not in known)
    lost = {one.container for one in unhealed}
    others = tuple(c for c in broken if c not in lost)
    unhealed += find_held_up(snapshot, graph, others, heirs, request.targets)
    lost = {one.container for one in (*unhealed, *moves.refused)}
    mended = tuple(c for c in wanted if c not in lost)
    torn = find_torn(snapshot, graph, request.targets) | moves.joins.keys()
    first = _first(graph, [c for c in mended if c in torn], moves.joins)
    parts = _grown(snapshot, graph, request, first, broken.keys() - lost)
    ended = tuple(_ended(snapshot, graph, parts))
    parts = parts.without({effect.container for effect in ended})
    recreated, restarted = parts.recreated, parts.restarted
    should_run = {c for c in recreated if _should_run(graph, c)}
    failed = {c for c in mended if start_error(graph.containers[c])} - recreated
    to_run = restarted | should_run | failed
    needed = frozenset({*failed, *find_stopped_needs(graph, to_run, heirs)})
    joins = {c: _new_joins(graph, c, heirs, recreated) for c in recreated}
    return Scope(
        mended=tuple(
            c
            for c in graph.containers
            if c in {*mended, *recreated} - {effect.container for effect in ended}
        ),
        started=needed - recreated,
        restarted=restarted,
        recreated=joins,
        to_run=frozenset(should_run | needed & recreated),
        connected=find_detached(snapshot, graph, request.targets).intersection(mended),
        afterwards=_joined_anew(graph, joins),
        effects=(*ended, *_on_others(snapshot, graph, parts, needed, ended)),
        successions=tuple(s for s in successions if {*s.joined_by} & {*wanted}),
        moved=frozenset(moves.joins),
        unhealed=(
            *moves.refused,
            *(one for one in unhealed if one.container in wanted),
            *find_unsure(snapshot, graph, request.targets),
        ),
        notes=(*moves.notes, *_unpaused(graph, (*restarted, *should_run))),
    )


def _unpaused(graph: Graph, containers: Iterable[ContainerId]) -> Iterator[str]:
    """Yield who is paused and comes out of a new start running."""
    for container in sorted(containers, key=graph.name):
        if graph.containers[container].state is ContainerState.PAUSED:
            yield f"{graph.name(container)} is paused now, and runs once it is healed"


@dataclass(frozen=True, slots=True)
class _Parts:
    """Whom healing replaces, and whom it merely starts anew."""

    restarted: frozenset[ContainerId]
    recreated: frozenset[ContainerId]

    def without(self, others: Collection[ContainerId]) -> _Parts:
        """Return the same without some."""
        return _Parts(self.restarted - set(others), self.recreated - set(others))


def _ended(snapshot: Snapshot, graph: Graph, parts: _Parts) -> Iterator[Effect]:
    """Yield what becomes of those that end before it is their turn, and are gone."""
    found = find_ended(
        snapshot, graph, restarted=parts.restarted, recreated=parts.recreated
    )
    for effect in found:
        yield without_harm(graph, effect)


def _blocked(
    snapshot: Snapshot,
    graph: Graph,
    broken: Collection[ContainerId],
    unhealed: Collection[Unhealed],
) -> tuple[Unhealed, ...]:
    """Return who joined a container that a plan which was cut off has left over."""
    left = {c for one in find_interruptions(snapshot, graph) for c in one.covers}
    known = {one.container for one in unhealed}
    found = []
    for container in broken:
        over = next((hop for hop in _hops(graph, container) if hop in left), None)
        if over is not None and container not in known:
            reason = f"it joined {graph.name(over)}, which a plan that was cut off left"
            found.append(Unhealed(container, graph.name(container), reason))
    return tuple(found)


def _first(
    graph: Graph, mended: Collection[ContainerId], moved: Collection[ContainerId]
) -> _Parts:
    """Return what the broken ones themselves need."""
    recreated = frozenset(c for c in mended if c in moved or _has_lost(graph, c))
    running = frozenset(c for c in mended if _runs(graph, c))
    return _Parts(running - recreated, recreated)


def _has_lost(graph: Graph, container: ContainerId) -> bool:
    """Tell whether a container itself joined one that is gone and has a successor."""
    by_id, by_name = gone_references(graph, container)
    return bool(by_id or by_name)


def _grown(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    parts: _Parts,
    healable: Collection[ContainerId],
) -> _Parts:
    """Add who would be left behind by healing the others, as far as that is wanted."""
    everybody = request.policy is Policy.WITH_DEPENDENTS
    while True:
        harmed = [e for e in _harmed(snapshot, graph, parts) if not ends(graph, e)]
        by_id = set(_joiners_by_id(graph, parts.recreated))
        along = {e.container for e in harmed if everybody or e.container in healable}
        final = {e.container for e in harmed if _is_final(e)}
        along |= by_id & {*healable}
        recreated = parts.recreated | along & (final | by_id)
        running = frozenset(c for c in along if _runs(graph, c))
        restarted = (parts.restarted | running) - recreated
        grown = _Parts(restarted, recreated)
        if grown == parts:
            return grown
        parts = grown


def _wanted(
    graph: Graph,
    broken: Collection[ContainerId],
    request: Request,
    heirs: Mapping[ContainerId, ContainerId],
) -> tuple[ContainerId, ...]:
    """Return the broken ones that are meant, and the broken ones that they joined.

    So are those that take the place of one that is gone, which they will join.
    """
    if not request.targets:
        return tuple(broken)
    named = set(request.targets)
    for target in request.targets:
        named.update((*graph.dependents(target), *_hops(graph, target)))
    for container in tuple(named & set(broken)):
        named.update(_hops(graph, container))
        named.update(find_stopped_needs(graph, (container,), heirs))
        for hop in _hops(graph, container):
            taking = (heirs.get(gone) for gone in gone_references(graph, hop)[0])
            named.update(c for heir in taking if heir for c in _hops(graph, heir))
    return tuple(c for c in broken if c in named)


def _hops(graph: Graph, container: ContainerId) -> Iterator[ContainerId]:
    """Yield a container and whom it joined, directly or not, of each kind."""
    for kind in NamespaceKind:
        yield from graph.chain(container, kind).hops


def _runs(graph: Graph, container: ContainerId) -> bool:
    return graph.containers[container].state.has_process


def _should_run(graph: Graph, container: ContainerId) -> bool:
    """Tell whether a container runs, or would if it could."""
    subject = graph.containers[container]
    return is_up(subject) or bool(start_error(subject))


def _harmed(snapshot: Snapshot, graph: Graph, parts: _Parts) -> Iterator[Effect]:
    """Yield what healing some does to others, if they are worse off then."""
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


def _on_others(
    snapshot: Snapshot,
    graph: Graph,
    parts: _Parts,
    needed: Collection[ContainerId],
    ended: Collection[Effect],
) -> Iterator[Effect]:
    """Yield what healing does to those it does not act on; throwaways do not count."""
    known = {*parts.restarted, *parts.recreated, *needed}
    known |= {effect.container for effect in ended}
    for effect in _harmed(snapshot, graph, parts):
        if effect.container not in known:
            yield without_harm(graph, effect)


def _is_final(effect: Effect) -> bool:
    return effect.later is EffectLater.MUST_BE_RECREATED


def _joiners_by_id(
    graph: Graph, recreated: Collection[ContainerId]
) -> Iterator[ContainerId]:
    """Yield those whose joins hold the id of one that is replaced."""
    for container in recreated:
        for dependency in graph.users(container):
            if dependency.kind in JOIN_KINDS and not dependency.by_name:
                yield dependency.container


def _new_joins(
    graph: Graph,
    container: ContainerId,
    heirs: Mapping[ContainerId, ContainerId],
    recreated: Collection[ContainerId],
) -> tuple[Join, ...]:
    """Return what the new container joins; one recreated before it goes by its name."""
    joins = []
    for join in graph.containers[container].joins:
        target = graph.resolve(join.reference)
        reference = join.reference
        if target is None:
            target = heirs.get(ContainerId(join.reference))
            reference = target or reference
        if target is not None and target in recreated:
            reference = graph.name(target)
        joins.append(Join(join.kind, reference))
    return tuple(joins)


def _joined_anew(graph: Graph, joins: Mapping[ContainerId, tuple[Join, ...]]) -> Graph:
    return Graph(_rejoined(c, joins.get(c.id)) for c in graph.containers.values())


def _rejoined(container: Container, joins: tuple[Join, ...] | None) -> Container:
    if joins is None or container.inspection is None:
        return container
    return replace(container, inspection=replace(container.inspection, joins=joins))

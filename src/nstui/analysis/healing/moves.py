"""Whom the user moves onto another owner, although what it joined exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.staleness import is_left_behind
from nstui.analysis.succession import why_unfit
from nstui.model.container import Join
from nstui.model.healing import Unhealed
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from nstui.analysis.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.plan import Request
    from nstui.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Moves:
    """What comes of naming containers and their new owner."""

    joins: Mapping[ContainerId, tuple[Join, ...]]
    """Those that are moved, each with all that it joins then."""

    refused: tuple[Unhealed, ...]
    notes: tuple[str, ...]
    """Of those for whom there is nothing to do, as sentences."""


def find_moves(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    broken: Collection[ContainerId],
) -> Moves:
    """Return who of those that the user named has to be moved.

    Those behind one that is gone are not: their new owner takes the place of that one.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        request: Whom the user named, and which new owner.
        broken: Who is not well.

    """
    joins: dict[ContainerId, tuple[Join, ...]] = {}
    refused: list[Unhealed] = []
    notes: list[str] = []
    onto = request.onto
    for container in () if onto is None else request.targets:
        if onto is None or _is_behind_gone(graph, container):
            continue
        if _has_joined(graph, container, onto):
            if container not in broken:
                notes.append(_note(graph, container, onto))
            continue
        old = _to_leave(snapshot, graph, container)
        why = _why_not(graph, container, onto, old)
        if why is not None:
            refused.append(Unhealed(container, graph.name(container), why))
            continue
        joins[container] = tuple(
            Join(join.kind, onto) if join in old else join
            for join in graph.containers[container].joins
        )
    return Moves(joins, tuple(refused), tuple(notes))


def _is_behind_gone(graph: Graph, container: ContainerId) -> bool:
    return any(graph.chain(container, kind).gone for kind in NamespaceKind)


def _has_joined(graph: Graph, container: ContainerId, owner: ContainerId) -> bool:
    """Tell whether all that a container joins itself is one other container."""
    joined = {graph.resolve(j.reference) for j in graph.containers[container].joins}
    return joined == {owner}


def _note(graph: Graph, container: ContainerId, onto: ContainerId) -> str:
    """Say that somebody has joined already whom it should."""
    well = ", and is well" if graph.containers[container].state.has_process else ""
    return f"{graph.name(container)} has joined {graph.name(onto)} already{well}"


def _to_leave(
    snapshot: Snapshot, graph: Graph, container: ContainerId
) -> tuple[Join, ...]:
    """Return the joins to replace: of several those that do not hold any more."""
    joins = graph.containers[container].joins
    targets = {graph.resolve(join.reference) for join in joins}
    if len(targets) == 1:
        return joins
    return tuple(join for join in joins if _is_broken(snapshot, graph, container, join))


def _is_broken(
    snapshot: Snapshot, graph: Graph, container: ContainerId, join: Join
) -> bool:
    target = graph.resolve(join.reference)
    if target is None or not graph.containers[target].state.has_process:
        return True
    runs = graph.containers[container].state.has_process
    return runs and is_left_behind(snapshot, graph, container, target, join.kind)


def _why_not(
    graph: Graph, container: ContainerId, onto: ContainerId, old: tuple[Join, ...]
) -> str | None:
    """Return why a container cannot be moved, if so."""
    subject = graph.containers[container]
    if container == onto:
        return why_unfit(graph, container, onto, ())
    if subject.inspection is None:
        return f"it could not be inspected: {subject.inspection_problem}"
    if not subject.joins:
        return "it has joined no other container"
    unfit = why_unfit(graph, container, onto, [join.kind for join in old])
    if unfit is not None:
        return unfit
    if len({graph.resolve(join.reference) for join in old}) != 1:
        names = ", ".join(_targets(graph, container))
        return f"it has joined {names}: nobody knows whose place is to be taken"
    return None


def _targets(graph: Graph, container: ContainerId) -> Iterator[str]:
    """Yield the names of those that a container joined, each once."""
    found = (graph.resolve(j.reference) for j in graph.containers[container].joins)
    yield from dict.fromkeys(graph.name(one) for one in found if one is not None)

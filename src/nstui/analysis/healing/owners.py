"""Moving containers onto another owner, replacing owners, and what must run for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.ancestry import possible_owners
from nstui.analysis.graph.graph import is_behind_gone, start_needs
from nstui.analysis.plans.outcomes import is_left_behind
from nstui.analysis.succession import (
    find_succession,
    gone_references,
    why_unfit,
)
from nstui.model.container import ContainerId, Join
from nstui.model.frozen import dataclass
from nstui.model.healing import OwnerChoice, Unhealed

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
    from nstui.analysis.succession import Succession
    from nstui.model.plan import Request
    from nstui.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class OwnerChanges:
    """The result of naming containers and their new owner."""

    joins: Mapping[ContainerId, tuple[Join, ...]]
    """The containers to move, each with all its new joins."""

    refused: tuple[Unhealed, ...]
    notes: tuple[str, ...]
    """Sentences about containers that need no change."""


def find_owner_changes(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    broken: Collection[ContainerId],
) -> OwnerChanges:
    """Return which named containers must be moved.

    Dependents of a container that is gone are not moved: their new owner replaces that
    one.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        request: The named containers and their new owner.
        broken: The containers that have findings.

    """
    joins: dict[ContainerId, tuple[Join, ...]] = {}
    refused: list[Unhealed] = []
    notes: list[str] = []
    onto = request.onto
    for container in () if onto is None else request.targets:
        if onto is None or is_behind_gone(graph, container):
            continue
        if _has_joined(graph, container, onto):
            if container not in broken:
                notes.append(_already_joined_note(graph, container, onto))
            continue
        old = _joins_to_replace(snapshot, graph, container)
        why = _why_immovable(graph, container, onto, old)
        if why is not None:
            refused.append(Unhealed(container, graph.name(container), why))
            continue
        joins[container] = tuple(
            Join(join.kind, onto) if join in old else join
            for join in graph.containers[container].joins
        )
    return OwnerChanges(joins, tuple(refused), tuple(notes))


def _has_joined(graph: Graph, container: ContainerId, owner: ContainerId) -> bool:
    """Tell whether a container's own joins all lead to one other container."""
    joined = {graph.resolve(j.reference) for j in graph.containers[container].joins}
    return joined == {owner}


def _already_joined_note(
    graph: Graph, container: ContainerId, onto: ContainerId
) -> str:
    """Return that a container has already joined the wanted owner."""
    well = ", and is running" if graph.runs(container) else ""
    return f"{graph.name(container)} has joined {graph.name(onto)} already{well}"


def _joins_to_replace(
    snapshot: Snapshot, graph: Graph, container: ContainerId
) -> tuple[Join, ...]:
    """Return the joins to replace; if there are several, those that are broken."""
    joins = graph.containers[container].joins
    targets = {graph.resolve(join.reference) for join in joins}
    if len(targets) == 1:
        return joins
    return tuple(join for join in joins if _is_broken(snapshot, graph, container, join))


def _is_broken(
    snapshot: Snapshot, graph: Graph, container: ContainerId, join: Join
) -> bool:
    target = graph.resolve(join.reference)
    if target is None or not graph.runs(target):
        return True
    runs = graph.runs(container)
    return runs and is_left_behind(snapshot, graph, container, target, join.kind)


def _why_immovable(
    graph: Graph, container: ContainerId, onto: ContainerId, old: tuple[Join, ...]
) -> str | None:
    """Return why a container cannot be moved; None if it can."""
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
        names = ", ".join(_joined_names(graph, container))
        return f"it has joined {names}: which of them to replace is unknown"
    return None


def _joined_names(graph: Graph, container: ContainerId) -> Iterator[str]:
    """Yield the names of the containers that a container joined, each once."""
    found = (graph.resolve(j.reference) for j in graph.containers[container].joins)
    yield from dict.fromkeys(graph.name(one) for one in found if one is not None)


def find_successions(
    snapshot: Snapshot, graph: Graph, request: Request, broken: Collection[ContainerId]
) -> tuple[Succession, ...]:
    """Return what is known of each container that is gone and that broken ones joined.

    A container that was joined by name can be created again; it has a replacement only
    if the user names one.
    """
    left: dict[ContainerId, list[ContainerId]] = {}
    for container in broken:
        by_id, by_name = gone_references(graph, container)
        named = map(ContainerId, by_name) if request.onto is not None else ()
        for gone in (*by_id, *named):
            left.setdefault(gone, []).append(container)
    return tuple(
        find_succession(snapshot, graph, request, gone, tuple(joined_by))
        for gone, joined_by in left.items()
    )


def find_unproven(
    successions: Iterable[Succession], graph: Graph
) -> tuple[ContainerId, ...]:
    """Return the left-behind containers for which compose could name the new owner."""
    found = dict.fromkeys(
        container
        for succession in successions
        if not succession.proven or succession.may_be_denied
        for container in succession.joined_by
    )
    services = ((c, graph.containers[c].compose) for c in found)
    return tuple(c for c, s in services if s is not None and not s.is_oneoff)


def has_lost_service(graph: Graph) -> bool:
    """Tell whether a service of compose has joined a container that is gone.

    Where none has, `find_unproven` finds none.
    """
    return any(
        one.compose is not None
        and not one.compose.is_oneoff
        and any(gone_references(graph, one.id))
        for one in graph.containers.values()
    )


def find_choices(
    successions: Iterable[Succession], graph: Graph
) -> Iterator[OwnerChoice]:
    """Yield a question for each container that is gone and has no replacement."""
    for succession in successions:
        if succession.successor is not None or succession.is_said:
            continue
        known = succession.gone_name if succession.is_known else ""
        candidates = succession.candidates or possible_owners(
            graph, succession.joined_by, known
        )
        if candidates:
            yield OwnerChoice(
                gone=succession.gone,
                gone_name=succession.gone_name,
                needed_by=tuple(graph.name(c) for c in succession.joined_by),
                candidates=tuple(
                    (c.container, graph.name(c.container)) for c in candidates
                ),
                fits=bool(succession.candidates),
                why=tuple(candidate.why for candidate in candidates),
            )


def find_needs(
    graph: Graph,
    container: ContainerId,
    replacements: Mapping[ContainerId, ContainerId],
) -> Iterator[ContainerId]:
    """Yield the containers that a container itself needs, or will once it is recreated.

    Args:
        graph: The dependencies.
        container: The container that is to run.
        replacements: The replacement of each container that is gone.

    """
    for dependency in start_needs(graph, container):
        if dependency.target is not None:
            yield dependency.target
        else:
            replacement = replacements.get(ContainerId(dependency.reference))
            if replacement is not None:
                yield replacement


def find_stopped_needs(
    graph: Graph,
    containers: Iterable[ContainerId],
    replacements: Mapping[ContainerId, ContainerId],
) -> tuple[ContainerId, ...]:
    """Return the stopped containers that others need, directly or not."""
    found: dict[ContainerId, None] = {}
    queue = list(containers)
    for container in queue:
        for need in find_needs(graph, container, replacements):
            if need not in found and not graph.runs(need):
                found[need] = None
                queue.append(need)
    return tuple(found)

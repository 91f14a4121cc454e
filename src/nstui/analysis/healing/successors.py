"""The successions that healing needs, and the questions that they leave open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.candidates import possible_owners
from nstui.analysis.succession import (
    find_succession,
    gone_references,
)
from nstui.model.container import ContainerId
from nstui.model.healing import OwnerChoice

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from nstui.analysis.graph import Graph
    from nstui.analysis.succession import Succession
    from nstui.model.plan import Request
    from nstui.model.snapshot import Snapshot


def find_successions(
    snapshot: Snapshot, graph: Graph, request: Request, broken: Collection[ContainerId]
) -> tuple[Succession, ...]:
    """Return what is known of each one that is gone and that broken ones joined.

    One that was joined by name can be created again; it has a successor only if the
    user names one.
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
    """Return those left behind of whom compose could tell whom they should join."""
    found = dict.fromkeys(
        container
        for succession in successions
        if not succession.proven or succession.may_be_denied
        for container in succession.joined_by
    )
    services = ((c, graph.containers[c].compose) for c in found)
    return tuple(c for c, s in services if s is not None and not s.is_oneoff)


def find_choices(
    successions: Iterable[Succession], graph: Graph
) -> Iterator[OwnerChoice]:
    """Yield a question for each one that is gone and has no successor."""
    for succession in successions:
        if succession.successor is not None or succession.is_said:
            continue
        candidates = succession.candidates or possible_owners(
            graph, succession.joined_by
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

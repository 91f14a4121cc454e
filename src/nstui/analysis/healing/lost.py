"""Whom healing cannot help, and what is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.healing.barred import find_managed, find_unremovable
from nstui.analysis.healing.needs import find_needs, find_stopped_needs
from nstui.analysis.healing.successors import gone_references
from nstui.analysis.startable import HALF_REMOVED
from nstui.model.container import ContainerState
from nstui.model.healing import Unhealed

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from nstui.analysis.graph import Graph
    from nstui.analysis.healing.successors import Succession
    from nstui.model.container import ContainerId
    from nstui.model.snapshot import Snapshot


def find_lost(
    snapshot: Snapshot,
    graph: Graph,
    wanted: Collection[ContainerId],
    successions: Collection[Succession],
) -> tuple[Unhealed, ...]:
    """Return who stays broken, each with the reason nearest to it."""
    by_gone = {succession.gone: succession for succession in successions}
    heirs = {s.gone: s.successor for s in successions if s.successor is not None}
    managed = find_managed(snapshot, graph, wanted, heirs)
    reasons = {**find_unremovable(snapshot, graph, wanted), **managed}
    for container in wanted:
        if container in reasons:
            continue
        reason = _own_reason(graph, container, by_gone, heirs)
        if reason is not None:
            reasons[container] = reason
    left = [c for c in wanted if c not in reasons]
    while True:
        followers = {c: _followed(graph, c, heirs, reasons) for c in left}
        more = {c: joined for c, joined in followers.items() if joined is not None}
        if not more:
            break
        for container, joined in more.items():
            reasons[container] = f"it joined {graph.name(joined)}, which stays broken"
        left = [c for c in left if c not in more]
    return tuple(
        Unhealed(
            container,
            graph.name(container),
            reasons[container],
            needs_decision=container in managed,
        )
        for container in wanted
        if container in reasons
    )


def _own_reason(
    graph: Graph,
    container: ContainerId,
    by_gone: Mapping[ContainerId, Succession],
    heirs: Mapping[ContainerId, ContainerId],
) -> str | None:
    """Return why one container itself cannot be healed."""
    by_id, by_name = gone_references(graph, container)
    subject = graph.containers[container]
    if subject.inspection is None and by_id:
        return f"it could not be inspected: {subject.inspection_problem}"
    if by_name:
        return f"it joins {by_name[0]} by name: {_again(by_name)}"
    for gone in by_id:
        reason = _no_successor(graph, container, by_gone[gone])
        if reason is not None:
            return reason
    return _cannot_start(graph, container, heirs)


def _no_successor(
    graph: Graph, container: ContainerId, succession: Succession
) -> str | None:
    name = succession.gone_name
    if succession.successor is not None:
        return _unfit(graph, container, succession.successor)
    if succession.candidates:
        names = ", ".join(sorted(graph.name(c) for c in succession.candidates))
        return f"{names} could each be its new owner: choose one with --onto"
    if succession.is_known:
        return (
            f"{name} no longer exists and nothing has taken its place: create"
            f" {name} again, or name its new owner with --onto"
        )
    return (
        f"nobody knows what the {name} it joined was called: name its new owner with"
        " --onto"
    )


def _unfit(graph: Graph, container: ContainerId, successor: ContainerId) -> str | None:
    """Return why somebody cannot be the new owner of a container, if so."""
    if successor == container or successor in graph.dependents(container):
        return f"{graph.name(successor)} depends on it, so it cannot be its new owner"
    return _state_reason(graph, successor)


def _cannot_start(
    graph: Graph, container: ContainerId, heirs: Mapping[ContainerId, ContainerId]
) -> str | None:
    """Return why one that a container needs cannot be started, if it has to be."""
    for need in find_stopped_needs(graph, (container,), heirs):
        _, by_name = gone_references(graph, need)
        if by_name:
            return f"{graph.name(need)} joins {by_name[0]} by name: {_again(by_name)}"
        reason = _state_reason(graph, need)
        if reason is not None:
            return reason
    return None


def _again(names: tuple[str, ...]) -> str:
    return f"create {names[0]} again"


def _state_reason(graph: Graph, container: ContainerId) -> str | None:
    subject = graph.containers[container]
    if subject.state is ContainerState.RESTARTING:
        return f"{subject.name} keeps exiting and being restarted: mend that first"
    if subject.state in HALF_REMOVED:
        return f"{subject.name} is {subject.state}: it cannot be started any more"
    return None


def _followed(
    graph: Graph,
    container: ContainerId,
    heirs: Mapping[ContainerId, ContainerId],
    lost: Collection[ContainerId],
) -> ContainerId | None:
    """Return whom a container joined, or shall join, that stays broken, if anybody."""
    direct = tuple(find_needs(graph, container, heirs))
    needs = (*direct, *find_stopped_needs(graph, (container,), heirs))
    return next((need for need in needs if need in lost), None)

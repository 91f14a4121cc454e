"""Who has taken the place of a container that no longer exists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.graph import JOIN_KINDS
from nstui.analysis.groups import uses_host
from nstui.model.container import ContainerId, short_id
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container
    from nstui.model.plan import Request
    from nstui.model.snapshot import Ancestor, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Succession:
    """A container that is gone, and what is known of who could stand in for it."""

    gone: ContainerId
    gone_name: str
    """Its name, or the beginning of its id if nobody knows the name."""

    is_known: bool
    """Whether `gone_name` is a name."""

    joined_by: tuple[ContainerId, ...]
    candidates: tuple[ContainerId, ...]

    @property
    def successor(self) -> ContainerId | None:
        """Who takes its place, if that is beyond doubt."""
        return self.candidates[0] if len(self.candidates) == 1 else None


def find_succession(
    snapshot: Snapshot,
    graph: Graph,
    request: Request,
    gone: ContainerId,
    joined_by: tuple[ContainerId, ...],
) -> Succession:
    """Return who could take the place of one that is gone.

    What the user says decides. Then the name it had; then the service that it was of
    its compose project, or those that the ones left behind say they depend on.

    Args:
        snapshot: What is known, of those that are gone too.
        graph: Who depends on whom.
        request: What the user said.
        gone: Who no longer exists.
        joined_by: Those that joined it.

    """
    ancestor = snapshot.ancestors.get(gone)
    said = dict(request.chosen).get(gone, request.onto)
    possible = _possible(graph, joined_by)
    if said is not None:
        candidates = [said]
    elif ancestor is not None and graph.resolve(ancestor.name) in possible:
        candidates = [c for c in possible if graph.name(c) == ancestor.name]
    else:
        services = _services(graph, ancestor, joined_by)
        candidates = [c for c in possible if _is_of(graph.containers[c], services)]
    return Succession(
        gone=gone,
        gone_name=short_id(gone) if ancestor is None else ancestor.name,
        is_known=ancestor is not None,
        joined_by=joined_by,
        candidates=tuple(candidates),
    )


def possible_owners(graph: Graph, succession: Succession) -> tuple[ContainerId, ...]:
    """Return who runs in a network of its own and was not left behind."""
    return tuple(
        container
        for container in _possible(graph, succession.joined_by)
        if graph.containers[container].state.has_process
        and not graph.containers[container].joins
        and graph.containers[container].networks
        and not uses_host(graph.containers[container], NamespaceKind.NET)
    )


def _possible(graph: Graph, joined_by: Iterable[ContainerId]) -> list[ContainerId]:
    """Return everybody but those that were left behind, and who depends on them."""
    lost = set(joined_by)
    for container in joined_by:
        lost.update(graph.dependents(container))
    return [c for c in graph.containers if c not in lost]


def _services(
    graph: Graph, ancestor: Ancestor | None, joined_by: Iterable[ContainerId]
) -> set[tuple[str, str]]:
    """Return the projects and services of which the one that is gone can have been."""
    if ancestor is not None and ancestor.compose is not None:
        return {(ancestor.compose.project, ancestor.compose.service)}
    declared = []
    for container in joined_by:
        compose = graph.containers[container].compose
        if compose is not None and compose.depends_on:
            declared.append({(compose.project, one) for one in compose.depends_on})
    return set.intersection(*declared) if declared else set()


def _is_of(container: Container, services: Collection[tuple[str, str]]) -> bool:
    """Tell whether a container is of a service and has namespaces of its own."""
    compose = container.compose
    if compose is None or (compose.project, compose.service) not in services:
        return False
    return not container.joins


def gone_references(
    graph: Graph, container: ContainerId
) -> tuple[tuple[ContainerId, ...], tuple[str, ...]]:
    """Return what a container itself joined and what no longer exists.

    Returns:
        Those it joined by id, which never come back; and those by name, which can be
        created again.

    """
    missing = [
        dependency
        for dependency in graph.dependencies(container)
        if dependency.kind in JOIN_KINDS and dependency.target is None
    ]
    by_id = dict.fromkeys(ContainerId(d.reference) for d in missing if not d.by_name)
    by_name = dict.fromkeys(d.reference for d in missing if d.by_name)
    return tuple(by_id), tuple(by_name)

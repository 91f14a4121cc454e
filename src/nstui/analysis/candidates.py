"""Who could take the place of a container that no longer exists, without proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.groups import uses_host
from nstui.analysis.replacing import containers_of
from nstui.model.container import ComposeService
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.snapshot import Ancestor

NO_NETWORK = "none"


@dataclass(frozen=True, slots=True)
class Candidate:
    """A container that could take the place of one that is gone."""

    container: ContainerId
    why: str
    """What speaks for it, as a sentence in which it is called "it"."""


def find_hinted(
    graph: Graph,
    ancestor: Ancestor | None,
    left_behind: tuple[ContainerId, ...],
    resolved: Iterable[Candidate] = (),
) -> Iterator[Candidate]:
    """Yield those for whom something speaks that is no proof.

    Args:
        graph: Who there is.
        ancestor: What is known of the one that is gone.
        left_behind: Those that joined it.
        resolved: Whom compose would have them join today.

    """
    possible = [c for c in _possible(graph, left_behind) if _is_own(graph, c)]
    hints: dict[ContainerId, dict[str, None]] = {}
    for name in () if ancestor is None else ancestor.earlier:
        for one in called(graph, name):
            why = "it has a name that the one that is gone had before it was renamed"
            hints.setdefault(one, {})[why] = None
    for candidate in resolved:
        hints.setdefault(candidate.container, {})[candidate.why] = None
    for container in left_behind:
        for one in _needed(graph, container):
            why = f"{graph.name(container)} says that it depends on it"
            hints.setdefault(one, {})[why] = None
    found = [one for one in possible if one in hints]
    # What all that were left behind say is likelier than what one of them says.
    most = max((len(hints[one]) for one in found), default=0)
    for one in found:
        if len(hints[one]) == most:
            yield Candidate(one, "; ".join(hints[one]))


def possible_owners(
    graph: Graph, left_behind: Iterable[ContainerId]
) -> tuple[Candidate, ...]:
    """Return who runs in a network of its own and was not left behind."""
    found = [
        container
        for container in _possible(graph, left_behind)
        if graph.containers[container].state.has_process
        and _is_own(graph, container)
        and set(graph.containers[container].networks) - {NO_NETWORK}
    ]
    only = "is the only one that " if len(found) == 1 else ""
    why = f"it {only}runs in a network of its own"
    return tuple(Candidate(container, why) for container in found)


def _is_own(graph: Graph, container: ContainerId) -> bool:
    """Tell whether a container has joined nobody and is not in the host's network."""
    subject = graph.containers[container]
    return not subject.joins and not uses_host(subject, NamespaceKind.NET)


def _possible(graph: Graph, left_behind: Iterable[ContainerId]) -> list[ContainerId]:
    """Return everybody but those that were left behind, and who depends on them."""
    lost = set(left_behind)
    for container in left_behind:
        lost.update(graph.dependents(container))
    return [c for c in graph.containers if c not in lost]


def called(graph: Graph, name: str) -> Iterator[ContainerId]:
    """Yield the container of a name; what resolves to it otherwise does not count."""
    found = graph.resolve(name)
    if found is not None and graph.name(found) == name:
        yield found


def serving(graph: Graph, service: ComposeService) -> tuple[ContainerId, ...]:
    """Return the containers of a service, without those that ``compose run`` left."""
    found = containers_of(graph.containers.values(), service)
    return tuple(container.id for container in found)


def _needed(graph: Graph, container: ContainerId) -> Iterator[ContainerId]:
    """Yield the containers of the services that a container's labels name."""
    compose = graph.containers[container].compose
    if compose is not None:
        for service in compose.depends_on:
            yield from serving(graph, ComposeService(compose.project, service))

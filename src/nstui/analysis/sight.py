"""What a plan could not look at, so that somebody may be harmed unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.outcomes import owns
from nstui.model.namespace import NamespaceKind, NamespacesRead

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.snapshot import Snapshot

_NET = NamespaceKind.NET


def find_blind_spots(
    snapshot: Snapshot, graph: Graph, ended: Collection[ContainerId]
) -> tuple[str, ...]:
    """Return what is not known of the namespaces that end, as sentences.

    Nothing is missing where no namespace ends, or where nobody else runs.
    """
    ending = [c for c in ended if graph.containers[c].state.has_process]
    others = [
        container
        for container in snapshot.containers
        if container.state.has_process and container.id not in ended
    ]
    if not ending or not others:
        return ()
    return tuple(_blind_spots(snapshot, others))


def _blind_spots(snapshot: Snapshot, others: list[Container]) -> Iterator[str]:
    why = f": {snapshot.host.note}" if snapshot.host.note else ""
    match snapshot.namespaces_read:
        case NamespacesRead.DECLARED:
            yield (
                "only what is declared could be read, so who shares a namespace without"
                f" declaring it is not known{why}"
            )
        case NamespacesRead.FINGERPRINT:
            yield (
                "who shares a network was seen in the kernel; who shares a pid or ipc"
                f" namespace is known by what is declared{why}"
            )
        case _:
            unread = [c.name for c in others if snapshot.namespace(c.id, _NET) is None]
            if unread:
                names = ", ".join(sorted(unread))
                yield f"could not read the namespaces of {names}"


def find_unplaced(
    snapshot: Snapshot,
    graph: Graph,
    ended: Collection[ContainerId],
    acted_on: Collection[ContainerId],
) -> tuple[str, ...]:
    """Return who may be in a namespace that ends, and where it is could not be read.

    What it joined is called so no more, or is gone: it may be in the namespace of any
    container that ran when it was started.
    """
    return tuple(
        sorted(
            container.name
            for container in snapshot.containers
            if container.id not in acted_on and container.state.has_process
            if any(
                _may_end(graph, graph.containers[owner], container, kind)
                for kind in _adrift(snapshot, graph, container)
                for owner in ended
            )
        )
    )


def _adrift(
    snapshot: Snapshot, graph: Graph, container: Container
) -> Iterator[NamespaceKind]:
    """Yield the kinds in which nobody knows whose namespace a container is in."""
    for kind in NamespaceKind:
        is_unread = snapshot.namespace(container.id, kind) is None
        if is_unread and graph.chain(container.id, kind).gone is not None:
            yield kind


def _may_end(
    graph: Graph, owner: Container, dependent: Container, kind: NamespaceKind
) -> bool:
    return (
        owner.state.has_process
        and owns(graph, owner.id, kind)
        and _ran_before(owner, dependent)
    )


def _ran_before(owner: Container, dependent: Container) -> bool:
    """Tell whether one may have run when another was started."""
    first, then = owner.inspection, dependent.inspection
    if first is None or first.started_at is None:
        return True
    if then is None or then.started_at is None:
        return True
    return first.started_at <= then.started_at

"""Who is broken in the sense of healing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.findings import find_findings
from nstui.analysis.healing.failed import is_worth_a_start
from nstui.analysis.jobs import is_failed_job
from nstui.analysis.uplinks import (
    forgets_networks,
    has_only_loopback,
    is_attached,
    is_network_gone,
    made_for,
)
from nstui.model.finding import FindingCode, Severity
from nstui.model.healing import Unhealed
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.finding import Finding
    from nstui.model.snapshot import Snapshot

HEALABLE = frozenset(
    {
        FindingCode.NO_UPLINK,
        FindingCode.STALE_JOIN,
        FindingCode.OWNER_GONE,
        FindingCode.OWNER_STOPPED,
        FindingCode.START_FAILED,
    }
)
"""What healing starts, restarts and recreates for; `find_torn` says whether it does."""


def find_broken(
    snapshot: Snapshot, graph: Graph, named: Collection[ContainerId] = ()
) -> dict[ContainerId, None]:
    """Return who is torn from what it joined, could not be started, or has no network.

    Who merely does not run is not broken. Some are only if they are named: a job that
    has ended by itself, since its log and its exit code would go; one that could not be
    started for another reason than whom it joined, since nothing says that it would
    now; and one that was taken off its network, since that may have been on purpose.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        named: Whom the user named.

    """
    torn = find_torn(snapshot, graph, named)
    detached = find_detached(snapshot, graph, named)
    return {c: None for c in graph.containers if c in torn or c in detached}


def find_torn(
    snapshot: Snapshot, graph: Graph, named: Collection[ContainerId] = ()
) -> frozenset[ContainerId]:
    """Return those of the broken who are to be started, restarted or recreated."""
    return frozenset(
        finding.container
        for finding in find_findings(snapshot, graph)
        if finding.code in HEALABLE and _is_healed(snapshot, finding, named, graph)
    )


def find_detached(
    snapshot: Snapshot, graph: Graph, named: Collection[ContainerId] = ()
) -> frozenset[ContainerId]:
    """Return those of the broken who are to be attached to a network again.

    Unasked only where the engine forgets networks, and of one that publishes ports: a
    taken port is why it does, and what is taken off its network on purpose seldom does.
    """
    meant = _with_owners(graph, named)
    return frozenset(
        container.id
        for container in _without_network(snapshot, graph)
        if not is_network_gone(snapshot, container)
        and (
            container.id in meant
            or (forgets_networks(snapshot.engine) and _publishes(container))
        )
    )


def find_unsure(
    snapshot: Snapshot, graph: Graph, named: Collection[ContainerId]
) -> Iterator[Unhealed]:
    """Yield whom the engine may have taken off a network, or somebody on purpose.

    Of those whom the user named it is those whose network is gone.
    """
    meant = _with_owners(graph, named)
    for container in _without_network(snapshot, graph):
        if named and container.id not in meant:
            continue
        name, network = container.name, made_for(snapshot.engine, container)
        if is_network_gone(snapshot, container):
            reason = f"the network {network} no longer exists: create it again"
            yield Unhealed(container.id, name, reason)
        elif container.id not in find_detached(snapshot, graph, named):
            reason = (
                "it is attached to no network, perhaps on purpose: name it, to have it"
                f" attached to {network}"
            )
            yield Unhealed(container.id, name, reason, needs_decision=True)


def _without_network(snapshot: Snapshot, graph: Graph) -> Iterator[Container]:
    for container in graph.containers.values():
        lacks = made_for(snapshot.engine, container)
        if lacks and has_only_loopback(snapshot, container):
            yield container


def _with_owners(
    graph: Graph, named: Collection[ContainerId]
) -> frozenset[ContainerId]:
    """Return those whom the user named, and whose networks they are in."""
    chains = (graph.chain(container, NamespaceKind.NET) for container in named)
    return frozenset(hop for chain in chains for hop in chain.hops)


def _publishes(container: Container) -> bool:
    return container.inspection is not None and container.inspection.publishes


def _is_job(graph: Graph, finding: Finding) -> bool:
    """Tell whether one whose owner is gone has ended by itself, well or not."""
    subject = graph.containers[finding.container]
    return finding.severity is Severity.NOTICE or is_failed_job(graph, subject)


def _is_elsewhere(snapshot: Snapshot, container: ContainerId) -> bool:
    """Tell whether a container's process has left the network that it was given."""
    given = snapshot.host.kept.get(container)
    here = snapshot.namespace(container, NamespaceKind.NET)
    return given is not None and here is not None and given != here


def _is_healed(
    snapshot: Snapshot, finding: Finding, named: Collection[ContainerId], graph: Graph
) -> bool:
    """Tell whether healing is about a finding, of a code that it can be about."""
    container = finding.container
    match finding.code:
        case FindingCode.OWNER_STOPPED:
            return graph.containers[container].state.has_process
        case FindingCode.OWNER_GONE:
            return container in named or not _is_job(graph, finding)
        case FindingCode.NO_UPLINK:
            # Its interface is gone: a start makes a new one. Who is not attached to a
            # network would have none then either.
            return is_attached(graph, container) and not _is_elsewhere(
                snapshot, container
            )
        case FindingCode.START_FAILED:
            return is_worth_a_start(graph, container) or container in named
    return True

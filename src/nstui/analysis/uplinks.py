"""Who should have a network and has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.mending import bring_back
from nstui.model.finding import Finding, FindingCode, Severity
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from nstui.analysis.graph import Graph
    from nstui.model.container import Container
    from nstui.model.snapshot import Snapshot

LOOPBACK = "lo"
NO_NETWORK = "none"
"""Both the network mode and the network of a container that wants none."""


def lacks_uplink(snapshot: Snapshot, graph: Graph, container: Container) -> bool:
    """Tell whether a container that should have a network sees only loopback.

    Whether it should is its owner's declaration: attached to a network other than
    ``none``. One detached from every network on purpose is left alone.
    """
    interfaces = snapshot.interfaces(container.id)
    if interfaces is None or not container.state.has_process:
        return False
    owner = graph.chain(container.id, NamespaceKind.NET).owner
    if owner is None:
        return False
    networks = set(graph.containers[owner].networks) - {NO_NETWORK, "host"}
    return bool(networks) and set(interfaces) <= {LOOPBACK}


def no_uplink(snapshot: Snapshot, graph: Graph, container: Container) -> Finding:
    """Return that a container that should have a network sees only loopback."""
    # The network is the owner's: it comes back with it, and all who joined it rejoin.
    hops = graph.chain(container.id, NamespaceKind.NET).hops
    cure = bring_back(snapshot, graph, hops)
    return Finding(
        code=FindingCode.NO_UPLINK,
        severity=Severity.ERROR,
        container=container.id,
        message="has no network interface but lo, though it is attached to a network",
        remedy=cure.text,
        is_command=cure.is_command,
    )

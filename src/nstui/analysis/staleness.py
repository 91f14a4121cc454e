"""Whether a container is still in the namespace it joined."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.analysis.graph import Chain, Graph
    from nstui.model.container import ContainerId
    from nstui.model.namespace import NamespaceKind
    from nstui.model.snapshot import Snapshot


def stale_hops(
    snapshot: Snapshot, graph: Graph, chain: Chain, kind: NamespaceKind
) -> tuple[ContainerId, ...]:
    """Return who must be restarted for the first of a chain to be with its owner again.

    That is the container itself and those on its way, up to the last one that is in
    another namespace than what it joined: the one nearest to the owner first. It is
    empty if all are where they should be, or nothing says that they are not.
    """
    left = [
        number
        for number, (container, joined) in enumerate(pairwise(chain.hops), start=1)
        if is_left_behind(snapshot, graph, container, joined, kind)
    ]
    return tuple(reversed(chain.hops[: left[-1]])) if left else ()


def is_left_behind(
    snapshot: Snapshot,
    graph: Graph,
    container: ContainerId,
    joined: ContainerId,
    kind: NamespaceKind,
) -> bool:
    """Tell whether a container is in another namespace than the one it joined.

    The kernel's word decides. Where it cannot be had, the order of the starts does:
    a namespace is made anew at each start of its owner, and a join needs a running
    owner, so a dependent that started earlier is in an older namespace.
    """
    here = snapshot.namespace(container, kind)
    there = snapshot.namespace(joined, kind)
    if here is not None and there is not None:
        return here != there
    mine = graph.containers[container].inspection
    theirs = graph.containers[joined].inspection
    if mine is None or mine.started_at is None:
        return False
    if theirs is None or theirs.started_at is None:
        return False
    return mine.started_at < theirs.started_at

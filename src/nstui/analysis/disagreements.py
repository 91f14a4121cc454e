"""Where the runtime and the mounts contradict what the engine declares.

Where the kernel contradicts the engine there is a finding: `nstui.analysis.findings`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.container import short_id
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.evidence import Evidence, RuntimeJoin
    from nstui.model.snapshot import MountedFile


def find_disagreements(
    graph: Graph, container: ContainerId, evidence: Evidence | None
) -> tuple[str, ...]:
    """Return a sentence for each contradiction; nothing is said of what is unread.

    Args:
        graph: What the engine declares.
        container: Of whom.
        evidence: What its runtime was told, and what is mounted into it.

    """
    if evidence is None:
        return ()
    found: list[str | None] = []
    if evidence.joins is not None:
        told = {join.kind: join for join in evidence.joins}
        found += [_in_runtime(graph, container, k, told.get(k)) for k in NamespaceKind]
    found.append(_in_files(graph, container, evidence.files or ()))
    return tuple(sentence for sentence in found if sentence is not None)


def _in_runtime(
    graph: Graph, container: ContainerId, kind: NamespaceKind, told: RuntimeJoin | None
) -> str | None:
    declared = graph.join(container, kind)
    if declared is None:
        if told is None or told.container is None or told.container == container:
            return None
        return (
            f"the runtime was told to join the {kind} namespace of"
            f" {_name(graph, told.container)}, which the engine does not declare"
        )
    target = declared.target
    pid = None if target is None else graph.containers[target].pid
    if target is None or pid is None:
        # Nothing that it was told could lead there any more.
        return None
    name = graph.name(target)
    if told is None:
        return (
            f"the runtime was told to make a new {kind} namespace; the engine declares"
            f" that it joined {name}"
        )
    if told.pid is None or (told.is_there and told.container in {None, target}):
        return None
    whose = "which has ended"
    if told.is_there and told.container is not None:
        whose = f"which is {_name(graph, told.container)}'s"
    return (
        f"the runtime was told to join the {kind} namespace of process {told.pid},"
        f" {whose}; {name} is process {pid}"
    )


def _in_files(
    graph: Graph, container: ContainerId, files: Iterable[MountedFile]
) -> str | None:
    """Return that it sees the files of others than those in the network it joined."""
    chain = graph.chain(container, NamespaceKind.NET)
    if chain.owner is None:
        return None
    others = {
        file.name: file.belongs_to
        for file in files
        if file.belongs_to is not None and file.belongs_to not in chain.hops
    }
    if not others:
        return None
    whose = " and ".join(_name(graph, c) for c in dict.fromkeys(others.values()))
    return (
        f"its {', '.join(others)} came from {whose}; its network is that of"
        f" {graph.name(chain.owner)}"
    )


def _name(graph: Graph, container: ContainerId) -> str:
    """Return what a container is called, or its id if the engine does not know it."""
    return (
        graph.name(container) if container in graph.containers else short_id(container)
    )

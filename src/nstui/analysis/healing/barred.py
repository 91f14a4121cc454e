"""Whom healing must not touch, for something else manages it or the engine refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.healing.needs import find_stopped_needs
from nstui.analysis.managed import why_left_alone
from nstui.analysis.managers import successor_of
from nstui.analysis.podman import PODMAN, joined_by, only_after
from nstui.analysis.remedies import command
from nstui.analysis.succession import gone_references

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from nstui.analysis.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.snapshot import Snapshot


def find_managed(
    snapshot: Snapshot,
    graph: Graph,
    wanted: Collection[ContainerId],
    heirs: Mapping[ContainerId, ContainerId],
) -> Mapping[ContainerId, str]:
    """Return who is left to a manager, or needs one to be started that is; and why.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        wanted: Whom to heal.
        heirs: Who takes the place of each one that is gone.

    """
    why = why_left_alone(snapshot, graph, command(snapshot.engine))
    found = {}
    for container in wanted if why else ():
        if container in why:
            found[container] = f"it {why[container]}"
            continue
        for need in find_stopped_needs(graph, (container,), heirs):
            if need in why and need not in heirs:
                heir = successor_of(graph, graph.containers[need])
                choice = "" if heir is None else ": name its new owner with --onto"
                found[container] = f"{graph.name(need)} {why[need]}{choice}"
                break
    return found


def find_unremovable(
    snapshot: Snapshot, graph: Graph, wanted: Collection[ContainerId]
) -> Mapping[ContainerId, str]:
    """Return whom Podman lets nobody replace, since others joined them; and why."""
    found = {}
    for container in wanted if snapshot.engine.name == PODMAN else ():
        left = joined_by(graph, container)
        if left and gone_references(graph, container)[0]:
            found[container] = f"it cannot be replaced: {only_after('it', left)}"
    return found

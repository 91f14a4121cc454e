"""Those that could not be started, and whether healing may start them now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.failed_starts import (
    is_about_a_need,
    is_cause_gone,
    start_error,
)
from nstui.analysis.healing.needs import find_stopped_needs
from nstui.analysis.loops import is_looping
from nstui.analysis.order import is_up
from nstui.analysis.startable import needed_by
from nstui.analysis.succession import gone_references
from nstui.model.healing import Unhealed
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from nstui.analysis.graph import Graph
    from nstui.model.container import ContainerId
    from nstui.model.snapshot import Snapshot


def is_worth_a_start(graph: Graph, container: ContainerId) -> bool:
    """Tell whether a container that could not be started is healing's to start.

    That is so if it waits for what it joined, or if its cause is known to be gone.
    Whether something else has been mended only somebody knows who names it.
    """
    error = start_error(graph.containers[container])
    return is_about_a_need(error) or is_cause_gone(graph, container)


def find_held_up(
    snapshot: Snapshot,
    graph: Graph,
    broken: Collection[ContainerId],
    heirs: Mapping[ContainerId, ContainerId],
    named: Collection[ContainerId],
) -> tuple[Unhealed, ...]:
    """Return who needs one that keeps exiting, or that nothing says should run.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        broken: Those that healing could help otherwise.
        heirs: Who takes the place of each one that is gone.
        named: Whom the user named.

    """
    looping = {one.container: one for one in _looping(snapshot, graph, broken)}
    left = [c for c in broken if c not in looping]
    refused = {
        container.id: None
        for container in graph.containers.values()
        if start_error(container)
        and container.id not in named
        and not is_worth_a_start(graph, container.id)
        # One whose owner is gone is made anew.
        and not gone_references(graph, container.id)[0]
    }
    hopeless = tuple(_hopeless(graph, left, heirs, refused))
    lost = {one.container for one in hopeless}
    left = [container for container in left if container not in lost]
    wanted = {*named, *find_stopped_needs(graph, named, heirs)}
    waiting = _waiting(graph, left, heirs, wanted)
    return (*looping.values(), *hopeless, *waiting)


def _hopeless(
    graph: Graph,
    broken: Collection[ContainerId],
    heirs: Mapping[ContainerId, ContainerId],
    refused: Collection[ContainerId],
) -> Iterator[Unhealed]:
    """Yield who needs one that would be refused again, as nobody has mended that."""
    for container in broken:
        chains = (graph.chain(container, kind) for kind in NamespaceKind)
        hops = dict.fromkeys(hop for chain in chains for hop in chain.hops)
        # One that runs and is left as it is needs nothing more.
        begun = (h for h in hops if h in broken or not is_up(graph.containers[h]))
        for need in find_stopped_needs(graph, (container, *begun), heirs):
            if need in refused:
                reason = (
                    f"it needs {graph.name(need)}, whose last start failed: mend that"
                    " first"
                )
                yield Unhealed(container, graph.name(container), reason)
                break


def _waiting(
    graph: Graph,
    broken: Collection[ContainerId],
    heirs: Mapping[ContainerId, ContainerId],
    named: Collection[ContainerId],
) -> Iterator[Unhealed]:
    """Yield who could not be started and has to wait for another, and for whom.

    What one needs is started for it if that could not be started either, or if one that
    runs needs it as well. Otherwise nothing says that it should run: somebody has
    stopped it, and whoever wants it started says so by a name.
    """
    failed: list[ContainerId] = []
    others: list[ContainerId] = []
    for container in broken:
        if start_error(graph.containers[container]):
            # One whose owner is gone runs as soon as it is made anew.
            is_orphan = bool(gone_references(graph, container)[0])
            (others if is_orphan else failed).append(container)
        elif is_up(graph.containers[container]):
            others.append(container)
    coming = {*failed, *others, *find_stopped_needs(graph, others, heirs)}
    waiting: dict[ContainerId, Unhealed] = {}
    while True:
        more = {
            c: reason
            for c in failed
            if c not in waiting
            and (reason := _why(graph, c, heirs, coming, named)) is not None
        }
        if not more:
            break
        waiting |= more
        coming -= more.keys()
    yield from waiting.values()


def _looping(
    snapshot: Snapshot, graph: Graph, broken: Collection[ContainerId]
) -> Iterator[Unhealed]:
    """Yield who needs one that keeps exiting: a restart could leave it stopped."""
    for container in broken:
        chains = (graph.chain(container, kind) for kind in NamespaceKind)
        hops = (hop for chain in chains for hop in chain.hops)
        needs = dict.fromkeys((*needed_by(graph, container), *hops))
        for need in needs:
            if need != container and is_looping(snapshot, graph.containers[need]):
                reason = (
                    f"{graph.name(need)} keeps exiting and being restarted:"
                    " mend that first"
                )
                yield Unhealed(container, graph.name(container), reason)
                break


def _why(
    graph: Graph,
    container: ContainerId,
    heirs: Mapping[ContainerId, ContainerId],
    coming: Collection[ContainerId],
    named: Collection[ContainerId],
) -> Unhealed | None:
    """Return for whom a container has to wait, if for anybody."""
    name = graph.name(container)
    for need in find_stopped_needs(graph, (container,), heirs):
        if need in coming:
            continue
        if container not in named:
            reason = (
                f"it needs {graph.name(need)}, which is not running, and nothing says"
                f" that it should: start it, or heal {name} by its name, which starts"
                " both"
            )
            return Unhealed(container, name, reason, needs_decision=True)
    return None

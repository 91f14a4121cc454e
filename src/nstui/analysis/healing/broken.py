"""The containers that healing regards as broken, and those that may be started now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.exits import (
    is_about_joined,
    is_cause_gone,
    is_failed_job,
    is_looping,
    start_error,
)
from nstui.analysis.findings.findings import find_findings
from nstui.analysis.findings.networks import (
    forgets_networks,
    has_only_loopback,
    is_attached,
    is_network_gone,
    made_for,
)
from nstui.analysis.graph.graph import all_hops
from nstui.analysis.healing.owners import find_stopped_needs
from nstui.analysis.plans.order import is_up
from nstui.analysis.startable import needed_by
from nstui.analysis.succession import gone_references
from nstui.model.finding import FindingCode, Severity
from nstui.model.healing import Unhealed
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from nstui.analysis.graph.graph import Graph
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
"""The findings that healing may act on; `find_to_restart` decides whether it does."""


def is_worth_a_start(graph: Graph, container: ContainerId) -> bool:
    """Tell whether healing may start a container that could not be started.

    It may if the container waits for what it joined, or if the cause is known to be
    gone. Only the user can know whether another cause was mended, and then names it.
    """
    error = start_error(graph.containers[container])
    return is_about_joined(error) or is_cause_gone(graph, container)


def find_held_up(
    snapshot: Snapshot,
    graph: Graph,
    broken: Collection[ContainerId],
    replacements: Mapping[ContainerId, ContainerId],
    named: Collection[ContainerId],
) -> tuple[Unhealed, ...]:
    """Return the containers that need one which is in a restart loop or should not run.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        broken: The containers that could be healed otherwise.
        replacements: The replacement of each container that is gone.
        named: The containers that the user named.

    """
    looping = {
        one.container: one for one in _find_looping_needs(snapshot, graph, broken)
    }
    left = [c for c in broken if c not in looping]
    refused = {
        container.id: None
        for container in graph.containers.values()
        if start_error(container)
        and container.id not in named
        and not is_worth_a_start(graph, container.id)
        # An orphan is recreated.
        and not gone_references(graph, container.id)[0]
    }
    unstartable = tuple(_find_unstartable_needs(graph, left, replacements, refused))
    blocked = {one.container for one in unstartable}
    left = [container for container in left if container not in blocked]
    wanted = {*named, *find_stopped_needs(graph, named, replacements)}
    waiting = _find_waiting(graph, left, replacements, wanted)
    return (*looping.values(), *unstartable, *waiting)


def _find_unstartable_needs(
    graph: Graph,
    broken: Collection[ContainerId],
    replacements: Mapping[ContainerId, ContainerId],
    refused: Collection[ContainerId],
) -> Iterator[Unhealed]:
    """Yield the containers that need one with a start that would be refused again."""
    for container in broken:
        hops = all_hops(graph, container)
        # A running container that is left as it is needs nothing more.
        begun = (h for h in hops if h in broken or not is_up(graph.containers[h]))
        for need in find_stopped_needs(graph, (container, *begun), replacements):
            if need in refused:
                reason = (
                    f"it needs {graph.name(need)}, whose last start failed: fix that"
                    " first"
                )
                yield Unhealed(container, graph.name(container), reason)
                break


def _find_waiting(
    graph: Graph,
    broken: Collection[ContainerId],
    replacements: Mapping[ContainerId, ContainerId],
    named: Collection[ContainerId],
) -> Iterator[Unhealed]:
    """Yield unstartable containers that have to wait for another, and for which one.

    A needed container is started if its own start had failed too, or if a running
    container needs it as well. Otherwise it was stopped by a user, and it is started
    only if it is named.
    """
    failed: list[ContainerId] = []
    others: list[ContainerId] = []
    for container in broken:
        if start_error(graph.containers[container]):
            # An orphan runs as soon as it is recreated.
            is_orphan = bool(gone_references(graph, container)[0])
            (others if is_orphan else failed).append(container)
        elif is_up(graph.containers[container]):
            others.append(container)
    coming = {*failed, *others, *find_stopped_needs(graph, others, replacements)}
    waiting: dict[ContainerId, Unhealed] = {}
    while True:
        more = {
            c: reason
            for c in failed
            if c not in waiting
            and (reason := _blocking_need(graph, c, replacements, coming, named))
            is not None
        }
        if not more:
            break
        waiting |= more
        coming -= more.keys()
    yield from waiting.values()


def _find_looping_needs(
    snapshot: Snapshot, graph: Graph, broken: Collection[ContainerId]
) -> Iterator[Unhealed]:
    """Yield containers that need one in a restart loop.

    A restart could leave them stopped.
    """
    for container in broken:
        hops = all_hops(graph, container)
        needs = dict.fromkeys((*needed_by(graph, container), *hops))
        for need in needs:
            if need != container and is_looping(snapshot, graph.containers[need]):
                reason = (
                    f"{graph.name(need)} keeps exiting and being restarted:"
                    " fix that first"
                )
                yield Unhealed(container, graph.name(container), reason)
                break


def _blocking_need(
    graph: Graph,
    container: ContainerId,
    replacements: Mapping[ContainerId, ContainerId],
    coming: Collection[ContainerId],
    named: Collection[ContainerId],
) -> Unhealed | None:
    """Return the container that another has to wait for, if any."""
    name = graph.name(container)
    for need in find_stopped_needs(graph, (container,), replacements):
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


def find_broken(
    snapshot: Snapshot, graph: Graph, named: Collection[ContainerId] = ()
) -> dict[ContainerId, None]:
    """Return the containers with a broken join, a failed start or a missing network.

    A container that merely does not run is not broken. Some are included only if they
    are named: a job that has ended, since its log and exit code would be lost; one that
    could not be started for a reason other than its joins, since nothing says that it
    could be now; and one that was detached from its network, since that may have been
    on purpose.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        named: The containers that the user named.

    """
    to_restart = find_to_restart(snapshot, graph, named)
    detached = find_detached(snapshot, graph, named)
    return {c: None for c in graph.containers if c in to_restart or c in detached}


def find_to_restart(
    snapshot: Snapshot, graph: Graph, named: Collection[ContainerId] = ()
) -> frozenset[ContainerId]:
    """Return the broken containers to start, restart or recreate."""
    return frozenset(
        finding.container
        for finding in find_findings(snapshot, graph)
        if finding.code in HEALABLE and _is_healed(snapshot, finding, named, graph)
    )


def find_detached(
    snapshot: Snapshot, graph: Graph, named: Collection[ContainerId] = ()
) -> frozenset[ContainerId]:
    """Return the broken containers to attach to a network again.

    Without being named, this is done only if the engine forgets networks and the
    container publishes ports: a taken port is the usual cause then, and such containers
    are seldom detached on purpose.
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


def find_uncertain_detached(
    snapshot: Snapshot, graph: Graph, named: Collection[ContainerId]
) -> Iterator[Unhealed]:
    """Yield named containers that were detached, by the engine or by a user.

    These are the ones with a network that is gone. Nothing tells whether the engine
    detached them, or a user did on purpose.
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
                "it is attached to no network, perhaps on purpose: name it to attach"
                f" it to {network}"
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
    """Return the named containers, with the owners of their networks."""
    chains = (graph.chain(container, NamespaceKind.NET) for container in named)
    return frozenset(hop for chain in chains for hop in chain.hops)


def _publishes(container: Container) -> bool:
    return container.inspection is not None and container.inspection.publishes


def _is_job(graph: Graph, finding: Finding) -> bool:
    """Tell whether an orphan is a job that has ended by itself, well or not."""
    subject = graph.containers[finding.container]
    return finding.severity is Severity.NOTICE or is_failed_job(graph, subject)


def _is_elsewhere(snapshot: Snapshot, container: ContainerId) -> bool:
    """Tell whether a container's process has left the network it was given."""
    given = snapshot.host.kept.get(container)
    here = snapshot.namespace(container, NamespaceKind.NET)
    return given is not None and here is not None and given != here


def _is_healed(
    snapshot: Snapshot, finding: Finding, named: Collection[ContainerId], graph: Graph
) -> bool:
    """Tell whether healing acts on a finding with one of these codes."""
    container = finding.container
    match finding.code:
        case FindingCode.OWNER_STOPPED:
            return graph.runs(container)
        case FindingCode.OWNER_GONE:
            return container in named or not _is_job(graph, finding)
        case FindingCode.NO_UPLINK:
            # Its interface is gone, and a start makes a new one; a container that is
            # not attached to a network would get none.
            return is_attached(graph, container) and not _is_elsewhere(
                snapshot, container
            )
        case FindingCode.START_FAILED:
            return is_worth_a_start(graph, container) or container in named
    return True

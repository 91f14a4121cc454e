"""What is wrong on a host, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.staleness import stale_hops
from nstui.model.container import ContainerState, Health, short_id
from nstui.model.finding import Finding, FindingCode, Severity
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.graph import Chain, Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.snapshot import EngineInfo, Snapshot

LOOPBACK = "lo"
NO_NETWORK = "none"
"""Both the network mode and the network of a container that wants none."""


def find_findings(snapshot: Snapshot, graph: Graph) -> tuple[Finding, ...]:
    """Return what is wrong, the worst first, then by the container's name."""
    found = [
        finding
        for container in snapshot.containers
        for finding in _of_container(snapshot, graph, container)
    ]
    codes = list(FindingCode)
    found.sort(
        key=lambda f: (f.severity.rank, graph.name(f.container), codes.index(f.code))
    )
    return tuple(found)


def _of_container(
    snapshot: Snapshot, graph: Graph, container: Container
) -> Iterator[Finding]:
    seen: set[FindingCode] = set()
    for kind in NamespaceKind:
        finding = _broken_join(snapshot, graph, container, kind)
        if finding is not None and finding.code not in seen:
            seen.add(finding.code)
            yield finding
    if not seen and _lacks_uplink(snapshot, graph, container):
        yield _no_uplink(snapshot.engine, graph, container)
    yield from _engine_says(snapshot.engine, container)


def _broken_join(
    snapshot: Snapshot, graph: Graph, container: Container, kind: NamespaceKind
) -> Finding | None:
    """Return what is wrong along one chain: the break nearest to the container."""
    chain = graph.chain(container.id, kind)
    for joined in chain.hops[1:]:
        if not graph.containers[joined].state.has_process:
            return _owner_stopped(snapshot.engine, graph, chain, joined)
    if chain.gone is not None:
        return _owner_gone(snapshot.engine, graph, chain)
    if len(chain.hops) > 1 and container.state.has_process and not chain.loops:
        return _stale_join(snapshot, graph, chain, kind)
    return None


def _owner_gone(engine: EngineInfo, graph: Graph, chain: Chain) -> Finding:
    container = graph.containers[chain.hops[0]]
    gone = short_id(chain.gone.reference) if chain.gone is not None else ""
    runs = container.state.has_process
    if chain.gone is not None and chain.gone.by_name:
        cure = f"create {gone} again, then: {command(engine)} restart {container.name}"
    elif container.compose is not None:
        cure = (
            f"{command(engine)} compose -p {container.compose.project} up -d"
            f" --force-recreate {container.compose.service}"
        )
    else:
        cure = f"recreate {container.name} with --network container:<its new owner>"
    return Finding(
        code=FindingCode.OWNER_GONE,
        severity=Severity.ERROR if runs else Severity.WARNING,
        container=container.id,
        message=f"joined {_through(graph, chain)}{gone}, which no longer exists"
        + ("" if runs else "; it cannot start"),
        remedy=cure,
    )


def _owner_stopped(
    engine: EngineInfo, graph: Graph, chain: Chain, stopped: ContainerId
) -> Finding:
    container = graph.containers[chain.hops[0]]
    owner = graph.containers[stopped]
    runs = container.state.has_process
    between = [graph.name(hop) for hop in chain.hops[: chain.hops.index(stopped)]]
    again = " ".join(reversed(between))
    cure = f"{command(engine)} start {owner.name}"
    if runs:
        cure += f" && {command(engine)} restart {again}"
    state = "not running" if owner.state is ContainerState.EXITED else owner.state
    return Finding(
        code=FindingCode.OWNER_STOPPED,
        severity=Severity.ERROR if runs else Severity.NOTICE,
        container=container.id,
        message=f"joined {_through(graph, chain, stopped)}{owner.name},"
        f" which is {state}"
        + ("" if runs else f"; it cannot start until {owner.name} runs"),
        remedy=cure,
    )


def _stale_join(
    snapshot: Snapshot, graph: Graph, chain: Chain, kind: NamespaceKind
) -> Finding | None:
    again = stale_hops(snapshot, graph, chain, kind)
    if not again:
        return None
    container, owner = graph.containers[chain.hops[0]], graph.containers[chain.hops[-1]]
    here = snapshot.namespace(container.id, kind)
    there = snapshot.namespace(owner.id, kind)
    if here is not None and there is not None:
        message = f"runs in {here}; {owner.name} is in {there} since its last start"
    else:
        message = (
            f"started before {owner.name}'s last start,"
            f" so it is in a {kind} namespace that {owner.name} has left"
        )
    return Finding(
        code=FindingCode.STALE_JOIN,
        severity=Severity.ERROR,
        container=container.id,
        message=message,
        remedy=" ".join(
            (command(snapshot.engine), "restart", *(graph.name(hop) for hop in again))
        ),
    )


def _lacks_uplink(snapshot: Snapshot, graph: Graph, container: Container) -> bool:
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


def _no_uplink(engine: EngineInfo, graph: Graph, container: Container) -> Finding:
    # The network is the owner's: it comes back with it, and all on the way rejoin.
    hops = graph.chain(container.id, NamespaceKind.NET).hops
    again = " ".join(graph.name(hop) for hop in reversed(hops))
    return Finding(
        code=FindingCode.NO_UPLINK,
        severity=Severity.ERROR,
        container=container.id,
        message="has no network interface but lo, though it is attached to a network",
        remedy=f"{command(engine)} restart {again}",
    )


def _engine_says(engine: EngineInfo, container: Container) -> Iterator[Finding]:
    """Yield what the engine itself reports of one container."""
    docker, name = command(engine), container.name
    if container.state.has_process and container.health is Health.UNHEALTHY:
        yield Finding(
            code=FindingCode.UNHEALTHY,
            severity=Severity.ERROR,
            container=container.id,
            message="its health check fails",
            remedy=f"{docker} inspect --format '{{{{json .State.Health}}}}' {name}",
        )
    if container.inspection is not None and container.inspection.oom_killed:
        yield Finding(
            code=FindingCode.OOM_KILLED,
            severity=Severity.ERROR,
            container=container.id,
            message="was killed because it ran out of memory",
            remedy=f"{docker} update --memory <more> --memory-swap <more> {name}",
        )
    if container.state is ContainerState.RESTARTING:
        yield Finding(
            code=FindingCode.RESTARTING,
            severity=Severity.WARNING,
            container=container.id,
            message="keeps exiting and being restarted",
            remedy=f"{docker} logs --tail 50 {name}",
        )


def command(engine: EngineInfo) -> str:
    """Return the command line program of an engine."""
    return "podman" if engine.name == "Podman" else "docker"


def _through(graph: Graph, chain: Chain, end: ContainerId | None = None) -> str:
    """Name the containers between the first of a chain and its end."""
    hops = chain.hops if end is None else chain.hops[: chain.hops.index(end)]
    return "".join(f"{graph.name(hop)}, which joined " for hop in hops[1:])

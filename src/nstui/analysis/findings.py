"""What is wrong on a host, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.ages import age_words
from nstui.analysis.engine_words import (
    find_engine_words,
    find_failed_start,
    find_unreadable,
)
from nstui.analysis.interruptions import find_interruptions
from nstui.analysis.notices import (
    find_restart_mismatch,
    find_undeclared_shares,
    find_unnamed,
)
from nstui.analysis.remedies import (
    Remedy,
    after,
    commands,
    named,
    word_for,
    words_for,
)
from nstui.analysis.staleness import stale_hops
from nstui.model.container import ContainerId, ContainerState, short_id
from nstui.model.finding import Finding, FindingCode, Severity
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.graph import Chain, Dependency, Graph
    from nstui.model.container import Container
    from nstui.model.interruption import Interruption
    from nstui.model.snapshot import EngineInfo, Snapshot

LOOPBACK = "lo"
NO_NETWORK = "none"
"""Both the network mode and the network of a container that wants none."""


def find_findings(snapshot: Snapshot, graph: Graph) -> tuple[Finding, ...]:
    """Return what is wrong, the worst first, then by the container's name."""
    cut_off = find_interruptions(snapshot, graph)
    covered = frozenset[ContainerId]().union(*(one.covers for one in cut_off))
    found = [
        finding
        for container in snapshot.containers
        if container.id not in covered
        for finding in _of_container(snapshot, graph, container)
    ]
    found += (_interrupted(graph, one) for one in cut_off)
    found += find_undeclared_shares(snapshot, graph)
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
    docker = command(snapshot.engine)
    if not seen:
        yield from find_failed_start(container, docker)
    yield from find_engine_words(container, docker)
    # At a glimpse nobody has been inspected yet, and nothing is wrong with that.
    unreadable = None if snapshot.is_glimpse else find_unreadable(container, docker)
    if unreadable is not None:
        yield unreadable
    mismatch = find_restart_mismatch(graph, container, docker)
    if mismatch is not None:
        yield mismatch


def _interrupted(graph: Graph, cut_off: Interruption) -> Finding:
    name = word_for(graph.containers[cut_off.container])
    cure = Remedy("decide which of them to keep, and remove the others")
    if cut_off.steps:
        cure = commands(("nstui", "heal", name))
    return Finding(
        code=FindingCode.INTERRUPTED,
        severity=Severity.ERROR,
        container=cut_off.container,
        message=cut_off.message,
        remedy=cure.text,
        is_command=cure.is_command,
    )


def _broken_join(
    snapshot: Snapshot, graph: Graph, container: Container, kind: NamespaceKind
) -> Finding | None:
    """Return what is wrong along one chain: the break nearest to the container."""
    chain = graph.chain(container.id, kind)
    for joined in chain.hops[1:]:
        if not graph.containers[joined].state.has_process:
            return _owner_stopped(snapshot.engine, graph, chain, joined)
    if chain.gone is not None:
        host = graph.presence.owner(container.id, kind)
        if host is not None and chain.gone.by_name:
            docker = command(snapshot.engine)
            return find_unnamed(snapshot, graph, chain, host, docker)
        return _owner_gone(snapshot, graph, chain, kind)
    if len(chain.hops) > 1 and container.state.has_process and not chain.loops:
        return _stale_join(snapshot, graph, chain, kind)
    return None


def _owner_gone(
    snapshot: Snapshot, graph: Graph, chain: Chain, kind: NamespaceKind
) -> Finding:
    container = graph.containers[chain.hops[0]]
    runs = container.state.has_process
    gone = "" if chain.gone is None else _gone_words(snapshot, chain.gone)
    cure = _cure(snapshot, graph, container, chain)
    evidence = ""
    if kind is NamespaceKind.NET and chain.gone is not None:
        evidence = _lost_files(snapshot, container, chain.gone)
    return Finding(
        code=FindingCode.OWNER_GONE,
        severity=Severity.ERROR if runs else Severity.WARNING,
        container=container.id,
        message=f"joined {_through(graph, chain)}{gone}, which no longer exists"
        + (evidence if runs else "; it cannot start"),
        remedy=cure.text,
        is_command=cure.is_command,
    )


def _gone_words(snapshot: Snapshot, gone: Dependency) -> str:
    """Name one that no longer exists, by what it was called if anybody knows."""
    ancestor = snapshot.ancestors.get(ContainerId(gone.reference))
    reference = short_id(gone.reference)
    return reference if ancestor is None else f"{ancestor.name} ({reference})"


def _lost_files(snapshot: Snapshot, container: Container, gone: Dependency) -> str:
    """Say which of the engine's files went with the owner, if the kernel does."""
    reading = snapshot.host.processes.get(container.id)
    files = reading.files if reading is not None and reading.files is not None else ()
    names = [
        file.name
        for file in files
        if file.is_deleted
        and file.belongs_to is not None
        and (gone.by_name or file.belongs_to == gone.reference)
    ]
    return f"; deleted with it: {', '.join(names)}" if names else ""


def _cure(
    snapshot: Snapshot, graph: Graph, container: Container, chain: Chain
) -> Remedy:
    """Return what brings a container back whose owner is gone."""
    name = word_for(container)
    if chain.gone is None or chain.gone.by_name:
        gone = "" if chain.gone is None else chain.gone.reference
        again = words_for(graph, reversed(chain.hops))
        restart = (command(snapshot.engine), "restart", *again)
        return after(f"create {named(gone)} again", restart)
    ancestor = snapshot.ancestors.get(ContainerId(chain.gone.reference))
    last = graph.containers[chain.hops[-1]]
    if last.compose is not None:
        return commands(("nstui", "heal", name))
    if ancestor is None:
        heal = ("nstui", "heal", "--onto", "NEW_OWNER", name)
        return after("choose its new owner", heal)
    if graph.resolve(ancestor.name) is None:
        return after(f"create {named(ancestor.name)} again", ("nstui", "heal", name))
    return commands(("nstui", "heal", name))


def _owner_stopped(
    engine: EngineInfo, graph: Graph, chain: Chain, stopped: ContainerId
) -> Finding:
    container = graph.containers[chain.hops[0]]
    owner = graph.containers[stopped]
    runs = container.state.has_process
    again = words_for(graph, reversed(chain.hops[: chain.hops.index(stopped)]))
    start = (command(engine), "start", word_for(owner))
    restart = (command(engine), "restart", *again)
    cure = commands(start, restart) if runs else commands(start)
    state = "not running" if owner.state is ContainerState.EXITED else owner.state
    return Finding(
        code=FindingCode.OWNER_STOPPED,
        severity=Severity.ERROR if runs else Severity.NOTICE,
        container=container.id,
        message=f"joined {_through(graph, chain, stopped)}{owner.name},"
        f" which is {state}"
        + ("" if runs else f"; it cannot start until {owner.name} runs"),
        remedy=cure.text,
        is_command=cure.is_command,
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
        message = (
            f"runs in {here}{_of_another(graph, container, kind)};"
            f" {owner.name} has been in {there} since"
            f" its {_coming(container, owner)}{_ago(snapshot, owner)}"
        )
    else:
        message = (
            f"started before {owner.name}'s last start,"
            f" so it is in a {kind} namespace that {owner.name} has left"
        )
    restart = (command(snapshot.engine), "restart", *words_for(graph, again))
    cure = commands(restart)
    return Finding(
        code=FindingCode.STALE_JOIN,
        severity=Severity.ERROR,
        container=container.id,
        message=message,
        remedy=cure.text,
        is_command=cure.is_command,
    )


def _of_another(graph: Graph, container: Container, kind: NamespaceKind) -> str:
    """Say whose namespace one is in that left its own for another's, if it is."""
    host = graph.presence.owner(container.id, kind)
    return "" if host in {None, container.id} else f", that of {graph.name(host)}"


def _coming(container: Container, owner: Container) -> str:
    """Return what brought an owner into a namespace that a dependent is not in.

    One that is younger than its dependent took over the name of another.
    """
    started = container.inspection.started_at if container.inspection else None
    if started is None or owner.created_at is None or owner.created_at <= started:
        return "restart"
    return "first start"


def _ago(snapshot: Snapshot, container: Container) -> str:
    """Say when a container was started, as the end of a sentence."""
    if container.inspection is None or container.inspection.started_at is None:
        return ""
    age = age_words(container.inspection.started_at, snapshot.taken_at)
    return f" {age} ago"


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
    again = words_for(graph, reversed(hops))
    cure = commands((command(engine), "restart", *again))
    return Finding(
        code=FindingCode.NO_UPLINK,
        severity=Severity.ERROR,
        container=container.id,
        message="has no network interface but lo, though it is attached to a network",
        remedy=cure.text,
        is_command=cure.is_command,
    )


def command(engine: EngineInfo) -> str:
    """Return the command line program of an engine."""
    return "podman" if engine.name == "Podman" else "docker"


def _through(graph: Graph, chain: Chain, end: ContainerId | None = None) -> str:
    """Name the containers between the first of a chain and its end."""
    hops = chain.hops if end is None else chain.hops[: chain.hops.index(end)]
    return "".join(f"{graph.name(hop)}, which joined " for hop in hops[1:])

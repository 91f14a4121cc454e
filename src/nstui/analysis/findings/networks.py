"""Findings about missing networks, undeclared shares, and restarts to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import JOIN_KINDS
from nstui.analysis.graph.groups import GroupKey, declared_key
from nstui.analysis.plans.commands import (
    Remedy,
    after,
    command,
    commands,
    connect_words,
    quoted_name,
    word_for,
)
from nstui.analysis.plans.outcomes import stale_hops
from nstui.model.container import JOIN_PREFIX, is_id
from nstui.model.finding import Finding, FindingCode, GroupBond, Severity
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.graph.graph import Chain, Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.namespace import Namespace
    from nstui.model.snapshot import EngineInfo, Snapshot


LOOPBACK = "lo"
NO_NETWORK = "none"
"""The network mode of a container without a network, and the name of its network."""

DEFAULT, BRIDGE = "default", "bridge"
"""The network mode if none was requested, and the one that the engine uses then."""

_FIRST_FORGETFUL_VERSION = 29
"""The first version of Docker that forgets a container's networks permanently if it
cannot attach them at a start, for instance because a published port is taken
(moby#51758): afterwards the container starts without any."""

_PERSISTENCE = {"no": 0, "on-failure": 1, "unless-stopped": 2, "always": 2}
"""How far a restart policy goes: ``on-failure`` starts nothing when the engine itself
restarts. Source: Docker's manual, "Start containers automatically"."""

_LEFT_BEHIND = GroupKey(GroupBond.GONE, "")
"""The key of containers in a namespace that their join no longer leads to. Any two of
them may have joined the same container."""


def find_no_uplink(
    snapshot: Snapshot, graph: Graph, container: Container
) -> Finding | None:
    """Return a finding if a container should have a network and has only loopback.

    The owner's declaration decides: it is attached to a network other than ``none``, or
    was made for one and is attached to none at all. The latter is also the result of
    `docker network disconnect`, which takes the network from all dependents.
    """
    end = graph.chain(container.id, NamespaceKind.NET).owner
    if end is None or not has_only_loopback(snapshot, container):
        return None
    if is_attached(graph, container.id):
        return _no_interface(snapshot, graph, container)
    owner = graph.containers[end]
    if made_for(snapshot.engine, owner):
        return _detached(snapshot, container, owner)
    return None


def is_attached(graph: Graph, container: ContainerId) -> bool:
    """Tell whether the owner of a container's network is attached to one."""
    end = graph.chain(container, NamespaceKind.NET).owner
    networks = () if end is None else graph.containers[end].networks
    return bool(set(networks) - {NO_NETWORK, "host"})


def has_only_loopback(snapshot: Snapshot, container: Container) -> bool:
    """Tell whether a container runs and is known to have no other interface."""
    interfaces = snapshot.interfaces(container.id)
    is_seen = interfaces is not None and container.state.has_process
    return is_seen and set(interfaces or ()) <= {LOOPBACK}


def made_for(engine: EngineInfo, container: Container) -> str:
    """Return the network that a container was made for and is not attached to.

    Returns an empty string if there is none, or if it is attached to another one.
    """
    mode = container.network_mode
    if not engine.is_docker or container.networks or not mode:
        return ""
    if mode in {NO_NETWORK, "host"} or mode.startswith(JOIN_PREFIX):
        return ""
    return BRIDGE if mode == DEFAULT else mode


def may_lack(engine: EngineInfo, container: Container) -> bool:
    """Tell whether a container runs without the network that it was made for."""
    return container.state.has_process and bool(made_for(engine, container))


def is_network_gone(snapshot: Snapshot, container: Container) -> bool:
    """Tell whether the network that a container was made for is known to be gone.

    The container may name it by its id or a prefix of it.
    """
    network, known = made_for(snapshot.engine, container), snapshot.networks
    if not network or known is None or network in known:
        return False
    return not any(is_id(one) and one.startswith(network) for one in known)


def forgets_networks(engine: EngineInfo) -> bool:
    """Tell whether an engine may have forgotten a container's networks."""
    major = engine.version.partition(".")[0]
    return (
        engine.is_docker
        and major.isdecimal()
        and int(major) >= _FIRST_FORGETFUL_VERSION
    )


def aliases_of(container: Container) -> tuple[str, ...]:
    """Return the aliases that a container has on its own network.

    Other aliases were lost with the network. The default network has no aliases.
    """
    has_names = container.network_mode not in {DEFAULT, BRIDGE}
    if container.compose is None or not has_names:
        return ()
    return (container.compose.service,)


def _no_interface(snapshot: Snapshot, graph: Graph, container: Container) -> Finding:
    from nstui.analysis.findings.remedies import bring_back  # noqa: PLC0415

    # The network is the owner's: when it is back, the dependents rejoin.
    hops = graph.chain(container.id, NamespaceKind.NET).hops
    remedy = bring_back(snapshot, graph, hops)
    return Finding(
        code=FindingCode.NO_UPLINK,
        severity=Severity.ERROR,
        container=container.id,
        message="has no network interface but lo, though it is attached to a network",
        remedy=remedy.text,
        is_command=remedy.is_command,
        kind=NamespaceKind.NET,
        owner=hops[-1],
    )


def _detached(snapshot: Snapshot, container: Container, owner: Container) -> Finding:
    engine = snapshot.engine
    network = made_for(engine, owner)
    name = word_for(owner)
    again = connect_words(command(engine), network, aliases_of(owner), name)
    remedy, gone = commands(again), ""
    if is_network_gone(snapshot, owner):
        remedy = after(f"create the network {quoted_name(network)} again", again)
        gone = ", which no longer exists"
    forgets = forgets_networks(engine)
    start = "" if owner is container else f"{owner.name}, whose network it is in, "
    why = "this engine forgets it after a failed start" if forgets else "taken off it"
    return Finding(
        code=FindingCode.NO_UPLINK,
        severity=Severity.ERROR,
        container=container.id,
        message=f"{start}is attached to no network, though made for"
        f" {network}{gone}: {why}",
        remedy=remedy.text,
        is_command=remedy.is_command,
        kind=NamespaceKind.NET,
        owner=owner.id,
        network=network if gone else "",
    )


def find_undeclared_shares(snapshot: Snapshot, graph: Graph) -> Iterator[Finding]:
    """Yield a finding for each container that shares a namespace undeclared.

    Sharing the host's namespaces is always declared.
    """
    shares: dict[ContainerId, list[str]] = {}
    for kind in NamespaceKind:
        for namespace, members in _shared_namespaces(snapshot, graph, kind).items():
            if len(set(members.values())) <= 1:
                continue
            for container, key in members.items():
                others = [graph.name(c) for c, other in members.items() if other != key]
                words = f"{namespace} with {', '.join(others)}"
                shares.setdefault(container, []).append(words)
    for container, found in shares.items():
        remedy = commands(("nstui", "explain", word_for(graph.containers[container])))
        yield Finding(
            code=FindingCode.UNDECLARED_SHARE,
            severity=Severity.NOTICE,
            container=container,
            message=f"shares {' and '.join(found)}, though nothing declares it",
            remedy=remedy.text,
            is_command=remedy.is_command,
        )


def _shared_namespaces(
    snapshot: Snapshot, graph: Graph, kind: NamespaceKind
) -> dict[Namespace, dict[ContainerId, GroupKey]]:
    """Return the members of each shared namespace, with what declares their places."""
    members: dict[Namespace, list[Container]] = {}
    for container in snapshot.containers:
        namespace = snapshot.namespace(container.id, kind)
        if namespace is not None:
            members.setdefault(namespace, []).append(container)
    return {
        namespace: {
            one.id: key
            for one in several
            if (key := _declared_place(snapshot, graph, one, kind)).bond
            is not GroupBond.HOST
        }
        for namespace, several in members.items()
        if len(several) > 1
    }


def _declared_place(
    snapshot: Snapshot, graph: Graph, container: Container, kind: NamespaceKind
) -> GroupKey:
    """Return the declaration that explains where a container is."""
    key = declared_key(container, graph, kind)
    if key.bond is GroupBond.HOST:
        return key
    chain = graph.chain(container.id, kind)
    host = graph.presence.owner(container.id, kind)
    is_elsewhere = key.bond is GroupBond.GONE or joined_under_its_name(
        graph, chain, kind
    )
    if is_elsewhere or stale_hops(snapshot, graph, chain, kind):
        # The container joined the owner of the namespace, by a name that is gone or
        # through a container that is gone.
        return _LEFT_BEHIND if host is None else GroupKey(GroupBond.OWNER, host)
    return key


def find_unnamed(
    snapshot: Snapshot, graph: Graph, chain: Chain, host: ContainerId, docker: str
) -> Finding | None:
    """Return a finding if a container runs and joined by a name that is gone.

    A container that joined by id, or by a name that still exists, can be restarted
    while its owner runs, and has no finding.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        chain: The joins of the container, which end with that name.
        host: The owner of the namespace it is in.
        docker: The engine's command line program.

    """
    if chain.gone is None or len(chain.hops) > 1:
        return None
    container, name = chain.hops[0], chain.gone.reference
    owner = graph.containers[host]
    here = snapshot.namespace(container, NamespaceKind(chain.gone.kind))
    remedy = _rename_remedy(graph, owner, name, docker)
    return Finding(
        code=FindingCode.UNDECLARED_SHARE,
        severity=Severity.WARNING,
        container=container,
        message=f"joined {name} by name, which no container is called now; it runs in"
        f" {here}, that of {owner.name}, and cannot start again until one is called"
        f" {name}",
        remedy=remedy.text,
        is_command=remedy.is_command,
    )


def joined_under_its_name(
    graph: Graph, chain: Chain, kind: NamespaceKind
) -> ContainerId | None:
    """Return the running owner of a container that lost the name it was joined by.

    Returns None if the joins lead to the owner of the present namespace, or if that
    namespace has no owner any more.
    """
    host = graph.presence.owner(chain.hops[0], kind)
    if host is None or host in chain.hops or chain.loops:
        return None
    joins = (graph.join(hop, kind) for hop in chain.hops)
    return host if any(join is not None and join.by_name for join in joins) else None


def find_misnamed(
    snapshot: Snapshot,
    graph: Graph,
    chain: Chain,
    host: ContainerId,
    kind: NamespaceKind,
) -> Finding | None:
    """Return a finding if a container runs and joined by a name another now has.

    A container that joined by id has no finding.

    Args:
        snapshot: The state of the host.
        graph: The dependencies.
        chain: The joins of the container, which lead to the other one.
        host: The owner of the namespace it is in.
        kind: The kind of that namespace.

    """
    container, owner = graph.containers[chain.hops[0]], graph.containers[host]
    join = graph.join(container.id, kind)
    if join is None or join.target is None or not join.by_name:
        return None
    other = graph.name(join.target)
    here = snapshot.namespace(container.id, kind)
    remedy = commands(("nstui", "heal", "--onto", word_for(owner), word_for(container)))
    return Finding(
        code=FindingCode.UNDECLARED_SHARE,
        severity=Severity.WARNING,
        container=container.id,
        message=f"joined {other} by name, which is another container now; it"
        f" runs in {here}, that of {owner.name}, and would join the other one at its"
        " next start",
        remedy=remedy.text,
        is_command=remedy.is_command,
    )


def _rename_remedy(graph: Graph, owner: Container, name: str, docker: str) -> Remedy:
    """Return the remedy that gives a container its former name back.

    A container that others find by its present name must keep that.
    """
    is_sought = any(d.by_name for d in graph.users(owner.id))
    if is_sought or owner.compose is not None:
        return Remedy(
            f"give a container the name {quoted_name(name)} before it is restarted"
        )
    return commands((docker, "rename", word_for(owner), name))


def find_restart_mismatch(
    graph: Graph, container: Container, docker: str
) -> Finding | None:
    """Return a finding if a container restarts by itself and its owner does not.

    Args:
        graph: The dependencies.
        container: The container in question.
        docker: The engine's command line program.

    """
    mine = _policy(container)
    weaker = tuple(
        joined
        for joined in _joined(graph, container)
        if joined.inspection is not None
        and _PERSISTENCE.get(mine, 0) > _PERSISTENCE.get(_policy(joined), 0)
    )
    if not weaker:
        return None
    from nstui.analysis.plans.order import removes_itself  # noqa: PLC0415

    # The engine allows no restart policy for a container that removes itself.
    is_fleeting = any(removes_itself(joined) for joined in weaker)
    policy, changed = ("no", (container,)) if is_fleeting else (mine, weaker)
    words = [word_for(one) for one in changed]
    remedy = commands((docker, "update", "--restart", policy, *words))
    theirs = " and ".join(
        f"{joined.name}, which it joined, {_restart_text(_policy(joined), 'only ')}"
        for joined in weaker
    )
    return Finding(
        code=FindingCode.RESTART_MISMATCH,
        severity=Severity.NOTICE,
        container=container.id,
        message=f"{_restart_text(mine)}, but {theirs}: after a reboot it cannot start",
        remedy=remedy.text,
        is_command=remedy.is_command,
        owner=weaker[0].id if len(weaker) == 1 else None,
    )


def _joined(graph: Graph, container: Container) -> Iterator[Container]:
    """Yield the containers that a container itself joined, each once."""
    targets = dict.fromkeys(
        dependency.target
        for dependency in graph.dependencies(container.id)
        if dependency.kind in JOIN_KINDS
    )
    return (graph.containers[target] for target in targets if target is not None)


def _restart_text(policy: str, only: str = "") -> str:
    """Return when a restart policy restarts a container, as the end of a sentence."""
    if policy in {"", "no"}:
        return "does not"
    return f"restarts {only}{policy.replace('-', ' ')}".replace(
        "on failure", "after a failure"
    )


def _policy(container: Container) -> str:
    return "" if container.inspection is None else container.inspection.restart_policy

"""What is not broken, and may surprise its owner one day."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.graph import JOIN_KINDS
from nstui.analysis.groups import Key, declared_key
from nstui.analysis.order import removes_itself
from nstui.analysis.remedies import Remedy, commands, named, word_for
from nstui.analysis.staleness import stale_hops
from nstui.model.finding import Finding, FindingCode, Severity
from nstui.model.group import GroupBond
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.graph import Chain, Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.namespace import Namespace
    from nstui.model.snapshot import Snapshot

_PERSISTENCE = {"no": 0, "on-failure": 1, "unless-stopped": 2, "always": 2}
"""How far a restart policy goes: ``on-failure`` starts nothing when the engine itself
comes back. Source: Docker's manual, "Start containers automatically"."""


_LEFT_BEHIND = Key(GroupBond.GONE, "")
"""What those have in common that are where they are because of a join that no longer
leads there. Of two of them nothing says that it was not the same."""


def find_undeclared_shares(snapshot: Snapshot, graph: Graph) -> Iterator[Finding]:
    """Yield who is in a namespace with others although nobody declares it.

    The host's own namespaces are declared.
    """
    shares: dict[ContainerId, list[str]] = {}
    for kind in NamespaceKind:
        for namespace, members in _together(snapshot, graph, kind).items():
            if len(set(members.values())) <= 1:
                continue
            for container, key in members.items():
                others = [graph.name(c) for c, other in members.items() if other != key]
                words = f"{namespace} with {', '.join(others)}"
                shares.setdefault(container, []).append(words)
    for container, found in shares.items():
        cure = commands(("nstui", "explain", word_for(graph.containers[container])))
        yield Finding(
            code=FindingCode.UNDECLARED_SHARE,
            severity=Severity.NOTICE,
            container=container,
            message=f"shares {' and '.join(found)}, though nothing declares it",
            remedy=cure.text,
            is_command=cure.is_command,
        )


def _together(
    snapshot: Snapshot, graph: Graph, kind: NamespaceKind
) -> dict[Namespace, dict[ContainerId, Key]]:
    """Return who is in each namespace that several are in, with what declares that."""
    members: dict[Namespace, list[Container]] = {}
    for container in snapshot.containers:
        namespace = snapshot.namespace(container.id, kind)
        if namespace is not None:
            members.setdefault(namespace, []).append(container)
    return {
        namespace: {
            one.id: key
            for one in several
            if (key := _why_there(snapshot, graph, one, kind)).bond
            is not GroupBond.HOST
        }
        for namespace, several in members.items()
        if len(several) > 1
    }


def _why_there(
    snapshot: Snapshot, graph: Graph, container: Container, kind: NamespaceKind
) -> Key:
    """Return what declares that a container is where it is."""
    key = declared_key(container, graph, kind)
    if key.bond is GroupBond.HOST:
        return key
    chain = graph.chain(container.id, kind)
    host = graph.presence.owner(container.id, kind)
    is_elsewhere = key.bond is GroupBond.GONE or joined_under_its_name(
        graph, chain, kind
    )
    if is_elsewhere or stale_hops(snapshot, graph, chain, kind):
        # It joined whose namespace it is, by a name or through one that has gone.
        return _LEFT_BEHIND if host is None else Key(GroupBond.OWNER, host)
    return key


def find_unnamed(
    snapshot: Snapshot, graph: Graph, chain: Chain, host: ContainerId, docker: str
) -> Finding | None:
    """Return that a container works and joined by a name that nobody has any more.

    One that joined it by its id, or by a name that is still its own, can start again
    for as long as it runs: of that there is nothing to say.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        chain: The joins of the container; they end with that name.
        host: Whose namespace it is in.
        docker: The engine's command line program, for the remedy.

    """
    if chain.gone is None or len(chain.hops) > 1:
        return None
    container, name = chain.hops[0], chain.gone.reference
    owner = graph.containers[host]
    here = snapshot.namespace(container, NamespaceKind(chain.gone.kind))
    cure = _renaming(graph, owner, name, docker)
    return Finding(
        code=FindingCode.UNDECLARED_SHARE,
        severity=Severity.WARNING,
        container=container,
        message=f"joined {name} by name, which no container is called now; it runs in"
        f" {here}, that of {owner.name}, and cannot start again until one is called"
        f" {name}",
        remedy=cure.text,
        is_command=cure.is_command,
    )


def joined_under_its_name(
    graph: Graph, chain: Chain, kind: NamespaceKind
) -> ContainerId | None:
    """Return who runs and owns a container's namespace, but lost the name it joined.

    None if its joins lead to the owner of the namespace that it is in, or nobody who is
    there still owns that.
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
    """Return that a container works, and joined by a name that another one has now.

    Of one that joined it by its id there is nothing to say.

    Args:
        snapshot: What is the case.
        graph: Who depends on whom.
        chain: The joins of the container; they lead to the other one.
        host: Whose namespace it is in.
        kind: The kind of that namespace.

    """
    container, owner = graph.containers[chain.hops[0]], graph.containers[host]
    join = graph.join(container.id, kind)
    if join is None or join.target is None or not join.by_name:
        return None
    other = graph.name(join.target)
    here = snapshot.namespace(container.id, kind)
    cure = commands(("nstui", "heal", "--onto", word_for(owner), word_for(container)))
    return Finding(
        code=FindingCode.UNDECLARED_SHARE,
        severity=Severity.WARNING,
        container=container.id,
        message=f"joined {other} by name, which is another container now; it"
        f" runs in {here}, that of {owner.name}, and would join the other one at its"
        " next start",
        remedy=cure.text,
        is_command=cure.is_command,
    )


def _renaming(graph: Graph, owner: Container, name: str, docker: str) -> Remedy:
    """Return how a name comes to mean a container again.

    One that others find by the name it has now must keep that.
    """
    is_sought = any(d.by_name for d in graph.users(owner.id))
    if is_sought or owner.compose is not None:
        return Remedy(f"give a container the name {named(name)} before it is restarted")
    return commands((docker, "rename", word_for(owner), name))


def find_restart_mismatch(
    graph: Graph, container: Container, docker: str
) -> Finding | None:
    """Return that a container restarts by itself and what it joined does not.

    Args:
        graph: Who depends on whom.
        container: Of whom.
        docker: The engine's command line program, for the remedy.

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
    # The engine gives no restart policy to one that removes itself.
    is_fleeting = any(removes_itself(joined) for joined in weaker)
    policy, whom = ("no", (container,)) if is_fleeting else (mine, weaker)
    words = [word_for(one) for one in whom]
    cure = commands((docker, "update", "--restart", policy, *words))
    theirs = " and ".join(
        f"that of {joined.name}, which it joined, is {_policy(joined)}"
        for joined in weaker
    )
    return Finding(
        code=FindingCode.RESTART_MISMATCH,
        severity=Severity.NOTICE,
        container=container.id,
        message=f"its restart policy is {mine}, but {theirs}: it cannot come back"
        " alone",
        remedy=cure.text,
        is_command=cure.is_command,
    )


def _joined(graph: Graph, container: Container) -> Iterator[Container]:
    """Yield those that a container itself joined, each once."""
    targets = dict.fromkeys(
        dependency.target
        for dependency in graph.dependencies(container.id)
        if dependency.kind in JOIN_KINDS
    )
    return (graph.containers[target] for target in targets if target is not None)


def _policy(container: Container) -> str:
    return "" if container.inspection is None else container.inspection.restart_policy

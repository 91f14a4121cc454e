"""The groups of containers that are, or should be, in one namespace."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.graph.presence import uses_host
from nstui.model.finding import Group, GroupBond
from nstui.model.frozen import dataclass
from nstui.model.step import ShareKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.graph.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.namespace import Namespace, NamespaceKind
    from nstui.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class GroupKey:
    """What the members of a group have in common."""

    bond: GroupBond
    word: str
    """The owner's id, the reference that is gone, or another distinguishing word."""


def find_groups(
    snapshot: Snapshot, graph: Graph, kind: NamespaceKind
) -> tuple[Group, ...]:
    """Return the groups of one kind, ordered by their leading container.

    A container that shares with no other is in no group. A container that joined one
    that no longer exists forms a group even if it is alone, and so does one that uses
    the host's namespace.
    """
    if _nobody_shares(snapshot, kind):
        return ()
    members: dict[GroupKey, list[ContainerId]] = {}
    for container in snapshot.containers:
        key = _key(container, graph, kind)
        members.setdefault(key, []).append(container.id)
    _merge_undeclared(members, snapshot, kind)
    return tuple(
        _group(snapshot, graph, kind, key, ids)
        for key, ids in members.items()
        if len(ids) > 1 or key.bond is not GroupBond.OWNER
    )


def _nobody_shares(snapshot: Snapshot, kind: NamespaceKind) -> bool:
    """Tell whether there is no group at all.

    This is so for most kinds on most hosts, and is quicker to compute than the groups.
    """
    seen: set[Namespace] = set()
    for container in snapshot.containers:
        if uses_host(container, kind) or any(j.kind is kind for j in container.joins):
            return False
        namespace = snapshot.namespace(container.id, kind)
        if namespace is not None:
            if namespace in seen:
                return False
            seen.add(namespace)
    return True


def _key(container: Container, graph: Graph, kind: NamespaceKind) -> GroupKey:
    """Return what determines the group of a container.

    If the kernel shows the owner of the present namespace, that decides. A container
    that its owner has left behind still belongs to that owner.
    """
    owner = graph.presence.owner(container.id, kind)
    if owner is not None:
        return GroupKey(GroupBond.OWNER, owner)
    return declared_key(container, graph, kind)


def declared_key(container: Container, graph: Graph, kind: NamespaceKind) -> GroupKey:
    """Return the group that a container's own declarations put it in."""
    chain = graph.chain(container.id, kind)
    if chain.gone is not None:
        return GroupKey(GroupBond.GONE, chain.gone.reference)
    if chain.loops:
        return GroupKey(GroupBond.LOOP, min(chain.hops))
    root = graph.containers[chain.hops[-1]]
    if uses_host(root, kind):
        return GroupKey(GroupBond.HOST, "")
    return GroupKey(GroupBond.OWNER, root.id)


def _merge_undeclared(
    members: dict[GroupKey, list[ContainerId]], snapshot: Snapshot, kind: NamespaceKind
) -> None:
    """Merge containers that only the kernel shows to be together.

    The group of an owner with declared dependents takes in the others in its namespace.
    Without such an owner the containers form a group of their own.
    """
    by_namespace: dict[Namespace, list[GroupKey]] = {}
    for key, ids in members.items():
        if key.bond is GroupBond.OWNER:
            owner = next(c for c in ids if c == key.word)
            namespace = snapshot.namespace(owner, kind)
            if namespace is not None:
                by_namespace.setdefault(namespace, []).append(key)
    for namespace, keys in by_namespace.items():
        if len(keys) > 1:
            owning = [key for key in keys if len(members[key]) > 1]
            home = (
                owning[0] if owning else GroupKey(GroupBond.UNDECLARED, str(namespace))
            )
            together = [c for key in keys if key != home for c in members.pop(key)]
            members.setdefault(home, []).extend(together)


def _group(
    snapshot: Snapshot,
    graph: Graph,
    kind: NamespaceKind,
    key: GroupKey,
    ids: list[ContainerId],
) -> Group:
    is_owned = key.bond is GroupBond.OWNER
    owner = next((c for c in ids if is_owned and c == key.word), None)
    return Group(
        kind=kind,
        bond=key.bond,
        owner=owner,
        gone_reference=key.word if key.bond is GroupBond.GONE else None,
        namespace=(
            snapshot.namespace(owner, kind)
            if owner is not None
            else _common_namespace(snapshot, kind, ids)
        ),
        members=_nearest_first(graph, kind, owner, ids),
    )


def _common_namespace(
    snapshot: Snapshot, kind: NamespaceKind, ids: Iterable[ContainerId]
) -> Namespace | None:
    """Return the namespace that all members without an owner share; None if several."""
    seen = {snapshot.namespace(container, kind) for container in ids} - {None}
    return seen.pop() if len(seen) == 1 else None


def _nearest_first(
    graph: Graph, kind: NamespaceKind, owner: ContainerId | None, ids: list[ContainerId]
) -> tuple[ContainerId, ...]:
    ordered: list[ContainerId] = []
    if owner is not None:
        ordered = [owner, *graph.dependents(owner, (ShareKind(kind),))]
    rest = [c for c in ids if c not in set(ordered)]
    rest.sort(key=lambda c: (len(graph.chain(c, kind).hops), graph.name(c)))
    return (*ordered, *rest)

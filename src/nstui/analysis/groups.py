"""Which containers are in one namespace, or should be."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.model.group import Group, GroupBond
from nstui.model.namespace import NamespaceKind
from nstui.model.plan import ShareKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nstui.analysis.graph import Graph
    from nstui.model.container import Container, ContainerId
    from nstui.model.namespace import Namespace
    from nstui.model.snapshot import Snapshot

HOST_MODE = "host"


@dataclass(frozen=True, slots=True)
class Key:
    """What the members of a group have in common."""

    bond: GroupBond
    word: str
    """The owner's id, the gone reference, or whatever tells such groups apart."""


def find_groups(
    snapshot: Snapshot, graph: Graph, kind: NamespaceKind
) -> tuple[Group, ...]:
    """Return the groups of one kind, ordered by what leads them.

    A container that shares with nobody is in no group. One that joined a container
    which no longer exists is in a group of its own kind even if it is alone, and so
    is one that uses the host's namespace.
    """
    if _nobody_shares(snapshot, kind):
        return ()
    members: dict[Key, list[ContainerId]] = {}
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

    It is so of most kinds on most hosts, and quicker to see than to find no group.
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


def _key(container: Container, graph: Graph, kind: NamespaceKind) -> Key:
    """Return what a container shares a namespace with, or should.

    The kernel's word counts where it shows somebody alive whose namespace it is in;
    one that its owner has left behind still belongs to its owner.
    """
    owner = graph.presence.owner(container.id, kind)
    if owner is not None:
        return Key(GroupBond.OWNER, owner)
    return declared_key(container, graph, kind)


def declared_key(container: Container, graph: Graph, kind: NamespaceKind) -> Key:
    """Return what a container's own declarations say it shares a namespace with."""
    chain = graph.chain(container.id, kind)
    if chain.gone is not None:
        return Key(GroupBond.GONE, chain.gone.reference)
    if chain.loops:
        return Key(GroupBond.LOOP, min(chain.hops))
    root = graph.containers[chain.hops[-1]]
    if uses_host(root, kind):
        return Key(GroupBond.HOST, "")
    return Key(GroupBond.OWNER, root.id)


def uses_host(container: Container, kind: NamespaceKind) -> bool:
    """Tell whether a container declares that it uses the host's namespace."""
    if kind is NamespaceKind.NET:
        return container.network_mode == HOST_MODE
    inspection = container.inspection
    return inspection is not None and kind in inspection.host_kinds


def _merge_undeclared(
    members: dict[Key, list[ContainerId]], snapshot: Snapshot, kind: NamespaceKind
) -> None:
    """Put together what only the kernel shows to be together.

    A namespace that an owner of declared dependents is in takes in the others found
    there. Otherwise the containers in it form a group that nobody owns.
    """
    by_namespace: dict[Namespace, list[Key]] = {}
    for key, ids in members.items():
        if key.bond is GroupBond.OWNER:
            owner = next(c for c in ids if c == key.word)
            namespace = snapshot.namespace(owner, kind)
            if namespace is not None:
                by_namespace.setdefault(namespace, []).append(key)
    for namespace, keys in by_namespace.items():
        if len(keys) > 1:
            owning = [key for key in keys if len(members[key]) > 1]
            home = owning[0] if owning else Key(GroupBond.UNDECLARED, str(namespace))
            together = [c for key in keys if key != home for c in members.pop(key)]
            members.setdefault(home, []).extend(together)


def _group(
    snapshot: Snapshot,
    graph: Graph,
    kind: NamespaceKind,
    key: Key,
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
    """Return the one namespace that members without an owner are in, if it is one."""
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

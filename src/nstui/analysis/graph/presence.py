"""Which containers the kernel shows in which namespace, and which one owns it.

An engine ends a namespace with the container it was made for, whatever other containers
are in it and whatever these declare. They may have joined it by a name that the owner
no longer has, through a container that is gone, or without the engine's knowledge.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nstui.model.container import Container, ContainerId
    from nstui.model.namespace import Namespace
    from nstui.model.snapshot import HostReading
    from nstui.model.step import ShareKind

    Containers = Mapping[ContainerId, Container]
    Joins = Mapping[tuple[ContainerId, NamespaceKind], "Dependency"]


Place = tuple["ContainerId", NamespaceKind]
"""A container and one of its kinds of namespace."""

HOST_MODE = "host"


@dataclass(frozen=True, slots=True)
class SharedNamespace:
    """Several containers that the kernel shows in one namespace."""

    kind: NamespaceKind
    members: tuple[ContainerId, ...]
    """The containers, ordered by name."""

    possible_owners: tuple[ContainerId, ...]
    """The containers that the namespace may have been made for, since they joined no
    other. It ends with one of them; if the tuple is empty, with no container."""

    owner: ContainerId | None
    """The one of `possible_owners` that it was made for; None if this is not known."""


class Presence:
    """All namespaces that are shared by several containers, except the host's own."""

    def __init__(
        self, containers: Containers, joins: Joins, host: HostReading | None
    ) -> None:
        """Combine what was read of a host.

        Args:
            containers: All containers of one snapshot.
            joins: Their declared joins.
            host: What the kernel says; None if it was not read.

        """
        self._shared: dict[Place, SharedNamespace] = {}
        self._residents: dict[Place, tuple[ContainerId, ...]] = {}
        for namespace, members in _members_of_shared(containers, host):
            kind = namespace.kind
            found = _shared_namespace(containers, joins, host, namespace, members)
            for member in members:
                self._shared[member, kind] = found
            if found.owner is not None:
                self._residents[found.owner, kind] = _residents(joins, found)

        self._add_kept(joins, host)

    def _add_kept(self, joins: Joins, host: HostReading | None) -> None:
        """Add networks that the engine keeps for owners that have moved to another."""
        if host is None:
            return
        for owner, namespace in host.kept.items():
            inside = tuple(
                c
                for c, reading in host.processes.items()
                if reading.namespaces.get(namespace.kind) == namespace
            )
            if not inside or owner in inside:
                continue
            kind = namespace.kind
            found = SharedNamespace(kind, inside, (owner,), owner)
            for member in inside:
                self._shared[member, kind] = found
            self._residents[owner, kind] = _residents(joins, found)

    def shared(
        self, container: ContainerId, kind: NamespaceKind
    ) -> SharedNamespace | None:
        """Return the shared namespace that a container is in, if any.

        It is None if the container is alone in its namespace, if that could not be
        read, or if it is the host's.
        """
        return self._shared.get((container, kind))

    def owner(self, container: ContainerId, kind: NamespaceKind) -> ContainerId | None:
        """Return the owner of a container's shared namespace, if it is known."""
        found = self.shared(container, kind)
        return None if found is None else found.owner

    def doubtful(self, kind: NamespaceKind) -> tuple[ContainerId, ...]:
        """Return possible owners of namespaces that others are in undeclared."""
        return tuple(
            container
            for (container, its_kind), found in self._shared.items()
            if its_kind is kind
            and container in found.possible_owners
            and not (_has_known_owner(found) and not self.residents(container, kind))
        )

    def residents(
        self, owner: ContainerId, kind: NamespaceKind
    ) -> tuple[ContainerId, ...]:
        """Return the containers in an owner's namespace that joined no other in it."""
        return self._residents.get((owner, kind), ())

    def rivals(
        self, container: ContainerId, kind: NamespaceKind
    ) -> tuple[ContainerId, ...]:
        """Return the other possible owners of the namespace that a container is in."""
        found = self.shared(container, kind)
        if (
            found is None
            or container not in found.possible_owners
            or _has_known_owner(found)
        ):
            return ()
        return tuple(member for member in found.members if member != container)


def _has_known_owner(shared: SharedNamespace) -> bool:
    """Tell whether the owner of a namespace is known."""
    return len(shared.possible_owners) == 1 and shared.owner is not None


def _members_of_shared(
    containers: Containers, host: HostReading | None
) -> Iterator[tuple[Namespace, list[ContainerId]]]:
    """Yield each shared namespace with its members, ordered by name."""
    found: dict[Namespace, list[ContainerId]] = {}
    for container, reading in () if host is None else host.processes.items():
        for namespace in reading.namespaces.values():
            found.setdefault(namespace, []).append(container)
    for namespace, everybody in found.items():
        members = [c for c in everybody if c in containers]
        if len(members) > 1 and not _is_machine_own(
            containers, host, namespace, members
        ):
            members.sort(key=lambda c: (containers[c].name, c))
            yield namespace, members


def _is_machine_own(
    containers: Containers,
    host: HostReading | None,
    namespace: Namespace,
    members: list[ContainerId],
) -> bool:
    """Tell whether a namespace is the machine's own.

    If the machine's own could not be read, it is the namespace of any container that
    declares ``host``.
    """
    own = None if host is None else host.own.get(namespace.kind)
    if own is not None:
        return own == namespace
    return any(uses_host(containers[c], namespace.kind) for c in members)


def _shared_namespace(
    containers: Containers,
    joins: Joins,
    host: HostReading | None,
    namespace: Namespace,
    members: list[ContainerId],
) -> SharedNamespace:
    kind = namespace.kind
    joined = [c for c in members if (c, kind) in joins]
    made = [c for c in members if not uses_host(containers[c], kind)]
    possible_owners = tuple(c for c in made if c not in joined)
    possible_owners = _without_kept_elsewhere(host, namespace, possible_owners)
    if len(possible_owners) == 1:
        possible = possible_owners[0]
        is_its = host is not None and host.kept.get(possible) == namespace
        links = [joins[c, kind] for c in joined]
        is_known = is_its or not links
        is_known |= any(_may_mean(containers, each, possible) for each in links)
        return SharedNamespace(
            kind, tuple(members), possible_owners, possible if is_known else None
        )
    owner = _joined_owner(joins, kind, joined, possible_owners)
    return SharedNamespace(kind, tuple(members), possible_owners, owner)


def _may_mean(containers: Containers, join: Dependency, possible: ContainerId) -> bool:
    """Tell whether a container may have joined another, whatever its join means now.

    A joined container that is gone may itself have joined the other one. A name may
    have been the other's at the time of the start, if no container or only a younger
    one has it now.
    """
    if join.target is None or join.target == possible:
        return True
    created = containers[join.target].created_at
    started = _started(containers[join.container])
    if not join.by_name or created is None or started is None:
        return False
    return created.timestamp() > started


def _without_kept_elsewhere(
    host: HostReading | None,
    namespace: Namespace,
    possible_owners: tuple[ContainerId, ...],
) -> tuple[ContainerId, ...]:
    """Return the containers for which the engine keeps no network other than this."""
    if host is None or namespace.kind is not NamespaceKind.NET:
        return possible_owners
    kept = host.kept
    left = tuple(m for m in possible_owners if kept.get(m, namespace) == namespace)
    proven = tuple(m for m in left if m in kept)
    return proven or left


def _started(container: Container) -> float | None:
    inspection = container.inspection
    if inspection is None or inspection.started_at is None:
        return None
    return inspection.started_at.timestamp()


def _joined_owner(
    joins: Joins,
    kind: NamespaceKind,
    joined: list[ContainerId],
    possible_owners: tuple[ContainerId, ...],
) -> ContainerId | None:
    """Return the only container that others in its namespace joined, if any."""
    targets = {joins[c, kind].target for c in joined}
    leading = [possible for possible in possible_owners if possible in targets]
    return leading[0] if len(leading) == 1 else None


def _residents(joins: Joins, shared: SharedNamespace) -> tuple[ContainerId, ...]:
    """Return the members that no join connects to the owner, without their joiners.

    After renames, joins can form a circle; one container of it is returned.
    """
    inside = set(shared.members)
    reached = {shared.owner}
    found: list[ContainerId] = []
    joined: dict[ContainerId | None, list[ContainerId]] = {}
    for member in shared.members:
        join = joins.get((member, shared.kind))
        joined.setdefault(None if join is None else join.target, []).append(member)

    def reach(first: ContainerId | None) -> None:
        ring = [first]
        while ring:
            ring = [c for at in ring for c in joined.get(at, ()) if c not in reached]
            reached.update(ring)

    reach(shared.owner)
    tops = [c for target in joined if target not in inside for c in joined[target]]
    for member in (*sorted(tops, key=shared.members.index), *shared.members):
        if member not in reached:
            found.append(member)
            reached.add(member)
            reach(member)
    return tuple(found)


def uses_host(container: Container, kind: NamespaceKind) -> bool:
    """Tell whether a container declares that it uses the host's namespace."""
    if kind is NamespaceKind.NET:
        return container.network_mode == HOST_MODE
    inspection = container.inspection
    return inspection is not None and kind in inspection.host_kinds


@dataclass(frozen=True, slots=True)
class Dependency:
    """One container's use of another, declared or observed."""

    container: ContainerId
    """The container that uses the other one."""

    kind: ShareKind
    reference: str
    """The declared reference of this kind, wherever it leads; empty if none."""

    target: ContainerId | None
    """The container that the reference means at present; None if there is none."""

    by_name: bool
    """Whether it is a name, and would mean a container of that name created later."""

    is_declared: bool = True
    """Whether the declaration leads to `target`; if not, the kernel shows them
    together."""

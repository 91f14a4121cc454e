"""Whom the kernel shows in which namespace, and whose namespace that is.

An engine ends a namespace with the container that it was made for, whoever else is in
it and whatever those declare: they may have joined it by a name that it no longer has,
through a container that is gone, or without the engine's knowledge.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.groups import uses_host
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from nstui.analysis.graph import Dependency
    from nstui.model.container import Container, ContainerId
    from nstui.model.namespace import Namespace
    from nstui.model.snapshot import HostReading

    Containers = Mapping[ContainerId, Container]
    Joins = Mapping[tuple[ContainerId, NamespaceKind], Dependency]

Place = tuple["ContainerId", NamespaceKind]
"""A container's place of one kind."""


@dataclass(frozen=True, slots=True)
class Household:
    """The containers that the kernel shows in one namespace, if they are several."""

    kind: NamespaceKind
    members: tuple[ContainerId, ...]
    """In the order of their names."""

    makers: tuple[ContainerId, ...]
    """Those that it may have been made for: they joined nobody. It ends with one of
    them; with nobody if there are none."""

    owner: ContainerId | None
    """The one of these that it was made for, as far as that is known."""


class Presence:
    """All namespaces that several containers are in; the host's own are not of them."""

    def __init__(
        self, containers: Containers, joins: Joins, host: HostReading | None
    ) -> None:
        """Put together what was read of a host.

        Args:
            containers: All of one snapshot.
            joins: What they joined, by declaration.
            host: What the kernel says; None if it was not asked.

        """
        self._households: dict[Place, Household] = {}
        self._residents: dict[Place, tuple[ContainerId, ...]] = {}
        for namespace, members in _crowded(containers, host):
            kind = namespace.kind
            found = _household(containers, joins, host, namespace, members)
            for member in members:
                self._households[member, kind] = found
            if found.owner is not None:
                self._residents[found.owner, kind] = _residents(joins, found)

        self._take_in_kept(joins, host)

    def _take_in_kept(self, joins: Joins, host: HostReading | None) -> None:
        """Add the networks whose owners' own processes have gone into others."""
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
            found = Household(kind, inside, (owner,), owner)
            for member in inside:
                self._households[member, kind] = found
            self._residents[owner, kind] = _residents(joins, found)

    def household(
        self, container: ContainerId, kind: NamespaceKind
    ) -> Household | None:
        """Return who is in the namespace of a container; None if it is alone there.

        None as well where that could not be read, and for the host's own namespace.
        """
        return self._households.get((container, kind))

    def owner(self, container: ContainerId, kind: NamespaceKind) -> ContainerId | None:
        """Return whose namespace a container is in with others, if that is known."""
        found = self.household(container, kind)
        return None if found is None else found.owner

    def doubtful(self, kind: NamespaceKind) -> tuple[ContainerId, ...]:
        """Return those that may own a namespace which somebody is in undeclared."""
        return tuple(
            container
            for (container, its_kind), found in self._households.items()
            if its_kind is kind
            and container in found.makers
            and not (_is_clear(found) and not self.residents(container, kind))
        )

    def residents(
        self, owner: ContainerId, kind: NamespaceKind
    ) -> tuple[ContainerId, ...]:
        """Return who is in an owner's namespace without having joined one in there."""
        return self._residents.get((owner, kind), ())

    def rivals(
        self, container: ContainerId, kind: NamespaceKind
    ) -> tuple[ContainerId, ...]:
        """Return the others in a namespace that may be a container's or another's."""
        found = self.household(container, kind)
        if found is None or container not in found.makers or _is_clear(found):
            return ()
        return tuple(member for member in found.members if member != container)


def _is_clear(household: Household) -> bool:
    """Tell whether it is known whose namespace it is."""
    return len(household.makers) == 1 and household.owner is not None


def _crowded(
    containers: Containers, host: HostReading | None
) -> Iterator[tuple[Namespace, list[ContainerId]]]:
    """Yield the members of each namespace that several are in, by their names."""
    found: dict[Namespace, list[ContainerId]] = {}
    for container, reading in () if host is None else host.processes.items():
        for namespace in reading.namespaces.values():
            found.setdefault(namespace, []).append(container)
    for namespace, everybody in found.items():
        members = [c for c in everybody if c in containers]
        if len(members) > 1 and not _is_machines(containers, host, namespace, members):
            members.sort(key=lambda c: (containers[c].name, c))
            yield namespace, members


def _is_machines(
    containers: Containers,
    host: HostReading | None,
    namespace: Namespace,
    members: list[ContainerId],
) -> bool:
    """Tell whether a namespace is the machine's own.

    Where that could not be read it is the one that somebody uses who is to use that.
    """
    own = None if host is None else host.own.get(namespace.kind)
    if own is not None:
        return own == namespace
    return any(uses_host(containers[c], namespace.kind) for c in members)


def _household(
    containers: Containers,
    joins: Joins,
    host: HostReading | None,
    namespace: Namespace,
    members: list[ContainerId],
) -> Household:
    kind = namespace.kind
    joined = [c for c in members if (c, kind) in joins]
    made = [c for c in members if not uses_host(containers[c], kind)]
    makers = tuple(c for c in made if c not in joined)
    makers = _kept_for(host, namespace, makers)
    if len(makers) == 1:
        maker = makers[0]
        is_its = host is not None and host.kept.get(maker) == namespace
        links = [joins[c, kind] for c in joined]
        is_known = is_its or not links
        is_known |= any(_may_mean(containers, each, maker) for each in links)
        return Household(kind, tuple(members), makers, maker if is_known else None)
    owner = _leader(joins, kind, joined, makers)
    return Household(kind, tuple(members), makers, owner)


def _may_mean(containers: Containers, join: Dependency, maker: ContainerId) -> bool:
    """Tell whether a container may have joined another, whatever its join means now.

    One that no longer exists can have joined the other in turn. A name can have been
    the other's when it was started: if nobody has it now, or one that is younger.
    """
    if join.target is None or join.target == maker:
        return True
    created = containers[join.target].created_at
    started = _started(containers[join.container])
    if not join.by_name or created is None or started is None:
        return False
    return created.timestamp() > started


def _kept_for(
    host: HostReading | None, namespace: Namespace, makers: tuple[ContainerId, ...]
) -> tuple[ContainerId, ...]:
    """Leave out those for whom the engine keeps another network than this."""
    if host is None or namespace.kind is not NamespaceKind.NET:
        return makers
    kept = host.kept
    left = tuple(m for m in makers if kept.get(m, namespace) == namespace)
    proven = tuple(m for m in left if m in kept)
    return proven or left


def _started(container: Container) -> float | None:
    inspection = container.inspection
    if inspection is None or inspection.started_at is None:
        return None
    return inspection.started_at.timestamp()


def _leader(
    joins: Joins,
    kind: NamespaceKind,
    joined: list[ContainerId],
    makers: tuple[ContainerId, ...],
) -> ContainerId | None:
    """Return the one that others in its namespace have joined, if it is only one."""
    targets = {joins[c, kind].target for c in joined}
    leading = [maker for maker in makers if maker in targets]
    return leading[0] if len(leading) == 1 else None


def _residents(joins: Joins, household: Household) -> tuple[ContainerId, ...]:
    """Return those that no join leads to from the owner, but for who joined them.

    Names that have changed can make joins lead round in a circle: one of it counts.
    """
    inside = set(household.members)
    reached = {household.owner}
    found: list[ContainerId] = []
    joined: dict[ContainerId | None, list[ContainerId]] = {}
    for member in household.members:
        join = joins.get((member, household.kind))
        joined.setdefault(None if join is None else join.target, []).append(member)

    def reach(first: ContainerId | None) -> None:
        ring = [first]
        while ring:
            ring = [c for at in ring for c in joined.get(at, ()) if c not in reached]
            reached.update(ring)

    reach(household.owner)
    tops = [c for target in joined if target not in inside for c in joined[target]]
    for member in (*sorted(tops, key=household.members.index), *household.members):
        if member not in reached:
            found.append(member)
            reached.add(member)
            reach(member)
    return tuple(found)

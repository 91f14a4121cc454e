"""The dependencies between containers, and the search for a container by name or id."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.graph.presence import Dependency, Presence
from nstui.errors import AmbiguousContainer, UnknownContainer
from nstui.model.container import HEX_DIGITS, ContainerId, is_id, short_id
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind
from nstui.model.step import ShareKind

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from nstui.model.audit import RemovedContainer
    from nstui.model.container import Container
    from nstui.model.finding import Finding
    from nstui.model.snapshot import HostReading, Snapshot


JOIN_KINDS = tuple(ShareKind(kind) for kind in NamespaceKind)
"""The kinds of sharing that make a container a dependent."""

SHOWN_MATCHES = 5


@dataclass(frozen=True, slots=True)
class Chain:
    """The joins of one kind from a container to its owner."""

    hops: tuple[ContainerId, ...]
    """The container itself, the container it joined, that one's join, and so on."""

    gone: Dependency | None
    """The join of the last hop, if its target does not exist."""

    loops: bool
    """Whether the joins lead back to an earlier hop."""

    @property
    def owner(self) -> ContainerId | None:
        """The root of the chain; None if the chain has no existing root."""
        return None if self.gone is not None or self.loops else self.hops[-1]


class Graph:
    """The dependencies between containers, in both directions."""

    def __init__(
        self, containers: Iterable[Container], host: HostReading | None = None
    ) -> None:
        """Resolve every declaration once.

        Args:
            containers: All containers of one snapshot.
            host: What the kernel says about them; None if only declarations count.

        """
        self.containers: Mapping[ContainerId, Container] = MappingProxyType(
            {container.id: container for container in containers}
        )
        self._names = {c.name: c.id for c in self.containers.values()}
        self._outgoing = {c.id: self._declared(c) for c in self.containers.values()}
        self._incoming: dict[ContainerId, list[Dependency]] = {}
        for dependencies in self._outgoing.values():
            for dependency in dependencies:
                if dependency.target is not None:
                    self._incoming.setdefault(dependency.target, []).append(dependency)
        self._joins = self._first_joins()
        self._chains: dict[tuple[ContainerId, NamespaceKind], Chain] = {}
        joins = {
            (container, NamespaceKind(kind)): dependency
            for (container, kind), dependency in self._joins.items()
            if kind in JOIN_KINDS
        }
        self.presence = Presence(self.containers, joins, host)
        self.findings: tuple[Snapshot, tuple[Finding, ...]] | None = None
        """The findings about the containers, kept by what finds them; None before."""

    def resolve(self, reference: str) -> ContainerId | None:
        """Return the container that a reference means.

        The engine resolves it at each start: as a full id, then as a name, then as a
        unique prefix of an id.
        """
        if is_id(reference):
            container = self.containers.get(ContainerId(reference))
            return None if container is None else container.id
        if reference in self._names:
            return self._names[reference]
        matches = self.beginning_with(reference)
        return matches[0] if len(matches) == 1 else None

    def beginning_with(self, prefix: str) -> tuple[ContainerId, ...]:
        """Return the containers with an id that begins with these digits."""
        if not prefix or not set(prefix) <= HEX_DIGITS:
            return ()
        return tuple(c for c in self.containers if c.startswith(prefix))

    def dependencies(self, container: ContainerId) -> tuple[Dependency, ...]:
        """Return the declared dependencies of a container, joins first."""
        return self._outgoing.get(container, ())

    def join(self, container: ContainerId, kind: NamespaceKind) -> Dependency | None:
        """Return the join of one kind that a container declares."""
        return self._joins.get((container, ShareKind(kind)))

    def users(self, container: ContainerId) -> tuple[Dependency, ...]:
        """Return the declarations of others that refer to a container."""
        return tuple(self._incoming.get(container, ()))

    def residents(
        self, container: ContainerId, kinds: Collection[ShareKind] = JOIN_KINDS
    ) -> tuple[Dependency, ...]:
        """Return the containers in another's namespace without a valid declaration."""
        return tuple(
            self.undeclared(resident, kind, container)
            for kind in JOIN_KINDS
            if kind in kinds
            for resident in self.presence.residents(container, NamespaceKind(kind))
        )

    def undeclared(
        self, container: ContainerId, kind: ShareKind, target: ContainerId
    ) -> Dependency:
        """Return an undeclared dependency on another container's namespace."""
        declared = self._joins.get((container, kind))
        reference = "" if declared is None else declared.reference
        by_name = declared is not None and declared.by_name
        return Dependency(
            container, kind, reference, target, by_name, is_declared=False
        )

    def chain(self, container: ContainerId, kind: NamespaceKind) -> Chain:
        """Follow a container's joins of one kind to their end.

        The result is kept, since nearly every question about the graph uses it.
        """
        known = self._chains.get((container, kind))
        if known is None:
            known = self._chains[container, kind] = self._follow(container, kind)
        return known

    def dependents(
        self, container: ContainerId, kinds: Iterable[ShareKind] = JOIN_KINDS
    ) -> tuple[ContainerId, ...]:
        """Return the direct and indirect dependents of a container, the nearest first.

        A container that the kernel shows in the namespace counts as a dependent.
        """
        return tuple(d.container for d in self.joiners(container, kinds))

    def joiners(
        self, container: ContainerId, kinds: Iterable[ShareKind] = JOIN_KINDS
    ) -> tuple[Dependency, ...]:
        """Return one dependency for each dependent: the first that led to it."""
        wanted = frozenset(kinds)
        found: dict[ContainerId, Dependency] = {}
        ring = [container]
        while ring:
            nearest = [
                dependency
                for member in ring
                for dependency in (*self.users(member), *self.residents(member, wanted))
                if dependency.kind in wanted
                and dependency.container != container
                and dependency.container not in found
            ]
            ring = []
            for dependency in sorted(nearest, key=self._declared_first):
                if dependency.container not in found:
                    found[dependency.container] = dependency
                    ring.append(dependency.container)
        return tuple(found.values())

    def runs(self, container: ContainerId) -> bool:
        """Tell whether a container's processes exist."""
        return self.containers[container].state.has_process

    def name(self, container: ContainerId) -> str:
        """Return the name of a container of this snapshot."""
        return self.containers[container].name

    def _follow(self, container: ContainerId, kind: NamespaceKind) -> Chain:
        hops = [container]
        while True:
            dependency = self.join(hops[-1], kind)
            if dependency is None:
                return Chain(tuple(hops), gone=None, loops=False)
            if dependency.target is None:
                return Chain(tuple(hops), gone=dependency, loops=False)
            if dependency.target in hops:
                return Chain(tuple(hops), gone=None, loops=True)
            hops.append(dependency.target)

    def _first_joins(self) -> dict[tuple[ContainerId, ShareKind], Dependency]:
        """Return the first declared join of each kind and container."""
        found: dict[tuple[ContainerId, ShareKind], Dependency] = {}
        for container, dependencies in self._outgoing.items():
            for dependency in dependencies:
                found.setdefault((container, dependency.kind), dependency)
        return found

    def _declared_first(self, dependency: Dependency) -> tuple[str, ContainerId, bool]:
        container = dependency.container
        return (self.name(container), container, not dependency.is_declared)

    def _declared(self, container: Container) -> tuple[Dependency, ...]:
        declared = [(ShareKind(j.kind), j.reference) for j in container.joins]
        if container.inspection is not None:
            declared += [(ShareKind.LINK, x.target) for x in container.inspection.links]
            declared += [
                (ShareKind.VOLUMES_FROM, reference)
                for reference in container.inspection.volumes_from
            ]
        return tuple(
            self._dependency(container.id, kind, reference)
            for kind, reference in declared
        )

    def _dependency(
        self, container: ContainerId, kind: ShareKind, reference: str
    ) -> Dependency:
        by_name = not is_id(reference)
        return Dependency(container, kind, reference, self.resolve(reference), by_name)


def running(graph: Graph) -> set[ContainerId]:
    """Return the containers with existing processes."""
    return {container for container in graph.containers if graph.runs(container)}


def all_hops(graph: Graph, container: ContainerId) -> tuple[ContainerId, ...]:
    """Return a container and all that it joined, directly or not, by any kind."""
    chains = (graph.chain(container, kind) for kind in NamespaceKind)
    return tuple(dict.fromkeys(hop for chain in chains for hop in chain.hops))


def is_behind_gone(graph: Graph, container: ContainerId) -> bool:
    """Tell whether any chain of a container leads to one that is gone."""
    return any(graph.chain(container, kind).gone for kind in NamespaceKind)


def start_needs(graph: Graph, container: ContainerId) -> tuple[Dependency, ...]:
    """Return the dependencies that a container needs to start: all but volumes.

    Volumes are used whether or not their container runs, and can form a circle.
    """
    declared = graph.dependencies(container)
    return tuple(one for one in declared if one.kind is not ShareKind.VOLUMES_FROM)


def find_container(graph: Graph, text: str) -> Container:
    """Return the container with this name, id, or unique prefix of an id.

    Raises:
        UnknownContainer: there is none.
        AmbiguousContainer: several ids begin like that.

    """
    reference = text.removeprefix("/")
    found = graph.resolve(reference)
    if found is not None:
        return graph.containers[found]
    matches = graph.beginning_with(reference)
    if matches:
        raise AmbiguousContainer(_ambiguous(graph, text, matches))
    names = [container.name for container in graph.containers.values()]
    hint = _spelling_hint(reference, names)
    raise UnknownContainer(f"no container is called {text!r}{hint}")


def find_containers(graph: Graph, texts: Iterable[str]) -> tuple[ContainerId, ...]:
    """Return the containers that the texts name, each once, in the same order.

    Raises:
        UnknownContainer: no container matches a text.
        AmbiguousContainer: several ids begin like a text.

    """
    return tuple(dict.fromkeys(find_container(graph, text).id for text in texts))


def _ambiguous(graph: Graph, text: str, matches: tuple[ContainerId, ...]) -> str:
    names = sorted(graph.name(match) for match in matches)
    more = len(names) - SHOWN_MATCHES
    shown = ", ".join(names[:SHOWN_MATCHES]) + (f" and {more} more" if more > 0 else "")
    return f"{text!r} could be any of {len(matches)} containers: {shown}"


def find_removed(records: Sequence[RemovedContainer], text: str) -> RemovedContainer:
    """Return the newest record with this name, id, or unique prefix of an id.

    Args:
        records: The records, the newest first.
        text: What was typed.

    Raises:
        UnknownContainer: there is none.
        AmbiguousContainer: several ids begin like that.

    """
    reference = text.removeprefix("/")
    for record in records:
        if reference and reference in {record.id, record.name}:
            return record
    is_prefix = bool(reference) and set(reference) <= HEX_DIGITS
    begin = [one for one in records if is_prefix and one.id.startswith(reference)]
    ids = dict.fromkeys(record.id for record in begin)
    if len(ids) == 1:
        return begin[0]
    if ids:
        shown = ", ".join(map(short_id, ids))
        raise AmbiguousContainer(f"{text!r} could be any of {len(ids)}: {shown}")
    hint = _spelling_hint(reference, [record.name for record in records])
    raise UnknownContainer(f"no removed container is called {text!r}{hint}")


def _spelling_hint(text: str, names: Sequence[str]) -> str:
    """Return the end of a sentence that asks for the most similar name, if any."""
    from difflib import get_close_matches  # noqa: PLC0415

    close = get_close_matches(text, names, n=1)
    return f"; did you mean {close[0]}?" if close else ""

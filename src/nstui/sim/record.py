"""What a simulated engine keeps of one container, and how it finds one."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.container import (
    ID_LENGTH,
    ContainerState,
    Health,
    Join,
    join_reference,
)
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from nstui.model.container import ContainerId
    from nstui.sim.kernel import SimNamespace
    from nstui.sim.spec import Spec

CARD = "eth"
"""How the names of network cards begin."""


@dataclass(slots=True, eq=False)
class LinkRecord:
    """A link as the engine keeps it: it follows a rename, not a recreation."""

    target: Record
    alias: str


@dataclass(slots=True, eq=False)
class Run:
    """The time between a start of a container and its end."""

    started_at: datetime
    finished_at: datetime | None = None
    """None: it still runs."""


@dataclass(slots=True, eq=False, kw_only=True)
class Record:
    """One container; changed only under the world's lock."""

    id: ContainerId
    name: str
    spec: Spec
    modes: dict[NamespaceKind, str]
    """The namespace modes as stored: with an id if the name was known at creation."""

    links: tuple[LinkRecord, ...]
    created_at: datetime
    state: ContainerState = ContainerState.CREATED
    pid: int | None = None
    namespaces: dict[NamespaceKind, SimNamespace] = field(default_factory=dict)
    """Those it is in; empty if it does not run."""

    left: dict[NamespaceKind, SimNamespace] = field(default_factory=dict)
    """Those that were made for it and that its process has left for another's."""

    started_at: datetime | None = None
    finished_at: datetime | None = None
    runs: list[Run] = field(default_factory=list)
    """All that its log knows of, the present one last."""

    exit_code: int = 0
    health: Health | None = None
    oom_killed: bool = False
    restart_count: int = 0
    joined_pids: dict[NamespaceKind, int] = field(default_factory=dict)
    """The first process of what it joined, as it was when it was last started."""

    start_error: str = ""
    """Why its last start failed, if it did."""

    is_detached: bool = False
    """Whether it was taken off all its networks."""

    files_of: ContainerId | None = None
    """Whose folder its ``/etc/hosts`` came from when it was last started."""

    @property
    def joins(self) -> tuple[Join, ...]:
        """Its declared joins, ``net`` first."""
        references = (
            (kind, join_reference(self.modes.get(kind, ""))) for kind in NamespaceKind
        )
        return tuple(
            Join(kind, reference)
            for kind, reference in references
            if reference is not None
        )

    @property
    def sandbox(self) -> SimNamespace | None:
        """The network that the engine keeps for it, wherever its process is now."""
        if any(join.kind is NamespaceKind.NET for join in self.joins):
            return None
        return self.left.get(NamespaceKind.NET, self.namespaces.get(NamespaceKind.NET))

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks it is attached to; none if it joined another's namespace."""
        return () if self.is_detached else self.made_for

    @property
    def made_for(self) -> tuple[str, ...]:
        """The networks that it was attached to when it was created."""
        mode = self.modes[NamespaceKind.NET]
        if join_reference(mode) is not None:
            return ()
        return (mode, *self.spec.more_networks)

    @property
    def cards(self) -> tuple[str, ...]:
        """The names of its network cards, one for each network."""
        return tuple(f"{CARD}{number}" for number in range(len(self.networks)))


class Records:
    """The containers an engine knows."""

    def __init__(self) -> None:
        self._by_id: dict[ContainerId, Record] = {}

    def __iter__(self) -> Iterator[Record]:
        """Go through them in the order of their names."""
        return iter(sorted(self._by_id.values(), key=lambda record: record.name))

    def add(self, record: Record) -> None:
        """Take in a container."""
        self._by_id[record.id] = record

    def discard(self, record: Record) -> None:
        """Let go of a container."""
        del self._by_id[record.id]

    def find(self, reference: str) -> Record | None:
        """Find one by full id, then by name, then by an unambiguous prefix."""
        named = reference.removeprefix("/")
        for record in self._by_id.values():
            if reference == record.id or named == record.name:
                return record
        found = [r for r in self._by_id.values() if r.id.startswith(reference)]
        is_prefix = bool(reference) and len(reference) < ID_LENGTH
        return found[0] if is_prefix and len(found) == 1 else None

    def get(self, reference: str) -> Record:
        """Return the one that is meant.

        Raises:
            ContainerVanished: there is none.

        """
        record = self.find(reference)
        if record is None:
            raise ContainerVanished(f"No such container: {reference}")
        return record

    def require_free(self, name: str) -> None:
        """Make sure that nobody has a name.

        Raises:
            EngineRefused: somebody does, in the engine's words.

        """
        for record in self._by_id.values():
            if record.name == name:
                raise EngineRefused(
                    f'Conflict. The container name "/{name}" is already in use by '
                    f'container "{record.id}". You have to remove (or rename) that '
                    "container to be able to reuse that name."
                )

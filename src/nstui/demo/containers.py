"""The record of a simulated container, and its declaration."""

from __future__ import annotations

from dataclasses import KW_ONLY, field
from typing import TYPE_CHECKING

from nstui.errors import ContainerVanished, EngineRefused
from nstui.model.container import (
    ID_LENGTH,
    ContainerState,
    Health,
    Join,
    join_reference,
)
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from nstui.demo.kernel import SimNamespace
    from nstui.model.container import (
        ComposeService,
        ContainerId,
        Manager,
        Pod,
        PublishedPort,
    )


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
        """Drop a container."""
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
        """Require that no container has a name.

        Raises:
            EngineRefused: one has it, in the engine's words.

        """
        for record in self._by_id.values():
            if record.name == name:
                raise EngineRefused(
                    f'Conflict. The container name "/{name}" is already in use by '
                    f'container "{record.id}". You have to remove (or rename) that '
                    "container to be able to reuse that name."
                )


@dataclass(frozen=True, slots=True)
class Spec:
    """A container as it is declared."""

    name: str
    image: str = "busybox:1.36"
    _: KW_ONLY
    network: str = "bridge"
    """``bridge``, ``host``, ``none``, ``container:<ref>`` or the name of a network."""

    more_networks: tuple[str, ...] = ()
    """Networks that it is connected to besides."""

    pid: str = ""
    """Nothing, ``host`` or ``container:<ref>``."""

    ipc: str = "private"
    """``private``, ``shareable``, ``host`` or ``container:<ref>``."""

    links: tuple[str, ...] = ()
    """Each ``<ref>`` or ``<ref>:<alias>``."""

    volumes_from: tuple[str, ...] = ()
    ports: tuple[PublishedPort, ...] = ()
    restart: str = "no"
    compose: ComposeService | None = None
    """What compose made it of; `labels` are beside those of compose."""

    labels: tuple[tuple[str, str], ...] = ()
    """Labels that it is given when it is created."""

    image_labels: tuple[tuple[str, str], ...] = ()
    """Labels that its image has, and that it has from there."""

    runs_in: Manager | None = None
    """The manager that it runs in the control group of."""

    pod: Pod | None = None
    has_health_check: bool = False
    devices: tuple[str, ...] = ()
    """Interfaces that its program makes, such as the ``tun0`` of a VPN."""

    removes_itself: bool = False
    """Whether it is removed when it stops, as with ``--rm``."""

    log_driver: str = "json-file"
    """``json-file``, or ``none``: then its log cannot be read."""

    stop_signal: str = ""
    """What it is stopped by; empty: the engine's, ``TERM``."""

    stop_code: int = 137
    """How it exits when it is stopped; 137 if it has to be killed."""

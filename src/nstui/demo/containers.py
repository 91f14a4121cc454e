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


INTERFACE_PREFIX = "eth"
"""How the names of a container's network interfaces begin."""


@dataclass(slots=True, eq=False)
class LinkRecord:
    """A link as the engine stores it: it follows a rename, but not a recreation."""

    target: Record
    alias: str


@dataclass(slots=True, eq=False)
class LoggedRun:
    """The time between a start of a container and its end."""

    started_at: datetime
    finished_at: datetime | None = None
    """None while it runs."""


@dataclass(slots=True, eq=False, kw_only=True)
class Record:
    """One container; changed only while the world's lock is held."""

    id: ContainerId
    name: str
    spec: Spec
    modes: dict[NamespaceKind, str]
    """The namespace modes as stored: with an id if the name was known at creation."""

    links: tuple[LinkRecord, ...]
    created_at: datetime
    image_id: str = ""
    """The image it was made from, whatever has its name now."""

    state: ContainerState = ContainerState.CREATED
    pid: int | None = None
    namespaces: dict[NamespaceKind, SimNamespace] = field(default_factory=dict)
    """The namespaces it is in; empty if it does not run."""

    left: dict[NamespaceKind, SimNamespace] = field(default_factory=dict)
    """The namespaces that were created for it and that its process has left."""

    started_at: datetime | None = None
    finished_at: datetime | None = None
    runs: list[LoggedRun] = field(default_factory=list)
    """All runs in its log, the present one last."""

    exit_code: int = 0
    health: Health | None = None
    checked_at: datetime | None = None
    """When its health check had that result."""

    oom_killed: bool = False
    restart_count: int = 0
    joined_pids: dict[NamespaceKind, int] = field(default_factory=dict)
    """The first process of each container it joined, as of its last start."""

    start_error: str = ""
    """Why its last start failed; empty if it did not."""

    is_detached: bool = False
    """Whether it was disconnected from all its networks."""

    files_of: ContainerId | None = None
    """The container that its ``/etc/hosts`` belonged to at its last start."""

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
        """The network namespace that the engine keeps for it, if any."""
        if any(join.kind is NamespaceKind.NET for join in self.joins):
            return None
        return self.left.get(NamespaceKind.NET, self.namespaces.get(NamespaceKind.NET))

    @property
    def networks(self) -> tuple[str, ...]:
        """The networks it is attached to; empty if it joined another's namespace."""
        return () if self.is_detached else self.made_for

    @property
    def made_for(self) -> tuple[str, ...]:
        """The networks that it was attached to when it was created."""
        mode = self.modes[NamespaceKind.NET]
        if join_reference(mode) is not None:
            return ()
        return (mode, *self.spec.more_networks)

    @property
    def interface_names(self) -> tuple[str, ...]:
        """The names of its network interfaces, one for each network."""
        return tuple(
            f"{INTERFACE_PREFIX}{number}" for number in range(len(self.networks))
        )


class Records:
    """The containers of an engine."""

    def __init__(self) -> None:
        self._by_id: dict[ContainerId, Record] = {}
        self.removed: dict[ContainerId, Record] = {}
        """The containers that were removed, for those who have kept an inspect."""

    def __iter__(self) -> Iterator[Record]:
        """Return an iterator over the containers, ordered by name."""
        return iter(sorted(self._by_id.values(), key=lambda record: record.name))

    def add(self, record: Record) -> None:
        """Add a container."""
        self._by_id[record.id] = record

    def discard(self, record: Record) -> None:
        """Remove a container."""
        del self._by_id[record.id]
        self.removed[record.id] = record

    def find(self, reference: str) -> Record | None:
        """Find a container by full id, then by name, then by an unambiguous prefix."""
        named = reference.removeprefix("/")
        for record in self._by_id.values():
            if reference == record.id or named == record.name:
                return record
        found = [r for r in self._by_id.values() if r.id.startswith(reference)]
        is_prefix = bool(reference) and len(reference) < ID_LENGTH
        return found[0] if is_prefix and len(found) == 1 else None

    def get(self, reference: str) -> Record:
        """Return the container of a reference.

        Raises:
            ContainerVanished: There is none.

        """
        record = self.find(reference)
        if record is None:
            raise ContainerVanished(f"No such container: {reference}")
        return record

    def require_free(self, name: str) -> None:
        """Require that no container has this name.

        Raises:
            EngineRefused: A container has it; the message is the engine's.

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
    """Further networks that it is connected to."""

    pid: str = ""
    """Empty, ``host`` or ``container:<ref>``."""

    ipc: str = "private"
    """``private``, ``shareable``, ``host`` or ``container:<ref>``."""

    links: tuple[str, ...] = ()
    """Each is ``<ref>`` or ``<ref>:<alias>``."""

    volumes_from: tuple[str, ...] = ()
    mounts: tuple[str, ...] = ()
    """Each is ``<volume or path>:<destination>``, and ``:ro`` if it is read-only."""

    environment: tuple[str, ...] = ()
    """Each is ``NAME=value``."""

    ports: tuple[PublishedPort, ...] = ()
    restart: str = "no"
    compose: ComposeService | None = None
    """The compose service it was created for; `labels` has no labels of compose."""

    labels: tuple[tuple[str, str], ...] = ()
    """Labels that it is given when it is created."""

    image_labels: tuple[tuple[str, str], ...] = ()
    """Labels of its image, which it inherits."""

    runs_in: Manager | None = None
    """The manager whose control group it runs in."""

    pod: Pod | None = None
    has_health_check: bool = False
    devices: tuple[str, ...] = ()
    """Interfaces that its program creates, such as the ``tun0`` of a VPN."""

    removes_itself: bool = False
    """Whether it is removed when it stops, as with ``--rm``."""

    log_driver: str = "json-file"
    """``json-file``, or ``none``: then its log cannot be read."""

    stop_signal: str = ""
    """The signal that stops it; empty for the engine's default, ``TERM``."""

    stop_code: int = 137
    """The exit code when it is stopped; 137 if it has to be killed."""

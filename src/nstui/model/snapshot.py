"""One immutable observation of a host."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from nstui.model.container import ComposeService, Container, ContainerId
    from nstui.model.healing import ComposeJoin
    from nstui.model.interruption import PlanRecord
    from nstui.model.manager import Manager
    from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """The engine that was asked."""

    endpoint: str
    """Its address as configured, such as ``unix:///var/run/docker.sock``."""

    context: str | None
    """The docker context it was found through; None if named by an address."""

    name: str
    """``Docker`` or ``Podman``."""

    version: str


class ReadProblem(StrEnum):
    """Why the kernel's word on a container's process could not be had."""

    VANISHED = "vanished"
    """The process has gone, or is hidden from this user."""

    DENIED = "denied"
    """The kernel refused: it wants root, or the same user."""

    NOT_THE_CONTAINER = "not_the_container"
    """A process has that pid, but its cgroup does not name the container."""


@dataclass(frozen=True, slots=True)
class MountedFile:
    """One of the engine's files as the kernel has it mounted into a container."""

    name: str
    """``resolv.conf``, ``hosts`` or ``hostname``."""

    source: str
    """Where the file is, or was, on its file system."""

    is_deleted: bool
    """Whether the file is gone; the container still sees what was in it."""

    belongs_to: ContainerId | None
    """The container whose folder it is, or was, in; None if the path names none."""


class AncestorSource(StrEnum):
    """Where something is known from of a container that no longer exists."""

    SEEN = "seen"
    """nstui has seen it: in this run, or in an earlier one that wrote it down."""

    REMOVED = "removed"
    """nstui removed it, and kept a copy."""

    EVENTS = "events"
    """The engine's memory of past events."""


@dataclass(frozen=True, slots=True)
class Ancestor:
    """A container that no longer exists, as it was when it was last seen."""

    id: ContainerId
    name: str
    compose: ComposeService | None
    """Its project and service if compose made it; None also if that is not proven."""

    source: AncestorSource = AncestorSource.SEEN
    earlier: tuple[str, ...] = ()
    """Names that it had before it was renamed, the latest first."""

    renamed_at: datetime | None = None
    """When it got its last name; None if the engine's events do not tell."""


@dataclass(frozen=True, slots=True)
class ProcessReading:
    """What ``/proc`` says of the first process of one container."""

    pid: int
    namespaces: Mapping[NamespaceKind, Namespace]
    """The namespaces that could be read; a kind that is missing could not be."""

    interfaces: tuple[str, ...] | None
    """The names in ``/proc/PID/net/dev``; None if it could not be read."""

    problem: ReadProblem | None = None
    """Why anything above is missing."""

    files: tuple[MountedFile, ...] | None = None
    """The engine's files in its ``/etc``; None if they were not looked for, which they
    are only where the network has nothing but loopback, or could not be read."""

    manager: Manager | None = None
    """What manages it, by its control group; None if that says nothing."""


@dataclass(frozen=True, slots=True)
class HostReading:
    """What ``/proc`` says of all containers at one look."""

    level: NamespacesRead
    processes: Mapping[ContainerId, ProcessReading] = field(
        default_factory=lambda: MappingProxyType({})
    )
    note: str | None = None
    """Why `level` is not ``inode`` and what would make it so, as a sentence."""

    units: Mapping[str, Manager] = field(default_factory=lambda: MappingProxyType({}))
    """The systemd units that run a container in the foreground, by its name."""

    own: Mapping[NamespaceKind, Namespace] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """The namespaces of the machine itself; a kind that is missing was not read."""

    kept: Mapping[ContainerId, Namespace] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """The networks that the engine keeps for containers, wherever these are; read only
    where nothing else tells whose network several of them are in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What was seen of one host at one look."""

    taken_at: datetime
    """When the look ended, in UTC."""

    engine: EngineInfo
    containers: tuple[Container, ...]
    """In the order of their names."""

    host: HostReading
    ancestors: Mapping[ContainerId, Ancestor] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """What is known of containers that others joined and that no longer exist."""

    restart_periods: Mapping[ContainerId, timedelta] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """How long the last runs of containers were, of those whose restart count was seen
    to rise from look to look."""

    compose_joins: Mapping[ContainerId, tuple[ComposeJoin, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """What compose resolves containers to join, of those about whom it was asked."""

    networks: frozenset[str] | None = None
    """The names and ids of the engine's networks; None if nobody had to ask for them:
    no container has lost the one that it was made for."""

    unfinished: tuple[PlanRecord, ...] = ()
    """The records of plans that were cut off, of whatever host; the oldest first."""

    unread_records: tuple[str, ...] = ()
    """Why some records of plans could not be read, as sentences."""

    reached: frozenset[Manager] = frozenset()
    """Those of the containers' managers that nstui can ask to act."""

    is_glimpse: bool = False
    """Whether only the engine's list was read, so that most is still to come."""

    @property
    def namespaces_read(self) -> NamespacesRead:
        """How namespaces were told apart."""
        return self.host.level

    def namespace(
        self, container: ContainerId, kind: NamespaceKind
    ) -> Namespace | None:
        """Return the namespace a container is in, or None if it could not be read."""
        reading = self.host.processes.get(container)
        return None if reading is None else reading.namespaces.get(kind)

    def interfaces(self, container: ContainerId) -> tuple[str, ...] | None:
        """Return the network interfaces a container has, or None if not readable."""
        reading = self.host.processes.get(container)
        return None if reading is None else reading.interfaces

"""One immutable observation of a host."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime, timedelta

    from nstui.model.container import ComposeService, Container, ContainerId, Manager
    from nstui.model.healing import ComposeJoin
    from nstui.model.namespace import Namespace, NamespaceKind, NamespacesRead
    from nstui.model.outcome import PlanRecord
    from nstui.model.own import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineInfo:
    """The engine at the endpoint."""

    endpoint: str
    """The configured address, such as ``unix:///var/run/docker.sock``."""

    context: str | None
    """The docker context it was found through; None if an address was given."""

    name: str
    """``Docker`` or ``Podman``."""

    version: str
    kernel: str = ""
    """The release of the kernel that it runs on; empty if it does not tell."""

    @property
    def is_docker(self) -> bool:
        """Whether it is Docker."""
        return self.name == "Docker"

    @property
    def is_podman(self) -> bool:
        """Whether it is Podman."""
        return self.name == "Podman"


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineMachine:
    """What an engine says of where it runs; empty what it does not tell."""

    system: str = ""
    """The operating system, such as ``Docker Desktop``."""

    name: str = ""
    """The host name."""

    cgroup_driver: str = ""
    """``systemd``, ``cgroupfs``, or ``none`` for a rootless engine without them."""

    engine_id: str = ""
    """The id of the engine itself, the same at all of its addresses. Engines of cloned
    machines have the same one; before Docker 23, so have all engines of a machine."""


class ReadProblem(StrEnum):
    """Why the kernel's facts about a container's process could not be read."""

    VANISHED = "vanished"
    """The process has ended, or is hidden from this user."""

    DENIED = "denied"
    """Access was denied: it needs root, or the same user."""

    NOT_THE_CONTAINER = "not_the_container"
    """A process has that pid, but its cgroup does not name the container."""

    NO_SHELL = "no_shell"
    """The account on the machine behind ssh runs no shell."""

    UNANSWERED = "unanswered"
    """The machine behind ssh did not answer, or not in a way that can be used."""


@dataclass(frozen=True, slots=True)
class MountedFile:
    """One of the engine's files, as the kernel has it mounted into a container."""

    name: str
    """``resolv.conf``, ``hosts`` or ``hostname``."""

    source: str
    """The path that the file has, or had, on its file system."""

    is_deleted: bool
    """Whether the file was removed; the container still sees its content."""

    belongs_to: ContainerId | None
    """The container that owns the file's folder; None if the path names none."""


class FormerContainerSource(StrEnum):
    """How a container that no longer exists is known."""

    SEEN = "seen"
    """nstui saw it, in this run or in an earlier one that recorded it."""

    REMOVED = "removed"
    """nstui removed it and kept a record."""

    EVENTS = "events"
    """The engine's buffer of past events names it."""


@dataclass(frozen=True, slots=True)
class FormerContainer:
    """A container that no longer exists, as it was when it was last seen."""

    id: ContainerId
    name: str
    compose: ComposeService | None
    """Its project and service if compose provably made it; otherwise None."""

    source: FormerContainerSource = FormerContainerSource.SEEN
    earlier: tuple[str, ...] = ()
    """The names it had before it was renamed, the latest first."""

    renamed_at: datetime | None = None
    """When it got its last name; None if the engine's events do not tell."""


@dataclass(frozen=True, slots=True)
class ProcessReading:
    """What ``/proc`` says about the first process of one container."""

    pid: int
    namespaces: Mapping[NamespaceKind, Namespace]
    """The namespaces that could be read; a missing kind could not be read."""

    interfaces: tuple[str, ...] | None
    """The names in ``/proc/PID/net/dev``; None if it could not be read."""

    problem: ReadProblem | None = None
    """Why some of the above is missing."""

    files: tuple[MountedFile, ...] | None = None
    """The engine's files in its ``/etc``; None if they were not read. They are read
    only if the network has only loopback or could not be read."""

    manager: Manager | None = None
    """Its manager by its control group; None if that names none."""


WITH_SUDO = "run nstui with sudo"


@dataclass(frozen=True, slots=True)
class HostReading:
    """What ``/proc`` says about all containers, read at one time."""

    level: NamespacesRead
    processes: Mapping[ContainerId, ProcessReading] = field(
        default_factory=lambda: MappingProxyType({})
    )
    note: str | None = None
    """Why `level` is not ``inode`` and what would change that, as a sentence."""

    obstacle: str = ""
    """What keeps `level` from being the best, in a few words; empty if not known."""

    place: Place | None = None
    """Where nstui runs, if `level` is not the best; None if that was not read."""

    is_denied_to_root: bool = False
    """Whether `level` is ``fingerprint`` although nstui runs as root."""

    units: Mapping[str, Manager] = field(default_factory=lambda: MappingProxyType({}))
    """The systemd units that run a container in the foreground, by its name."""

    remedy: str = WITH_SUDO
    """What gives the rights of root to a user who lacks them."""

    own: Mapping[NamespaceKind, Namespace] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """The namespaces of the machine itself; a missing kind was not read."""

    kept: Mapping[ContainerId, Namespace] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """The network namespaces that the engine keeps for containers, wherever their
    processes are; read only if nothing else tells which container owns a shared
    network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The state of one host as it was read at one time."""

    taken_at: datetime
    """When the reading ended, in UTC."""

    engine: EngineInfo
    containers: tuple[Container, ...]
    """In the order of their names."""

    host: HostReading
    former_containers: Mapping[ContainerId, FormerContainer] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """What is known of joined containers that no longer exist."""

    restart_periods: Mapping[ContainerId, timedelta] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """How long the recent runs of containers lasted, if their restart count was seen to
    rise between readings."""

    compose_joins: Mapping[ContainerId, tuple[ComposeJoin, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    """The joins that compose resolves, for the containers that it was asked about."""

    networks: frozenset[str] | None = None
    """The names and ids of the engine's networks; None if they were not needed, because
    no container has lost the network it was made for."""

    unfinished: tuple[PlanRecord, ...] = ()
    """The records of interrupted plans, of any host, the oldest first."""

    unread_records: tuple[str, ...] = ()
    """Why some records of plans could not be read, as sentences."""

    reached: frozenset[Manager] = frozenset()
    """The containers' managers that nstui can ask to act."""

    own: Mapping[ContainerId, str] = field(default_factory=lambda: MappingProxyType({}))
    """The containers with which nstui itself would end, and what each is to it, as a
    sentence without the name in front; empty unless a plan is made."""

    is_glimpse: bool = False
    """Whether only the engine's list was read, so that most is still missing."""

    @property
    def namespaces_read(self) -> NamespacesRead:
        """How the namespaces were identified."""
        return self.host.level

    def namespace(
        self, container: ContainerId, kind: NamespaceKind
    ) -> Namespace | None:
        """Return the namespace a container is in, or None if it could not be read."""
        reading = self.host.processes.get(container)
        return None if reading is None else reading.namespaces.get(kind)

    def interfaces(self, container: ContainerId) -> tuple[str, ...] | None:
        """Return the network interfaces of a container, or None if not readable."""
        reading = self.host.processes.get(container)
        return None if reading is None else reading.interfaces

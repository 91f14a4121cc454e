"""A container as the engine describes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, NewType

from nstui.model.namespace import NamespaceKind

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.model.manager import Manager, Pod

ContainerId = NewType("ContainerId", str)
"""The engine's full id: 64 lower-case hexadecimal digits."""

HEX_DIGITS = frozenset("0123456789abcdef")
ID_LENGTH = 64
SHORT_ID_LENGTH = 12
"""How many digits of an id the docker command shows."""


def is_id(reference: str) -> bool:
    """Tell whether a reference is a full id, which means one container for ever."""
    return len(reference) == ID_LENGTH and set(reference) <= HEX_DIGITS


def short_id(reference: str) -> str:
    """Shorten a full id as the docker command does; leave a name as it is."""
    return reference[:SHORT_ID_LENGTH] if is_id(reference) else reference


class ContainerState(StrEnum):
    """The engine's word for what a container is doing."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    RESTARTING = "restarting"
    REMOVING = "removing"
    EXITED = "exited"
    DEAD = "dead"
    UNKNOWN = "unknown"
    """A word that this version of nstui does not know."""

    @property
    def has_process(self) -> bool:
        """Whether its processes exist, and with them its namespaces."""
        return self in {ContainerState.RUNNING, ContainerState.PAUSED}


class Health(StrEnum):
    """The result of a container's health check."""

    STARTING = "starting"
    HEALTHY = "healthy"
    UNHEALTHY = "unhealthy"


@dataclass(frozen=True, slots=True)
class Join:
    """A declaration ``container:<reference>`` for one kind of namespace."""

    kind: NamespaceKind
    reference: str
    """As the engine stores it: a full id, a name, or a prefix of an id."""


@dataclass(frozen=True, slots=True)
class Link:
    """A legacy ``--link`` to another container."""

    target: str
    """The name of the other container, without its slash."""

    alias: str


@dataclass(frozen=True, slots=True, order=True)
class PublishedPort:
    """A port of the host that leads into a container."""

    container_port: int
    protocol: str
    host_ip: str
    host_port: int

    def __str__(self) -> str:
        """Write it as ``docker ps`` does."""
        host = f"[{self.host_ip}]" if ":" in self.host_ip else self.host_ip
        return f"{host}:{self.host_port}->{self.container_port}/{self.protocol}"


@dataclass(frozen=True, slots=True)
class ComposeService:
    """The compose project and service a container belongs to."""

    project: str
    service: str
    depends_on: tuple[str, ...] = ()
    """The services of the project that it says it needs."""

    folder: str = ""
    """Where the project is, on the machine that compose ran on."""

    files: tuple[str, ...] = ()
    """The project's configuration files, as paths."""

    env_files: tuple[str, ...] = ()
    """The files that variables were taken from, if any were named."""

    config_hash: str = ""
    """Compose's own hash of what it made the container of."""

    is_oneoff: bool = False
    """Whether it is beside the service's own containers, from ``compose run``."""

    def __str__(self) -> str:
        """Write it as ``project/service``."""
        return f"{self.project}/{self.service}"


@dataclass(frozen=True, slots=True)
class SharedFile:
    """One of the three files the engine mounts into a container's ``/etc``."""

    name: str
    """``resolv.conf``, ``hosts`` or ``hostname``."""

    path: str
    """Where the file is on the engine's host."""

    belongs_to: ContainerId | None
    """The container whose folder it is in; None if the path names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What only an inspect of a container tells."""

    pid: int | None
    """The process id of its first process on the engine's host; None if not running."""

    started_at: datetime | None
    """When it was last started; None if never."""

    finished_at: datetime | None
    exit_code: int | None
    health: Health | None
    """None if it has no health check."""

    oom_killed: bool
    restart_policy: str
    """``no``, ``always``, ``unless-stopped`` or ``on-failure``."""

    restart_count: int
    joins: tuple[Join, ...]
    """Every declared join, of all kinds, ``net`` first."""

    links: tuple[Link, ...]
    volumes_from: tuple[str, ...]
    """References to the containers whose volumes it uses."""

    shared_files: tuple[SharedFile, ...]
    removes_itself: bool = False
    """Whether the engine removes it when it stops (``docker run --rm``)."""

    host_kinds: tuple[NamespaceKind, ...] = ()
    """The kinds in which it uses the host's own namespace, the network's aside."""

    start_error: str = ""
    """Why its last start failed, in the engine's words; empty if it did not."""

    restart_limit: int = 0
    """How often ``on-failure`` starts it again at most; 0: without an end."""

    publishes: bool = False
    """Whether ports of it are declared to be published, also while none is."""

    stop_signal: str = ""
    """The signal that it is to be stopped by; empty: the engine's, ``TERM``."""

    created_at: datetime | None = None
    """When it was made; None if the engine does not say."""

    sandbox: str = ""
    """Where the engine has mounted the network that it made for it, if it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """One container of a host."""

    id: ContainerId
    name: str
    image: str
    state: ContainerState
    status: str
    """The engine's sentence, such as ``Up 3 hours (healthy)``."""

    created_at: datetime | None
    """Exactly so if it was inspected; else the second in which it was made."""

    network_mode: str
    """As declared: ``bridge``, ``host``, ``none``, ``container:<ref>``, a network."""

    networks: tuple[str, ...]
    """The names of the networks it is attached to; empty for a dependent."""

    ports: tuple[PublishedPort, ...]
    compose: ComposeService | None
    inspection: Inspection | None
    """None if it could not be inspected: see `inspection_problem`."""

    inspection_problem: str | None = None
    """Why it could not be inspected, as the end of a sentence."""

    manager: Manager | None = None
    """What starts, stops and replaces it; None: nobody, or compose."""

    pod: Pod | None = None
    """The pod of Podman's that it is in; None if in none, or if nobody knows."""

    @property
    def joins(self) -> tuple[Join, ...]:
        """Every join that is known; without an inspection at most the network's."""
        if self.inspection is not None:
            return self.inspection.joins
        return self.listed_joins

    @property
    def listed_joins(self) -> tuple[Join, ...]:
        """The network's join, which the engine's list already tells."""
        reference = join_reference(self.network_mode)
        return () if reference is None else (Join(NamespaceKind.NET, reference),)

    @property
    def pid(self) -> int | None:
        """Its first process, if it runs and could be inspected."""
        return self.inspection.pid if self.inspection is not None else None

    @property
    def health(self) -> Health | None:
        """Its health, if it has a check and could be inspected."""
        return self.inspection.health if self.inspection is not None else None


JOIN_PREFIX = "container:"
"""How a namespace mode says that it joins another container's."""


def join_reference(mode: str) -> str | None:
    """Return what a namespace mode joins, or None if it joins no container."""
    if not mode.startswith(JOIN_PREFIX):
        return None
    return mode.removeprefix(JOIN_PREFIX).lstrip("/")

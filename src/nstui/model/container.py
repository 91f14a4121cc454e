"""A container as the engine describes it, and what manages it."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NewType

from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind
from nstui.model.particulars import NO_PARTICULARS

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.model.particulars import Particulars


ContainerId = NewType("ContainerId", str)
"""The engine's full id: 64 lower-case hexadecimal digits."""

HEX_DIGITS = frozenset("0123456789abcdef")
ID_LENGTH = 64
SHORT_ID_LENGTH = 12
"""The number of digits of an id that the docker command shows."""

JOIN_PREFIX = "container:"
"""The prefix of a namespace mode that joins another container."""


def is_id(reference: str) -> bool:
    """Tell whether a reference is a full id, which is never reused."""
    return len(reference) == ID_LENGTH and set(reference) <= HEX_DIGITS


def short_id(reference: str) -> str:
    """Shorten a full id as the docker command does; leave a name as it is."""
    return reference[:SHORT_ID_LENGTH] if is_id(reference) else reference


class ContainerState(StrEnum):
    """The engine's word for the state of a container."""

    CREATED = "created"
    RUNNING = "running"
    PAUSED = "paused"
    RESTARTING = "restarting"
    REMOVING = "removing"
    EXITED = "exited"
    DEAD = "dead"
    UNKNOWN = "unknown"
    """A state that this version of nstui does not know."""

    @property
    def has_process(self) -> bool:
        """Whether its processes, and therefore its namespaces, exist."""
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
    """The name of the other container, without the leading slash."""

    alias: str


@dataclass(frozen=True, slots=True, order=True)
class PublishedPort:
    """A port of the host that is forwarded to a container."""

    container_port: int
    protocol: str
    host_ip: str
    host_port: int

    def __str__(self) -> str:
        """Write it as ``docker ps`` does."""
        host = f"[{self.host_ip}]" if ":" in self.host_ip else self.host_ip
        return f"{host}:{self.host_port}->{self.container_port}/{self.protocol}"


@dataclass(frozen=True, slots=True)
class ContainerNetwork:
    """A container's place in one of its networks."""

    network: str
    addresses: tuple[str, ...]
    """Empty if it is not running."""


@dataclass(frozen=True, slots=True)
class ComposeService:
    """The compose project and service a container belongs to."""

    project: str
    service: str
    depends_on: tuple[str, ...] = ()
    """The services of the project that it depends on."""

    folder: str = ""
    """The project's folder on the machine where compose ran."""

    files: tuple[str, ...] = ()
    """The project's configuration files, as paths."""

    env_files: tuple[str, ...] = ()
    """The environment files that were passed to compose, if any."""

    config_hash: str = ""
    """Compose's hash of the configuration that the container was made from."""

    is_oneoff: bool = False
    """Whether ``compose run`` made it, in addition to the service's own containers."""

    restarts_with: tuple[str, ...] = ()
    """Of `depends_on`, the services after which compose restarts it when it restarts
    them."""

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
    """The container that owns the file's folder; None if the path names none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """The part of a container's description that only an inspect gives."""

    pid: int | None
    """The pid of its first process on the engine's host; None if it does not run."""

    started_at: datetime | None
    """When it was last started; None if it never was."""

    finished_at: datetime | None
    exit_code: int | None
    health: Health | None
    """None if it has no health check."""

    oom_killed: bool
    restart_policy: str
    """``no``, ``always``, ``unless-stopped`` or ``on-failure``."""

    restart_count: int
    joins: tuple[Join, ...]
    """All declared joins, of all kinds, ``net`` first."""

    links: tuple[Link, ...]
    volumes_from: tuple[str, ...]
    """References to the containers that it uses the volumes of."""

    shared_files: tuple[SharedFile, ...]
    removes_itself: bool = False
    """Whether the engine removes it when it stops (``docker run --rm``)."""

    host_kinds: tuple[NamespaceKind, ...] = ()
    """The kinds, other than ``net``, for which it uses the host's namespace."""

    start_error: str = ""
    """Why its last start failed, in the engine's words; empty if it succeeded."""

    restart_limit: int = 0
    """How often ``on-failure`` restarts it at most; 0 means no limit."""

    publishes: bool = False
    """Whether it declares published ports, even if none is published at present."""

    stop_signal: str = ""
    """The signal that stops it; empty for the engine's default, ``TERM``."""

    created_at: datetime | None = None
    """When it was created; None if the engine does not say."""

    sandbox: str = ""
    """Where the engine mounted the network namespace it made for it; empty if
    nowhere."""

    image_name: str = ""
    """The image as it was named when the container was made; another may have the name
    by now."""

    particulars: Particulars = NO_PARTICULARS


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
    """Exact if it was inspected, otherwise rounded to the second."""

    network_mode: str
    """As declared: ``bridge``, ``host``, ``none``, ``container:<ref>`` or a network."""

    networks: tuple[str, ...]
    """The names of the networks it is attached to; empty for a dependent."""

    ports: tuple[PublishedPort, ...]
    compose: ComposeService | None
    inspection: Inspection | None
    """None if it could not be inspected; see `inspection_problem`."""

    inspection_problem: str | None = None
    """Why it could not be inspected, as the end of a sentence."""

    endpoints: tuple[ContainerNetwork, ...] = ()
    """Its addresses on its networks; empty for a dependent."""

    manager: Manager | None = None
    """What starts, stops and replaces it; None for nothing, or for compose."""

    pod: Pod | None = None
    """Its Podman pod; None if it is in none or this is not known."""

    ignore_label: str = ""
    """The value of its own label ``nstui.ignore``; empty if it has none, or only its
    image has."""

    steering: tuple[tuple[str, str], ...] = ()
    """Its own labels for a standing watch, ``nstui.…`` and ``autoheal…``, in order of
    their names; those that its image has too are not its own."""

    labels: tuple[tuple[str, str], ...] = ()
    """All its labels, in order of their names, by which a user may select it; what they
    say may come from its image."""

    @property
    def joins(self) -> tuple[Join, ...]:
        """All known joins; without an inspection, only the network join."""
        if self.inspection is not None:
            return self.inspection.joins
        return self.listed_joins

    @property
    def listed_joins(self) -> tuple[Join, ...]:
        """The network join, which is already part of the engine's list."""
        reference = join_reference(self.network_mode)
        return () if reference is None else (Join(NamespaceKind.NET, reference),)

    @property
    def addresses(self) -> tuple[str, ...]:
        """Its addresses on all its networks; empty if it is not running."""
        return tuple(address for end in self.endpoints for address in end.addresses)

    @property
    def pid(self) -> int | None:
        """The pid of its first process, if it runs and could be inspected."""
        return self.inspection.pid if self.inspection is not None else None

    @property
    def health(self) -> Health | None:
        """Its health, if it has a health check and could be inspected."""
        return self.inspection.health if self.inspection is not None else None


def join_reference(mode: str) -> str | None:
    """Return the reference in a joining namespace mode; None for any other mode."""
    if not mode.startswith(JOIN_PREFIX):
        return None
    return mode.removeprefix(JOIN_PREFIX).lstrip("/")


class ManagerKind(StrEnum):
    """The kinds of managers; compose is not one, since it only acts when invoked."""

    SWARM = "swarm"
    SYSTEMD = "systemd"
    KUBERNETES = "kubernetes"


class ManagerProof(StrEnum):
    """The evidence that a container is managed."""

    CGROUP = "cgroup"
    """The manager has placed the process in a control group of its own."""

    SUPERVISOR = "supervisor"
    """The process that supervises the container is in the manager's control group. This
    alone proves nothing, since whoever started the container may have passed the group
    on: a label has to agree."""

    LABELS = "labels"
    """Labels with the manager's own ids that the container's image does not have."""

    NONE = "none"
    """Only a label that anybody can set, or labels that may come from the image."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manager:
    """What manages a container, and the name the manager knows it by."""

    kind: ManagerKind
    name: str
    """The systemd unit, the swarm service, or the pod as ``namespace/pod``."""

    proof: ManagerProof
    part: str = ""
    """``swarm``: the task of the service, as a number or a node's id; ``kubernetes``:
    the container of the pod."""

    uid: int | None = None
    """``systemd`` only: the user that the unit belongs to; None for a system unit."""

    inside: ContainerId | None = None
    """``systemd`` only: the container that this systemd runs in, if any."""

    @property
    def is_user(self) -> bool:
        """Whether it is a unit of a user's systemd."""
        return self.uid is not None

    @property
    def is_proven(self) -> bool:
        """Whether there is proof beyond a mere claim."""
        return self.proof in {ManagerProof.CGROUP, ManagerProof.LABELS}


@dataclass(frozen=True, slots=True)
class Pod:
    """The Podman pod of a container."""

    name: str
    is_infra: bool
    """Whether it is the container that holds the pod's namespaces."""


@dataclass(frozen=True, slots=True)
class ContainerEvent:
    """An event of a container."""

    action: str
    """The engine's word, such as ``start``, ``die``, ``destroy`` or ``rename``; also
    ``connect`` and ``disconnect`` of a network."""

    container: ContainerId
    time_ns: int
    """Nanoseconds since the epoch, by the engine's clock."""

    name: str = ""
    """The container's name at that time; empty if the engine does not say."""

    signal: str = ""
    """``kill`` only: the signal that was sent; empty if the engine does not say."""

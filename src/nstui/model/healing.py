"""The cost of healing, the decisions it needs, and the recipe of a container."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.json import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.container import ContainerId
    from nstui.model.namespace import NamespaceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomposition:
    """The result of asking compose how it would recreate a container."""

    command: tuple[str, ...] | None = None
    """The command, as words; None if there is none that may be used."""

    refused: str = ""
    """Why there is no command although compose made the container, as a sentence; empty
    if compose did not make it, or if there is nothing more to say."""

    changes: tuple[str, ...] = ()
    """What the command would change in the container, each in a few words; empty if the
    new container would be the same."""

    joins: tuple[ComposeJoin, ...] | None = None
    """What the new container would join; None if this is not known."""

    wrote: tuple[str, ...] = ()
    """The files that compose put into the container's own file system."""


class Ground(StrEnum):
    """How far compose's answer of today also applies to the past."""

    AS_MADE = "as made"
    """It does: the container was made this way."""

    NEEDED = "needed"
    """The container was made to join one of the services that it depended on."""

    TODAY = "today"
    """Not at all: the project or its variables may have changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeJoin:
    """A join of a service, as compose resolves it from the project's files."""

    kind: NamespaceKind
    service: str = ""
    """The service of the same project, for ``service:NAME``."""

    container: str = ""
    """The container's name or id, for ``container:NAME``."""

    ground: Ground = Ground.AS_MADE

    called: str | None = None
    """The ``container_name`` of the service when this container was made; empty if it
    had none, None if this is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What recreating one container requires, and what it would lose."""

    left_out: tuple[str, ...] = ()
    """What the new container cannot have, each in a few words."""

    changes: tuple[str, ...] | None = ()
    """The paths it changed outside its mounts; None if they could not be read."""

    compose: tuple[str, ...] | None = None
    """Compose's own command, as words; None if compose is not to be used."""

    compose_refused: str = ""
    """Why compose is not used although it made the container, as a sentence."""

    compose_changes: tuple[str, ...] = ()
    """What else compose would change, each in a few words."""

    files: tuple[str, ...] = ()
    """The files that compose put into it, which the new container needs too. They are
    not part of `changes`."""

    image: str = ""
    """The image that takes the place of its own; empty if it keeps its own."""

    problem: str = ""
    """Why none of this could be determined, as a sentence; empty if it could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recreation:
    """How a plan recreates one container."""

    container: ContainerId
    name: str
    owner: str
    """The name of the container it joins; of the first, if there are several."""

    left_out: tuple[str, ...] = ()
    """What the new container cannot have, each in a few words."""

    changes: tuple[str, ...] | None = field(default=(), compare=False)
    """The paths it changed outside its mounts; None if they could not be read. Not
    compared: a plan stays valid when a running container writes more."""

    is_one_way: bool = False
    """Whether stopping the old container removes it, so that it cannot be restored."""

    loses_layer: bool = False
    """Whether it wrote files that nobody has decided to keep or to drop."""

    compose_refused: str = ""
    """Why compose is not used although it made the container, as a sentence."""

    compose_changes: tuple[str, ...] = ()
    """What compose changes, or would change if it were used, each in a few words."""

    image: str = ""
    """The image that takes the place of the old one; empty if it keeps its own."""

    variables: tuple[str, ...] = ()
    """The names of the variables that are set."""


@dataclass(frozen=True, slots=True)
class Renewal:
    """What a new container has in place of what another one has."""

    image: str
    """The name of the image, whose defaults replace those of the old one."""

    environment: tuple[str, ...] = ()
    """Variables to set, each as ``NAME=value``."""


@dataclass(frozen=True, slots=True)
class OwnerChoice:
    """A question for the user: which container replaces an owner that is gone."""

    gone: ContainerId
    gone_name: str
    """Its name, or the beginning of its id if the name is not known."""

    needed_by: tuple[str, ...]
    """The names of the containers that joined it."""

    candidates: tuple[tuple[ContainerId, str], ...]
    """The ids and names of the candidates."""

    fits: bool = True
    """Whether there is evidence for each candidate; if not, they are all containers
    that run in a network of their own."""

    why: tuple[str, ...] = ()
    """The evidence for each candidate, as sentences that call it "it"."""


@dataclass(frozen=True, slots=True)
class Unhealed:
    """A container that healing leaves broken."""

    container: ContainerId
    name: str
    reason: str
    """What is missing, as a sentence without the container's name in front."""

    needs_decision: bool = False
    """Whether only a decision of the user is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """The requested settings of a container on one network."""

    network: str
    asked: Mapping[str, object]
    """The fields for the engine's API, including those that nstui does not know."""

    allows_several: bool
    """Whether the engine can create a container on several networks at once."""

    takes_sysctls: bool
    """Whether the engine wants the sysctls of its interface among these settings."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """Something that is mounted into a container, from any source."""

    kind: str
    """The engine's word, such as ``volume`` or ``bind``."""

    name: str
    """The name of a volume; empty for anything else."""

    source: str
    """Its path on the host."""

    target: str
    driver: str
    mode: str
    propagation: str
    is_writable: bool

    @property
    def what(self) -> str:
        """The name of the volume, or the path on the host."""
        return self.name or self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that is needed to create a container again.

    The fields keep the form in which the engine accepts them, so that fields which only
    a newer engine knows are not lost. Fields that must differ, or that the engine
    reports in another form than it accepts, are already corrected.
    """

    container: str
    """The full id of the container that was inspected."""

    name: str
    image: str
    """The name of the image that was asked for."""

    image_id: str
    platform: str
    """The platform of the image; empty if there is only one."""

    hides_platform: bool
    """Whether the image may have several platforms and the engine does not tell
    which."""

    has_run: bool
    config: Mapping[str, object]
    """The container's own settings. A hostname is included only if somebody set it."""

    host: Mapping[str, object]
    """The settings that concern the host."""

    joins: Mapping[NamespaceKind, str]
    """The containers whose namespaces it joined, by the references it uses."""

    left_network: str
    """The network that the mode means, if the container is not attached to it."""

    mode_network: Attachment | None
    """The network that the network mode means, unless the container has left it."""

    further_networks: tuple[Attachment, ...]
    mounted: tuple[Mounted, ...]
    """All mounts, including those that the fields above do not declare."""

    @property
    def network_mode(self) -> str:
        """The network mode, as it was declared."""
        return text(self.host, "NetworkMode")

    @property
    def networks(self) -> tuple[Attachment, ...]:
        """All its own networks, that of the network mode first."""
        first = () if self.mode_network is None else (self.mode_network,)
        return first + self.further_networks


class PathKind(StrEnum):
    """What is found at a path."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"
    """A pipe, a device or a socket; also an endless chain of links."""

    MISSING = "missing"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathFact:
    """A file or folder, or a folder or link on the way to it."""

    path: str
    kind: PathKind
    owner: int = 0
    """The numeric id of the user."""

    mode: int = 0
    """The permission bits, as for ``chmod``."""

    wanted: PathKind | None = None
    """The kind it has to be; None for a path on the way."""

    in_volume: bool = False
    """Whether it is in a volume or in a folder of the engine's own."""

    writer: str = ""
    """The name of a container that can write there, or below the project's folder,
    through a mount from the host; empty if there is none."""


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """All paths that lead to a project, and the user who reads them."""

    user: int
    """The id of the user that nstui runs as."""

    paths: tuple[PathFact, ...]

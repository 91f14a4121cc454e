"""What it takes to make a container again, whoever is told to make it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.namespace import NamespaceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """What a container has on one network, as far as somebody asked for it."""

    network: str
    asked: Mapping[str, object]
    """The fields of the engine's API that say it, also those that are not known."""

    allows_several: bool
    """Whether the engine lets a container be made on several networks at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mounted:
    """Something that is mounted into a container, wherever it came from."""

    kind: str
    """The engine's word, such as ``volume`` or ``bind``."""

    name: str
    """What a volume is called; nothing for anything else."""

    source: str
    """Where it is on the host."""

    target: str
    driver: str
    mode: str
    propagation: str
    is_writable: bool

    @property
    def what(self) -> str:
        """The volume, or the place on the host."""
        return self.name or self.source


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What it takes to make a container again.

    The fields that an engine takes stay as they are, so that none is lost that only a
    newer engine knows. What must not be the same, or is said in another way than it is
    told, has been put right in them.
    """

    container: str
    """The full id of the container that was read."""

    name: str
    image: str
    """The image by the name that was asked for."""

    image_id: str
    platform: str
    """Which of the platforms of an image it is; nothing if there is only one."""

    hides_platform: bool
    """Whether there may be several, and the engine does not tell which it is."""

    has_run: bool
    config: Mapping[str, object]
    """What belongs to the container alone. A hostname is one that somebody gave it."""

    host: Mapping[str, object]
    """What belongs to the host."""

    joins: Mapping[NamespaceKind, str]
    """The containers whose namespaces it joined, as it refers to them."""

    mode_network: Attachment | None
    """The network that its network mode means, unless it has left it."""

    further_networks: tuple[Attachment, ...]
    mounted: tuple[Mounted, ...]
    """All that is mounted, also what neither of the two above declares."""

    @property
    def networks(self) -> tuple[Attachment, ...]:
        """All networks of its own; that of its mode comes first."""
        first = () if self.mode_network is None else (self.mode_network,)
        return first + self.further_networks

"""What healing costs, what it asks, and what it leaves broken."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.model.container import ContainerId
    from nstui.model.namespace import NamespaceKind


class Layer(StrEnum):
    """What becomes of what a container wrote to its own file system."""

    ASK = "ask"
    """Nothing is recreated that wrote anything."""

    KEEP = "keep"
    """It is made an image, which the new container is made from."""

    DROP = "drop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomposition:
    """What compose could do for a container."""

    command: tuple[str, ...] | None = None
    """The command that makes it anew, as words; None if there is none to be used."""

    refused: str = ""
    """Why there is none although compose made it, as a sentence; empty if compose did
    not make it, or there is no more to be said."""

    changes: tuple[str, ...] = ()
    """What the command would change of the container, each in a few words; empty if it
    would make the same one again."""

    joins: tuple[ComposeJoin, ...] | None = None
    """What the new container would join; None if that is not known."""

    wrote: tuple[str, ...] = ()
    """The files in the container's own file system that compose put there."""


class Ground(StrEnum):
    """What an answer of compose's, which it gives today, says of the past."""

    AS_MADE = "as made"
    """The container was made so."""

    NEEDED = "needed"
    """The container was made to join a service, one of those that it depended on."""

    TODAY = "today"
    """Nothing: the project, or its variables, may have been others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComposeJoin:
    """A join of a service, as compose resolves it from the project's files."""

    kind: NamespaceKind
    service: str = ""
    """The service of the same project, where the files say ``service:NAME``."""

    container: str = ""
    """The container's name or id, where the files say ``container:NAME``."""

    ground: Ground = Ground.AS_MADE

    called: str | None = None
    """What the service's containers were called when this one was made; empty: as
    compose calls them by itself. None if it is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a recreation of one container takes, and what it would lose."""

    left_out: tuple[str, ...] = ()
    """What the new container cannot have, each in a few words."""

    changes: tuple[str, ...] | None = ()
    """The paths it wrote outside its mounts; None if they could not be read."""

    compose: tuple[str, ...] | None = None
    """Compose's own command for it, as words; None if it is not compose's to do."""

    compose_refused: str = ""
    """Why that is not used although compose made it, as a sentence."""

    compose_changes: tuple[str, ...] = ()
    """What compose would change of it besides, each in a few words."""

    files: tuple[str, ...] = ()
    """The files that compose put into it, which a new one needs too. They are not among
    `changes`."""

    problem: str = ""
    """Why nothing of this could be found out, as a sentence; empty if it could."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recreation:
    """What becomes of one container that has to be made anew."""

    container: ContainerId
    name: str
    owner: str
    """The name of whom it joins; of the first, if it joins several."""

    left_out: tuple[str, ...] = ()
    """What the new container cannot have, each in a few words."""

    changes: tuple[str, ...] | None = field(default=(), compare=False)
    """The paths it wrote outside its mounts; None if they could not be read. A plan
    holds although a running container has written meanwhile."""

    is_one_way: bool = False
    """Whether the old one is gone once it is stopped, so that it cannot be put back."""

    loses_layer: bool = False
    """Whether it wrote anything that nobody has decided to keep or to drop."""

    compose_refused: str = ""
    """Why compose is not used although it made the container, as a sentence."""

    compose_changes: tuple[str, ...] = ()
    """What compose changes of it, or would change if it were used, each in a few
    words."""


@dataclass(frozen=True, slots=True)
class OwnerChoice:
    """Somebody who is gone, and who could take its place."""

    gone: ContainerId
    gone_name: str
    """Its name, or the beginning of its id if nobody knows the name."""

    needed_by: tuple[str, ...]
    """The names of those that joined it."""

    candidates: tuple[tuple[ContainerId, str], ...]
    """Each with its name."""

    fits: bool = True
    """Whether something says of each that it could be; otherwise they are merely all
    that run in a network of their own."""

    why: tuple[str, ...] = ()
    """What speaks for each candidate, as sentences in which it is called "it"."""


@dataclass(frozen=True, slots=True)
class Unhealed:
    """A container that stays as broken as it is."""

    container: ContainerId
    name: str
    reason: str
    """What is missing, as a sentence without the container's name in front."""

    needs_decision: bool = False
    """Whether nothing but a decision of the user is missing."""

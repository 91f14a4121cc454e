"""What bringing back a removed container takes, and what does not come back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.model.container import ContainerId


@dataclass(frozen=True, slots=True, kw_only=True)
class Available:
    """What an engine still has of what a removed container was made from."""

    has_image: bool
    """Whether the very image exists, whatever it is called now."""

    named_image: str = ""
    """The id of the image that has the name of the container's image now; empty if
    there is none."""

    volumes: frozenset[str] = frozenset()
    """The names of all volumes."""

    networks: frozenset[str] = frozenset()
    """The names and ids of all networks."""

    left_out: tuple[str, ...] = ()
    """What the engine's API cannot set, each in a few words."""


@dataclass(frozen=True, slots=True)
class Undecided:
    """A decision that only the user can make."""

    sentence: str
    """What is missing."""

    option: str
    """The option of the command that decides, and what it does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restoration:
    """How a plan brings back one removed container."""

    container: ContainerId
    """The id that it had."""

    name: str
    image: str
    """The name of the image that it is created from."""

    removed_at: datetime
    starts: bool
    """Whether it is started, as it was running before it was removed."""

    owners: tuple[tuple[str, str], ...] = ()
    """The names of the containers that it joins, each with how that is known; the
    second is empty for an owner that it had before."""

    emptied: tuple[str, ...] = ()
    """The volumes that no longer exist and are created empty, each in a few words."""

    left_out: tuple[str, ...] = ()
    """What the new container cannot have, each in a few words."""

    other_image: str = ""
    """The name of its image if another image has that name now, its own is gone, and
    nobody has decided."""

    undecided: tuple[Undecided, ...] = ()
    """The missing decisions; a plan that has any is never carried out."""

    compose: str = ""
    """What compose calls it, if compose made it: ``project/service``."""

    command: str = ""
    """Compose's own command for it; empty if compose did not make it, or if the command
    cannot be written for a shell."""

    left_behind: tuple[str, ...] = ()
    """The names of the containers that joined it and cannot start without it."""

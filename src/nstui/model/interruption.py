"""What is kept of a plan while it is carried out, and what is left if it is cut off."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from nstui.model.container import ContainerId, short_id

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.model.plan import Action, Step


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """A plan and how far it has come, as it is written before each request."""

    id: str
    """Eight hexadecimal digits; the entries of the action log have it too."""

    began_at: datetime
    """In UTC."""

    endpoint: str
    action: Action
    steps: tuple[Step, ...]
    running: frozenset[ContainerId]
    """The containers of the steps that ran before the first one."""

    begun: int = 0
    """The number of the last step that was begun, counted from 1."""

    done: int = 0
    """The number of the last step that was seen to be done."""

    written_at: datetime | None = field(default=None, compare=False)
    """When it was last written to, in UTC: the last request came after that at the
    latest; None if it was not since it began."""

    new: ContainerId | None = None
    """The new container of the replacement under way, once it is complete."""

    @property
    def current(self) -> Step | None:
        """The step that was begun and not seen to be done, if there is one."""
        return self.steps[self.begun - 1] if self.begun > self.done else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """A plan that was cut off and what is left over of it."""

    record: PlanRecord
    container: ContainerId
    """The container that is left over, or the first of several."""

    message: str
    """What was cut off and what is left over, without a container's name in front."""

    steps: tuple[Step, ...]
    """What finishes or undoes it; nothing if that cannot be told."""

    covers: frozenset[ContainerId] = field(default=frozenset())
    """The containers of a replacement, about which nothing else has to be said."""


def new_name(name: str, old: ContainerId) -> str:
    """Return the name of a new container until it takes the old one's place."""
    return f"{name}-new-{short_id(old)}"


def name_before(name: str, old: ContainerId) -> str:
    """Return the name of a container before it got that of an old one, if it has."""
    return name.removesuffix(old_name("", old))


def old_name(name: str, old: ContainerId) -> str:
    """Return the name of an old container once the new one has its name."""
    return f"{name}-old-{short_id(old)}"

"""The outcome of a plan that was carried out or interrupted."""

from __future__ import annotations

from dataclasses import field
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.container import ContainerId, short_id
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime

    from nstui.model.step import Action, Step


class Aftermath(StrEnum):
    """The state that a failed step left behind."""

    NOT_ASKED = "not asked"
    """The engine was not asked."""

    OUTDATED = "outdated"
    """The engine was not asked, because something had changed."""

    UNCHANGED = "unchanged"
    """Everything was seen to be as before."""

    CHANGED = "changed"
    """Something is not as before; the sentence says what."""

    UNKNOWN = "unknown"
    """The engine was asked, and the result is unknown."""

    UNDONE = "undone"
    """It was done, but did not last."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A failed step."""

    step: Step
    reason: str
    """Why it failed and what is the case now, as a sentence without the step in
    front."""

    aftermath: Aftermath


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A step that was skipped, because a step that it needs has failed."""

    step: Step
    needed: str
    """The name of the container of the failed step."""

    now: str = ""
    """What happened to its container in the meantime, as a sentence; empty if
    nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The outcome of a plan, each part in the order of the steps."""

    done: tuple[Step, ...] = ()
    """The steps that were seen to be done."""

    failed: tuple[Failure, ...] = ()
    left: tuple[LeftAlone, ...] = ()
    remarks: tuple[str, ...] = ()
    """Noteworthy facts about steps that were done, as sentences."""

    @property
    def unfinished(self) -> tuple[str, ...]:
        """The ids of the interrupted plans' records that could not be finished."""
        records = (failure.step.record for failure in self.failed)
        return tuple(dict.fromkeys(record for record in records if record))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRecord:
    """A plan and its progress, written before each request."""

    id: str
    """Eight hexadecimal digits; also part of the entries in the action log."""

    began_at: datetime
    """In UTC."""

    endpoint: str
    engine_id: str = ""
    """The id of the engine; empty if it was not known, as in older records."""

    action: Action
    steps: tuple[Step, ...]
    running: frozenset[ContainerId]
    """The containers of the steps that were running before the first step."""

    paused: frozenset[ContainerId] = frozenset()
    """Those of them that were paused."""

    begun: int = 0
    """The number of the last step that was begun, counted from 1."""

    done: int = 0
    """The number of the last step that was seen to be done."""

    written_at: datetime | None = field(default=None, compare=False)
    """When it was last written to, in UTC; the last request was sent after that. None
    if it was not written to since it was begun."""

    new: ContainerId | None = None
    """The new container of the replacement in progress, once it is complete."""

    made: frozenset[ContainerId] = field(default=frozenset(), compare=False)
    """All new containers of the plan, once they are complete."""

    @property
    def current(self) -> Step | None:
        """The step that was begun and not seen to be done, if any."""
        return self.steps[self.begun - 1] if self.begun > self.done else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Interruption:
    """An interrupted plan and what it left behind."""

    record: PlanRecord
    container: ContainerId
    """The container that was left behind; the first, if there are several."""

    message: str
    """What was interrupted and left behind, without a container's name in front."""

    steps: tuple[Step, ...]
    """The steps that finish or undo it; empty if they cannot be determined."""

    covers: frozenset[ContainerId] = field(default=frozenset())
    """The containers of a replacement, for which no other finding is needed."""


def new_name(name: str, old: ContainerId) -> str:
    """Return the name of a new container until it takes the old one's place."""
    return f"{name}-new-{short_id(old)}"


def name_before(name: str, old: ContainerId) -> str:
    """Return the name that a container had before `old_name` changed it."""
    return name.removesuffix(old_name("", old))


def old_name(name: str, old: ContainerId) -> str:
    """Return the name of an old container once the new one has taken its name."""
    return f"{name}-old-{short_id(old)}"

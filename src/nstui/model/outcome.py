"""What has come of a plan that was carried out, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nstui.model.plan import Step


class Aftermath(StrEnum):
    """What a step that failed has left."""

    NOT_ASKED = "not asked"
    """Nothing was asked of the engine."""

    OUTDATED = "outdated"
    """Nothing was asked of the engine, because something had changed."""

    UNCHANGED = "unchanged"
    """All is seen to be as it was before."""

    CHANGED = "changed"
    """Something is not as it was before; the sentence says what."""

    UNKNOWN = "unknown"
    """It was asked for, and nobody knows what came of it."""

    UNDONE = "undone"
    """It was done, and did not last."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A step that failed."""

    step: Step
    reason: str
    """Why, and what is the case now, as a sentence without the step in front."""

    aftermath: Aftermath


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A step that was not taken, because another one failed that it needs."""

    step: Step
    needed: str
    """The name of the container of that other step."""

    now: str = ""
    """What has become of its container meanwhile, as a sentence; "" if nothing has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What has come of the steps of a plan, each in the order of the steps."""

    done: tuple[Step, ...] = ()
    """Those that were seen to be done."""

    failed: tuple[Failure, ...] = ()
    left: tuple[LeftAlone, ...] = ()
    remarks: tuple[str, ...] = ()
    """What is worth to be known of steps that were done, as sentences."""

    @property
    def unfinished(self) -> tuple[str, ...]:
        """The records of plans that were cut off and could not be finished."""
        records = (failure.step.record for failure in self.failed)
        return tuple(dict.fromkeys(record for record in records if record))

"""What is kept of actions: what was removed, and which steps were taken."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nstui.model.container import ComposeService, ContainerId
    from nstui.model.plan import Verb


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedContainer:
    """A container as it was just before it was removed."""

    removed_at: datetime
    """In UTC."""

    endpoint: str
    id: ContainerId
    name: str
    image: str
    inspect: Mapping[str, object]
    """The engine's whole answer to an inspect, as it came."""

    compose: ComposeService | None = None
    """The project and service that it was proven to be of. Its labels do not tell: an
    image has some too, and may be gone as well."""


class StepPhase(StrEnum):
    """How far a step had come when its entry was written."""

    BEGUN = "begun"
    """The engine is about to be asked; without a later entry nobody knows its end."""

    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionEntry:
    """One line of the action log."""

    at: datetime
    """In UTC."""

    endpoint: str
    who: str
    """The user, and on whose behalf: ``root (sudo: amy)``."""

    plan: str
    """Tells the steps of one plan from those of all others."""

    number: int
    """Of the step, counted from 1."""

    total: int
    action: str
    """What was asked for, such as ``rm``; a step of it may be a ``stop``."""

    verb: Verb
    container: ContainerId
    name: str
    why: str
    """Why it was allowed, as a sentence."""

    phase: StepPhase
    error: str | None = None
    """What the engine said, if it failed."""


@dataclass(frozen=True, slots=True)
class DamagedRecord:
    """What was kept of a removed container and cannot be read any more."""

    place: str
    """Where it is, such as the path of a file."""

    problem: str
    """Why it cannot be read, as the end of a sentence."""

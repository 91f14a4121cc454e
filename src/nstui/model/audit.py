"""The records of removed containers and of actions, and lines of container logs."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from nstui.model.container import ComposeService, ContainerId
    from nstui.model.step import Verb


@dataclass(frozen=True, slots=True)
class Restored:
    """What a removed container was brought back as."""

    container: ContainerId
    name: str
    at: datetime
    """In UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovedContainer:
    """A record of a container, taken just before its removal."""

    removed_at: datetime
    """In UTC."""

    endpoint: str
    """The address of the engine at that time."""

    engine_id: str = ""
    """The id of the engine; empty if it was not known, as in older records."""

    id: ContainerId
    name: str
    image: str
    inspect: Mapping[str, object]
    """The engine's complete answer to an inspect, unchanged."""

    is_confirmed: bool = True
    """Whether the removal was seen; False if nstui was interrupted during it."""

    compose: ComposeService | None = None
    """The project and service that the container provably belonged to. Its labels alone
    do not prove this: they may come from the image, which may be gone as well."""

    ran: bool | None = None
    """Whether it ran before the plan that removed it, which may have stopped it first;
    None in records of older versions."""

    restored: Restored | None = None
    """The container that was made of this record; None if none was."""


def without_doubles(
    records: Iterable[RemovedContainer],
) -> tuple[RemovedContainer, ...]:
    """Return the records without unconfirmed ones that a later record confirms."""
    kept = tuple(records)
    confirmed = {one.id for one in kept if one.is_confirmed}
    return tuple(one for one in kept if one.is_confirmed or one.id not in confirmed)


class StepPhase(StrEnum):
    """How far a step had come when its log entry was written."""

    BEGUN = "begun"
    """The request is about to be sent; without a later entry its result is unknown."""

    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionEntry:
    """One line of the action log."""

    at: datetime
    """In UTC."""

    endpoint: str
    engine_id: str = ""
    """The id of the engine; empty if it was not known."""

    who: str
    """The user and, under sudo, the invoking user: ``root (sudo: amy)``."""

    plan: str
    """An id common to all steps of one plan."""

    number: int
    """The number of the step, counted from 1."""

    total: int
    action: str
    """The requested action, such as ``rm``; one of its steps may be a ``stop``."""

    verb: Verb
    container: ContainerId
    name: str
    why: str
    """The reason why the action was allowed, as a sentence."""

    phase: StepPhase
    error: str | None = None
    """The engine's message if the step failed."""


@dataclass(frozen=True, slots=True)
class DamagedRecord:
    """A record of a removed container that can no longer be read."""

    place: str
    """Where the record is, such as the path of a file."""

    problem: str
    """Why the record cannot be read, as the end of a sentence."""


class LogSource(StrEnum):
    """Where a line of a log comes from: the stream it was written to, or not."""

    STDOUT = "stdout"
    """Also everything that a container with a terminal writes."""

    STDERR = "stderr"
    ENGINE = "engine"
    """A message of the engine about why it has no further lines."""

    MARK = "mark"
    """No line of the log: the container was started again at that time."""


@dataclass(frozen=True, slots=True)
class LogLine:
    """One line of a container's log, as the engine stored it.

    The engine splits lines that are longer than 16 KiB.
    """

    source: LogSource
    time_ns: int | None
    """Nanoseconds since the epoch, by the engine's clock; None if not stated."""

    text: str
    """Without the line end; not safe to display, since it can hold any character.

    Bytes that are not UTF-8 are escaped as in Python: ``\\xff``.
    """

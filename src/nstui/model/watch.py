"""What a standing watch decides, does and tells."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nstui.model.container import ContainerId
    from nstui.model.finding import Severity


class WatchMode(StrEnum):
    """What the watch may do for a container: the label ``nstui.watch``."""

    OFF = "off"
    """It neither heals nor tells."""

    NOTIFY = "notify"
    HEAL = "heal"


class Hold(StrEnum):
    """Why something that is broken is not healed now, or not by the watch."""

    SETTLING = "settling"
    """The owner has not run for the settling time."""

    HEALTH = "health"
    """The owner's health check has not passed yet."""

    AT_WORK = "at-work"
    """Somebody is at work on the group, such as compose, an updater or a person."""

    STOPPED = "stopped"
    """Its owner was stopped by a request."""

    PAUSED = "paused"
    """The owner, or the container itself, is paused."""

    BACK_OFF = "back-off"
    """The last attempt was too short a time ago."""

    CIRCUIT = "circuit"
    """The budget is used up: a person is needed, or an hour, or its recovery."""

    NO_PROOF = "no-proof"
    """What would heal it needs a decision."""

    MANAGED = "managed"
    """Another program manages it."""

    READ_ONLY = "read-only"
    NOTIFY_ONLY = "notify-only"
    """The label or the configuration says so."""

    OWN = "own"
    """The watch itself runs in it, or in what has joined it."""

    OTHER_WATCH = "other-watch"
    """Another watch of this host acts."""

    OUT_OF_SCOPE = "out-of-scope"
    """``--only`` names other containers."""


class WatchEventKind(StrEnum):
    """What a watch tells of."""

    STARTED = "started"
    STOPPED = "stopped"
    FOUND = "found"
    """An incident began."""

    WAITING = "waiting"
    """It is not healed yet; `WatchEvent.hold` says why."""

    LEFT = "left"
    """It is left to a person; `WatchEvent.command` is what heals it."""

    HEALING = "healing"
    """A plan begins."""

    HEALED = "healed"
    """A plan was carried out and its effect seen; with ``--dry-run``, it would be."""

    FAILED = "failed"
    """A plan failed, wholly or in part."""

    OVER = "over"
    """An incident ended, by whomever."""

    CIRCUIT_OPEN = "circuit-open"
    CIRCUIT_CLOSED = "circuit-closed"
    ENGINE_LOST = "engine-lost"
    ENGINE_BACK = "engine-back"
    EVENTS_LOST = "events-lost"
    EVENTS_BACK = "events-back"
    CONFIG_READ = "config-read"
    PROBLEM = "problem"
    """Something of the watch itself failed, such as a notifier; healing goes on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchEvent:
    """One thing that a watch tells."""

    kind: WatchEventKind
    at: datetime
    message: str
    """A whole sentence without a time, safe to show."""

    severity: Severity | None = None
    key: str = ""
    """What identifies the incident among those of the host, from its beginning to its
    end; empty if it is about none."""

    cause: str = ""
    """The cause of the incident, as in its JSON; empty if it is about none."""

    subject: str = ""
    """Whom or what the incident happened to."""

    names: tuple[str, ...] = ()
    """The containers that it hits."""

    hold: Hold | None = None
    reason: str = ""
    """Why a plan failed, in a few words; empty if none did."""

    command: str = ""
    """The command for a person; empty if there is none."""

    steps: tuple[str, ...] = ()
    """The plan's steps as commands."""

    is_dry_run: bool = False
    duration_s: float | None = None
    """How long the plan took, in seconds; None if it is about none."""

    waited_s: float | None = None
    """From the incident's beginning, as it was seen, to this event, in seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedIncident:
    """An incident that is present, and what the watch does about it."""

    key: str
    message: str
    """A whole sentence without a time, safe to show."""

    severity: Severity
    names: tuple[str, ...]
    since: datetime | None
    hold: Hold | None
    """Why it is not healed now; None if it is being healed."""

    reason: str
    """The hold as a whole sentence; empty without one."""

    until: datetime | None = None
    """When the hold ends by itself; None if that is not known."""

    command: str = ""
    """The command for a person; empty if the watch will heal it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """A container that is healed no more for a while, since its budget is used up."""

    container: ContainerId
    name: str
    attempts: int
    until: datetime
    """When it closes by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchStatus:
    """What a watch is doing, as others may read it."""

    pid: int
    endpoint: str
    started_at: datetime
    written_at: datetime
    looked_at: datetime | None
    """When the last look succeeded; None if none has."""

    is_dry_run: bool = False
    is_read_only: bool = False
    has_events: bool = True
    """Whether the engine's events arrive."""

    problem: str = ""
    """Why the last look failed, as a sentence; empty if it did not."""

    findings: Mapping[str, int]
    """How many findings there are, by code."""

    incidents: tuple[WatchedIncident, ...] = ()
    circuits: tuple[Circuit, ...] = ()
    last: WatchEvent | None = None
    """What it did last: `HEALED` or `FAILED`; None if nothing yet."""

    healed: int = 0
    """How many plans it has carried out whole since it was started."""

    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchReading:
    """What was read of the standing watch of an engine."""

    status: WatchStatus | None
    """What it has written last; None if there is nothing."""

    is_held: bool | None
    """Whether a running watch holds its lock; None if that could not be read."""

    place: str = ""
    """The folder where a watch would have written."""

    problem: str = ""
    """Why something could not be read, as a sentence; empty if all was."""

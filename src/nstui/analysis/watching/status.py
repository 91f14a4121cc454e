"""Whether a standing watch runs, and what it does about each incident."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass
from nstui.model.watch import Hold

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from nstui.model.watch import (
        Circuit,
        WatchedIncident,
        WatchReading,
        WatchStatus,
    )


SILENT_AFTER_S = 60.0
"""How old what a running watch has written may be, in seconds: it writes every 10."""

SHORT_ID = 12
"""The fewest digits by which an id is recognized."""

_ENDS_BY_ITSELF = frozenset({Hold.SETTLING, Hold.BACK_OFF})
"""The holds after whose end the watch heals."""

_WAITS = _ENDS_BY_ITSELF | {Hold.HEALTH, Hold.AT_WORK}
"""The holds after which the watch heals without a decision by a person."""


class WatchLife(StrEnum):
    """Whether a watch runs, as far as that was read."""

    NONE = "none"
    """None has written anything here, and none holds the lock."""

    STARTING = "starting"
    """One holds the lock, and has not written anything yet."""

    RUNNING = "running"
    SILENT = "silent"
    """One holds the lock, but has not written for too long."""

    ENDED = "ended"
    """One has written, and none holds the lock any more."""

    UNKNOWN = "unknown"
    """It could not be read."""


class WatchAct(StrEnum):
    """What a running watch does about an incident."""

    HEALING = "healing"
    """Its plan is being carried out."""

    SOON = "soon"
    """It heals it at `WatchedIncident.until`."""

    WAITING = "waiting"
    """It heals it when something else has happened."""

    CIRCUIT = "circuit"
    """It has given up for a while."""

    LEFT = "left"
    """It leaves it alone."""


@dataclass(frozen=True, slots=True)
class ObservedWatch:
    """What is known of a watch at one moment."""

    life: WatchLife
    reading: WatchReading

    @property
    def present(self) -> WatchStatus | None:
        """What a watch that runs is doing; None if none runs, or it is not known."""
        return self.reading.status if self.life is WatchLife.RUNNING else None

    @property
    def incidents(self) -> tuple[WatchedIncident, ...]:
        """The incidents that a running watch knows of."""
        return () if self.present is None else self.present.incidents

    @property
    def circuits(self) -> tuple[Circuit, ...]:
        """The open circuits of a running watch."""
        return () if self.present is None else self.present.circuits

    @property
    def is_well(self) -> bool:
        """Whether a watch runs, sees its engine, and has given up on nothing."""
        return self.present is not None and not (
            self.present.problem or self.present.circuits
        )

    def doing(self, *acts: WatchAct) -> tuple[WatchedIncident, ...]:
        """Return the incidents about which the watch does one of some things."""
        return tuple(one for one in self.incidents if act_of(one) in acts)

    def circuit_of(self, name: str) -> Circuit | None:
        """Return the open circuit of a container, named by its name or id."""
        by_name = [one for one in self.circuits if one.name == name]
        by_id = [one for one in self.circuits if one.container.startswith(name)]
        found = by_name or (by_id if len(name) >= SHORT_ID else [])
        return found[0] if len(found) == 1 else None


def see_watch(reading: WatchReading, now: datetime) -> ObservedWatch:
    """Return what a reading says about the watch.

    What a watch has written says what it did then. That it still runs is said by its
    lock alone, which the kernel releases when the process ends; an age is only used
    against it, since the machine's clock may be changed.
    """
    return ObservedWatch(_life_of(reading, now), reading)


def _life_of(reading: WatchReading, now: datetime) -> WatchLife:
    if reading.is_held is None or reading.problem:
        return WatchLife.UNKNOWN
    status = reading.status
    if not reading.is_held:
        return WatchLife.NONE if status is None else WatchLife.ENDED
    if status is None:
        return WatchLife.STARTING
    age = (now - status.written_at).total_seconds()
    return WatchLife.SILENT if age > SILENT_AFTER_S else WatchLife.RUNNING


def act_of(incident: WatchedIncident) -> WatchAct:
    """Return what the watch does about an incident."""
    hold = incident.hold
    if hold is None:
        return WatchAct.HEALING
    if hold is Hold.CIRCUIT:
        return WatchAct.CIRCUIT
    if hold in _ENDS_BY_ITSELF and incident.until is not None:
        return WatchAct.SOON
    return WatchAct.WAITING if hold in _WAITS else WatchAct.LEFT


def watched_for(sight: ObservedWatch, key: str) -> WatchedIncident | None:
    """Return what a running watch says about an incident; None if it says nothing.

    Args:
        sight: The watch, which has looked at another moment and may not know it yet.
        key: What identifies the incident, as `nstui.analysis.watching.cases.key_of`
            returns it.

    """
    return next((one for one in sight.incidents if one.key == key), None)


def watched_among(
    sight: ObservedWatch, names: Collection[str], *acts: WatchAct
) -> WatchedIncident | None:
    """Return an incident of some containers about which the watch does something.

    Args:
        sight: The watch.
        names: The names of the containers.
        acts: What the watch does about it; the first that applies counts.

    """
    for act in acts:
        for one in sight.doing(act):
            if not set(names).isdisjoint(one.names):
                return one
    return None

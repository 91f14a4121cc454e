"""What a decision shows: what is told, what is present, and when to look again."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from nstui.analysis.text import printable
from nstui.analysis.watching.attempts import RECOVERED_S
from nstui.analysis.watching.following import OVER_S
from nstui.analysis.watching.words import (
    Moment,
    command_for,
    held_event,
    incident_sentence,
)
from nstui.model.watch import Circuit, Hold, WatchedIncident

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from nstui.analysis.watching.decisions import Observation
    from nstui.analysis.watching.holds import IncidentVerdict, Scene
    from nstui.analysis.watching.schedule import Schedule, Tracked
    from nstui.model.watch import WatchEvent


_LASTING = frozenset(
    {
        *(Hold.CIRCUIT, Hold.NO_PROOF, Hold.MANAGED, Hold.READ_ONLY),
        *(Hold.NOTIFY_ONLY, Hold.OWN, Hold.STOPPED),
    }
)
"""The reasons that do not end by waiting: they are for a person to know."""

LEFT_S = 10.0
"""After how many seconds it is told that something is left to a person: somebody may be
about to replace an owner that has just gone."""

_SILENT = frozenset({Hold.OUT_OF_SCOPE, Hold.OTHER_WATCH})
"""The reasons that are said once at the start, and not of each incident."""


def tell_hold(
    scene: Scene, tracked: Tracked, verdict: IncidentVerdict, *, is_told: bool
) -> tuple[Tracked, tuple[WatchEvent, ...]]:
    """Return an incident after its verdict, and what is told of it: each reason once.

    Args:
        scene: What is known.
        tracked: The incident.
        verdict: What is to be done about it.
        is_told: Whether it was told just now that a circuit has opened.

    """
    hold = verdict.hold
    if hold is not tracked.hold:
        tracked = replace(tracked, hold=hold, hold_s=scene.now_s)
    is_left = is_lasting(verdict)
    if hold is None or hold in _SILENT or verdict.is_plain:
        return tracked, ()
    if (hold, is_left) in tracked.told:
        return tracked, ()
    if is_left and not is_told and scene.now_s < tracked.hold_s + LEFT_S:
        return tracked, ()
    tracked = replace(tracked, told=tracked.told | {(hold, is_left)})
    if is_told:
        return tracked, ()
    event = held_event(
        tracked,
        hold,
        verdict.reason,
        Moment(scene.observation.now, scene.now_s),
        is_left=is_left,
    )
    return tracked, (event,)


def is_lasting(verdict: IncidentVerdict) -> bool:
    """Tell whether a person has to do something."""
    return verdict.hold in _LASTING or verdict.is_overdue


def list_incidents(
    scene: Scene, verdicts: Mapping[str, IncidentVerdict]
) -> Iterator[WatchedIncident]:
    """Yield the incidents that are present, and what is done about each."""
    for key, tracked in scene.state.tracked.items():
        if tracked.missing_s is not None:
            continue
        verdict = verdicts[key]
        until_s = verdict.until_s
        if verdict.hold is Hold.CIRCUIT and until_s is None:
            until_s = scene.now_s + scene.options.limits.circuit_s
        is_idle = is_lasting(verdict) or tracked.is_shown
        yield WatchedIncident(
            key=key,
            message=incident_sentence(tracked.incident),
            severity=tracked.incident.severity,
            names=tracked.incident.names,
            since=tracked.since,
            hold=verdict.hold,
            reason=printable(verdict.reason),
            until=_moment(scene.observation, until_s),
            command=command_for(tracked.incident) if is_idle else "",
        )


def _moment(observation: Observation, at_s: float | None) -> datetime | None:
    """Return a time of the steady clock by the machine's clock."""
    if at_s is None:
        return None
    return observation.now + timedelta(seconds=at_s - observation.clock_s)


def list_circuits(state: Schedule, observation: Observation) -> Iterator[Circuit]:
    """Yield the open circuits."""
    for one in state.attempts.values():
        until = _moment(observation, one.open_until_s)
        if until is not None:
            yield Circuit(
                container=one.container,
                name=one.name,
                attempts=len(one.at),
                until=until,
            )


def next_look_s(
    state: Schedule,
    observation: Observation,
    verdicts: Mapping[str, IncidentVerdict],
) -> float | None:
    """Return when something may be due, in seconds; None if only news can change it."""
    now_s = observation.clock_s
    times = [one.until_s for one in verdicts.values()]
    times += [one.open_until_s for one in state.attempts.values()]
    times += [
        one.hold_s + LEFT_S
        for one in state.tracked.values()
        if one.hold in _LASTING and (one.hold, True) not in one.told
    ]
    times += [
        one.missing_s + OVER_S
        for one in state.tracked.values()
        if one.missing_s is not None and not one.order
    ]
    times += [
        one.broken_s + RECOVERED_S
        for one in state.attempts.values()
        if one.open_until_s is not None
    ]
    ahead = [at - now_s for at in times if at is not None and at > now_s]
    return min(ahead, default=None)

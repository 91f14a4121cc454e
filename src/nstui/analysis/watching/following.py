"""What has changed since the last observation: events, runs, incidents, attempts."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import TYPE_CHECKING

from nstui.analysis.findings.incidents import find_incidents
from nstui.analysis.report import follow_findings
from nstui.analysis.watching.attempts import refresh_attempts
from nstui.analysis.watching.cases import CaseAction, case_action_of, key_of
from nstui.analysis.watching.choices import is_selected, mode_of
from nstui.analysis.watching.happenings import note_containers, note_event
from nstui.analysis.watching.schedule import Tracked, TrackedRun
from nstui.analysis.watching.words import (
    Moment,
    closed_event,
    found_event,
    over_event,
)
from nstui.model.finding import Severity
from nstui.model.frozen import dataclass
from nstui.model.watch import WatchMode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.analysis.report import Report
    from nstui.analysis.watching.decisions import Observation, WatchOptions
    from nstui.analysis.watching.happenings import Happenings
    from nstui.analysis.watching.schedule import Schedule
    from nstui.model.container import ContainerId
    from nstui.model.finding import Finding, Incident
    from nstui.model.watch import WatchEvent


OVER_S = 5.0
"""How many seconds an incident must be absent to be over. One that was healed is over
at once."""

LATE_S = 1.0
"""How many seconds a start is believed to lie before the look that found it: a look
takes a moment, but the clocks of two machines, or of one that was set, may differ."""

_NS = 10**9


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The state after an observation, and what is to be told of that."""

    state: Schedule
    events: tuple[WatchEvent, ...]


def follow(
    state: Schedule, observation: Observation, options: WatchOptions
) -> Followed:
    """Take in an observation."""
    report, now_s = observation.report, observation.clock_s
    is_first = state.log is None
    log = follow_findings(state.log, report)
    state = replace(
        state,
        log=log,
        happenings=_note_happenings(state, observation, is_first=is_first),
        runs=MappingProxyType(_note_runs(state, observation, is_first=is_first)),
        running=frozenset(c for c in report.graph.containers if report.graph.runs(c)),
        taken_at=report.snapshot.taken_at,
    )
    found = [one.finding for one in log.present.values()]
    here = [one for one in found if one.container in report.graph.containers]
    here.sort(key=lambda finding: finding.severity.rank)
    incidents = _find_incidents(report, tuple(here))
    present = {
        key_of(one): one for one in incidents if _is_watched(report, one, options)
    }
    tracked, events = _track(state, observation, present)
    refreshed = refresh_attempts(
        state.attempts,
        broken=_broken_names(report, present),
        reset=observation.reset,
        limits=options.limits,
        now_s=now_s,
    )
    state = replace(
        state,
        tracked=MappingProxyType(tracked),
        attempts=MappingProxyType(dict(refreshed.attempts)),
        own_until_s=MappingProxyType(
            {name: s for name, s in state.own_until_s.items() if s > now_s}
        ),
    )
    closed = (closed_event(one, why, observation.now) for one, why in refreshed.closed)
    return Followed(state=state, events=(*events, *closed))


def _find_incidents(
    report: Report, findings: tuple[Finding, ...]
) -> tuple[Incident, ...]:
    """Return the incidents of findings, which are rarely others than the report's."""
    if findings == report.findings:
        return report.incidents
    return find_incidents(report.snapshot, report.graph, findings)


def _note_happenings(
    state: Schedule, observation: Observation, *, is_first: bool
) -> Happenings:
    known, now_s = state.happenings, observation.clock_s
    if observation.report.snapshot.taken_at != state.taken_at:
        containers = observation.report.snapshot.containers
        known = note_containers(known, containers, now_s)
    own = {name for one in state.tracked.values() for name in one.touched}
    own |= state.own_until_s.keys()
    now_ns = int(observation.now.timestamp() * _NS)
    for event in observation.events:
        # What comes later has happened after the last observation: only what the engine
        # remembered from before the first one is as old as its own clock says.
        age_s = max(0.0, (now_ns - event.time_ns) / _NS) if is_first else 0.0
        known = note_event(known, event, now_s - age_s, own)
    return known


def _note_runs(
    state: Schedule, observation: Observation, *, is_first: bool
) -> dict[ContainerId, TrackedRun]:
    """Return since when each container runs, by the steady clock."""
    found = {}
    for container in observation.report.snapshot.containers:
        inspection = container.inspection
        started_at = None if inspection is None else inspection.started_at
        if started_at is None or not container.state.has_process:
            continue
        known = state.runs.get(container.id)
        if known is not None and known.started_at == started_at:
            found[container.id] = known
            continue
        age_s = max(0.0, (observation.now - started_at).total_seconds())
        if not is_first:
            age_s = min(age_s, LATE_S)
        found[container.id] = TrackedRun(
            started_at=started_at, since_s=observation.clock_s - age_s
        )
    return found


def _is_watched(report: Report, incident: Incident, options: WatchOptions) -> bool:
    """Tell whether the watch has to do with an incident: notices only inform."""
    if incident.severity is Severity.NOTICE:
        return False
    return any(
        is_selected(options, report.graph, container)
        and mode_of(options, report.graph, container) is not WatchMode.OFF
        for container in incident.containers
    )


def _seen_again(known: Tracked, incident: Incident, seen: Observation) -> Tracked:
    """Return an incident that is still present."""
    is_old = known.done_at is None or seen.report.snapshot.taken_at <= known.done_at
    hit = known.hit if known.order else (*known.hit, *incident.names)
    return replace(
        known,
        incident=incident,
        hit=tuple(dict.fromkeys(hit)),
        missing_s=None,
        # What an order has healed, and is there again, is not over at once next time.
        is_healed=known.is_healed and is_old,
    )


def _broken_names(report: Report, present: Mapping[str, Incident]) -> frozenset[str]:
    return frozenset(
        name
        for one in present.values()
        if case_action_of(report, one) is not CaseAction.NONE
        for name in one.all_names
    )


def _track(
    state: Schedule, observation: Observation, present: Mapping[str, Incident]
) -> tuple[dict[str, Tracked], list[WatchEvent]]:
    """Return the incidents, the present ones first and the worst of them first."""
    tracked, events = {}, []
    at = Moment(observation.now, observation.clock_s)
    for key, incident in present.items():
        known = state.tracked.get(key)
        if known is not None:
            tracked[key] = _seen_again(known, incident, observation)
            continue
        tracked[key] = Tracked(
            key=key,
            incident=incident,
            hit=incident.names,
            since=observation.now,
            since_s=observation.clock_s,
        )
        events.append(found_event(tracked[key], at))
    for key, one in state.tracked.items():
        if key in present:
            continue
        missing = one.missing_s
        missing_s = observation.clock_s if missing is None else missing
        is_healed = one.is_healed and not one.order
        if is_healed or (not one.order and observation.clock_s - missing_s >= OVER_S):
            events.append(over_event(one, at))
        else:
            tracked[key] = replace(one, missing_s=missing_s)
    return tracked, events

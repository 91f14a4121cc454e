"""One host in a list of several: what is kept of a look at it, and its place."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.analysis.certainty import Certainty, blind_spots, certainty
from nstui.model.container import ContainerState
from nstui.model.finding import Severity
from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from nstui.analysis.report import Report
    from nstui.model.finding import Incident


class HostState(StrEnum):
    """The worst that is known of a host, the worst first."""

    INCIDENTS = "incidents"
    NOT_REACHED = "not-reached"
    """It could not be looked at, so that it may have incidents."""

    WARNINGS = "warnings"
    NOTICES = "notices"
    UNSURE = "unsure"
    """Nothing is wrong in what could be read, which is not all."""

    WELL = "well"
    ASKING = "asking"
    """Nothing is known yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSummary:
    """What is known of a host; it holds nothing of the report that it was made from."""

    name: str
    """The context or the address, as the user gave it."""

    taken_at: datetime | None = None
    """When it was last looked at; None if no look has succeeded yet, and then all of
    the following means nothing."""

    engine: str = ""
    """The engine and its version, such as ``Docker 28.5.2``."""

    running: int = 0
    """How many containers run, also those that are paused."""

    containers: int = 0
    counts: tuple[tuple[Severity, int], ...] = ()
    """How many incidents there are of each severity, the worst first."""

    worst: Incident | None = None
    """The worst incident; None if there is none."""

    certainty: Certainty = Certainty.NOT_YET
    is_sure: bool = False
    """Whether everything could be read, so that no incident means that all is well."""

    problem: str = ""
    """Why the host could not be looked at, as a sentence; empty if it could."""


def summarize(name: str, report: Report) -> HostSummary:
    """Return what is kept of a report in a list of hosts.

    Args:
        name: The name of the host.
        report: What was seen there.

    """
    snapshot = report.snapshot
    found = Counter(one.severity for one in report.incidents)
    in_force = {ContainerState.RUNNING, ContainerState.PAUSED}
    return HostSummary(
        name=name,
        taken_at=snapshot.taken_at,
        engine=f"{snapshot.engine.name} {snapshot.engine.version}",
        running=sum(one.state in in_force for one in snapshot.containers),
        containers=len(snapshot.containers),
        counts=tuple((each, found[each]) for each in Severity if found[each]),
        worst=report.incidents[0] if report.incidents else None,
        certainty=certainty(report),
        is_sure=not blind_spots(report),
    )


def with_problem(summary: HostSummary, problem: str) -> HostSummary:
    """Return a summary of a host that could not be looked at; what was seen stays."""
    return replace(summary, problem=problem)


_BY_SEVERITY = {
    Severity.ERROR: HostState.INCIDENTS,
    Severity.WARNING: HostState.WARNINGS,
    Severity.NOTICE: HostState.NOTICES,
}


def state_of(summary: HostSummary) -> HostState:
    """Return the worst that is known of a host."""
    states = [HostState.NOT_REACHED] if summary.problem else []
    if summary.worst is not None:
        states.append(_BY_SEVERITY[summary.worst.severity])
    elif summary.taken_at is None:
        states.append(HostState.ASKING)
    else:
        states.append(HostState.WELL if summary.is_sure else HostState.UNSURE)
    return min(states, key=_RANKS.__getitem__)


_RANKS = {state: rank for rank, state in enumerate(HostState)}


def arranged(
    summaries: Iterable[HostSummary], before: Sequence[str], held: str | None = None
) -> tuple[HostSummary, ...]:
    """Return the hosts with the worst first; those equally bad stay as they were.

    Args:
        summaries: The hosts, each with a name of its own.
        before: Their names in the order in which they are shown now; those that are
            not among them come last.
        held: The host under the cursor, which stays in its place; None if the cursor
            was never moved.

    """
    places = {name: place for place, name in enumerate(before)}
    last = len(places)
    ordered = sorted(
        summaries,
        key=lambda one: (_RANKS[state_of(one)], places.get(one.name, last)),
    )
    if held is None or held not in places:
        return tuple(ordered)
    kept = next((one for one in ordered if one.name == held), None)
    if kept is None:
        return tuple(ordered)
    ordered.remove(kept)
    ordered.insert(places[held], kept)
    return tuple(ordered)

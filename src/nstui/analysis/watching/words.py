"""What a standing watch tells: events with sentences that are safe to show."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.text import on_host, printable, shell_line
from nstui.model.finding import IncidentCause, Severity
from nstui.model.frozen import dataclass
from nstui.model.watch import Hold, WatchEvent, WatchEventKind, WatchMode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime

    from nstui.analysis.report import Report
    from nstui.analysis.watching.attempts import Attempts
    from nstui.analysis.watching.decisions import WatchLimits, WatchOptions
    from nstui.analysis.watching.schedule import Tracked
    from nstui.model.finding import Incident
    from nstui.model.host_options import HostOptions


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment by both clocks."""

    now: datetime
    """By the machine's clock, for what is shown."""

    clock_s: float
    """By the steady clock, in seconds."""


def incident_sentence(incident: Incident) -> str:
    """Return what has happened, without a time."""
    text = _what_happened(incident)
    if incident.effect:
        text = f"{text}: {incident.effect}: {', '.join(incident.names)}"
    return printable(text)


def _what_happened(incident: Incident) -> str:
    joint = ": " if incident.cause is IncidentCause.OWN else " "
    return f"{incident.subject}{joint}{incident.event}"


_IN_PAST = (
    ("is ", "was "),
    ("has ", "had "),
    ("no longer exists", "no longer existed"),
    ("keeps ", "kept "),
    ("runs, and ", "ran, and "),
    ("its health check fails", "its health check failed"),
)
"""How the present of what has happened begins, and how its past does."""


def past_sentence(incident: Incident, hit: Iterable[str]) -> str:
    """Return what had happened, and whom it hit, once it is no longer so."""
    parts = "; ".join(_in_past(part) for part in incident.event.split("; "))
    if incident.cause is IncidentCause.OWN:
        return printable(f"{incident.subject}: {parts}")
    return printable(f"{incident.subject} {parts}: {', '.join(hit)}")


def _in_past(words: str) -> str:
    for present, past in _IN_PAST:
        if words.startswith(present):
            return past + words.removeprefix(present)
    return words


def event_on_host(event: WatchEvent, options: HostOptions) -> WatchEvent:
    """Return an event as people are told it, its commands for the host of the watch.

    Args:
        event: The event.
        options: The options that select the host.

    """
    is_own = event.kind is WatchEventKind.PROBLEM
    return replace(
        event,
        # What is wrong with the watch itself begins with its name.
        message=event.message if is_own else on_host(event.message, options),
        command=on_host(event.command, options),
        steps=tuple(on_host(step, options) for step in event.steps),
    )


def command_for(incident: Incident) -> str:
    """Return the command that heals an incident; empty if there is none."""
    return incident.remedy if incident.is_command else ""


def incident_event(  # noqa: PLR0913 - the parts of an event
    tracked: Tracked,
    kind: WatchEventKind,
    message: str,
    at: Moment,
    *,
    names: tuple[str, ...] = (),
    hold: Hold | None = None,
    reason: str = "",
    command: str = "",
    steps: tuple[str, ...] = (),
    duration_s: float | None = None,
    is_dry_run: bool = False,
) -> WatchEvent:
    """Return an event about an incident."""
    incident = tracked.incident
    return WatchEvent(
        kind=kind,
        at=at.now,
        message=printable(message),
        severity=incident.severity,
        key=tracked.key,
        cause=incident.cause.value,
        subject=incident.subject,
        names=names or incident.names,
        hold=hold,
        reason=printable(reason),
        command=command,
        steps=steps,
        is_dry_run=is_dry_run,
        duration_s=duration_s,
        waited_s=max(0.0, at.clock_s - tracked.since_s),
    )


def found_event(tracked: Tracked, at: Moment) -> WatchEvent:
    """Return that an incident began."""
    return incident_event(
        tracked,
        WatchEventKind.FOUND,
        incident_sentence(tracked.incident),
        at,
        command=command_for(tracked.incident),
    )


def over_event(tracked: Tracked, at: Moment) -> WatchEvent:
    """Return that an incident ended."""
    return incident_event(
        tracked,
        WatchEventKind.OVER,
        f"over: {past_sentence(tracked.incident, tracked.hit)}",
        at,
        names=tracked.hit,
    )


def held_event(
    tracked: Tracked,
    hold: Hold,
    reason: str,
    at: Moment,
    *,
    is_left: bool,
) -> WatchEvent:
    """Return that an incident is not healed now, or is left to a person."""
    names = ", ".join(tracked.incident.names)
    return incident_event(
        tracked,
        WatchEventKind.LEFT if is_left else WatchEventKind.WAITING,
        f"{names}: left alone: {reason}" if is_left else f"{names}: waiting: {reason}",
        at,
        hold=hold,
        command=command_for(tracked.incident) if is_left else "",
    )


def opened_event(
    tracked: Tracked, one: Attempts, limits: WatchLimits, now: datetime
) -> WatchEvent:
    """Return that a container is healed no more for a while."""
    return WatchEvent(
        kind=WatchEventKind.CIRCUIT_OPEN,
        at=now,
        message=printable(
            f"{one.name} is broken again after {limits.budget} attempts in"
            f" {limits.budget_s:g} s: it is left alone for {limits.circuit_s:g} s, or"
            " until it recovers or is reset"
        ),
        severity=Severity.ERROR,
        key=tracked.key,
        cause=tracked.incident.cause.value,
        subject=tracked.incident.subject,
        names=(one.name,),
        hold=Hold.CIRCUIT,
        command=shell_line(("nstui", "watch", "--reset", one.name)) or "",
    )


def closed_event(one: Attempts, why: str, now: datetime) -> WatchEvent:
    """Return that a container is healed again when it is broken."""
    return WatchEvent(
        kind=WatchEventKind.CIRCUIT_CLOSED,
        at=now,
        message=printable(f"{one.name} will be healed again: {why}"),
        names=(one.name,),
    )


def healed_sentence(names: Iterable[str], *, is_dry_run: bool) -> str:
    """Return that a plan was carried out, or would have been."""
    if is_dry_run:
        return f"would heal {', '.join(names)}"
    return f"healed {', '.join(names)}"


def started_text(report: Report, options: WatchOptions) -> str:
    """Return what is watched, and what will be done, as a sentence."""
    engine = report.snapshot.engine
    count = len(report.snapshot.containers)
    containers = f"{count} container{'' if count == 1 else 's'}"
    broken = len(report.incidents)
    wrong = (
        f"{broken} incident{'' if broken == 1 else 's'}" if broken else "no incident"
    )
    where = f"{engine.name} {engine.version} at {engine.endpoint}"
    return printable(f"watching {where}: {containers}, {wrong}; {_will(options)}")


def _will(options: WatchOptions) -> str:
    if options.is_dry_run:
        return "--dry-run: says what it would heal, and changes nothing"
    if options.is_read_only:
        return "--read-only: tells what is broken, and changes nothing"
    if options.mode is not WatchMode.HEAL:
        return f"mode {options.mode}: heals only what a label or the configuration says"
    settle = f"{options.limits.settle_s:g}"
    return f"heals what has proof, {settle} s after its owner was started"


def scope_text(report: Report, options: WatchOptions) -> Iterator[str]:
    """Yield a sentence for each ``--only`` that fits no container yet.

    A container of that name may still be created, so it is no mistake for certain.
    """
    containers = report.snapshot.containers
    names = {container.name for container in containers}
    labels = {label for container in containers for label in container.labels}
    keys = {key for key, _ in labels}
    written = {f"{key}={value}" for key, value in labels}
    for word in options.only:
        if word not in names | keys | written:
            shown = printable(word)
            yield f"--only {shown}: no container has this name or label at present"

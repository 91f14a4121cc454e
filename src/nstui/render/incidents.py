"""Incidents and findings as sentences: with ages for people, with times for JSON."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from nstui.analysis.text import age_text, on_host, shell_line, with_programs
from nstui.model.finding import IncidentCause, Severity
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from nstui.analysis.healing.outlook import Outlook
    from nstui.analysis.report import Report
    from nstui.model.finding import Finding, Incident


SEVERITY_GLYPHS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.NOTICE: "·"}
SEVERITY_TONES = {
    Severity.ERROR: Tone.ERROR,
    Severity.WARNING: Tone.WARNING,
    Severity.NOTICE: Tone.NOTICE,
}

_TOLD_BY_CODE = frozenset({IncidentCause.OWN, IncidentCause.INTERRUPTED})
"""The causes whose sentences are too long for a few words."""

_MOST_NAMES = 4
"""How many containers are named in a line that has to be one."""

OK = "ok"
UNSURE = "nothing wrong as far as could be read"

_NOUNS = {Severity.ERROR: "incident"}
"""What incidents are called where they are counted; others by their severity."""


def iso_text(moment: datetime) -> str:
    """Return a time in UTC, to the second, such as ``2026-11-23T16:05:00Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def message_text(finding: Finding, now: datetime) -> str:
    """Return a finding's message, with the age of the event that it tells of."""
    if finding.since is None:
        return finding.message
    return f"{finding.message} {age_text(finding.since, now)} ago"


def event_text(incident: Incident, now: datetime | None) -> str:
    """Return what happened, without the subject: ``was restarted 2 min ago``.

    Args:
        incident: The incident.
        now: The time to count its age from; None to give the time itself, so that the
            sentence stays the same.

    """
    if incident.since is None:
        return incident.event
    if now is None:
        return f"{incident.event} at {iso_text(incident.since)}"
    return f"{incident.event} {age_text(incident.since, now)} ago"


def incident_text(
    incident: Incident, now: datetime | None, *, most: int | None = None
) -> str:
    """Return an incident as a sentence without its subject.

    Args:
        incident: The incident.
        now: As for `event_text`.
        most: The largest number of containers that are named; None for no limit.

    """
    text = event_text(incident, now)
    if incident.effect:
        text = f"{text}: {incident.effect}: {names_text(incident.names, most)}"
    if incident.perhaps:
        found = dict(zip(incident.containers, incident.all_names, strict=True))
        names = [found[finding.container] for finding in incident.perhaps]
        text += f"; unhealthy, perhaps for that reason: {names_text(names, most)}"
    return text


def whole_text(
    incident: Incident, now: datetime | None, *, most: int | None = None
) -> str:
    """Return an incident as a sentence with its subject; arguments as above."""
    joint = ": " if incident.cause is IncidentCause.OWN else " "
    return f"{incident.subject}{joint}{incident_text(incident, now, most=most)}"


def loss_line(
    incidents: Sequence[Incident], now: datetime, docker: Sequence[str]
) -> str:
    """Return what a command has broken as one line, with what heals it.

    An example is ``vpn was restarted a moment ago: … → docker nstui heal vpn``.

    Args:
        incidents: What it has broken, at least one; the first is told.
        now: The time to count ages from.
        docker: The docker command, with the options that select the engine.

    """
    called = shell_line(docker) or "docker"
    first, *others = incidents
    remedy = with_programs(first.remedy, {"nstui": f"{called} nstui", "docker": called})
    text = f"{whole_text(first, now, most=_MOST_NAMES)} → {remedy}"
    if others:
        text += f"; and {plural(len(others), 'more incident')}: {called} nstui check"
    return printable(text)


def remedy_text(report: Report, remedy: str) -> str:
    """Return a remedy whose commands are for the host that the report is about."""
    return on_host(remedy, report.reporting.options)


def names_text(names: Iterable[str], most: int | None = None) -> str:
    """Return names with commas; of more than `most`, the first and a count."""
    several = list(names)
    if most is None or len(several) <= most:
        return ", ".join(several)
    return f"{', '.join(several[:most])} and {len(several) - most} more"


def glance_text(incident: Incident, now: datetime) -> str:
    """Return an incident in a few words: ``vpn was restarted 2 min ago: 6 without …``.

    What only one container tells is the code of the worst and the container's name.
    """
    if incident.cause in _TOLD_BY_CODE or not incident.effect:
        return f"{incident.code.replace('-', ' ')}: {incident.subject}"
    event = f"{incident.subject} {event_text(incident, now)}"
    return f"{event}: {incident.glance or incident.effect}"


def worst_text(report: Report) -> Piece:
    """Return the worst incident in a few words, or that there is none."""
    if not report.incidents:
        return Piece("nothing wrong", Tone.GOOD)
    worst = report.incidents[0]
    return Piece(
        f"{SEVERITY_GLYPHS[worst.severity]} "
        + printable(glance_text(worst, report.snapshot.taken_at)),
        SEVERITY_TONES[worst.severity],
    )


def incident_counts(report: Report) -> tuple[Piece, ...]:
    """Return how many incidents there are of each severity, or that there is none.

    Those that are worse than a warning are called incidents, the others by their
    severity.
    """
    pieces = count_pieces(_counts(report))
    return (*(pieces or (Piece("nothing wrong", Tone.GOOD),)), *unreported(report))


def unreported(report: Report) -> tuple[Piece, ...]:
    """Return how many findings are ignored or less severe; empty if none is."""
    counted = (
        (len(report.ignored), "{} ignored"),
        (len(report.lesser_findings), "{} less severe"),
    )
    return tuple(
        Piece(words.format(count), Tone.MUTED) for count, words in counted if count
    )


def _counts(report: Report) -> tuple[tuple[Severity, str], ...]:
    counted = (
        (severity, sum(one.severity is severity for one in report.incidents))
        for severity in Severity
    )
    return tuple(
        (severity, count_words(severity, count)) for severity, count in counted if count
    )


def count_words(severity: Severity, count: int) -> str:
    """Return how many incidents of a severity there are: ``2 incidents``."""
    return plural(count, _NOUNS.get(severity, severity.value))


def count_pieces(counted: Iterable[tuple[Severity, str]]) -> tuple[Piece, ...]:
    """Return counts in words, each with the sign of its severity."""
    return tuple(
        Piece(f"{SEVERITY_GLYPHS[severity]} {text}", SEVERITY_TONES[severity])
        for severity, text in counted
    )


def short_text(report: Report, *, is_sure: bool) -> str:
    """Return the state of a host as one line for a prompt or a status bar.

    Arguments as below.
    """
    return f"nstui: {host_state_text(report, is_sure=is_sure)}"


def host_state_text(report: Report, *, is_sure: bool) -> str:
    """Return the state of a host in a few words: the worst, `OK` or `UNSURE`.

    Args:
        report: The report.
        is_sure: Whether everything could be read.

    """
    words = dict(_counts(report))
    lost = len(report.without_network)
    first = [words[Severity.ERROR]] if Severity.ERROR in words else []
    if lost:
        has = "has" if lost == 1 else "have"
        first.append(f"{plural(lost, 'container')} {has} no network")
    parts = [", ".join(first)] if first else []
    if Severity.WARNING in words:
        parts.append(words[Severity.WARNING])
    if parts:
        return "; ".join(parts)
    return OK if is_sure else UNSURE


def outlook_text(report: Report, outlook: Outlook) -> str:
    """Return what healing everything would repair, as a sentence."""
    total = plural(len(report.findings), "finding")
    count = len(outlook.repaired)
    text = f"nstui heal would repair {count or 'none'} of {total}"
    if outlook.perhaps:
        names = [report.graph.name(finding.container) for finding in outlook.perhaps]
        several = f"{len(outlook.perhaps)} more" if count else len(outlook.perhaps)
        whom = names_text(dict.fromkeys(names))
        text += f"; {several} by recreating {whom}, if nothing would be lost"
    elif not count:
        text += " by itself"
    return printable(text)

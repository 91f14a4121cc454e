"""The findings of a host: as a line, as a list, and as they change."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nstui.analysis.certainty import Certainty, blind_spots, certainty
from nstui.analysis.findings.ignoring import label_problems
from nstui.analysis.text import age_text
from nstui.model.finding import GroupBond, IncidentCause
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.render.incidents import (
    SEVERITY_GLYPHS,
    SEVERITY_TONES,
    incident_counts,
    incident_text,
    iso_text,
    message_text,
    names_text,
    remedy_text,
    unreported,
    whole_text,
)
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    from nstui.analysis.report import FindingChange, Report
    from nstui.model.container import ContainerId
    from nstui.model.finding import Finding, Incident
    from nstui.model.snapshot import EngineInfo


_LEVEL_WORDS = {
    NamespacesRead.INODE: "verified by the kernel",
    NamespacesRead.FINGERPRINT: "partly verified",
    NamespacesRead.DECLARED: "not verified",
}
_CERTAINTY_WORDS = {
    Certainty.NOT_YET: Piece("namespaces …", Tone.MUTED),
    Certainty.UNUSED: Piece("no namespace in use", Tone.MUTED),
    Certainty.VERIFIED: Piece("verified by the kernel", Tone.GOOD),
    Certainty.DENIED_TO_ROOT: Piece("partly verified (denied to root)", Tone.WARNING),
    Certainty.PARTLY: Piece("partly verified (no root)", Tone.WARNING),
    Certainty.DECLARED: Piece("not verified (engine only)", Tone.WARNING),
}

INDENT = 4
"""The columns before a remedy, and before the wrapped part of a sentence."""

NOTHING = "nothing is wrong"
NOTHING_SHOWN = "nothing is wrong in what the filter shows"
NOTHING_SEEN = "nothing wrong as far as could be read"


def finding_word(finding: Finding) -> Piece:
    """Return a finding as a sign and a word."""
    return Piece(
        f"{SEVERITY_GLYPHS[finding.severity]} {finding.code.replace('-', ' ')}",
        SEVERITY_TONES[finding.severity],
    )


def engine_text(engine: EngineInfo) -> Piece:
    """Return the engine and its endpoint."""
    context = f" ({engine.context})" if engine.context else ""
    return Piece(
        printable(f"{engine.name} {engine.version} at {engine.endpoint}{context}")
    )


def context_text(engine: EngineInfo) -> Piece:
    """Return the engine and its context, without its endpoint."""
    return Piece(printable(f"{engine.context}: {engine.name} {engine.version}"))


def namespaces_text(report: Report) -> Piece:
    """Return how namespaces were identified, or that they are not yet."""
    known, host = certainty(report), report.snapshot.host
    if host.obstacle and known not in {Certainty.NOT_YET, Certainty.UNUSED}:
        level = _LEVEL_WORDS[host.level]
        return Piece(printable(f"{level} ({host.obstacle})"), Tone.WARNING)
    return certainty_text(known)


def certainty_text(known: Certainty) -> Piece:
    """Return how namespaces were identified."""
    return _CERTAINTY_WORDS[known]


def count_text(report: Report, kind: NamespaceKind = NamespaceKind.NET) -> Piece:
    """Return how many containers and groups there are."""
    containers = plural(len(report.snapshot.containers), "container")
    shared = [g for g in report.groups(kind) if g.bond is not GroupBond.HOST]
    return Piece(f"{containers}, {plural(len(shared), 'group')}")


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A line of the findings."""

    pieces: tuple[Piece, ...]
    is_remedy: bool = False
    """Whether it is meant to be copied, and must not be wrapped."""


def check_lines(report: Report, hint: str = "") -> Iterator[CheckLine]:
    """Yield every incident with its remedy, or that there are none.

    Args:
        report: The report.
        hint: What one command would heal, as the last line; empty for nothing.

    """
    for incident in report.incidents:
        yield CheckLine(_head(report, incident))
        for remedy in remedies_of(incident):
            text = f"{'':{INDENT}}{printable(remedy_text(report, remedy))}"
            yield CheckLine((Piece(text, Tone.MUTED),), is_remedy=True)
    problems = label_problems(report.snapshot.containers)
    for sentence in (*blind_spots(report), *map(printable, problems)):
        yield CheckLine((Piece(sentence, Tone.WARNING),))
    pieces = [count_text(report)]
    for each in (namespaces_text(report), *incident_counts(report)):
        pieces += [Piece(" · "), each]
    yield CheckLine(tuple(pieces))
    if hint:
        yield CheckLine((Piece(printable(remedy_text(report, hint))),))


def _head(report: Report, incident: Incident) -> tuple[Piece, ...]:
    """Return an incident as one line: severity, code, subject and sentence."""
    sign = f"{SEVERITY_GLYPHS[incident.severity]} {incident.severity.value}"
    joint = ": " if incident.cause is IncidentCause.OWN else " "
    text = incident_text(incident, report.snapshot.taken_at)
    return (
        Piece(f"{sign} {incident.code}", SEVERITY_TONES[incident.severity]),
        Piece("  "),
        Piece(printable(incident.subject), Tone.STRONG),
        Piece(f"{joint}{printable(text)}"),
    )


def remedies_of(incident: Incident) -> tuple[str, ...]:
    """Return the remedy of an incident.

    The findings of one container may have different ones, of which none does for all.
    """
    if incident.cause is not IncidentCause.OWN:
        return (incident.remedy,)
    return tuple(dict.fromkeys(finding.remedy for finding in incident.findings))


def summary_pieces(report: Report, *, is_outdated: bool = False) -> tuple[Piece, ...]:
    """Return the counts of findings; without any, what is known about that.

    Args:
        report: The report.
        is_outdated: Whether the engine has not answered since the report.

    """
    if is_outdated:
        counts = incident_counts(report) if report.findings else ()
        words = "when last seen" if counts else "nothing was wrong when last seen"
        return (*counts, Piece(f"? {words}", Tone.WARNING))
    if report.snapshot.is_glimpse:
        return (Piece("… reading what each of them shares", Tone.MUTED),)
    if report.findings:
        return incident_counts(report)
    if blind_spots(report):
        unsure = Piece("? nothing wrong as far as could be read", Tone.WARNING)
        return (unsure, *unreported(report))
    return (Piece("✓ nothing wrong", Tone.GOOD), *unreported(report))


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """An incident, or one of its findings; equal rows look the same."""

    key: str
    """Identifies the row, also at the next look."""

    container: ContainerId
    """Where to go to from it."""

    incident: Incident | None
    """The incident that it is, or that its finding belongs to; None if it is
    ignored."""

    head: tuple[Piece, ...]
    """What it is about."""

    sentence: Piece
    remedy: Piece
    copied: str
    """The remedy, as it is copied."""

    above: str = ""
    """The key of the incident that the row is a finding of; empty for an incident."""

    watch: Piece | None = None
    """What a standing watch does about the incident; None if none is known to."""

    @property
    def depth(self) -> int:
        """0 for an incident, 1 for a finding of one."""
        return 1 if self.above else 0

    @property
    def below(self) -> tuple[Piece, ...]:
        """What is below the head, each piece on lines of its own."""
        watch = () if self.watch is None else (self.watch,)
        return (self.sentence, *watch, self.remedy)


def finding_rows(
    report: Report,
    unfolded: Collection[str] = (),
    intent: Callable[[Incident], Piece | None] = lambda _: None,
) -> tuple[FindingRow, ...]:
    """Return a row for each incident, the worst first.

    Args:
        report: The report.
        unfolded: The keys of the incidents whose findings have rows, too.
        intent: Returns what a standing watch does about an incident; None for nothing
            that is known.

    """
    rows = []
    for incident in report.incidents:
        row = _incident_row(report, incident, unfolded)
        row = replace(row, watch=intent(incident))
        rows.append(row)
        if row.key in unfolded and can_unfold(incident):
            rows += _member_rows(report, incident, row.key)
    return tuple(rows)


def can_unfold(incident: Incident) -> bool:
    """Tell whether an incident has findings that its row does not tell."""
    return incident.cause is not IncidentCause.OWN


def _incident_row(
    report: Report, incident: Incident, unfolded: Collection[str]
) -> FindingRow:
    first = incident.owner or incident.containers[0]
    subject = incident.owner or incident.findings[0].gone or incident.containers[0]
    what = incident.findings[0].network
    if incident.cause is IncidentCause.RESTART_MISMATCH:
        # There may be one for each of the policies that dependents have.
        what = incident.remedy
    key = f"{subject}/{incident.cause}/{what}"
    mark = ""
    if can_unfold(incident):
        mark = "▾ " if key in unfolded else "▸ "
    code = incident.code.replace("-", " ")
    text = incident_text(incident, report.snapshot.taken_at)
    remedies = [remedy_text(report, one) for one in remedies_of(incident)]
    return FindingRow(
        key=key,
        container=first,
        incident=incident,
        head=(
            Piece(
                f"{SEVERITY_GLYPHS[incident.severity]} {mark}{code}",
                SEVERITY_TONES[incident.severity],
            ),
            Piece("  "),
            Piece(printable(incident.subject), Tone.STRONG),
        ),
        sentence=Piece(printable(text)),
        remedy=Piece(f"→ {printable('; '.join(remedies))}", Tone.MUTED),
        copied=remedy_text(report, incident.remedy),
    )


def _member_rows(
    report: Report, incident: Incident, above: str
) -> Iterator[FindingRow]:
    now = report.snapshot.taken_at
    for finding in (*incident.findings, *incident.perhaps):
        remedy = remedy_text(report, finding.remedy)
        yield FindingRow(
            key=f"{above}/{finding.container}/{finding.code}",
            container=finding.container,
            incident=incident,
            head=(
                finding_word(finding),
                Piece("  "),
                Piece(printable(report.graph.name(finding.container)), Tone.STRONG),
            ),
            sentence=Piece(printable(message_text(finding, now))),
            remedy=Piece(f"→ {printable(remedy)}", Tone.MUTED),
            copied=remedy,
            above=above,
        )


def nothing_text(report: Report) -> str:
    """Return the sentence for no findings, which claims no more than is known."""
    if report.findings:
        return NOTHING_SHOWN
    return NOTHING_SEEN if blind_spots(report) else NOTHING


def first_line(report: Report) -> str:
    """Return the line that nothing is wrong at first, and how that is known."""
    known = (count_text(report), namespaces_text(report), *unreported(report))
    words = " · ".join(piece.text for piece in known)
    return f"{iso_text(report.snapshot.taken_at)} = nothing wrong: {words}"


def appeared_line(incident: Incident, at: datetime) -> str:
    """Return an incident that has appeared, with its time in UTC and its remedy.

    An example is ``… + error owner-restarted vpn was restarted a moment ago: …``.
    """
    what = f"{incident.severity.value} {incident.code}"
    text = f"{whole_text(incident, at)} → {'; '.join(remedies_of(incident))}"
    return printable(f"{iso_text(at)} + {what} {text}")


def gone_line(gone: Sequence[FindingChange], at: datetime) -> str:
    """Return findings with one code that have gone, with the age of the oldest.

    Their age is not known if one of them existed before the first look.
    """
    finding = gone[0].tracked.finding
    names = names_text(dict.fromkeys(change.tracked.name for change in gone))
    times = [change.tracked.since for change in gone]
    known = [since for since in times if since is not None]
    age = f" after {age_text(min(known), at)}" if len(known) == len(times) else ""
    what = f"{finding.severity.value} {finding.code.value} {names}"
    return printable(f"{iso_text(at)} - {what}: gone{age}")


def no_events_text(reason: str, every_s: float) -> str:
    """Return that events are not received, what is done instead, and why."""
    return printable(
        f"no events from the engine: reading it every {every_s:g} s instead ({reason})"
    )

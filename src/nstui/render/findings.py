"""The findings of a host: as a line, as a list, and as they change."""

from __future__ import annotations

from datetime import UTC
from typing import TYPE_CHECKING

from nstui.analysis.text import age_text
from nstui.model.finding import GroupBond, Severity
from nstui.model.frozen import dataclass
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from nstui.analysis.report import FindingChange, Report
    from nstui.model.container import ContainerId
    from nstui.model.finding import Finding
    from nstui.model.snapshot import EngineInfo


SEVERITY_GLYPHS = {Severity.ERROR: "✗", Severity.WARNING: "!", Severity.NOTICE: "·"}
SEVERITY_TONES = {
    Severity.ERROR: Tone.ERROR,
    Severity.WARNING: Tone.WARNING,
    Severity.NOTICE: Tone.NOTICE,
}

_READ_WORDS = {
    NamespacesRead.INODE: Piece("verified by the kernel", Tone.GOOD),
    NamespacesRead.FINGERPRINT: Piece("partly verified (no root)", Tone.WARNING),
    NamespacesRead.DECLARED: Piece("not verified (engine only)", Tone.WARNING),
}

NOT_YET = "what each container shares is still to be read"

INDENT = 4
"""The columns before a remedy, and before the wrapped part of a sentence."""

NOTHING = "nothing is wrong"
NOTHING_SHOWN = "nothing is wrong in what the filter shows"
NOTHING_SEEN = "nothing is wrong as far as could be seen"


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


def namespaces_text(report: Report) -> Piece:
    """Return how namespaces were identified, or that they are not yet."""
    if report.snapshot.is_glimpse:
        return Piece("namespaces …", Tone.MUTED)
    return _READ_WORDS[report.snapshot.namespaces_read]


def count_text(report: Report, kind: NamespaceKind = NamespaceKind.NET) -> Piece:
    """Return how many containers and groups there are."""
    containers = plural(len(report.snapshot.containers), "container")
    shared = [g for g in report.groups(kind) if g.bond is not GroupBond.HOST]
    return Piece(f"{containers}, {plural(len(shared), 'group')}")


def finding_counts(report: Report) -> tuple[Piece, ...]:
    """Return the count of findings of each severity, or that there are none."""
    counted = [
        (severity, sum(f.severity is severity for f in report.findings))
        for severity in Severity
    ]
    pieces = tuple(
        Piece(
            f"{SEVERITY_GLYPHS[severity]} {plural(count, severity.value)}",
            SEVERITY_TONES[severity],
        )
        for severity, count in counted
        if count
    )
    return pieces or (Piece("nothing wrong", Tone.GOOD),)


def blind_spots(report: Report) -> tuple[str, ...]:
    """Return a sentence for everything that could not be read, and so has no findings.

    A running container that could not be inspected is not among them, since it has a
    finding.
    """
    if report.snapshot.is_glimpse:
        return (NOT_YET,)
    note = report.snapshot.host.note
    unknown = (
        f"{container.name} could not be inspected: {container.inspection_problem}"
        for container in report.snapshot.containers
        if container.inspection is None and not container.state.has_process
    )
    notes = (note,) if note else ()
    records = report.snapshot.unread_records
    return tuple(printable(each) for each in (*notes, *unknown, *records))


@dataclass(frozen=True, slots=True)
class CheckLine:
    """A line of the findings."""

    pieces: tuple[Piece, ...]
    is_remedy: bool = False
    """Whether it is meant to be copied, and must not be wrapped."""


def check_lines(report: Report) -> Iterator[CheckLine]:
    """Yield every finding with its evidence and its remedy, or that there are none."""
    for finding in report.findings:
        tone = SEVERITY_TONES[finding.severity]
        sign = f"{SEVERITY_GLYPHS[finding.severity]} {finding.severity.value}"
        name = printable(report.graph.name(finding.container))
        yield CheckLine(
            (
                Piece(f"{sign} {finding.code.value}", tone),
                Piece("  "),
                Piece(name, Tone.STRONG),
                Piece(f"  {printable(finding.message)}"),
            )
        )
        remedy = f"{'':{INDENT}}{printable(finding.remedy)}"
        yield CheckLine((Piece(remedy, Tone.MUTED),), is_remedy=True)
    for sentence in blind_spots(report):
        yield CheckLine((Piece(sentence, Tone.WARNING),))
    pieces = [count_text(report)]
    for each in (namespaces_text(report), *finding_counts(report)):
        pieces += [Piece(" · "), each]
    yield CheckLine(tuple(pieces))


def summary_pieces(report: Report, *, is_outdated: bool = False) -> tuple[Piece, ...]:
    """Return the counts of findings; without any, what is known about that.

    Args:
        report: The report.
        is_outdated: Whether the engine has not answered since the report.

    """
    if is_outdated:
        counts = finding_counts(report) if report.findings else ()
        words = "when last seen" if counts else "nothing was wrong when last seen"
        return (*counts, Piece(f"? {words}", Tone.WARNING))
    if report.snapshot.is_glimpse:
        return (Piece("… reading what each of them shares", Tone.MUTED),)
    if report.findings:
        return finding_counts(report)
    if blind_spots(report):
        return (Piece("? nothing wrong as far as could be seen", Tone.WARNING),)
    return (Piece("✓ nothing wrong", Tone.GOOD),)


def worst_finding(report: Report) -> Piece:
    """Return the worst finding with its container's name, or that there is none."""
    if not report.findings:
        return Piece("nothing wrong", Tone.GOOD)
    worst = report.findings[0]
    word = finding_word(worst)
    return Piece(
        f"{word.text}: {printable(report.graph.name(worst.container))}", word.tone
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One finding; equal rows look the same."""

    key: str
    """Identifies the finding, also at the next look."""

    container: ContainerId
    head: tuple[Piece, ...]
    """The finding and its container."""

    sentence: Piece
    remedy: Piece


def finding_rows(report: Report) -> tuple[FindingRow, ...]:
    """Return a row for each finding, the worst first."""
    return tuple(
        FindingRow(
            key=f"{finding.container}/{finding.code}",
            container=finding.container,
            head=(
                finding_word(finding),
                Piece("  "),
                Piece(printable(report.graph.name(finding.container)), Tone.STRONG),
            ),
            sentence=Piece(printable(finding.message)),
            remedy=Piece(f"→ {printable(finding.remedy)}", Tone.MUTED),
        )
        for finding in report.findings
    )


def nothing_text(report: Report) -> str:
    """Return the sentence for no findings, which claims no more than is known."""
    if report.findings:
        return NOTHING_SHOWN
    return NOTHING_SEEN if blind_spots(report) else NOTHING


def first_line(report: Report) -> str:
    """Return the line that nothing is wrong at first, and how that is known."""
    known = f"{count_text(report).text} · {namespaces_text(report).text}"
    return f"{_time_text(report.snapshot.taken_at)} = nothing wrong: {known}"


def change_line(change: FindingChange, at: datetime) -> str:
    """Return a change with its time in UTC, such as ``… + error stale-join dep: …``.

    A finding that appears has its sentence and its remedy. One that goes has its age,
    unless it existed before the first look.
    """
    finding, since = change.tracked.finding, change.tracked.since
    what = f"{finding.severity.value} {finding.code.value} {change.tracked.name}"
    if change.has_appeared:
        return printable(
            f"{_time_text(at)} + {what}: {finding.message} → {finding.remedy}"
        )
    age = "" if since is None else f" after {age_text(since, at)}"
    return printable(f"{_time_text(at)} - {what}: gone{age}")


def deaf_text(reason: str, every_s: float) -> str:
    """Return that events are not received, what is done instead, and why."""
    return printable(
        f"events are not heard: looking every {every_s:g} s instead ({reason})"
    )


def _time_text(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

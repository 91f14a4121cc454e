"""A host in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.finding import Severity
from nstui.model.group import GroupBond
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.render.rows import SEVERITY_GLYPHS, SEVERITY_TONES, finding_word
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from nstui.analysis.report import Report
    from nstui.model.snapshot import EngineInfo

_READ_WORDS = {
    NamespacesRead.INODE: Piece("namespaces by inode", Tone.GOOD),
    NamespacesRead.FINGERPRINT: Piece("namespaces by fingerprint", Tone.WARNING),
    NamespacesRead.DECLARED: Piece("namespaces as declared only", Tone.WARNING),
}

NOT_YET = "what each container shares is still to be read"


def engine_words(engine: EngineInfo) -> Piece:
    """Return who answers, and where."""
    context = f" ({engine.context})" if engine.context else ""
    return Piece(
        printable(f"{engine.name} {engine.version} at {engine.endpoint}{context}")
    )


def namespaces_words(report: Report) -> Piece:
    """Return how the namespaces of a report were told apart, or not yet."""
    if report.snapshot.is_glimpse:
        return Piece("namespaces …", Tone.MUTED)
    return _READ_WORDS[report.snapshot.namespaces_read]


def count_words(report: Report, kind: NamespaceKind = NamespaceKind.NET) -> Piece:
    """Return how many containers and groups there are."""
    containers = plural(len(report.snapshot.containers), "container")
    shared = [g for g in report.groups(kind) if g.bond is not GroupBond.HOST]
    return Piece(f"{containers}, {plural(len(shared), 'group')}")


def finding_counts(report: Report) -> tuple[Piece, ...]:
    """Return how many findings there are of each severity, or that all is well."""
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
    """Return what could not be looked at, a sentence each: nothing is said of it.

    That one which runs could not be inspected is not among them: it is a finding.
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


def glance(report: Report, *, is_past: bool = False) -> tuple[Piece, ...]:
    """Return the counts of findings; that all is well only as far as could be seen.

    Args:
        report: What was seen.
        is_past: Whether the engine has not answered since, so that nobody knows
            whether it is still so.

    """
    if is_past:
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
    """Return the worst finding with its container's name, or that all is well."""
    if not report.findings:
        return Piece("nothing wrong", Tone.GOOD)
    worst = report.findings[0]
    word = finding_word(worst)
    return Piece(
        f"{word.text}: {printable(report.graph.name(worst.container))}", word.tone
    )

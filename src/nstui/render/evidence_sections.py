"""The evidence for what a container shares, in sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.finding import FindingCode
from nstui.render.details import Entry, Section
from nstui.render.rows import SEVERITY_TONES, finding_word
from nstui.render.source_words import (
    engine_words,
    file_words,
    here_words,
    runtime_words,
    there_words,
)
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.explanation import Explanation, Share
    from nstui.analysis.report import Report

_OF_SHARES = frozenset(
    {
        FindingCode.STALE_JOIN,
        FindingCode.OWNER_GONE,
        FindingCode.OWNER_STOPPED,
        FindingCode.NO_UPLINK,
        FindingCode.UNDECLARED_SHARE,
    }
)
"""What is wrong with what is shared; the evidence says nothing of the rest."""


def evidence_sections(
    report: Report, told: Explanation, unread: str
) -> tuple[Section, ...]:
    """Return what each source says, after what contradicts another.

    Args:
        report: What the engine and the kernel say of all.
        told: What each source says of one container.
        unread: Why its runtime and its mounts have not been read, if they have not.

    """
    sections = (
        Section("Where the sources disagree", tuple(_disagreements(told))),
        *(
            Section(share.kind.value, tuple(_sources(report, told, share, unread)))
            for share in told.shares
        ),
        Section("Files", tuple(_files(report, told, unread))),
        Section("Runtime's configuration", tuple(_configuration(told))),
    )
    return tuple(section for section in sections if section.entries)


def _entry(label: str, text: str, tone: Tone = Tone.PLAIN) -> Entry:
    return Entry(label, (Piece(printable(text), tone),))


def _disagreements(told: Explanation) -> Iterator[Entry]:
    for finding in told.findings:
        if finding.code in _OF_SHARES:
            words = Piece(
                f": {printable(finding.message)}", SEVERITY_TONES[finding.severity]
            )
            yield Entry("", (finding_word(finding), words))
            yield _entry("", f"→ {finding.remedy}")
    for sentence in told.disagreements:
        yield _entry("", f"! {sentence}", Tone.WARNING)


def _sources(
    report: Report, told: Explanation, share: Share, unread: str
) -> Iterator[Entry]:
    yield _entry("engine", engine_words(report, share))
    yield _entry("kernel", here_words(report, share))
    yield from (_entry("", words) for words in there_words(report, share))
    if told.evidence is None:
        yield _entry("runtime", unread, Tone.MUTED)
    else:
        yield _entry("runtime", runtime_words(report, share, told.evidence))


def _files(report: Report, told: Explanation, unread: str) -> Iterator[Entry]:
    evidence = told.evidence
    if evidence is None:
        yield _entry("", unread, Tone.MUTED)
    elif evidence.files is None:
        yield _entry("", f"not read: {evidence.files_problem}", Tone.WARNING)
    elif not evidence.files:
        yield _entry("", "none of the engine's are mounted", Tone.MUTED)
    else:
        for file in evidence.files:
            words = file_words(report, told.container.id, file)
            yield _entry(printable(file.name), words)


def _configuration(told: Explanation) -> Iterator[Entry]:
    if told.evidence is not None and told.evidence.config is not None:
        yield _entry("", told.evidence.config, Tone.MUTED)

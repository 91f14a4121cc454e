"""The evidence of each source about a container, in sections and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.explain import why_unread
from nstui.analysis.managers import management_text
from nstui.analysis.succession import HOW_KNOWN
from nstui.analysis.unread import unread_text
from nstui.model.container import ContainerId, is_id, short_id
from nstui.model.finding import FindingCode
from nstui.render.findings import finding_word
from nstui.render.incidents import SEVERITY_TONES, message_text, remedy_text
from nstui.render.layout import (
    Section,
    SectionRow,
    section_lines,
    text_row,
    titled_lines,
    with_rows,
)
from nstui.render.member_sections import member_lines
from nstui.render.network_sections import network_lines
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.explain import Explanation, NamespaceEvidence, Share
    from nstui.analysis.report import Report
    from nstui.model.holders import Evidence, RuntimeJoin
    from nstui.model.snapshot import MountedFile
    from nstui.render.text import Line


NO_EVIDENCE = "Go to a container to see what each source says of it."

_SHARE_FINDINGS = frozenset(
    {
        FindingCode.STALE_JOIN,
        FindingCode.OWNER_GONE,
        FindingCode.OWNER_STOPPED,
        FindingCode.NO_UPLINK,
        FindingCode.UNDECLARED_SHARE,
    }
)
"""The findings about shared namespaces, which the evidence concerns."""

_SOURCE_WIDTH = len("runtime")
_FILE_WIDTH = len("resolv.conf")


def evidence_sections(
    report: Report, explanation: Explanation, unread: str
) -> tuple[Section, ...]:
    """Return the evidence of each source, after their contradictions.

    Args:
        report: The report, with all containers.
        explanation: The evidence of each source about one container.
        unread: Why its runtime and its mounts were not read, if they were not.

    """
    return with_rows(
        Section(
            "Where the sources disagree", tuple(_disagreements(report, explanation))
        ),
        *(
            Section(
                share.kind.value, tuple(_sources(report, explanation, share, unread))
            )
            for share in explanation.shares
        ),
        Section("Files", tuple(_files(report, explanation, unread))),
        Section("Runtime's configuration", tuple(_configuration(explanation))),
    )


def explain_lines(report: Report, explanation: Explanation) -> Iterator[Line]:
    """Yield the findings, then the evidence of each source for each kind."""
    yield from _heading_lines(report, explanation)
    container = explanation.container.id
    unread = why_unread(report, container)
    for share in explanation.shares:
        rows = tuple(_sources(report, explanation, share, unread, on_one_line=True))
        section = Section(share.kind.value, rows)
        yield from section_lines(section, label_width=_SOURCE_WIDTH, tone=Tone.MUTED)
    files = Section("files", tuple(_files(report, explanation, unread)))
    yield from section_lines(files, label_width=_FILE_WIDTH)
    yield from titled_lines("members", member_lines(report, explanation.members))
    if explanation.interior is not None:
        yield from network_lines(report, container, explanation.interior)
    configuration = tuple(_configuration(explanation))
    yield from section_lines(Section("runtime's configuration", configuration))


def _heading_lines(report: Report, explanation: Explanation) -> Iterator[Line]:
    container = explanation.container
    yield (
        Piece(printable(container.name), Tone.STRONG),
        Piece(printable(f"  {container.image}  {container.state}"), Tone.MUTED),
    )
    if container.manager is not None:
        words = printable(management_text(container.manager))
        yield (Piece(f"managed by {words}"),)
    for finding in explanation.findings:
        text = printable(message_text(finding, report.snapshot.taken_at))
        yield finding_word(finding), Piece(f"  {text}")
        remedy = printable(remedy_text(report, finding.remedy))
        yield (Piece(f"    {remedy}", Tone.MUTED),)
    for sentence in explanation.disagreements:
        yield Piece("!", Tone.WARNING), Piece(f" {printable(sentence)}")


def _disagreements(report: Report, explanation: Explanation) -> Iterator[SectionRow]:
    for finding in explanation.findings:
        if finding.code in _SHARE_FINDINGS:
            text = message_text(finding, report.snapshot.taken_at)
            words = f": {printable(text)}"
            tone = SEVERITY_TONES[finding.severity]
            yield SectionRow("", (finding_word(finding), Piece(words, tone)))
            yield text_row("", f"→ {remedy_text(report, finding.remedy)}")
    for sentence in explanation.disagreements:
        yield text_row("", f"! {sentence}", Tone.WARNING)


def _sources(
    report: Report,
    explanation: Explanation,
    share: Share,
    unread: str,
    *,
    on_one_line: bool = False,
) -> Iterator[SectionRow]:
    """Yield a row for each source; `on_one_line` joins the rows of the kernel."""
    yield text_row("engine", _declared_text(report, share))
    places = tuple(_place_texts(report, share))
    own, *others = ("; ".join(places),) if on_one_line else places
    yield text_row("kernel", own)
    yield from (text_row("", words) for words in others)
    if explanation.evidence is None:
        yield text_row("runtime", unread, Tone.MUTED)
    else:
        yield text_row("runtime", _runtime_text(report, share, explanation.evidence))


def _files(
    report: Report, explanation: Explanation, unread: str
) -> Iterator[SectionRow]:
    evidence = explanation.evidence
    if evidence is None:
        yield text_row("", unread, Tone.MUTED)
    elif evidence.files is None:
        yield text_row("", f"not read: {evidence.files_problem}", Tone.WARNING)
    elif not evidence.files:
        yield text_row("", "none of the engine's are mounted", Tone.MUTED)
    else:
        for file in evidence.files:
            words = _file_text(report, explanation.container.id, file)
            yield text_row(file.name, words)


def _configuration(explanation: Explanation) -> Iterator[SectionRow]:
    if explanation.evidence is not None and explanation.evidence.config is not None:
        yield text_row("", explanation.evidence.config, Tone.MUTED)


def _declared_text(report: Report, share: Share) -> str:
    """Return what the engine declares."""
    if share.declared is None:
        words = "the host's own" if share.is_host else "its own"
        if share.joined_by:
            words += f", joined by {_names(report, share.joined_by)}"
        return words
    words = f"container:{short_id(share.declared.reference)}"
    target = share.declared.target
    if target is None:
        gone = _known_text(report, share.declared.reference)
        return printable(f"{words}, which no longer exists{gone}")
    state = report.graph.containers[target].state
    words = f"{words} → {report.graph.name(target)}, {state}"
    if share.joined_by:
        words += f"; joined by {_names(report, share.joined_by)}"
    return printable(words)


def _known_text(report: Report, reference: str) -> str:
    """Return what is known of a container that is gone, and from which source."""
    if not is_id(reference):
        return ""
    known = report.snapshot.former_containers.get(ContainerId(reference))
    if known is None:
        return "; its name is unknown"
    service = "" if known.compose is None else f", of {known.compose}"
    return f"; it was called {known.name}{service}, {HOW_KNOWN[known.source]}"


def _place_texts(report: Report, share: Share) -> Iterator[str]:
    """Yield the container's namespace with those sharing it, and the target's."""
    others = f", with {_names(report, share.mates)}" if share.mates else ""
    yield f"{_place_text(report, share.here)}{others}"
    if share.there is not None:
        name = report.graph.name(share.there.container)
        yield f"{name}: {_place_text(report, share.there)}"


def _place_text(report: Report, place: NamespaceEvidence) -> str:
    if place.pid is None:
        return printable(place.unread)
    if place.namespace is None:
        words = "could not be read"
        if place.problem is not None:
            words = unread_text(place.problem, report.snapshot.host.remedy)
        return f"pid {place.pid}: {words}"
    return f"{place.namespace}, pid {place.pid}"


def _runtime_text(report: Report, share: Share, evidence: Evidence) -> str:
    """Return what the runtime's configuration says, and whether it still holds."""
    if evidence.joins is None:
        return f"not read: {evidence.joins_problem}"
    if share.runtime is None:
        return "created a new namespace" if not share.is_host else "the host's own"
    return f"{share.runtime.path}, {_runtime_target_text(report, share.runtime)}"


def _runtime_target_text(report: Report, join: RuntimeJoin) -> str:
    if join.pid is None:
        return "which names no process"
    if not join.is_there:
        return f"process {join.pid} no longer exists"
    if join.container is None:
        return f"process {join.pid}, which is no container's"
    if join.container in report.graph.containers:
        return f"the process of {report.graph.name(join.container)}"
    return f"a process of {short_id(join.container)}, which is unknown"


def _file_text(report: Report, container: ContainerId, file: MountedFile) -> str:
    """Return the owner of a file that a container sees, and whether it still exists."""
    if file.belongs_to is None:
        owner = f"from {file.source}"
    elif file.belongs_to == container:
        owner = "its own"
    elif file.belongs_to in report.graph.containers:
        owner = f"of {report.graph.name(file.belongs_to)}"
    else:
        owner = f"of {short_id(file.belongs_to)}, which no longer exists"
    gone = "; deleted; it still sees the old content" if file.is_deleted else ""
    return printable(f"{owner}{gone}")


def _names(report: Report, containers: Iterable[ContainerId]) -> str:
    return printable(", ".join(report.graph.name(c) for c in containers))

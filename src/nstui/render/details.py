"""What is known of one line of the tree, in sections."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nstui.analysis.forest import BranchKind
from nstui.analysis.graph import JOIN_KINDS
from nstui.analysis.groups import uses_host
from nstui.analysis.managers import management_words, pod_words
from nstui.model.container import ContainerId, short_id
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.render.ports import port_words
from nstui.render.rows import SEVERITY_TONES, finding_word, state_glyph, state_words
from nstui.render.text import Piece, Tone, printable
from nstui.render.top_sentences import top_sentence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.forest import Branch
    from nstui.analysis.report import Report
    from nstui.model.container import Container

UNREAD = Piece("could not be read", Tone.WARNING)


@dataclass(frozen=True, slots=True)
class Entry:
    """A label and what it is; an empty label continues the one above."""

    label: str
    value: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """Entries under a heading."""

    title: str
    entries: tuple[Entry, ...]


def details_of(branch: Branch, report: Report) -> tuple[Section, ...]:
    """Return the sections for one line; those that would be empty are left out."""
    if branch.held is not None:
        from nstui.render.held_details import held_sections  # noqa: PLC0415 - when asked

        return held_sections(branch, branch.held, report)
    if branch.container is None:
        return (Section("", tuple(_top_entries(branch, report))),)
    container = report.graph.containers[branch.container]
    sections = (
        Section("Wrong", tuple(_findings(report, container))),
        Section("Container", tuple(_identity(container))),
        Section("Joins", tuple(_joins(report, container))),
        Section("Dependents", tuple(_dependents(report, container))),
        Section("Namespaces", tuple(_namespaces(report, container))),
        Section("Published ports", tuple(_ports(report, container))),
        Section("Shared files", tuple(_shared_files(report, container))),
    )
    return tuple(section for section in sections if section.entries)


def _entry(label: str, text: str, tone: Tone = Tone.PLAIN) -> Entry:
    return Entry(label, (Piece(printable(text), tone),))


def _top_entries(branch: Branch, report: Report) -> Iterator[Entry]:
    yield _entry("", top_sentence(branch, report))
    yield _entry("", "")
    if branch.kind is BranchKind.GONE:
        yield _entry("", f"it was: {branch.key.removeprefix('gone:')}", Tone.MUTED)
    names = [b.label for b in branch.walk() if b.container is not None]
    if names:
        yield _entry("", f"members: {', '.join(names)}", Tone.MUTED)


def _findings(report: Report, container: Container) -> Iterator[Entry]:
    for finding in report.findings_by_container.get(container.id, ()):
        tone = SEVERITY_TONES[finding.severity]
        word = finding_word(finding)
        yield Entry("", (word, Piece(f": {printable(finding.message)}", tone)))
        yield Entry("", (Piece(f"→ {printable(finding.remedy)}"),))


def _identity(container: Container) -> Iterator[Entry]:
    yield _entry("name", container.name, Tone.STRONG)
    yield _entry("id", short_id(container.id))
    yield _entry("image", container.image)
    yield Entry(
        "state",
        (
            state_glyph(container),
            Piece(" "),
            state_words(container),
            Piece(f"  {printable(container.status)}", Tone.MUTED),
        ),
    )
    if container.health is not None:
        yield _entry("health", container.health)
    if container.compose is not None:
        yield _entry("compose", str(container.compose))
    if container.manager is not None:
        yield _entry("manager", management_words(container.manager))
    if container.pod is not None:
        yield _entry("pod", pod_words(container.pod))
    if container.inspection is None:
        why = container.inspection_problem or "no reason was given"
        yield _entry("inspect", f"failed: {why}", Tone.WARNING)
    elif container.inspection.pid is not None:
        yield _entry("pid", str(container.inspection.pid))


def _joins(report: Report, container: Container) -> Iterator[Entry]:
    dependencies = report.graph.dependencies(container.id)
    for dependency in dependencies:
        declared = Piece(printable(short_id(dependency.reference)))
        if dependency.kind in JOIN_KINDS:
            declared = Piece(f"container:{declared.text}")
        if dependency.target is None:
            resolved = Piece(_gone_words(report, dependency.reference), Tone.ERROR)
        else:
            resolved = Piece(printable(report.graph.name(dependency.target)))
        yield Entry(dependency.kind.value, (declared, Piece(" → "), resolved))
    if not any(d.kind == NamespaceKind.NET.value for d in dependencies):
        yield _entry("network", container.network_mode, Tone.MUTED)


def _dependents(report: Report, container: Container) -> Iterator[Entry]:
    for dependency in report.graph.joiners(container.id):
        dependent = report.graph.containers[dependency.container]
        pieces = [state_glyph(dependent), Piece(f" {printable(dependent.name)}")]
        if dependency.target is not None and dependency.target != container.id:
            through = printable(report.graph.name(dependency.target))
            pieces.append(Piece(f" (through {through})", Tone.MUTED))
        yield Entry(dependency.kind.value, tuple(pieces))


def _namespaces(report: Report, container: Container) -> Iterator[Entry]:
    if not container.state.has_process:
        return
    for kind in report.kinds:
        namespace = report.snapshot.namespace(container.id, kind)
        if namespace is None:
            yield Entry(kind.value, (UNREAD,))
        else:
            mates = _mates(report, container.id, kind)
            yield Entry(kind.value, (Piece(str(namespace)), *mates))
    level = report.snapshot.namespaces_read
    if level is not NamespacesRead.INODE and report.snapshot.host.note:
        yield _entry("", report.snapshot.host.note, Tone.MUTED)


def _gone_words(report: Report, reference: str) -> str:
    """Say that one is gone, by what it was called if anybody knows."""
    ancestor = report.snapshot.ancestors.get(ContainerId(reference))
    was = "" if ancestor is None else f"{printable(ancestor.name)}, "
    return f"{was}no longer exists"


def _mates(
    report: Report, container: ContainerId, kind: NamespaceKind
) -> tuple[Piece, ...]:
    """Return how many others the kernel shows in the same namespace."""
    here = report.snapshot.namespace(container, kind)
    others = sum(
        c.id != container and report.snapshot.namespace(c.id, kind) == here
        for c in report.snapshot.containers
    )
    if uses_host(report.graph.containers[container], kind):
        return (Piece("  the host's", Tone.MUTED),)
    return (Piece(f"  with {others} more", Tone.MUTED),) if others else ()


def _ports(report: Report, container: Container) -> Iterator[Entry]:
    """Yield the ports published by the owner: those of a dependent lead there too."""
    owner = report.graph.chain(container.id, NamespaceKind.NET).owner
    if owner is None:
        return
    by = "" if owner == container.id else printable(report.graph.name(owner))
    for words in port_words(report.graph.containers[owner].ports):
        yield _entry(by, words)
        by = ""


def _shared_files(report: Report, container: Container) -> Iterator[Entry]:
    if container.inspection is None:
        return
    for file in container.inspection.shared_files:
        if file.belongs_to is None:
            yield _entry(file.name, file.path)
        elif file.belongs_to == container.id:
            yield _entry(file.name, "its own", Tone.MUTED)
        elif file.belongs_to in report.graph.containers:
            yield _entry(file.name, f"of {report.graph.name(file.belongs_to)}")
        else:
            gone = f"of {short_id(file.belongs_to)}, which no longer exists"
            yield _entry(file.name, gone, Tone.ERROR)

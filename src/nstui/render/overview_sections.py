"""The facts about one row of the tree, in sections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.graph.graph import JOIN_KINDS
from nstui.analysis.graph.presence import uses_host
from nstui.analysis.tree.tree import RowKind
from nstui.model.container import ContainerId, short_id
from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.render.container_sections import (
    environment_section,
    identity_section,
    mounts_section,
)
from nstui.render.findings import finding_word
from nstui.render.held_sections import held_sections, held_sentence
from nstui.render.incidents import SEVERITY_TONES, message_text, remedy_text
from nstui.render.layout import Section, SectionRow, text_row, with_rows
from nstui.render.rows import (
    condition_glyph,
    noun,
    row_ports_text,
)
from nstui.render.text import Piece, Tone, printable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from nstui.analysis.report import Report
    from nstui.analysis.tree.tree import TreeRow
    from nstui.model.container import Container


_GONE = {
    NamespaceKind.NET: "while they run they have no network",
    NamespaceKind.PID: "they ended with it",
}
_STILL_THERE = "those that run are still in it"
"""For the kinds of namespace that any member keeps alive completely."""

_SENTENCES = {
    RowKind.GONE: (
        "This container no longer exists. Those below joined its {noun}: {gone},"
        " and they can never start again until they are recreated on its successor."
    ),
    RowKind.HOST: (
        "These use the {noun} of the engine's host itself. Removing one does not"
        " affect the others."
    ),
    RowKind.UNDECLARED: (
        "The kernel shows these in one namespace, but no declaration says so."
    ),
    RowKind.LOOP: "These joined each other, so none of them can start.",
    RowKind.UNSHARED: (
        "Each has its own {noun}; removing one does not affect the others."
    ),
    RowKind.PROJECT: (
        "These belong to the compose project {label} and share no {noun} with others."
        " The key v selects the whole project."
    ),
    RowKind.HELD: (
        "Namespaces live for as long as a process is in them or they are mounted."
        " None of the containers above is in these: what keeps each of them alive is"
        " told with it."
    ),
    RowKind.UNREAD: "{label}.",
}

_MODES = {"host": "the host's own", "none": "none: it has no network"}
"""What a container has that is attached to no network, by its network mode."""

UNREAD = Piece("could not be read", Tone.WARNING)


def top_sentence(row: TreeRow, report: Report) -> str:
    """Return the meaning of a row; empty if it stands for a container."""
    if row.held is not None:
        return held_sentence(row.held, report)
    return _SENTENCES.get(row.kind, "").format(
        noun=noun(row.shared),
        gone=_GONE.get(row.shared, _STILL_THERE),
        label=printable(row.label),
    )


def details_of(row: TreeRow, report: Report) -> tuple[Section, ...]:
    """Return the sections of a row, without empty ones."""
    if row.held is not None:
        return held_sections(row.held, report)
    if row.container is None:
        return (Section("", tuple(_top_entries(row, report))),)
    container = report.graph.containers[row.container]
    return with_rows(
        Section("Problems", tuple(_findings(report, container))),
        identity_section(report, container),
        Section("Joins", tuple(_joins(report, container))),
        Section("Dependents", tuple(_dependents(report, container))),
        Section("Networks", tuple(_networks(report, container))),
        Section("Published ports", tuple(_ports(report, container))),
        Section("Namespaces", tuple(_namespaces(report, container))),
        Section("Shared files", tuple(_shared_files(report, container))),
        mounts_section(container),
        environment_section(container),
    )


def _top_entries(row: TreeRow, report: Report) -> Iterator[SectionRow]:
    yield text_row("", top_sentence(row, report))
    yield text_row("", "")
    if row.kind is RowKind.GONE:
        yield text_row("", f"it was: {row.key.removeprefix('gone:')}", Tone.MUTED)
    names = [member.label for member in row.walk() if member.container is not None]
    if names:
        yield text_row("", f"members: {', '.join(names)}", Tone.MUTED)


def _findings(report: Report, container: Container) -> Iterator[SectionRow]:
    for finding in report.findings_by_container.get(container.id, ()):
        tone = SEVERITY_TONES[finding.severity]
        word = finding_word(finding)
        text = printable(message_text(finding, report.snapshot.taken_at))
        yield SectionRow("", (word, Piece(f": {text}", tone)))
        remedy = printable(remedy_text(report, finding.remedy))
        yield SectionRow("", (Piece(f"→ {remedy}"),))
    for one in report.ignored:
        if one.finding.container == container.id:
            words = f"{finding_word(one.finding).text}, ignored: {one.because}"
            yield text_row("", words, Tone.MUTED)


def _joins(report: Report, container: Container) -> Iterator[SectionRow]:
    for dependency in report.graph.dependencies(container.id):
        declared = Piece(printable(short_id(dependency.reference)))
        if dependency.kind in JOIN_KINDS:
            declared = Piece(f"container:{declared.text}")
        if dependency.target is None:
            resolved = Piece(_gone_text(report, dependency.reference), Tone.ERROR)
        else:
            resolved = Piece(printable(report.graph.name(dependency.target)))
        yield SectionRow(dependency.kind.value, (declared, Piece(" → "), resolved))


def _dependents(report: Report, container: Container) -> Iterator[SectionRow]:
    for dependency in report.graph.joiners(container.id):
        dependent = report.graph.containers[dependency.container]
        pieces = [
            condition_glyph(dependent, report),
            Piece(f" {printable(dependent.name)}"),
        ]
        if dependency.target is not None and dependency.target != container.id:
            through = printable(report.graph.name(dependency.target))
            pieces.append(Piece(f" (through {through})", Tone.MUTED))
        yield SectionRow(dependency.kind.value, tuple(pieces))


def _namespaces(report: Report, container: Container) -> Iterator[SectionRow]:
    if not container.state.has_process:
        return
    for kind in report.kinds:
        namespace = report.snapshot.namespace(container.id, kind)
        if namespace is None:
            yield SectionRow(kind.value, (UNREAD,))
        else:
            sharing = _sharing_pieces(report, container.id, kind)
            yield SectionRow(kind.value, (Piece(str(namespace)), *sharing))
    level = report.snapshot.namespaces_read
    if level is not NamespacesRead.INODE and report.snapshot.host.note:
        yield text_row("", report.snapshot.host.note, Tone.MUTED)


def _gone_text(report: Report, reference: str) -> str:
    """Return that a container no longer exists, with its name if it is known."""
    former = report.snapshot.former_containers.get(ContainerId(reference))
    name = "" if former is None else f"{printable(former.name)}, "
    return f"{name}no longer exists"


def _sharing_pieces(
    report: Report, container: ContainerId, kind: NamespaceKind
) -> tuple[Piece, ...]:
    """Return how many other containers the kernel shows in the same namespace."""
    namespace = report.snapshot.namespace(container, kind)
    others = sum(
        c.id != container and report.snapshot.namespace(c.id, kind) == namespace
        for c in report.snapshot.containers
    )
    if uses_host(report.graph.containers[container], kind):
        return (Piece("  the host's", Tone.MUTED),)
    return (Piece(f"  with {others} more", Tone.MUTED),) if others else ()


def _network_owner(report: Report, container: ContainerId) -> Container | None:
    """Return the container whose networks and ports lead to this one, if any.

    None if the kernel shows that the two are in different networks.
    """
    owner = report.graph.chain(container, NamespaceKind.NET).owner
    if owner is None:
        return None
    here = report.snapshot.namespace(container, NamespaceKind.NET)
    there = report.snapshot.namespace(owner, NamespaceKind.NET)
    is_apart = here is not None and there is not None and here != there
    return None if is_apart else report.graph.containers[owner]


def _networks(report: Report, container: Container) -> Iterator[SectionRow]:
    """Yield the networks with the addresses in them, which a dependent has too."""
    owner = _network_owner(report, container.id)
    if owner is None:
        return
    of = "" if owner is container else f"  of {printable(owner.name)}"
    addresses = {end.network: ", ".join(end.addresses) for end in owner.endpoints}
    for network in owner.networks:
        words = printable(addresses.get(network, ""))
        label = printable(network) if words else ""
        value = Piece(words or printable(_MODES.get(network, network)))
        yield SectionRow(label, (value, Piece(of, Tone.MUTED)) if of else (value,))
    if not owner.networks:
        word = _MODES.get(owner.network_mode, owner.network_mode)
        yield text_row("", f"{word}{of}", Tone.MUTED)


def _ports(report: Report, container: Container) -> Iterator[SectionRow]:
    """Yield the owner's published ports, which lead to its dependents too."""
    owner = _network_owner(report, container.id)
    if owner is None:
        return
    by = "" if owner is container else printable(owner.name)
    ports = sorted(owner.ports, key=lambda port: (port.host_port, port))
    for words in row_ports_text(ports):
        yield text_row(by, words)
        by = ""


def _shared_files(report: Report, container: Container) -> Iterator[SectionRow]:
    """Yield whose files it uses, if not its own."""
    if container.inspection is None:
        return
    names: dict[tuple[str, Tone], list[str]] = {}
    for file in container.inspection.shared_files:
        if file.belongs_to is None:
            origin = file.path, Tone.PLAIN
        elif file.belongs_to == container.id:
            continue
        elif file.belongs_to in report.graph.containers:
            origin = f"of {report.graph.name(file.belongs_to)}", Tone.PLAIN
        else:
            gone = f"of {short_id(file.belongs_to)}, which no longer exists"
            origin = gone, Tone.ERROR
        names.setdefault(origin, []).append(file.name)
    for (origin_words, tone), files in names.items():
        yield text_row(", ".join(files), origin_words, tone)

"""Namespaces without a container, in sections and as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.text import age_text
from nstui.analysis.tree.namespaces import (
    NOT_HERE,
    find_held,
    find_limitations,
    without_container,
)
from nstui.model.container import short_id
from nstui.model.holders import HolderKind
from nstui.render.layout import Section, SectionRow, text_row, titled_lines, with_rows
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nstui.analysis.report import Report
    from nstui.analysis.tree.namespaces import HeldNamespace, HolderScan
    from nstui.model.holders import HoldingProcess, MountHolder, ProcessHolder
    from nstui.model.namespace import NamespaceKind
    from nstui.render.text import Line

UNSEEN = "no process that could be read"

_MOUNTED = {
    HolderKind.NAMED: "the name",
    HolderKind.ENGINE: "an engine's",
    HolderKind.MOUNT: "the mount",
}


def all_held_lines(report: Report, scan: HolderScan | None) -> Iterator[Line]:
    """Yield the namespaces without a container and the limitations, kind by kind.

    Args:
        report: The report, with all containers.
        scan: What was found on the machine; None if it could not be scanned.

    """
    if scan is None:
        yield (Piece(NOT_HERE, Tone.WARNING),)
        return
    held = find_held(report, scan)
    for kind in scan.kinds:
        of_kind = [namespace for namespace in held if namespace.namespace.kind is kind]
        yield from _held_lines(report, of_kind, scan, kind)


def _held_lines(
    report: Report, held: Iterable[HeldNamespace], scan: HolderScan, kind: NamespaceKind
) -> Iterator[Line]:
    found = without_container(held)
    lines = (
        (
            Piece(f"{namespace.namespace}", Tone.MUTED),
            Piece(
                f"  {held_text(namespace, report)}",
                Tone.WARNING if namespace.is_left else Tone.PLAIN,
            ),
        )
        for namespace in found
    )
    yield from titled_lines(heading(found, kind), lines)
    for sentence in find_limitations(report, scan, kind):
        yield (Piece(printable(sentence), Tone.WARNING),)


def heading(found: Sequence[HeldNamespace], kind: NamespaceKind) -> str:
    """Return the title of namespaces without a container of this engine."""
    if any(namespace.containers is None for namespace in found):
        return f"{kind} namespaces with or without a container"
    if any(namespace.owners for namespace in found):
        return f"other {kind} namespaces"
    return f"{kind} namespaces without a container"


def held_text(held: HeldNamespace, report: Report) -> str:
    """Return what keeps a namespace alive, and which container it is or was of."""
    named = [mount for mount in held.mounts if mount.kind is HolderKind.NAMED]
    mounts = [mount_holder_text(mount) for mount in held.mounts if mount not in named]
    parts = [left_behind_text(held)] if held.is_left else []
    if held.is_host:
        parts.append("the host's own")
    elif held.owners:
        parts.append(owner_text(held, report))
    if named:
        parts.append(f"named {printable(', '.join(mount.name for mount in named))}")
    if held.processes is not None:
        parts.append(_first_process_text(held.processes))
    elif not held.is_left:
        parts.append("no process" if held.is_empty else UNSEEN)
    if mounts:
        parts.append(f"kept by {', '.join(mounts)}")
    return "; ".join(parts)


def left_behind_text(held: HeldNamespace) -> str:
    """Return that a namespace was left by its containers, with their names if known."""
    words = "no container is left in it"
    if held.was is None:
        return words
    verb = "was" if len(held.was.names) == 1 else "were"
    return printable(f"{words} ({', '.join(held.was.names)} {verb})")


def owner_text(held: HeldNamespace, report: Report) -> str:
    """Return the containers in which the processes of a namespace were started."""
    known = report.graph.containers
    names = [known[each].name for each in held.owners if each in known]
    others = [short_id(each) for each in held.owners if each not in known]
    parts = [f"of {_first_and_count(names)}"] if names else []
    if others:
        parts.append(f"of {_first_and_count(others)}, unknown to this engine")
    return printable(" and ".join(parts))


def _first_and_count(names: Sequence[str]) -> str:
    """Return the first of some names, and how many more there are."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _first_process_text(processes: ProcessHolder) -> str:
    command = "" if processes.command is None else f" {printable(processes.command)}"
    count = plural(processes.count, "process", "processes")
    return f"{count}, the first {processes.pid}{command}"


def mount_holder_text(mount: MountHolder) -> str:
    """Return a mount with its name or its path."""
    words = _MOUNTED.get(mount.kind, "the mount")
    shown = mount.name if mount.kind is HolderKind.NAMED else mount.path
    return printable(f"{words} {shown}")


def held_sections(held: HeldNamespace, report: Report) -> tuple[Section, ...]:
    """Return the sections of a namespace: its purpose, its processes and its mounts."""
    return with_rows(
        Section(str(held.namespace), (text_row("", held_sentence(held, report)),)),
        Section("Processes", tuple(_held_processes(held, report))),
        Section(
            "Mounts", tuple(text_row("", mount_holder_text(m)) for m in held.mounts)
        ),
    )


def held_sentence(held: HeldNamespace, report: Report) -> str:
    """Return why a namespace without a container exists, as a sentence."""
    if held.is_left:
        sentence = _capitalized(left_behind_text(held))
        return f"{sentence}. What is named below keeps it alive."
    if held.is_host:
        return "This is the host's own namespace, and no container uses it."
    if held.containers is None:
        return "Whether a container is in it could not be read."
    if held.owners:
        return f"Its processes are {owner_text(held, report)}."
    return "No container is in it. What is named below keeps it alive."


def _capitalized(words: str) -> str:
    return words[:1].upper() + words[1:]


def _held_processes(held: HeldNamespace, report: Report) -> Iterator[SectionRow]:
    if held.processes is None:
        yield text_row("", "none" if held.is_empty else UNSEEN, Tone.MUTED)
        return
    for process in held.processes.first:
        name = Piece(printable(process.command or "name unknown"))
        more = Piece(_process_text(process, report), Tone.MUTED)
        yield SectionRow(str(process.pid), (name, more))
    others = held.processes.count - len(held.processes.first)
    if others:
        yield text_row("", f"and {others} more", Tone.MUTED)


def _process_text(process: HoldingProcess, report: Report) -> str:
    """Return the age of a process, and its container."""
    since, container = process.started_at, process.container
    now = report.snapshot.taken_at
    words = "" if since is None else f"  for {age_text(since, now)}"
    if container is not None:
        known = report.graph.containers.get(container)
        words += f"  of {short_id(container) if known is None else known.name}"
    return printable(words)

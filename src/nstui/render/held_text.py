"""Namespaces that no container is in, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.analysis.namespaces import find_held, strangers
from nstui.analysis.unread import NOT_HERE, unread
from nstui.model.container import short_id
from nstui.model.holders import HolderKind
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from nstui.analysis.namespaces import Held, Scan
    from nstui.analysis.report import Report
    from nstui.model.holders import MountHolder, ProcessHolder
    from nstui.model.namespace import NamespaceKind

Line = tuple[Piece, ...]

UNSEEN = "no process that could be asked"

_MOUNTED = {
    HolderKind.NAMED: "the name",
    HolderKind.ENGINE: "an engine's",
    HolderKind.MOUNT: "the mount",
}


def all_held_lines(report: Report, scan: Scan | None) -> Iterator[Line]:
    """Yield what is in no container, and what could not be looked at, kind by kind.

    Args:
        report: The containers.
        scan: What was found on the machine; None if nobody could look.

    """
    if scan is None:
        yield (Piece(NOT_HERE, Tone.WARNING),)
        return
    held = find_held(report, scan)
    for kind in scan.kinds:
        mine = [one for one in held if one.namespace.kind is kind]
        yield from _held_lines(report, mine, scan, kind)


def _held_lines(
    report: Report, held: Iterable[Held], scan: Scan, kind: NamespaceKind
) -> Iterator[Line]:
    found = strangers(held)
    if found:
        yield (Piece(heading(found, kind), Tone.STRONG),)
    for one in found:
        tone = Tone.WARNING if one.is_left else Tone.PLAIN
        yield (
            Piece(f"  {one.namespace}", Tone.MUTED),
            Piece(f"  {held_words(one, report)}", tone),
        )
    for sentence in unread(report, scan, kind):
        yield (Piece(printable(sentence), Tone.WARNING),)


def heading(found: Sequence[Held], kind: NamespaceKind) -> str:
    """Return what namespaces that none of the engine's containers is in are called."""
    if any(one.containers is None for one in found):
        return f"{kind} namespaces with or without a container"
    if any(one.owners for one in found):
        return f"other {kind} namespaces"
    return f"{kind} namespaces without a container"


def held_words(one: Held, report: Report) -> str:
    """Return what keeps a namespace alive, and whose it was or is."""
    named = [mount for mount in one.mounts if mount.kind is HolderKind.NAMED]
    mounts = [mount_words(mount) for mount in one.mounts if mount not in named]
    parts = [left_words(one)] if one.is_left else []
    if one.is_host:
        parts.append("the host's own")
    elif one.owners:
        parts.append(owner_words(one, report))
    if named:
        parts.append(f"named {printable(', '.join(mount.name for mount in named))}")
    if one.processes is not None:
        parts.append(_process_words(one.processes))
    elif not one.is_left:
        parts.append("no process" if one.is_empty else UNSEEN)
    if mounts:
        parts.append(f"kept by {', '.join(mounts)}")
    return "; ".join(parts)


def left_words(one: Held) -> str:
    """Return that a namespace was a container's, with its name if that is known."""
    words = "no container is in it any more"
    if one.was is None:
        return words
    verb = "was" if len(one.was.names) == 1 else "were"
    return printable(f"{words} ({', '.join(one.was.names)} {verb})")


def owner_words(one: Held, report: Report) -> str:
    """Return in which containers its processes were started."""
    known = report.graph.containers
    names = [known[each].name for each in one.owners if each in known]
    others = [short_id(each) for each in one.owners if each not in known]
    parts = [f"of {_some(names)}"] if names else []
    if others:
        parts.append(f"of {_some(others)}, unknown to this engine")
    return printable(" and ".join(parts))


def _some(names: Sequence[str]) -> str:
    """Return the first of some names, and how many more there are."""
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"


def _process_words(processes: ProcessHolder) -> str:
    command = "" if processes.command is None else f" {printable(processes.command)}"
    count = plural(processes.count, "process", "processes")
    return f"{count}, the first {processes.pid}{command}"


def mount_words(mount: MountHolder) -> str:
    """Return a mount as its name or its path, with whose it is."""
    words = _MOUNTED.get(mount.kind, "the mount")
    shown = mount.name if mount.kind is HolderKind.NAMED else mount.path
    return printable(f"{words} {shown}")

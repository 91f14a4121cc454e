"""Namespaces that no container is in, a line each."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.holders import HolderKind
from nstui.render.text import Piece, Tone, plural, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nstui.analysis.namespaces import Held
    from nstui.model.holders import Holders, MountHolder, ProcessHolder
    from nstui.model.namespace import NamespaceKind

Line = tuple[Piece, ...]

_MOUNTED = {
    HolderKind.NAMED: "named",
    HolderKind.ENGINE: "the engine's",
    HolderKind.MOUNT: "mounted at",
}


def held_lines(
    held: Iterable[Held], holders: Holders, kind: NamespaceKind
) -> Iterator[Line]:
    """Yield what is in no container, and what could not be looked at."""
    strangers = [one for one in held if not one.containers]
    if strangers:
        yield (Piece(f"{kind} namespaces without a container", Tone.STRONG),)
    for one in strangers:
        yield (Piece(f"  {one.namespace}", Tone.MUTED), Piece(f"  {_words(one)}"))
    for blind in _blind(holders, kind):
        yield (Piece(blind, Tone.WARNING),)


def _words(one: Held) -> str:
    mounts = ", ".join(map(_mount_words, one.mounts))
    if one.processes is None:
        return f"no process; kept by {mounts}"
    inside = _process_words(one.processes)
    return f"{inside}; {mounts}" if mounts else inside


def _process_words(processes: ProcessHolder) -> str:
    command = "" if processes.command is None else f" {printable(processes.command)}"
    count = plural(processes.count, "process", "processes")
    return f"{count}, the first {processes.pid}{command}"


def _mount_words(mount: MountHolder) -> str:
    words = _MOUNTED.get(mount.kind, "mounted at")
    shown = mount.name if mount.kind is HolderKind.NAMED else mount.path
    return printable(f"{words} {shown}")


def _blind(holders: Holders, kind: NamespaceKind) -> Iterator[str]:
    unread = holders.processes.unread.get(kind)
    if holders.processes.holders is None:
        yield "the machine's processes could not be listed"
    elif unread is not None and unread.refused:
        count = plural(unread.refused, "process", "processes")
        yield f"{count} would not tell their namespace: that needs root"
    if holders.mounts.holders is None:
        yield "what is mounted could not be read"
    for name in holders.mounts.leftovers or ():
        yield printable(f"/run/netns/{name} is a name without a namespace")

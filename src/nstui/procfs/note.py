"""Why namespaces are not told apart by their inodes, and what would change that."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from nstui.model.namespace import NamespacesRead

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from nstui.procfs.look import Seen

NEEDS_ROOT = "reading namespace inodes needs root: run nstui with sudo"
REFUSED_TO_ROOT = (
    "reading namespace inodes is refused even to root here, "
    "as in a container without --cap-add=SYS_PTRACE"
)
FOREIGN = (
    "the engine's processes are not this machine's (a remote engine, a virtual "
    "machine, or nstui in a container without --pid=host), so only what the engine "
    "declares is known: run nstui where the engine runs"
)
REFUSED = (
    "the kernel refuses to tell which processes are a container's, so only what the "
    "engine declares is known: run nstui with sudo"
)


def note(
    level: NamespacesRead, seen: Collection[Seen], first: NamespacesRead, root: Path
) -> str | None:
    """Return the sentence for a level, or None if it is the best.

    Args:
        level: how namespaces were told apart.
        seen: what was seen of each container.
        first: how those of the machine's first process can be told.
        root: where ``/proc`` is.

    """
    if level is NamespacesRead.INODE:
        return None
    if level is NamespacesRead.FINGERPRINT:
        return NEEDS_ROOT if os.geteuid() else REFUSED_TO_ROOT
    if first is NamespacesRead.DECLARED:
        return _hidden(root)
    if any(each.is_refused for each in seen):
        return REFUSED
    return FOREIGN


def _hidden(root: Path) -> str:
    """Say why not even the machine's first process is seen."""
    option = _hiding_option(root)
    if option is None:
        return (
            f"{root} does not show the processes of this machine, "
            "so only what the engine declares is known: run nstui with sudo"
        )
    return (
        f"{root} is mounted with {option}, which hides other users' processes, "
        "so only what the engine declares is known: run nstui with sudo"
    )


def _hiding_option(root: Path) -> str | None:
    """Return the option that hides processes, as the mount table writes it.

    See hidepid in proc(5); kernels from 5.8 on write a word where others write a
    number.
    """
    import psutil  # noqa: PLC0415 - 26 ms that hardly anybody has to pay

    try:
        mounted = psutil.disk_partitions(all=True)
    except OSError:
        return None
    place = os.path.realpath(root)
    mounts = [mount.opts for mount in mounted if mount.mountpoint == place]
    # What was mounted last is on top.
    options = mounts[-1].split(",") if mounts else []
    hiding = (option for option in options if option.startswith("hidepid="))
    return next(
        (each for each in hiding if each not in {"hidepid=0", "hidepid=off"}), None
    )

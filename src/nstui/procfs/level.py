"""How sure a look at ``/proc`` is, judged by what it saw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.namespace import NamespaceKind, NamespacesRead
from nstui.model.snapshot import ReadProblem
from nstui.procfs.process import Process, problem_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from nstui.model.namespace import Namespace
    from nstui.procfs.look import Seen

FIRST_PID = 1
"""A process that every machine has, and that belongs to root."""


def probe(root: Path) -> NamespacesRead:
    """Return how the namespaces of the machine's first process can be told.

    It is ``declared`` only where `root` does not show that process at all.
    """
    try:
        with Process(root, FIRST_PID) as process:
            try:
                process.namespace(NamespaceKind.NET)
            except OSError as error:
                if problem_of(error) is ReadProblem.VANISHED:
                    raise
                process.fingerprint()
                return NamespacesRead.FINGERPRINT
            return NamespacesRead.INODE
    except OSError:
        return NamespacesRead.DECLARED


def own_namespaces(root: Path, level: NamespacesRead) -> dict[NamespaceKind, Namespace]:
    """Return the namespaces of the machine's first process, as far as they are told.

    Args:
        root: where ``/proc`` is.
        level: how the namespaces of containers were told apart.

    """
    try:
        with Process(root, FIRST_PID) as process:
            if level is NamespacesRead.INODE:
                return {kind: process.namespace(kind) for kind in NamespaceKind}
            if level is NamespacesRead.FINGERPRINT:
                return {NamespaceKind.NET: process.fingerprint()}
    except OSError:
        pass
    return {}


def judge(
    level: NamespacesRead, seen: Collection[Seen], first: NamespacesRead
) -> NamespacesRead:
    """Return the level of a look that was taken at `level`.

    A process that has merely ended does not lower it, but where other users'
    processes are hidden nobody can tell whether it has ended.

    Args:
        level: how the look told namespaces apart.
        seen: what it saw of each container.
        first: what `probe` says.

    """
    if not seen:
        return first
    if any(each.is_refused for each in seen):
        return NamespacesRead.DECLARED
    hides = first is NamespacesRead.DECLARED
    if hides and any(each.reading.problem is ReadProblem.VANISHED for each in seen):
        return NamespacesRead.DECLARED
    if any(each.reading.namespaces for each in seen):
        return level
    # A process that named its container before it ended is this machine's.
    return first if any(each.believed for each in seen) else NamespacesRead.DECLARED

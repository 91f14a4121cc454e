"""A kernel namespace, and how sure nstui is of its identity."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class NamespaceKind(StrEnum):
    """A kind of namespace that one container can share with another.

    The values are the names of the entries in ``/proc/PID/ns``. ``uts`` is shared
    only by Podman pods; Docker knows no ``container:`` mode for it.
    """

    NET = "net"
    PID = "pid"
    IPC = "ipc"
    UTS = "uts"


class NamespacesRead(StrEnum):
    """How the namespaces of a snapshot were told apart, best first."""

    INODE = "inode"
    """By ``(st_dev, st_ino)`` of ``/proc/PID/ns/*``: the kernel's own identity."""

    FINGERPRINT = "fingerprint"
    """By the inode of ``/proc/PID/net/dev``: network only, without privileges."""

    DECLARED = "declared"
    """Not at all: only what the engine declares is known."""


@dataclass(frozen=True, slots=True, order=True)
class Namespace:
    """One kernel namespace.

    Two values are equal if and only if they are the same namespace, provided both
    come from one snapshot: the kernel reuses inode numbers at once.
    """

    kind: NamespaceKind
    device: int
    inode: int
    fingerprint: bool = False
    """Whether `inode` is that of ``/proc/PID/net/dev``, not the namespace's own."""

    def __str__(self) -> str:
        """Write it as lsns and the kernel do, or with ``~`` where that is not known."""
        if self.fingerprint:
            return f"{self.kind}:~{self.inode}"
        return f"{self.kind}:[{self.inode}]"

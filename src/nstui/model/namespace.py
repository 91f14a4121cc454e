"""Kernel namespaces, and how reliably they are identified."""

from __future__ import annotations

from enum import StrEnum

from nstui.model.frozen import dataclass


class NamespaceKind(StrEnum):
    """A kind of namespace that containers can share.

    The values are the names of the entries in ``/proc/PID/ns``. Only Podman pods share
    ``uts``; Docker has no ``container:`` mode for it.
    """

    NET = "net"
    PID = "pid"
    IPC = "ipc"
    UTS = "uts"


class NamespacesRead(StrEnum):
    """How the namespaces of a snapshot were identified, best first."""

    INODE = "inode"
    """By ``(st_dev, st_ino)`` of ``/proc/PID/ns/*``, the kernel's own identity."""

    FINGERPRINT = "fingerprint"
    """By the inode of ``/proc/PID/net/dev``: network only, needs no privileges."""

    DECLARED = "declared"
    """Not at all: only the engine's declarations are known."""


@dataclass(frozen=True, slots=True, order=True)
class Namespace:
    """One kernel namespace.

    Within one snapshot, two values are equal if and only if they are the same
    namespace. Across snapshots this does not hold, since the kernel reuses inode
    numbers at once.
    """

    kind: NamespaceKind
    device: int
    inode: int
    fingerprint: bool = False
    """Whether `inode` is that of ``/proc/PID/net/dev`` rather than the namespace's
    own."""

    def __str__(self) -> str:
        """Write it as lsns and the kernel do; with ``~`` if it is a fingerprint."""
        if self.fingerprint:
            return f"{self.kind}:~{self.inode}"
        return f"{self.kind}:[{self.inode}]"

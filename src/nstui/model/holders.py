"""What keeps a namespace alive, container or not: processes in it, and mounts of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nstui.model.namespace import Namespace, NamespaceKind


class HolderKind(StrEnum):
    """What holds a namespace."""

    PROCESS = "process"
    NAMED = "named"
    """A mount in ``/run/netns``, which ``ip netns`` lists by its name."""

    ENGINE = "engine"
    """A mount of the engine's own, such as ``/run/docker/netns/426731115b14``."""

    MOUNT = "mount"
    """A mount anywhere else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessHolder:
    """The processes in one namespace, told as lsns does: their number and the first."""

    namespace: Namespace
    count: int
    """How many processes are in it; at least 1."""

    pid: int
    """The lowest pid of those processes."""

    command: str | None
    """The command name of that process, at most 63 bytes, as the process wrote it;
    None if it could not be read, as when the process has ended meanwhile."""

    @property
    def kind(self) -> HolderKind:
        """Always ``process``."""
        return HolderKind.PROCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class MountHolder:
    """A bind mount of one namespace, which lives for as long as that is mounted."""

    namespace: Namespace
    kind: HolderKind
    """``named``, ``engine`` or ``mount``."""

    path: str
    """Where it is mounted."""

    @property
    def name(self) -> str:
        """The last part of its path: what ``ip netns`` calls it, or the engine."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Unread:
    """How many processes did not tell a namespace of one kind."""

    refused: int = 0
    """The kernel refused: it wants root, or the same user."""

    vanished: int = 0
    """They ended while they were looked at, or had ended and were not yet reaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessScan:
    """All processes of a machine, by namespace."""

    holders: tuple[ProcessHolder, ...] | None
    """One for each namespace that a process told, ordered by kind and then by pid; None
    if the processes could not be listed at all."""

    unread: Mapping[NamespaceKind, Unread]
    """What is missing above, for every kind that was asked for."""

    hides_others: bool
    """Whether processes are missing from the list itself, as under ``hidepid``: nobody
    can tell how many, and what is counted above is then the least there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MountScan:
    """The namespaces that mounts keep alive, as far as one process sees mounts."""

    holders: tuple[MountHolder, ...] | None
    """Ordered by path; None if the mounts could not be read."""

    leftovers: tuple[str, ...] | None
    """The names in ``/run/netns`` that nothing is mounted on any more, ordered: names
    without a namespace. None if the folder is there but could not be read."""


@dataclass(frozen=True, slots=True)
class Holders:
    """All that holds namespaces on a machine, as far as it could be looked at."""

    processes: ProcessScan
    mounts: MountScan

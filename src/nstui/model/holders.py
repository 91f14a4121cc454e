"""What keeps namespaces alive, and what each source says about them."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nstui.model.container import ContainerId
    from nstui.model.namespace import Namespace, NamespaceKind
    from nstui.model.snapshot import MountedFile


_SANDBOX = re.compile(r"[0-9a-f]{12}")
"""The engine's name for the network namespace of a container."""

FEW = 8
"""How many processes of a namespace are listed; the host's has thousands."""


class HolderKind(StrEnum):
    """The kinds of things that keep a namespace alive."""

    PROCESS = "process"
    NAMED = "named"
    """A mount in ``/run/netns``, which ``ip netns`` lists by name."""

    ENGINE = "engine"
    """A mount that the engine made, such as ``/run/docker/netns/426731115b14``."""

    MOUNT = "mount"
    """A mount anywhere else."""


@dataclass(frozen=True, slots=True)
class HoldingProcess:
    """One process in a namespace."""

    pid: int
    command: str | None
    """Its command name as it set it, at most 63 bytes; None if it could not be read,
    for instance because the process has ended."""

    started_at: datetime | None = None
    """In UTC; None if it could not be read."""

    container: ContainerId | None = None
    """The container it belongs to by its cgroup, of any engine; None if it belongs to
    none or could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessHolder:
    """The processes in one namespace: their number and the first few of them."""

    namespace: Namespace
    count: int
    """The number of processes, at least 1."""

    first: tuple[HoldingProcess, ...]
    """The processes with the lowest pids, in that order; 1 to `FEW` of them."""

    @property
    def pid(self) -> int:
        """The lowest pid."""
        return self.first[0].pid

    @property
    def command(self) -> str | None:
        """The command name of the process with the lowest pid; None if not readable."""
        return self.first[0].command

    @property
    def kind(self) -> HolderKind:
        """Always ``process``."""
        return HolderKind.PROCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class MountHolder:
    """A bind mount that keeps one namespace alive."""

    namespace: Namespace
    kind: HolderKind
    """``named``, ``engine`` or ``mount``."""

    path: str
    """The mount point."""

    @property
    def name(self) -> str:
        """The last part of the path, by which ``ip netns`` or the engine knows it."""
        return self.path.rpartition("/")[2]

    @property
    def is_sandbox(self) -> bool:
        """Whether the engine made it for the network of one container.

        The engine's other mounts are for the host's network and for swarm.
        """
        return (
            self.kind is HolderKind.ENGINE and _SANDBOX.fullmatch(self.name) is not None
        )


@dataclass(frozen=True, slots=True)
class Unread:
    """The numbers of processes with an unreadable namespace of one kind."""

    refused: int = 0
    """Access was denied: it needs root, or the same user."""

    vanished: int = 0
    """The process ended during the scan, or was a zombie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessScan:
    """All processes of a machine, by namespace."""

    holders: tuple[ProcessHolder, ...] | None
    """One for each namespace that a process is in, ordered by kind and then by pid;
    None if the processes could not be listed at all."""

    unread: Mapping[NamespaceKind, Unread]
    """What is missing in `holders`, for each kind that was requested."""

    hides_others: bool
    """Whether the list of processes is incomplete, as under ``hidepid``; the number of
    hidden processes is unknown, and the counts are lower bounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MountScan:
    """The namespaces that are kept alive by mounts which one process can see."""

    holders: tuple[MountHolder, ...] | None
    """Ordered by path; None if the mounts could not be read."""

    leftovers: tuple[str, ...] | None
    """The names in ``/run/netns`` on which nothing is mounted any more, ordered; None
    if the folder exists but could not be read."""


@dataclass(frozen=True, slots=True)
class Holders:
    """Everything that was found to hold namespaces on a machine."""

    processes: ProcessScan
    mounts: MountScan


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeJoin:
    """A namespace that the runtime was told to join by its ``config.json``."""

    kind: NamespaceKind
    path: str
    """The path as given, such as ``/proc/14702/ns/net``."""

    pid: int | None
    """The pid in the path; None if there is none."""

    is_there: bool
    """Whether a process has that pid now."""

    container: ContainerId | None
    """The container that this process belongs to now; None if it belongs to none or
    could not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What the kernel and the runtime say of one container, besides its namespaces."""

    config: str | None
    """The path of the runtime's ``config.json``."""

    joins: tuple[RuntimeJoin, ...] | None
    """What the runtime was told to join; None if it could not be read."""

    joins_problem: str | None
    """Why `joins` could not be read and what would help, as a sentence."""

    files: tuple[MountedFile, ...] | None
    """The files that are mounted into its ``/etc``; None if they could not be read."""

    files_problem: str | None
    """Why `files` could not be read, as a sentence."""

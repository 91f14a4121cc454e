"""What keeps a namespace alive, container or not: processes in it, and mounts of it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from nstui.model.container import ContainerId
    from nstui.model.namespace import Namespace, NamespaceKind


_SANDBOX = re.compile(r"[0-9a-f]{12}")
"""What the engine calls the network of a container."""


class HolderKind(StrEnum):
    """What holds a namespace."""

    PROCESS = "process"
    NAMED = "named"
    """A mount in ``/run/netns``, which ``ip netns`` lists by its name."""

    ENGINE = "engine"
    """A mount of the engine's own, such as ``/run/docker/netns/426731115b14``."""

    MOUNT = "mount"
    """A mount anywhere else."""


@dataclass(frozen=True, slots=True)
class HoldingProcess:
    """One process in a namespace."""

    pid: int
    command: str | None
    """Its command name, at most 63 bytes, as the process wrote it; None if it could not
    be read, as when the process has ended meanwhile."""

    started_at: datetime | None = None
    """In UTC; None if it could not be read."""

    container: ContainerId | None = None
    """Whose it is by its cgroup, of whatever engine; None if it is no container's, or
    could not be read."""


FEW = 8
"""So many processes of a namespace are told one by one; the host has thousands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessHolder:
    """The processes in one namespace: their number, and the first of them."""

    namespace: Namespace
    count: int
    """How many processes are in it; at least 1."""

    first: tuple[HoldingProcess, ...]
    """Those with the lowest pids, in their order; at least 1 and at most `FEW`."""

    @property
    def pid(self) -> int:
        """The lowest pid of those processes."""
        return self.first[0].pid

    @property
    def command(self) -> str | None:
        """The command name of that process; None if it could not be read."""
        return self.first[0].command

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

    @property
    def is_sandbox(self) -> bool:
        """Whether the engine made it for the network of one container.

        Its others are of the host's network and of swarm's.
        """
        return (
            self.kind is HolderKind.ENGINE and _SANDBOX.fullmatch(self.name) is not None
        )


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

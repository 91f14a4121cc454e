"""What containers and their processes use, as counters at one moment.

Two readings of one thing make a rate: see `nstui.analysis.rates`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one container uses, all of its processes together."""

    taken_s: float
    """When this was read, in seconds of a clock that never goes back."""

    cpu_s: float
    """Seconds of one CPU that it has used since it was started."""

    memory: int
    """Bytes, without those cached from files that the kernel would give back at
    once: as ``docker stats`` counts."""

    is_summed: bool = False
    """Whether its cgroup could not be asked, so that this is the sum of its present
    processes: then memory that they share counts once for each, and what those used
    that have ended is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessUsage:
    """One process of a container, and what it uses."""

    pid: int
    """On the machine, not in the container."""

    command: str
    """Its command line, or at least how that begins; without one its name in square
    brackets, as ``[kworker/0:1]`` or of a zombie. It may hold anything."""

    user: str
    """What the machine calls its user, or the user's number if it has no name there.
    In the container that number may have another name."""

    state: str
    """A word such as ``running``, ``sleeping``, ``stopped`` or ``zombie``."""

    started_at: datetime
    """In UTC."""

    taken_s: float
    """As `Usage.taken_s`."""

    cpu_s: float
    """Seconds of one CPU that it has used, without its children."""

    memory: int
    """Bytes that it has in memory, those it shares with others included."""

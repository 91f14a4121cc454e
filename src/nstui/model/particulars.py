"""What only the details of a container show: its command, mounts and environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nstui.model.frozen import dataclass

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Mount:
    """A volume, a folder of the host, or another mount of a container."""

    source: str
    """The name of a volume or a path of the host; empty for a ``tmpfs``."""

    destination: str
    """The path in the container."""

    kind: str
    """The engine's word, such as ``volume``, ``bind`` or ``tmpfs``."""

    is_read_only: bool = False


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable of a container."""

    name: str
    value: str
    """Masked if it looks like a secret."""


@dataclass(frozen=True, slots=True)
class Probe:
    """One run of a health check."""

    ended_at: datetime | None
    """None if the engine does not say."""

    exit_code: int | None
    output: str
    """The end of what it wrote; it may contain anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Particulars:
    """What an inspect says of a container that decides nothing."""

    command: tuple[str, ...] = ()
    """The program with its arguments; those that look like secrets are masked."""

    mounts: tuple[Mount, ...] = ()
    """In the order of their destinations."""

    environment: tuple[Variable, ...] = ()
    """In the engine's order."""

    probe: Probe | None = None
    """The last run of its health check when it was inspected, if there was one."""


NO_PARTICULARS = Particulars()

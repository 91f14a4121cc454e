"""The machine of an engine that is reached through a shell; nothing is read yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nstui.procfs.host import ProcHost

if TYPE_CHECKING:
    from nstui.ports import RemoteShell


def remote_host(shell: RemoteShell) -> ProcHost:
    """Return what reads the machine at the other end of a shell."""
    assert shell is not None  # noqa: S101 - it will be asked
    return ProcHost(Path("/nonexistent"))

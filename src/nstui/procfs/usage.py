"""What containers use."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from nstui.model.snapshot import ReadProblem
from nstui.model.usage import Usage
from nstui.procfs.processes import read_processes

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.container import ContainerId


def read_usage(root: Path, container: ContainerId, pid: int) -> Usage | ReadProblem:
    """Add up what the processes of a container use; never raises."""
    found = read_processes(root, container, pid)
    if isinstance(found, ReadProblem):
        return found
    return Usage(
        taken_s=time.monotonic(),
        cpu_s=sum(each.cpu_s for each in found),
        memory=sum(each.memory for each in found),
        is_summed=True,
    )

"""A program: print what is read of a container as the user nobody, as JSON.

It is started by root and gives its rights up itself, since nobody may be unable to
read the interpreter or the package. Arguments: the container's id and a pid of it.
"""

from __future__ import annotations

import json
import os
import sys

# Imported here, and not when it is needed, for the same reason.
import psutil  # noqa: F401

from nstui.model.container import ContainerId
from nstui.model.snapshot import ReadProblem
from tests.unit.procfs.ways import host_at

NOBODY = 65534


def main() -> None:
    """Give up all rights, read, print."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    container, pid = ContainerId(sys.argv[1]), int(sys.argv[2])
    host = host_at()
    usage = host.usage({container: pid})[container]
    parts = host.processes(container, pid)
    inside = host.interior(container, pid)
    told: dict[str, object] = {
        "usage": usage if isinstance(usage, ReadProblem) else usage.memory,
        "processes": (
            parts if isinstance(parts, ReadProblem) else [each.pid for each in parts]
        ),
        "inside": (
            [[each.pid, each.command, each.containers] for each in inside.processes]
            if isinstance(inside.processes, tuple)
            else inside.processes
        ),
        "hides": inside.hides_processes,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()

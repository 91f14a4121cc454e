"""A program: print what `ProcHost` reads as the user nobody, as JSON.

It is started by root and gives its rights up itself, since nobody may be unable to
read the interpreter or the package. Arguments: any number of ``CONTAINER=PID``.
"""

from __future__ import annotations

import json
import os
import sys

# Imported here, and not when it is needed, for the same reason.
import psutil  # noqa: F401

from nstui.model.container import ContainerId
from tests.unit.procfs.ways import host_at

NOBODY = 65534


def main() -> None:
    """Give up all rights, read, print."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    pairs = (argument.split("=") for argument in sys.argv[1:])
    reading = host_at().read({ContainerId(name): int(pid) for name, pid in pairs})
    processes = {
        container: {
            "namespaces": [str(each) for each in process.namespaces.values()],
            "interfaces": process.interfaces,
            "problem": process.problem,
            "files": process.files is not None,
        }
        for container, process in reading.processes.items()
    }
    found = {"level": reading.level, "note": reading.note, "processes": processes}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()

"""A program: print what each reader gives the user nobody, as JSON.

It is started by root and gives its rights up itself, since nobody may be unable to
read the interpreter or the package. Argument: the pid of the process to look at.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

from nstui.model.snapshot import ReadProblem
from nstui.procfs.network import read_interfaces, read_routes
from nstui.procfs.process import Process, problem_of
from nstui.procfs.sockets import read_held_sockets, read_namespace_sockets
from tests.unit.procfs.ways import PROC, machine_at

if TYPE_CHECKING:
    from collections.abc import Callable

NOBODY = 65534


def main() -> None:
    """Give up all rights, read, print the problem or ``read`` of each."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    pid = int(sys.argv[1])
    readers: dict[str, Callable[[Process], object]] = {
        "interfaces": read_interfaces,
        "routes": read_routes,
        "sockets": read_namespace_sockets,
        "held": lambda process: read_held_sockets(process, pid),
    }
    said = {name: _said(pid, read) for name, read in readers.items()}
    sys.stdout.write(json.dumps(said))


def _said(pid: int, read: Callable[[Process], object]) -> str:
    try:
        with machine_at(PROC).process(pid) as process:
            found = read(process)
    except OSError as error:
        found = problem_of(error)
    return found if isinstance(found, ReadProblem) else "read"


if __name__ == "__main__":
    main()

"""A program: print what is told to the user nobody of all processes, as JSON.

It is started by root and gives its rights up itself, since nobody may be unable to
read the interpreter or the package.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from nstui.model.namespace import NamespaceKind
from nstui.procfs.scan import scan_processes
from tests.unit.procfs.ways import scanned

NOBODY = 65534


class Told(NamedTuple):
    """What the program prints."""

    pids: list[int]
    refused: int
    hides_others: bool


def scan_as_nobody(*, mount: str | None = None) -> Told:
    """Scan as the user nobody, with something else mounted on /proc if asked to."""
    command = [sys.executable, __file__]
    if mount is not None:
        script = f'{mount} /proc && exec "$@"'
        command = ["unshare", "-m", "sh", "-c", script, "sh", *command]
    done = subprocess.run(command, capture_output=True, check=False, timeout=30)
    assert done.returncode == 0, done.stderr.decode()
    return Told(*json.loads(done.stdout))


def main() -> None:
    """Give up all rights, scan, print."""
    os.setgroups([])
    os.setgid(NOBODY)
    os.setuid(NOBODY)
    scan = scan_processes(scanned(Path("/proc")), [NamespaceKind.NET])
    told = Told(
        pids=[each.pid for each in scan.holders or ()],
        refused=scan.unread[NamespaceKind.NET].refused,
        hides_others=scan.hides_others,
    )
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main()

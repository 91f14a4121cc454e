"""What an engine leaves behind: processes, mounts and its folder."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

_OCTAL = re.compile(r"\\([0-7]{3})")
_MOUNT_POINT = 4
"""The field of ``/proc/self/mountinfo`` that says where: see ``man 5 proc``."""


def clear_away(folder: Path) -> None:
    """End what still runs for the engine in a folder, then remove the folder."""
    for pid in _processes_of(folder):
        end_process(pid)
    for mount_point in reversed(_mounts_below(folder)):
        subprocess.run(["umount", "--lazy", mount_point], check=False)
    shutil.rmtree(folder, ignore_errors=True)


def end_process(pid: int) -> None:
    """Kill a process and wait until it has gone."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.01)


def _processes_of(folder: Path) -> list[int]:
    """Find the engine's processes, and those that live in its containers."""
    containers = folder / "data" / "containers"
    ids = [entry.name for entry in containers.iterdir()] if containers.is_dir() else []
    return [
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdigit() and _belongs(process, folder, ids)
    ]


def is_alive(pid: int) -> bool:
    """Tell whether a process exists and is no zombie."""
    with suppress(OSError):
        return (
            Path(f"/proc/{pid}/stat")
            .read_text(errors="replace")
            .rpartition(")")[2]
            .split()[0]
            != "Z"
        )
    return False


def _belongs(process: Path, folder: Path, ids: list[str]) -> bool:
    if not is_alive(int(process.name)):
        return False
    with suppress(OSError):
        words = process.joinpath("cmdline").read_text(errors="replace")
        program, _, arguments = words.partition("\0")
        if Path(program).name.startswith(("dockerd", "containerd")):
            return f"{folder}/" in arguments
        cgroup = process.joinpath("cgroup").read_text()
        return any(container in cgroup for container in ids)
    return False


def _mounts_below(folder: Path) -> list[str]:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    points = (line.split()[_MOUNT_POINT] for line in lines)
    decoded = (_OCTAL.sub(lambda found: chr(int(found[1], 8)), p) for p in points)
    return [point for point in decoded if point.startswith(f"{folder}/")]

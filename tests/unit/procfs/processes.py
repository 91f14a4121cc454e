"""Real processes that look like a container's first, started and ended by a test."""

from __future__ import annotations

import os
import subprocess
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.container import ContainerId

_PATIENCE = 60.0
_PAUSE = 0.01


def _until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, but not for ever."""
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end, "the machine did not do its part in time"
        time.sleep(_PAUSE)


def writable_hierarchy() -> Path | None:
    """Return a cgroup hierarchy that lets itself be added to, or None."""
    mount = Path("/sys/fs/cgroup")
    for folder in (mount, *sorted(mount.glob("*"))):
        place = folder / f"nstui-probe-{os.getpid()}"
        try:
            place.mkdir()
        except OSError:
            continue
        usable = (place / "cgroup.procs").exists()
        place.rmdir()
        if usable:
            return folder
    return None


class Sleepers:
    """Processes that sleep, each in a cgroup that is named by a container's id."""

    def __init__(self, hierarchy: Path) -> None:
        """Begin with none; their cgroups are made in `hierarchy`."""
        self._hierarchy = hierarchy
        self._running: dict[int, subprocess.Popen[bytes]] = {}
        self._cgroups: list[Path] = []

    def start(self, container: ContainerId | None, *, join: int | None = None) -> int:
        """Start a process and return its pid.

        Args:
            container: what its cgroup is named by; None leaves it where the test is.
            join: the pid whose network it joins; None gives it one of its own.

        """
        enter = (
            ["unshare", "-n"] if join is None else ["nsenter", "-n", "-t", f"{join}"]
        )
        process = subprocess.Popen([*enter, "sleep", "600"])
        self._running[process.pid] = process
        stat = Path(f"/proc/{process.pid}/stat")
        # It takes its name before it falls asleep.
        _until(lambda: "(sleep) S " in stat.read_text())
        if container is not None:
            cgroup = self._hierarchy / container
            cgroup.mkdir()
            self._cgroups.append(cgroup)
            (cgroup / "cgroup.procs").write_text(f"{process.pid}")
        return process.pid

    def kill(self, pid: int) -> None:
        """End a process and leave it a zombie."""
        self._running[pid].kill()
        state = Path(f"/proc/{pid}/stat")
        _until(lambda: ") Z " in state.read_text())

    def end(self, pid: int) -> None:
        """End a process for good."""
        process = self._running.pop(pid)
        process.kill()
        process.wait(_PATIENCE)

    def close(self) -> None:
        """End all that are left, and remove their cgroups."""
        for pid in tuple(self._running):
            self.end(pid)
        for cgroup in self._cgroups:
            _until(partial(_is_removed, cgroup))


def _is_removed(cgroup: Path) -> bool:
    """Try to remove a cgroup; it is busy for a moment after its last process."""
    try:
        cgroup.rmdir()
    except OSError:
        return False
    return True

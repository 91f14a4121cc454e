"""The processes that are named of those in a namespace: what they are, and whose."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from nstui.model.holders import HoldingProcess
from nstui.procfs.cgroup import containers_of
from nstui.procfs.level import FIRST_PID

if TYPE_CHECKING:
    from pathlib import Path

    from nstui.model.container import ContainerId

_COMMAND_BYTES = 64
"""Of a kernel's worker the name may be that long; of any other process, 16."""

_STAT_BYTES = 1024
_CGROUP_BYTES = 65536
_STARTED_AT = 19
"""Among the fields of ``/proc/PID/stat`` behind the command; see proc(5)."""

_BOOTED = b"btime "


class HoldingProcesses:
    """Processes by their pids, each read once: one is often in several namespaces."""

    def __init__(self, root: Path) -> None:
        """Read them below `root`."""
        self._root = str(root)
        self._booted_s = _booted_s(root)
        self._cgroups: dict[bytes, tuple[ContainerId, ...]] = {}
        self._tick_s = 1 / os.sysconf("SC_CLK_TCK")
        # Where the machine is a container itself, that is said of all its processes.
        self._own = frozenset(self._containers(FIRST_PID))
        self._known: dict[int, HoldingProcess] = {}

    def of(self, pid: int) -> HoldingProcess:
        """Return what can be read of a process, which may have ended meanwhile."""
        if pid not in self._known:
            inner = [each for each in self._containers(pid) if each not in self._own]
            self._known[pid] = HoldingProcess(
                pid,
                self._command(pid),
                self._started_at(pid),
                inner[-1] if inner else None,
            )
        return self._known[pid]

    def _containers(self, pid: int) -> tuple[ContainerId, ...]:
        text = self._read(pid, "cgroup", _CGROUP_BYTES) or b""
        if text not in self._cgroups:
            # All processes of a container have the same.
            found = containers_of(text.decode(errors="backslashreplace"))
            self._cgroups[text] = found
        return self._cgroups[text]

    def _command(self, pid: int) -> str | None:
        text = self._read(pid, "comm", _COMMAND_BYTES)
        if text is None:
            return None
        return text.decode(errors="backslashreplace").removesuffix("\n")

    def _started_at(self, pid: int) -> datetime | None:
        text = self._read(pid, "stat", _STAT_BYTES)
        if text is None or self._booted_s is None:
            return None
        # The command in front may hold blanks and brackets of its own.
        fields = text.rpartition(b")")[2].split()
        with suppress(IndexError, ValueError):
            since_s = int(fields[_STARTED_AT]) * self._tick_s
            return datetime.fromtimestamp(self._booted_s + since_s, UTC)
        return None

    def _read(self, pid: int, name: str, size: int) -> bytes | None:
        # There may be thousands: a Path and a file object cost more than the read.
        try:
            descriptor = os.open(f"{self._root}/{pid}/{name}", os.O_RDONLY)
        except OSError:
            return None
        try:
            return os.read(descriptor, size)
        except OSError:
            return None
        finally:
            os.close(descriptor)


def _booted_s(root: Path) -> int | None:
    """Return when the machine was started, in seconds since the epoch."""
    with suppress(OSError, ValueError):
        for line in (root / "stat").read_bytes().splitlines():
            if line.startswith(_BOOTED):
                return int(line.removeprefix(_BOOTED))
    return None

"""Real processes and named networks, away from the machine's own ``/run``."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from nstui.model.namespace import NamespaceKind

_TRIES = 5
_PATIENCE = 60.0
_PAUSE = 0.02


class Listed(NamedTuple):
    """A namespace as lsns lists it."""

    inode: int
    pid: int
    processes: int
    mounts: tuple[str, ...]


def until(condition: Callable[[], bool]) -> None:
    """Wait until a condition holds, but not for ever."""
    end = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < end, "the machine did not do its part in time"
        time.sleep(_PAUSE)


class Machine:
    """Processes that sleep, the first of which has mounts of its own.

    Names of networks are made in that process's ``/run``, which nobody else sees and
    which ends with it: nothing has to be put back, however the tests end.
    """

    def __init__(self) -> None:
        """Start the first process."""
        self._running: list[subprocess.Popen[bytes]] = []
        try:
            self.pid = self.start(
                "unshare --mount sh -ec",
                "mount -t tmpfs none /run; mkdir /run/netns; exec sleep 600",
            )
        except BaseException:
            self.close()
            raise

    def start(self, command: str, *words: str, sleeps: bool = True) -> int:
        """Start a command that becomes a sleep or, if not, starts one; return its pid.

        Args:
            command: words that a shell would split.
            words: more of them, as they are.
            sleeps: whether to wait until the process itself sleeps.

        """
        process = subprocess.Popen(
            [*shlex.split(command), *words], start_new_session=True
        )
        self._running.append(process)
        if sleeps:
            comm = Path(f"/proc/{process.pid}/comm")
            until(lambda: comm.read_text() == "sleep\n")
        else:
            until(lambda: bool(started_by(process.pid)))
        return process.pid

    def inside(self, script: str) -> None:
        """Run a script where the first process's mounts are."""
        command = ["nsenter", "-m", "-t", f"{self.pid}", "sh", "-ec", script]
        subprocess.run(command, check=True, timeout=_PATIENCE)

    def start_in(self, name: str) -> int:
        """Start a process in a network by the network's name; return its pid."""
        enter = f"nsenter -m -t {self.pid} ip netns exec {name} sleep 600"
        return self.start(enter)

    def lsns(self, kind: NamespaceKind) -> tuple[Listed, ...]:
        """Return what lsns lists, with the mounts that the first process sees."""
        command = ["nsenter", "-m", "-t", f"{self.pid}", *lsns_command(kind)]
        for _ in range(_TRIES):
            done = subprocess.run(
                command, check=False, capture_output=True, timeout=_PATIENCE
            )
            # It gives up if a process ends while it looks.
            if done.returncode == 0:
                break
        done.check_returncode()
        return tuple(
            Listed(
                inode=int(each["ns"]),
                pid=int(each["pid"] or 0),
                processes=int(each["nprocs"] or 0),
                mounts=tuple((each["nsfs"] or "").split("\n")),
            )
            for each in json.loads(done.stdout)["namespaces"]
        )

    def close(self) -> None:
        """End all that were started, with what they started."""
        for process in reversed(self._running):
            for pid in (*started_by(process.pid), process.pid):
                # What it started may end by itself meanwhile.
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            process.wait(_PATIENCE)


def lsns_command(kind: NamespaceKind) -> tuple[str, ...]:
    """Return the command for a list of namespaces with all that is compared."""
    return ("lsns", "-J", "-t", kind, "-o", "NS,PID,NPROCS,NSFS")


def started_by(pid: int) -> tuple[int, ...]:
    """Return the processes that a process has started and that still run."""
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return tuple(int(each) for each in text.split())

"""The process of an engine that belongs to the tests alone."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from pathlib import Path

from tests.support.busybox_image import static_busybox
from tests.support.leftovers import end_process

START_LIMIT = 60.0
STOP_LIMIT = 60.0
SYSTEM_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin:/usr/bin:/bin"

BEGIN = '"$0" ip link set lo up && exec "$@"'
"""Ports are published on the loopback too, which a new network namespace has down."""


class EngineDidNotStart(Exception):
    """The engine did not answer in time; says what it wrote last."""


def engine_command() -> list[str]:
    """Return the command line that starts the engine's daemon."""
    return shlex.split(os.environ.get("NSTUI_TEST_ENGINE", "dockerd"))


class EngineDaemon:
    """An engine's daemon with its own folder, socket and network namespace.

    Attributes:
        folder: Everything of the engine is below it.
        socket: Where it listens.
        url: The same as an address, ``unix://…``.
        settings: What its configuration file says.
        config_file: That file, whose place an engine is told when it starts.

    """

    def __init__(self) -> None:
        # A socket's path has room for 107 bytes only.
        self.folder = Path(tempfile.mkdtemp(prefix="nstui-"))
        self.socket = self.folder / "docker.sock"
        self.url = f"unix://{self.socket}"
        self.settings: dict[str, object] = {}
        self.config_file = self.folder / "daemon.json"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_running(self) -> bool:
        """Whether the daemon's process exists."""
        return self._process is not None and self._process.poll() is None

    def start_daemon(self) -> None:
        """Start the process; return when it listens."""
        # Its containerd writes there what it does when it is slow to answer.
        temporary = self.folder / "tmp"
        temporary.mkdir(exist_ok=True)
        # Never --bridge=none: that removes the docker0 of the host.
        options = {
            "config-file": self.config_file,
            "data-root": self.folder / "data",
            "exec-root": self.folder / "exec",
            "host": self.url,
            "pidfile": self.folder / "pid",
        }
        self.config_file.write_text(json.dumps(self.settings))
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self._isolated(), str(static_busybox()), *engine_command()]
                + [f"--{name}={value}" for name, value in options.items()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, "PATH": SYSTEM_PATH, "TMPDIR": str(temporary)},
                start_new_session=True,
            )
        self._await_listening()

    def pause_daemon(self) -> None:
        """Freeze the daemon: it accepts connections and never answers."""
        os.kill(self._pid(), signal.SIGSTOP)
        # One of its threads has to take the signal; on a busy machine others answer
        # meanwhile.
        deadline = time.monotonic() + STOP_LIMIT
        while not _is_frozen(self._pid()):
            assert time.monotonic() < deadline
            time.sleep(0.01)

    def resume_daemon(self) -> None:
        """Undo `pause_daemon`; does nothing if it is not frozen."""
        if self.is_running:
            os.kill(self._pid(), signal.SIGCONT)

    def in_network(self, *command: str) -> list[str]:
        """Return the command line that runs a command in the daemon's network."""
        return ["nsenter", f"--net=/proc/{self._pid()}/ns/net", *command]

    def kill_daemon(self) -> None:
        """Kill the daemon; its socket stays, and nobody listens there."""
        assert self._process is not None
        os.kill(self._pid(), signal.SIGKILL)
        self.await_end()

    def await_end(self) -> None:
        """Wait for the end of a daemon that does not end in peace."""
        assert self._process is not None
        self._process.wait(STOP_LIMIT)
        # Its containerd dies with it, but not at once, and stays a zombie where the
        # first process reaps nothing: a new daemon would believe that it still runs.
        containerd = self.folder / "exec" / "containerd" / "containerd.pid"
        with suppress(FileNotFoundError):
            end_process(int(containerd.read_text()))
            containerd.unlink()

    def end_daemon(self) -> None:
        """End the process, in peace if it lets us."""
        if self._process is None:
            return
        if self.is_running:
            os.kill(self._pid(), signal.SIGTERM)
        try:
            self._process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self.kill_daemon()

    def _isolated(self) -> list[str]:
        """Return what runs a command apart; the path of busybox comes before it."""
        return ["unshare", "--net", "sh", "-c", BEGIN]

    def _pid(self) -> int:
        """Return the daemon's own pid, also if a program in front of it forked."""
        assert self._process is not None
        try:
            return int(self.folder.joinpath("pid").read_text())
        except (FileNotFoundError, ValueError):
            return self._process.pid

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _await_listening(self) -> None:
        deadline = time.monotonic() + START_LIMIT
        while time.monotonic() < deadline and self.is_running:
            with socket.socket(socket.AF_UNIX) as probe:
                if probe.connect_ex(str(self.socket)) == 0:
                    return
            time.sleep(0.02)
        last_words = self._log.read_text(errors="replace").splitlines()[-5:]
        raise EngineDidNotStart(" / ".join(last_words) or "it said nothing")


def _is_frozen(pid: int) -> bool:
    """Tell whether all threads of a process are stopped; see proc(5)."""
    stats = Path(f"/proc/{pid}/task").glob("*/stat")
    try:
        states = {stat.read_text().rpartition(")")[2].split()[0] for stat in stats}
    except FileNotFoundError:
        return False
    return states == {"T"}

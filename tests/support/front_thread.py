"""A front of the guard in a thread of the test, with a scripted looker."""

from __future__ import annotations

import json
import shlex
import shutil
import socket
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Self

from nstui.analysis.guarding import settings as of_settings
from nstui.analysis.guarding.places import places_below
from nstui.guard.loop import Loop
from nstui.guard.serving import Start, open_front
from nstui.guard.setup import setup_at
from nstui.guard.shared_count import SharedCount
from nstui.guard.sockets import Listeners, listen_at
from tests.support.guard_client import LIMIT_S, ask, control

if TYPE_CHECKING:
    from types import TracebackType

    import pytest

LOOKER = """
import json, os, subprocess, sys, time

folder = sys.argv[1]
lines = sys.stdin.read().splitlines()
with open(folder + "/looks", "a") as log:
    log.write(json.dumps([json.loads(line) for line in lines]) + "\\n")
for line in lines:
    reference = json.loads(line)["asked"]["reference"] or "prune"
    if reference.startswith("hang"):
        grandchild = subprocess.Popen(["sleep", "1000"])
        with open(folder + "/pids", "a") as log:
            log.write(f"{os.getpid()} {grandchild.pid}\\n")
        time.sleep(1000)
    if reference.startswith("wait"):
        while not os.path.exists(folder + "/go-on"):
            time.sleep(0.02)
    if reference.startswith("crash"):
        sys.exit("it broke\\x1b[2J")
    if reference.startswith("kill"):
        os.kill(os.getpid(), 9)
    if reference.startswith("silent"):
        sys.exit(0)
    if reference.startswith("nonsense"):
        print("[1, 2")
        continue
    if reference.startswith("endless"):
        while True:
            print("x" * 65536)
    denied = reference.startswith("vpn")
    reason = "would-break" if denied else "breaks-nothing"
    message = "web would lose its network" if denied else ""
    print(json.dumps({"allow": not denied, "reason": reason, "message": message}))
"""
"""Denies what happens to ``vpn…``; what else begins with a certain word has it fail."""


def give_looks_time(patch: pytest.MonkeyPatch) -> None:
    """Let the looks of this process's guards take as long as a busy machine does."""
    patch.setattr(of_settings, "MOST_S", LIMIT_S)
    patient = of_settings.DEFAULTS._replace(deadline_s=LIMIT_S)
    patch.setattr(of_settings, "DEFAULTS", patient)


class GuardFolder:
    """A folder with everything of a guard, and a looker that does as a test wants.

    Attributes:
        path: The folder.
        setup: The guard's paths, all below it.

    """

    def __init__(self) -> None:
        # A socket's path has room for 107 bytes only.
        self.path = Path(tempfile.mkdtemp(prefix="nstui-g-"))
        looker = self.path / "looker.py"
        looker.write_text(LOOKER)
        places = places_below(str(self.path))
        self.setup = setup_at(places, str(self.path))._replace(
            looker=shlex.join((sys.executable, str(looker), str(self.path))),
            listens=True,
        )
        self.setup.settings.parent.mkdir(parents=True)

    def configure(self, **settings: object) -> None:
        """Write the guard's settings."""
        self.setup.settings.write_text(json.dumps(settings))

    def looks(self) -> list[list[dict[str, object]]]:
        """Return the questions of each look so far."""
        log = self.path / "looks"
        lines = log.read_text().splitlines(keepends=True) if log.exists() else []
        # The last one may be half written.
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def ask(self, method: str, uri: str, agent: str = "test") -> dict[str, object]:
        """Ask as the engine does."""
        return ask(self.setup.plugin_socket, method, uri, agent)

    def control(self, line: bytes | dict[str, object]) -> dict[str, object]:
        """Ask as nstui does."""
        return control(self.setup.control_socket, line)

    def remove(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.path, ignore_errors=True)


class FrontThread(GuardFolder):
    """A front that answers from a thread, in a context."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = 0
        self.undecided = SharedCount()
        self._loop = Loop()
        self._thread = threading.Thread(target=self._loop.run)

    def __enter__(self) -> Self:
        """Begin to answer."""
        ours, its = socket.socketpair()
        self._ends = ours, its
        plugin = listen_at(self.setup.plugin_socket)
        own = listen_at(self.setup.control_socket)
        self._listeners = Listeners(plugin, own, are_held=False)
        start = Start(1, self.lost, its, self.undecided)
        self._servers = open_front(self._loop, self.setup, self._listeners, start)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it, and whatever it has begun."""
        (self.path / "go-on").touch()
        self._loop.call_from_thread(self._loop.end)
        self._thread.join()
        # What is still being written would make the folder again.
        front = getattr(self._servers[0]._take, "__self__")  # noqa: B009, SLF001 - it is a method's
        front._decisions.flush()  # noqa: SLF001 - nothing else knows it
        for server in self._servers:
            server.close()
        self._loop.close()
        for end in (*self._ends, self._listeners.plugin, self._listeners.control):
            if end is not None:
                end.close()
        self.remove()

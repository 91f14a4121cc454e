"""The guard as a program, with its supervisor, for tests that kill it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Self, TypeVar

from tests.support.front_thread import GuardFolder
from tests.support.guard_client import LIMIT_S, PluginConnection
from tests.support.leftovers import end_process, is_alive

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

    from tests.support.guarded_engine import GuardedEngine

Found = TypeVar("Found")

DENIED = "authorization denied by plugin nstui: "
"""How an engine begins to tell its client what the guard says."""


def wait_until(is_so: Callable[[], Found], limit_s: float = LIMIT_S) -> Found:
    """Wait for something that is about to be so; return what it is then."""
    deadline = time.monotonic() + limit_s
    while not (found := is_so()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


_PATIENT = f"""\
import sys
import nstui.analysis.guarding.settings as settings
import nstui.guard.pings as pings
import nstui.guard.serving as serving
import nstui.guard.supervisor as supervisor
from nstui.guard.__main__ import main

settings.MOST_S = pings.PING_S = serving.BEAT_LIMIT_S = {LIMIT_S}
serving.DRAIN_S = supervisor.ENDING_S = {LIMIT_S}
sys.exit(main(sys.argv[1:]))
"""
_PATIENTLY = {"deadline_s": LIMIT_S}


class GuardProgram(GuardFolder):
    """A guard that runs, in a context.

    Attributes:
        command: What runs it, without its arguments.

    """

    def __init__(self, *, is_patient: bool = False) -> None:
        """Make its folder.

        Args:
            is_patient: Whether its looks, its front and its supervisor may take as long
                as a busy machine does; a supervisor that replaces one has its own
                limits again.

        """
        super().__init__()
        self.command: Sequence[str] = (sys.executable, "-m", "nstui.guard")
        self._is_patient = is_patient
        if is_patient:
            self.command = (sys.executable, "-c", _PATIENT)
            self.configure()
        self.environ: Mapping[str, str] = os.environ
        self._process: subprocess.Popen[bytes] | None = None
        self._seen: set[int] = set()

    def __enter__(self) -> Self:
        """Start it; return when it answers."""
        self.start()
        try:
            self.front_pid()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it."""
        self.stop()

    def configure(self, **settings: object) -> None:
        """Write its settings."""
        super().configure(**settings | (_PATIENTLY if self._is_patient else {}))

    def stop(self) -> None:
        """Kill it, and whatever has taken its place."""
        # Each one of them would start the other again.
        while left := self.processes():
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGSTOP)
            if self.processes() == left:
                for pid in left:
                    end_process(pid)
        if self._process is not None:
            self._process.wait()
        self.remove()

    def start(self) -> None:
        """Start it, and wait for nothing."""
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.command, *self.setup.to_arguments()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(self.environ),
                start_new_session=True,
            )

    @property
    def process(self) -> subprocess.Popen[bytes]:
        """What was started: the first supervisor."""
        assert self._process is not None
        return self._process

    @property
    def log_file(self) -> Path:
        """What it writes on stderr."""
        return self.path / "log"

    def processes(self) -> list[int]:
        """Return the guard's processes: its supervisor, and its fronts."""
        marker = f"--socket={self.setup.plugin_socket}"
        found = []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and is_alive(int(entry.name)):
                try:
                    words = (entry / "cmdline").read_text(errors="replace")
                except OSError:
                    continue
                if marker in words.split("\0"):
                    found.append(int(entry.name))
        return sorted(found)

    def front_pid(self, *gone: int) -> int:
        """Return the process that answers, once one does that is not about to go.

        It is never 0, to which a signal would end this process and its whole group.
        """
        return wait_until(lambda: {self._answering_pid()}.difference(gone, {0})).pop()

    def _answering_pid(self) -> int:
        """Return the process that answers; 0 if none does."""
        connection = PluginConnection(self.setup.plugin_socket)
        try:
            found = connection.post("/nstui.Ping")["pid"]
        except (OSError, ValueError):
            return 0
        finally:
            connection.close()
        assert isinstance(found, int)
        return found

    def supervisor_pid(self) -> int:
        """Return the process that started the one that answers, once one is there.

        Where it has gone, that would be one which is none of the guard's.
        """
        return wait_until(lambda: self._starter() & {*self.processes()}).pop()

    def _starter(self) -> set[int]:
        """Return the process above the one that answers; none if that ends now."""
        # It may end before it is opened, or while it is read.
        with suppress(OSError):
            stat = Path(f"/proc/{self.front_pid()}/stat").read_text()
            return {int(stat.rpartition(")")[2].split()[1])}
        return set()

    def log(self) -> str:
        """Return what it has written."""
        return self.log_file.read_text()


def guard_of(engine: GuardedEngine, *, is_patient: bool = False) -> GuardProgram:
    """Return a guard of an engine, which the engine does not ask yet."""
    guard = GuardProgram(is_patient=is_patient)
    guard.setup = guard.setup._replace(
        plugin_socket=engine.plugins / "nstui.sock", looker=""
    )
    guard.configure(engine=engine.url, deadline_s=3.5)
    return guard


@contextmanager
def guarding(engine: GuardedEngine, folder: Path, **options: object) -> Iterator[Path]:
    """Run the patient guard of an engine; yield the file of its decisions."""
    socket, decisions = engine.plugins / "nstui.sock", folder / "decisions.jsonl"
    settings = folder / "guard.json"
    settings.write_text(json.dumps({"engine": engine.url, **_PATIENTLY, **options}))
    paths = {
        "socket": socket,
        "control": folder / "control.sock",
        "settings": settings,
        "rescue": folder / "rescue.sh",
        "tickets": folder / "tickets",
        "decisions": decisions,
    }
    front = subprocess.Popen(
        [
            *(sys.executable, "-c", _PATIENT, "--listen"),
            *(f"--{key}={path}" for key, path in paths.items()),
        ],
        stdin=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + LIMIT_S
        while not socket.exists():
            assert time.monotonic() < deadline
            assert front.poll() is None
            time.sleep(0.02)
        engine.use_plugins("nstui")
        yield decisions
    finally:
        engine.use_plugins()
        front.terminate()
        front.wait(LIMIT_S)
        socket.unlink(missing_ok=True)

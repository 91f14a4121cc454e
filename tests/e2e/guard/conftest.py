"""An engine with the guard installed, which runs without systemd."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

import pytest

from nstui.analysis.guarding.places import places_below
from nstui.guard.asking import NoAnswer, ping_front

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.guarded_engine import GuardedEngine

NSTUI = (sys.executable, "-m", "nstui")
LIMIT_S = 60.0
PATIENCE_S = 60.0


class Guarded:
    """An engine, and the guard as a program of its own.

    Attributes:
        engine: The engine.
        root: The folder below which the guard's files are.

    """

    def __init__(self, engine: GuardedEngine) -> None:
        self.engine = engine
        self.root = Path(mkdtemp(dir=engine.folder, prefix="g"))
        plugins = self.root / "run" / "docker" / "plugins"
        plugins.parent.mkdir(parents=True)
        plugins.symlink_to(engine.plugins)
        self.places = places_below(str(self.root))
        self.environ = {
            **os.environ,
            "NSTUI_GUARD_ROOT": str(self.root),
            "XDG_STATE_HOME": str(self.root / "state"),
        }
        self._front: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run the guard, as whatever starts services would; return once it answers."""
        self._front = subprocess.Popen(
            [*NSTUI, "guard", "serve", f"--socket={self.places.plugin_socket}"],
            stdin=subprocess.DEVNULL,
            env=self.environ,
        )
        deadline = time.monotonic() + PATIENCE_S
        while not self._answers():
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            ping_front(self.places.plugin_socket, 1)
        except NoAnswer:
            return False
        return True

    def end(self) -> None:
        """End the guard."""
        if self._front is not None:
            self._front.send_signal(signal.SIGTERM)
            self._front.wait(PATIENCE_S)

    def nstui(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run nstui to its end, without a terminal."""
        return subprocess.run(
            [*NSTUI, "-H", self.engine.url, *words],
            capture_output=True,
            check=False,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=LIMIT_S,
        )


@pytest.fixture
def guarded(guarded_host: GuardedEngine) -> Iterator[Guarded]:
    """Yield an engine that asks the guard, and take it out again."""
    guarded = Guarded(guarded_host)
    guarded.start()
    try:
        done = guarded.nstui("guard", "install", "--no-units")
        assert done.returncode == 0, done.stderr
        yield guarded
    finally:
        done = guarded.nstui("guard", "uninstall")
        guarded.end()
    assert done.returncode == 0, done.stderr

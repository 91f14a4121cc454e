"""``nstui watch`` as a running program, and what it tells."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from nstui.model.json import inner, text, texts
from tests.engine.program import HASTY, run_nstui
from tests.support.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

PATIENCE_S = 60.0
SETTLE_S = 0.5


class Watch:
    """A running watch and the events that it has told."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdout is not None
        self.process = process
        self.events: list[Mapping[str, object]] = []
        self._lines = Lines(process.stdout.fileno())

    def until(self, event: str, *names: str) -> Mapping[str, object]:
        """Return the next event of a kind, about some containers if any are given."""
        while True:
            try:
                line = self._lines.next()
            except AssertionError as problem:
                raise AssertionError(f"{problem}, after {self.events}") from problem
            told: Mapping[str, object] = json.loads(line)
            self.events.append(told)
            about = texts(inner(told, "incident"), "names")
            if text(told, "event") == event and set(names) <= set(about):
                return told

    def rest(self) -> list[Mapping[str, object]]:
        """Return all events so far, with those that were not asked for."""
        while not self._lines.is_silent():
            self.events.append(json.loads(self._lines.next()))
        return self.events

    def told(self) -> list[str]:
        """Return the kinds of all events so far."""
        return [text(event, "event") for event in self.events]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


@contextmanager
def watching(
    engine: PrivateEngine,
    *options: str,
    settle_s: float = SETTLE_S,
    through: Path | None = None,
) -> Iterator[Watch]:
    """Run a watch for as long as the block lasts, through another socket if given."""
    with subprocess.Popen(
        (
            *HASTY,
            "-H",
            engine.url if through is None else f"unix://{through}",
            "watch",
            "--json",
            f"--settle={settle_s}s",
            *options,
        ),
        env=os.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as process:
        try:
            watch = Watch(process)
            watch.until("started")
            yield watch
        finally:
            process.kill()


def is_well(engine: PrivateEngine) -> bool:
    """Tell whether nothing is worse than a notice."""
    return run_nstui("-H", engine.url, "check", program=HASTY).returncode == 0


def await_well(engine: PrivateEngine, watch: Watch) -> None:
    """Wait until nothing is worse than a notice."""
    deadline = time.monotonic() + PATIENCE_S
    while not is_well(engine):
        assert time.monotonic() < deadline, watch.rest()
        time.sleep(0.2)

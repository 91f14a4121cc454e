"""``nstui watch`` as a program, while things happen on a real engine."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from nstui.model.json import inner, text, texts
from tests.engine.program import HASTY, run_nstui
from tests.support.lines import Lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

PATIENCE_S = 60.0
SETTLE = "--settle=500ms"


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
            told: Mapping[str, object] = json.loads(self._lines.next())
            self.events.append(told)
            about = texts(inner(told, "incident"), "names")
            if text(told, "event") == event and set(names) <= set(about):
                return told

    def told(self) -> list[str]:
        """Return the kinds of all events so far."""
        return [text(event, "event") for event in self.events]

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal; return the exit code."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the traces of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "nstui"


@contextmanager
def watching(engine: PrivateEngine, *options: str) -> Iterator[Watch]:
    """Run a watch for as long as the block lasts."""
    with subprocess.Popen(
        (*HASTY, "-H", engine.url, "watch", "--json", SETTLE, *options),
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


@pytest.mark.parametrize("how", ["restart", "kill", "replace"])
def test_an_owner_that_comes_back_gets_its_dependents_back(
    engine_host: PrivateEngine, how: str
) -> None:
    engine_host.run("own", "--restart=always")
    engine_host.run("dep", "--network=container:own")
    engine_host.run("far", "--network=container:dep")
    with watching(engine_host) as watch:
        if how == "restart":
            engine_host.docker("restart", "-t", "0", "own")
        elif how == "kill":
            # As when its program dies: the engine starts it again.
            os.kill(engine_host.pid_of("own"), signal.SIGKILL)
        else:
            # As compose does it: the old one goes, the new one has its name.
            engine_host.docker("rm", "-f", "own")
            engine_host.run("own")
        watch.until("healed", "dep", "far")
        assert watch.end() == 0
    assert is_well(engine_host)


@pytest.mark.one_engine
def test_pid_and_ipc_dependents_come_back(engine_host: PrivateEngine) -> None:
    engine_host.run("own", "--ipc=shareable")
    engine_host.run("sees", "--pid=container:own", "--restart=unless-stopped")
    engine_host.run("talks", "--ipc=container:own")
    with watching(engine_host) as watch:
        engine_host.docker("restart", "-t", "0", "own")
        healed: set[str] = set()
        while not healed >= {"talks"}:
            healed.update(texts(inner(watch.until("healed"), "incident"), "names"))
        deadline = time.monotonic() + PATIENCE_S
        while not is_well(engine_host):
            assert time.monotonic() < deadline, watch.events
    running = engine_host.docker("ps", "--format={{.Names}}").stdout.split()
    assert set(running) == {"own", "sees", "talks"}


def test_what_a_person_stops_stays_stopped(engine_host: PrivateEngine) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    engine_host.run("wg")
    engine_host.run("pihole", "--network=container:wg")
    with watching(engine_host) as watch:
        engine_host.docker("stop", "-t", "0", "own")
        watch.until("found", "dep")
        # By the time that another group is healed, this one would have been, too.
        engine_host.docker("restart", "-t", "0", "wg")
        watch.until("healed", "pihole")
        assert "healing" not in {
            text(event, "event")
            for event in watch.events
            if "dep" in texts(inner(event, "incident"), "names")
        }
    running = engine_host.docker("ps", "--format={{.Names}}").stdout.split()
    assert set(running) == {"dep", "wg", "pihole"}


@pytest.mark.one_engine
def test_a_watch_that_was_killed_is_gone_on_with_by_the_next(
    engine_host: PrivateEngine, state: Path
) -> None:
    engine_host.run("own")
    for number in range(6):
        engine_host.run(f"dep{number}", "--network=container:own")
    log = state / "actions.jsonl"
    with watching(engine_host) as watch:
        # All must be created anew, one after the other.
        engine_host.docker("rm", "-f", "own")
        engine_host.run("own")
        deadline = time.monotonic() + PATIENCE_S
        while not (log.exists() and '"phase": "done"' in log.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.005)
        watch.process.kill()
        watch.process.wait(PATIENCE_S)
    assert not is_well(engine_host)
    # What the engine was asked for last, it may still be doing.
    time.sleep(1)
    with watching(engine_host) as watch:
        while not is_well(engine_host):
            watch.until("healed")
        assert watch.end() == 0
    running = engine_host.docker("ps", "-a", "--format={{.Names}}").stdout.split()
    assert sorted(running) == sorted(("own", *(f"dep{n}" for n in range(6))))


def test_a_daemon_that_is_restarted_finds_its_groups_well_again(
    engine_host: PrivateEngine,
) -> None:
    engine_host.run("own", "--restart=always")
    names = [f"dep{number}" for number in range(6)]
    for name in names:
        engine_host.run(name, "--network=container:own", "--restart=always")
    with watching(engine_host) as watch:
        engine_host.end_daemon()
        watch.until("engine-lost")
        engine_host.start()
        watch.until("engine-back")
        deadline = time.monotonic() + PATIENCE_S
        while not is_well(engine_host):
            assert time.monotonic() < deadline, watch.events
            time.sleep(0.5)
        assert watch.end(signal.SIGINT) == 130
    running = engine_host.docker("ps", "--format={{.Names}}").stdout.split()
    assert set(running) == {"own", *names}


@pytest.mark.one_engine
def test_a_second_watch_waits_for_the_end_of_the_first(
    engine_host: PrivateEngine,
) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--network=container:own")
    with watching(engine_host) as first, watching(engine_host) as second:
        assert text(second.until("waiting"), "hold") == "other-watch"
        engine_host.docker("restart", "-t", "0", "own")
        first.until("healed", "dep")
        assert first.end() == 0
        second.until("started")
        engine_host.docker("restart", "-t", "0", "own")
        second.until("healed", "dep")
        assert second.told().count("healed") == 1


@pytest.mark.one_engine
def test_it_ends_between_steps_at_once(engine_host: PrivateEngine) -> None:
    engine_host.run("own")
    with watching(engine_host) as watch:
        begun = time.monotonic()
        timer = threading.Timer(PATIENCE_S, watch.process.kill)
        timer.start()
        assert watch.end() == 0
        timer.cancel()
        # Under a second on a machine that does nothing else.
        assert time.monotonic() - begun < PATIENCE_S / 4

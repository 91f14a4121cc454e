"""A command that any signal ends after any of its changes leaves nothing half done."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.engine.program import HASTY, LIMIT, run_nstui
from tests.engine.tripwire import Tripwire
from tests.support.guard_program import wait_until

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

REPLACING = ("heal", "--yes", "--onto", "own", "dep")
PLANS = {
    "heal": REPLACING,
    "restart": ("restart", "--with-dependents", "--yes", "own"),
    "stop": ("stop", "--with-dependents", "--yes", "own"),
    "kill": ("kill", "--with-dependents", "--yes", "own"),
    "rm": ("rm", "-f", "--with-dependents", "--yes", "own"),
    "prune": ("prune", "--yes"),
}
ORDERLY = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT)
INTERRUPTED = 130
DEAF = ("--stop-signal=TERM", "--stop-timeout=60")
SAYS_THAT_IT_IS_TO_END = (
    "trap 'echo to end' TERM; echo ready; while :; do sleep 0.1; done"
)
"""The program of a container that ends only once it is killed."""


class Trial:
    """One command on a fresh group, and a signal after one of its changes."""

    def __init__(self, engine: PrivateEngine, folder: Path, plan: str) -> None:
        self.engine = engine
        self.plan = plan
        self._folder = folder
        engine.remove_all()
        engine.run("own")
        engine.run("dep", "--network=container:own", "-v/data")
        engine.docker("exec", "dep", "sh", "-c", "echo precious >/data/file")
        if plan == "heal":
            engine.docker("rm", "-f", "own")
            engine.run("own")
        else:
            engine.run("far", "--network=container:dep")
        if plan == "prune":
            engine.docker("stop", "far", "dep", "own")
            engine.run("lone")
        self.before = self.states()

    def run(self, number: int, signal_: signal.Signals) -> tuple[int, str, bool]:
        """Run the command; return its exit code, its words, and whether it was hit."""
        hit: list[bool] = []

        def shoot() -> None:
            hit.append(True)
            os.kill(process.pid, signal_)

        listen = self._folder / f"{number}-{signal_}.sock"
        with Tripwire(self.engine.socket, listen, number, shoot):
            process = subprocess.Popen(
                [*HASTY, "-H", f"unix://{listen}", *PLANS[self.plan]],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            words, _ = process.communicate(timeout=LIMIT)
        return process.returncode, words, bool(hit)

    def nstui(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command, past the socket in between."""
        return run_nstui("-H", self.engine.url, *arguments, program=HASTY)

    def states(self) -> dict[str, str]:
        """Return the state of each container, by its name."""
        rows = self.engine.docker("ps", "-a", "--format={{.Names}} {{.State}}").stdout
        return dict(row.split() for row in rows.splitlines())

    def settle(self) -> None:
        """Heal what was cut off, and see that all is well then."""
        heal: Sequence[str] = ("heal", "--yes")
        if self.plan == "heal":
            heal = ("heal", "--yes", "--onto", "own")
        healed = self.nstui(*heal)
        assert healed.returncode == 0, healed.stderr
        check = self.nstui("check")
        assert check.returncode == 0, check.stdout
        states = self.states()
        assert set(states) <= set(self.before)
        if self.plan != "prune":
            assert set(states.values()) <= {"running"}
        if self.plan == "heal":
            assert states.keys() == self.before.keys()
            done = self.engine.docker("exec", "dep", "cat", "/data/file")
            assert done.stdout == "precious\n"


@pytest.fixture(autouse=True)
def _records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.mark.parametrize("plan", PLANS)
def test_killed_after_any_change(
    engine_host: PrivateEngine, tmp_path: Path, plan: str
) -> None:
    for number in itertools.count(1):
        trial = Trial(engine_host, tmp_path, plan)
        code, words, was_hit = trial.run(number, signal.SIGKILL)
        if not was_hit:
            assert code == 0, words
            assert number > 1
            return
        assert code == -signal.SIGKILL
        states = trial.states()
        is_odd = states.keys() - trial.before.keys() or (
            plan != "prune" and "exited" in states.values()
        )
        check = trial.nstui("check")
        assert check.returncode == 1 if is_odd else check.returncode in {0, 1}
        assert ("interrupted" in check.stdout) >= bool(is_odd), check.stdout
        trial.settle()


@pytest.mark.parametrize("number", ORDERLY)
@pytest.mark.parametrize("plan", PLANS)
def test_ended_in_order_after_any_change(
    engine_host: PrivateEngine, tmp_path: Path, plan: str, number: signal.Signals
) -> None:
    for change in itertools.count(1):
        trial = Trial(engine_host, tmp_path, plan)
        code, words, was_hit = trial.run(change, number)
        if not was_hit:
            assert code == 0, words
            return
        # A replacement is finished; other plans end after the step under way.
        assert trial.states().keys() <= trial.before.keys()
        assert "Traceback" not in words
        if code != 0:
            assert code == INTERRUPTED
            assert "nstui: interrupted; done: " in words
            assert "; not done: " in words
        assert code == 0 or plan != "heal"
        if code != 0 or plan == "heal":
            trial.settle()


def test_a_second_ctrl_c_ends_it_at_once(
    engine_host: PrivateEngine, tmp_path: Path
) -> None:
    trial = Trial(engine_host, tmp_path, "stop")
    options = ("--network=container:own", *DEAF)
    engine_host.run("slow", *options, command=("sh", "-c", SAYS_THAT_IT_IS_TO_END))

    def has_said(text: str) -> bool:
        return text in engine_host.docker("logs", "slow").stdout

    wait_until(lambda: has_said("ready"))
    with subprocess.Popen(
        [*HASTY, "-H", engine_host.url, *PLANS["stop"]],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        for line in process.stdout:
            if line == "far\n":
                break
        wait_until(lambda: has_said("to end"))
        process.send_signal(signal.SIGINT)
        assert "a second ctrl+c" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(LIMIT) == INTERRUPTED
    engine_host.docker("kill", "slow")
    engine_host.docker("wait", "slow")
    assert trial.nstui("check").returncode == 1
    trial.before["slow"] = "running"
    trial.settle()


def test_what_is_ignored_stays_ignored(
    engine_host: PrivateEngine, tmp_path: Path
) -> None:
    """As under nohup(1), which has a terminal's end change nothing."""
    trial = Trial(engine_host, tmp_path, "stop")
    script = (
        "import os, signal, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN);"
        "os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    )
    started: list[subprocess.Popen[bytes]] = []

    def shoot() -> None:
        started[0].send_signal(signal.SIGHUP)

    python = (sys.executable, "-c", script)
    listen = tmp_path / "engine.sock"
    with Tripwire(engine_host.socket, listen, 1, shoot):
        process = subprocess.Popen(
            [*python, *HASTY[1:], "-H", f"unix://{listen}", *PLANS["stop"]],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
        )
        started.append(process)
        process.communicate(timeout=LIMIT)
    assert process.returncode == 0
    assert set(trial.states().values()) == {"exited"}

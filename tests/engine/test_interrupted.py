"""nstui killed in the middle of a plan leaves whole steps, and a log of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.engine.tripwire import Tripwire

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

DEPENDENTS = 9
WHOLE_STEPS = 3
"""How many steps are taken before nstui is killed."""

PATIENCE_S = 60.0


def entries(log: Path) -> list[dict[str, object]]:
    """Return the entries of the action log, as far as they are whole."""
    text = log.read_text(encoding="ascii") if log.exists() else ""
    return [json.loads(line) for line in text.splitlines() if line.endswith("}")]


def phases(log: Path, phase: str) -> list[str]:
    """Return whose steps have come so far, in their order."""
    return [str(e["name"]) for e in entries(log) if e["phase"] == phase]


def test_killed_in_the_middle_of_ten_steps(
    engine_host: PrivateEngine, tmp_path: Path
) -> None:
    engine_host.run("own")
    for number in range(DEPENDENTS):
        engine_host.run(f"dep{number}", "--network=container:own")
    log = tmp_path / "nstui" / "actions.jsonl"
    listen = tmp_path / "d.sock"
    command = (sys.executable, "-m", "nstui", "-H", f"unix://{listen}", "rm", "-f")

    def kill() -> None:
        nstui.kill()

    # Each step is one change. The engine has made the last one, and nstui is not told.
    with Tripwire(engine_host.socket, listen, WHOLE_STEPS + 1, kill):
        nstui = subprocess.Popen(
            [*command, "--with-dependents", "--yes", "own"],
            env={**os.environ, "XDG_STATE_HOME": str(tmp_path)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        nstui.wait(PATIENCE_S)

    begun, done = phases(log, "begun"), phases(log, "done")
    there = set(engine_host.docker("ps", "-a", "--format={{.Names}}").stdout.split())
    assert WHOLE_STEPS <= len(done) < DEPENDENTS + 1
    assert len(begun) - len(done) in {0, 1}
    assert not there & set(done)
    assert {"own", *(f"dep{n}" for n in range(DEPENDENTS))} - set(begun) <= there
    running = engine_host.docker("ps", "--format={{.Names}}").stdout.split()
    assert set(running) == there
    kept = {
        json.loads(f.read_text())["name"] for f in log.parent.glob("removed/*.json")
    }
    assert set(done) <= kept

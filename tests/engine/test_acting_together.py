"""Two programs of nstui do not act on one group at once, on a real engine."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.support.guard_program import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

LIMIT_S = 60.0
SLOWLY = ("stop", "--yes", "other")
"""Takes until the container is killed."""

DEAF = ("--stop-signal=TERM", "--stop-timeout=60")
SAYS_THAT_IT_IS_TO_END = (
    "trap 'echo to end' TERM; echo ready; while :; do sleep 0.1; done"
)


def start(engine: PrivateEngine, state: Path, *words: str) -> subprocess.Popen[str]:
    """Start nstui as a program of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "nstui", "-H", engine.url, *words],
        env={**os.environ, "XDG_STATE_HOME": str(state)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_second_program_waits_for_nothing_and_changes_nothing(
    engine_host: PrivateEngine, tmp_path: Path
) -> None:
    words = ("sh", "-c", SAYS_THAT_IT_IS_TO_END)
    engine_host.run("other", *DEAF, command=words)

    def has_said(text: str) -> bool:
        return text in engine_host.docker("logs", "other").stdout

    wait_until(lambda: has_said("ready"))
    with start(engine_host, tmp_path, *SLOWLY) as first:
        # The claim is held by then.
        wait_until(lambda: has_said("to end"))
        second = start(engine_host, tmp_path, "restart", "--yes", "other")
        _, said = second.communicate(timeout=LIMIT_S)
        assert second.returncode == 4
        assert said.startswith("nstui: another nstui is at work on other: nothing")
        assert first.poll() is None
        engine_host.docker("kill", "other")
        assert first.wait(LIMIT_S) == 0
    third = start(engine_host, tmp_path, "start", "--yes", "other")
    assert third.communicate(timeout=LIMIT_S)[1] == ""
    assert third.returncode == 0

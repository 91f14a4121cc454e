"""Two programs of nstui do not act on one group at once, on a real engine."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from nstui.audit.claims import FileClaims
from nstui.errors import GroupInUse
from nstui.model.container import ContainerId

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

LIMIT_S = 60.0
SLOWLY = ("stop", "--yes", "--time", "5", "other")
"""Takes some seconds: what is a container's first process ignores SIGTERM."""


def start(engine: PrivateEngine, state: Path, *words: str) -> subprocess.Popen[str]:
    """Start nstui as a program of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "nstui", "-H", engine.url, *words],
        env={**os.environ, "XDG_STATE_HOME": str(state)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def is_held(claims: FileClaims, container: ContainerId) -> bool:
    try:
        with claims.hold({container: "it"}):
            return False
    except GroupInUse:
        return True


@pytest.mark.usefixtures("target")
def test_a_second_program_waits_for_nothing_and_changes_nothing(
    engine_host: PrivateEngine, tmp_path: Path
) -> None:
    other = ContainerId(str(engine_host.inspect("other", "Id")))
    claims = FileClaims(tmp_path / "nstui", engine_host.url)
    with start(engine_host, tmp_path, *SLOWLY) as first:
        deadline = time.monotonic() + LIMIT_S
        while not is_held(claims, other) and time.monotonic() < deadline:
            time.sleep(0.02)
        second = start(engine_host, tmp_path, "restart", "--yes", "other")
        _, said = second.communicate(timeout=LIMIT_S)
        assert second.returncode == 4
        assert said.startswith("nstui: another nstui is at work on other: nothing")
        assert first.wait(LIMIT_S) == 0
    third = start(engine_host, tmp_path, "start", "--yes", "other")
    assert third.communicate(timeout=LIMIT_S)[1] == ""
    assert third.returncode == 0

"""Owners that were renamed on a real engine, and others that have their name now."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.engine.attach import attached
from tests.engine.looking import namespace
from tests.engine.program import run_nstui

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep what is remembered for one test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


def nstui(engine: PrivateEngine, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run_nstui("-H", engine.url, *arguments)


def is_with(engine: PrivateEngine, name: str, owner: str) -> bool:
    """Tell whether a container is in the network of another."""
    with attached(engine.url) as connection:
        report = connection.observer.look()
    return namespace(report, name) == namespace(report, owner)


@pytest.mark.parametrize("is_back", [True, False], ids=["is back", "is not back"])
@pytest.mark.parametrize("looks", [0, 1, 2])
def test_the_last_name_of_one_that_is_gone_counts_and_else_the_one_before(
    engine_host: PrivateEngine,
    looks: int,
    is_back: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    engine_host.run("own")
    engine_host.run("dep", "--stop-signal=KILL", "--network=container:own")
    if looks:
        assert nstui(engine_host, "check").returncode == 0
    engine_host.docker("rename", "own", "vpn")
    engine_host.run("own")
    if looks > 1:
        assert nstui(engine_host, "check").returncode == 0
    engine_host.docker("rm", "-f", "vpn")
    if is_back:
        engine_host.run("vpn")

    healed = nstui(engine_host, "heal", "--yes")

    assert healed.returncode == 0, healed.stderr
    assert is_with(engine_host, "dep", "vpn" if is_back else "own")


@pytest.mark.parametrize("runs", [True, False], ids=["running", "created"])
def test_one_that_works_under_its_renamed_owner_is_left_there(
    engine_host: PrivateEngine,
    runs: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    engine_host.create("dep", "--stop-signal=KILL", "--network=container:own")
    engine_host.run("own")
    engine_host.docker("start", "dep")
    engine_host.docker("rename", "own", "vpn")
    (engine_host.run if runs else engine_host.create)("own")
    before = engine_host.inspect("dep", "State", "StartedAt")

    found = json.loads(nstui(engine_host, "check", "--json").stdout)["findings"]
    healed = nstui(engine_host, "heal", "--yes")
    restarted = nstui(engine_host, "restart", "--with-dependents", "--yes", "vpn")

    assert [(f["name"], f["code"], f["severity"]) for f in found] == [
        ("dep", "undeclared-share", "warning")
    ]
    assert (healed.returncode, healed.stdout) == (0, "nothing to heal\n")
    assert restarted.returncode == 4
    assert engine_host.inspect("dep", "State", "StartedAt") == before
    assert is_with(engine_host, "dep", "vpn")

    # What is printed for it keeps it where it is, for good.
    moved = nstui(engine_host, "heal", "--yes", "--onto", "vpn", "dep")
    assert moved.returncode == 0, moved.stderr
    engine_host.docker("restart", "-t", "0", "dep")
    assert is_with(engine_host, "dep", "vpn")
    assert nstui(engine_host, "check").returncode == 0

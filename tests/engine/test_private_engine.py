"""The tests' own engine does what other tests rely on."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.leftovers import is_alive
from tests.support.private_engine import PrivateEngine

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.docker


@pytest.fixture
def own_engine(private_engine: PrivateEngine) -> Iterator[PrivateEngine]:
    """Yield a second engine, which a test may stop."""
    assert private_engine.folder.exists()
    engine = PrivateEngine()
    try:
        engine.start()
        yield engine
    finally:
        engine.stop()


def test_a_container_runs_and_shares(engine_host: PrivateEngine) -> None:
    owner = engine_host.run("own")
    dependent = engine_host.run("dep", "--net=container:own")

    assert len(owner) == len(dependent) == 64
    assert engine_host.inspect("dep", "HostConfig", "NetworkMode") == (
        f"container:{owner}"
    )
    namespaces = {
        os.stat(f"/proc/{engine_host.pid_of(name)}/ns/net").st_ino  # noqa: PTH116
        for name in ("own", "dep")
    }
    assert len(namespaces) == 1
    assert "eth0" in engine_host.docker("exec", "dep", "ip", "a").stdout


def test_each_test_finds_no_containers(engine_host: PrivateEngine) -> None:
    assert engine_host.docker("ps", "-aq").stdout == ""


def test_remove_all_takes_paused_ones_networks_and_volumes(
    engine_host: PrivateEngine,
) -> None:
    engine_host.docker("network", "create", "n1")
    engine_host.run("one", "--net=n1", "-v", "data:/data")
    engine_host.docker("pause", "one")
    engine_host.create("two")

    engine_host.remove_all()

    assert engine_host.docker("ps", "-aq").stdout == ""
    assert "n1" not in engine_host.docker("network", "ls").stdout
    assert "data" not in engine_host.docker("volume", "ls", "-q").stdout


def test_a_killed_daemon_comes_back_on_the_same_socket(
    engine_host: PrivateEngine,
) -> None:
    engine_host.run("one")
    engine_host.kill_daemon()
    assert engine_host.docker("ps", check=False).returncode != 0

    engine_host.ensure_runs()

    assert engine_host.docker("ps", "-aq").stdout != ""


@pytest.mark.parametrize("accident", ["none", "frozen", "killed"])
def test_stop_leaves_nothing(own_engine: PrivateEngine, accident: str) -> None:
    container = own_engine.run("one")
    own_engine.run("two", "--net=container:one")
    pid = own_engine.pid_of("one")
    if accident == "frozen":
        own_engine.pause_daemon()
    if accident == "killed":
        own_engine.kill_daemon()

    own_engine.stop()

    assert not own_engine.folder.exists()
    assert str(own_engine.folder) not in Path("/proc/self/mountinfo").read_text()
    assert not is_alive(pid)
    commands = []
    for entry in Path("/proc").iterdir():
        # Others end meanwhile.
        with suppress(OSError):
            if entry.name.isdigit():
                commands.append(entry.joinpath("cmdline").read_text(errors="replace"))
    assert not [
        line for line in commands if str(own_engine.folder) in line or container in line
    ]

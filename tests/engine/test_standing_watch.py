"""``nstui watch`` as a program, while things happen on a real engine."""

from __future__ import annotations

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from typing import TYPE_CHECKING

import pytest

from nstui.model.json import inner, text, texts
from nstui.model.namespace import NamespaceKind
from tests.engine.standing import PATIENCE_S, await_well, is_well, watching
from tests.engine.tripwire import Tripwire

if TYPE_CHECKING:
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

SEVERAL_CHANGES = 12
"""How many changes to the engine bring some of six dependents back, but not all."""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep the traces of this test alone."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "nstui"


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
    engine_host: PrivateEngine, state: Path, tmp_path: Path
) -> None:
    engine_host.run("own")
    for number in range(6):
        engine_host.run(f"dep{number}", "--network=container:own")
    listen = tmp_path / "d.sock"

    def kill() -> None:
        watch.process.kill()

    with (
        Tripwire(engine_host.socket, listen, SEVERAL_CHANGES, kill),
        watching(engine_host, through=listen) as watch,
    ):
        # All must be created anew, one after the other.
        engine_host.docker("rm", "-f", "own")
        engine_host.run("own")
        watch.process.wait(PATIENCE_S)
    assert '"phase": "done"' in (state / "actions.jsonl").read_text()
    assert not is_well(engine_host)
    with watching(engine_host) as watch:
        while not is_well(engine_host):
            watch.until("healed")
        assert watch.end() == 0
    running = engine_host.docker("ps", "-a", "--format={{.Names}}").stdout.split()
    assert sorted(running) == sorted(("own", *(f"dep{n}" for n in range(6))))


def test_a_daemon_that_is_restarted_finds_its_groups_well_again(
    engine_host: PrivateEngine,
) -> None:
    policy = "--restart=unless-stopped"
    dependents = {f"own{n}": (f"dep{n}", f"too{n}") for n in range(10)}
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda owner: engine_host.run(owner, policy), dependents))
        for pair in dependents.items():
            pool.submit(_run_joined, engine_host, *pair, policy)
    # The whole of a group, and all that have joined another.
    stopped = {"own0", *dependents["own0"], *dependents["own1"]}
    with watching(engine_host) as watch:
        engine_host.docker("stop", *sorted(stopped, reverse=True))
        engine_host.end_daemon()
        watch.until("engine-lost")
        engine_host.start()
        watch.until("engine-back")
        await_well(engine_host, watch)
        assert watch.end(signal.SIGINT) == 130
    everything = {*dependents, *chain.from_iterable(dependents.values())}
    assert _running(engine_host) == everything - stopped
    for owner in dependents.keys() - stopped:
        group = {owner, *dependents[owner]} - stopped
        net = NamespaceKind.NET
        assert len({engine_host.namespace_of(one, net) for one in group}) == 1


def _run_joined(
    engine: PrivateEngine, owner: str, names: tuple[str, ...], policy: str
) -> None:
    for name in names:
        engine.run(name, f"--network=container:{owner}", policy)


def _running(engine: PrivateEngine) -> set[str]:
    return {*engine.docker("ps", "--format={{.Names}}").stdout.split()}


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

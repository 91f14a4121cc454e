"""Tasks of a swarm, which the session's own engine manages."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING

import pytest

from nstui.model.namespace import NamespaceKind
from tests.engine.program import run_nstui
from tests.support.private_engine import IMAGE

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.private_engine import PrivateEngine

pytestmark = pytest.mark.docker

PATIENCE_S = 60.0
SERVICE = ("--endpoint-mode=dnsrr", "--stop-grace-period=0s", "--detach")


class Swarm:
    """An engine that manages a swarm of its own, and a service with one task."""

    def __init__(self, engine: PrivateEngine) -> None:
        self.engine = engine

    def nstui(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run nstui without a terminal."""
        return run_nstui("-H", self.engine.url, *arguments)

    def tasks(self) -> dict[str, str]:
        """Return the state of each task's container, by its name; the newest first."""
        listed = self.engine.docker(
            *("ps", "-a", "--no-trunc", "--filter=label=com.docker.swarm.task.id"),
            *("--format", "{{.Names}} {{.State}}"),
        )
        return dict(line.split() for line in listed.stdout.splitlines())

    def running(self) -> str:
        """Return the name of the only task that runs, once there is one."""
        end = time.monotonic() + PATIENCE_S
        while True:
            found = [name for name, state in self.tasks().items() if state == "running"]
            if len(found) == 1:
                return found[0]
            assert time.monotonic() < end, self.tasks()
            time.sleep(0.1)

    def manager_of(self, name: str) -> dict[str, object] | None:
        """Return what JSON says of who manages a container."""
        told = json.loads(self.nstui("tree", "--json").stdout)["containers"]
        found: dict[str, dict[str, object] | None]
        found = {one["name"]: one["manager"] for one in told}
        return found[name]


@pytest.fixture
def swarm(
    engine_host: PrivateEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Swarm]:
    """Yield a swarm with a service, and leave the engine without one."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    at = ("--listen-addr=127.0.0.1:2377", "--advertise-addr=127.0.0.1")
    engine_host.docker("swarm", "init", *at)
    try:
        engine_host.docker(
            *("service", "create", "--name=web", *SERVICE, IMAGE, "sleep", "1000")
        )
        yield Swarm(engine_host)
    finally:
        engine_host.docker("service", "rm", "web", check=False)
        engine_host.docker("swarm", "leave", "--force", check=False)


def test_no_task_is_touched_by_anybody_but_swarm(swarm: Swarm) -> None:
    task = swarm.running()
    started = swarm.engine.inspect(task, "State", "StartedAt")
    assert swarm.manager_of(task) == {
        "kind": "swarm",
        "name": "web",
        "user": False,
        "proven": True,
    }

    for words in (("stop",), ("kill",), ("rm", "-f"), ("recreate",)):
        done = swarm.nstui(*words, "-y", task)
        assert done.returncode == 4
        docker = f"docker -H {swarm.engine.url} service "
        assert f"is run by swarm service web: use {docker}" in done.stderr

    assert swarm.engine.inspect(task, "State", "StartedAt") == started


def test_a_task_is_made_anew_by_its_service_and_what_joined_it_by_nstui(
    swarm: Swarm,
) -> None:
    task = swarm.running()
    dep = swarm.engine.run("dep", f"--network=container:{task}")
    before = swarm.tasks()

    refused = swarm.nstui("recreate", "-y", task)

    assert refused.returncode == 4
    docker = f"docker -H {swarm.engine.url} service update --force web"
    assert f"{task} is run by swarm service web: use {docker}" in refused.stderr
    assert (swarm.tasks(), swarm.engine.inspect("dep", "Id")) == (before, dep)

    done = swarm.nstui("recreate", "-y", "dep")

    assert (done.returncode, done.stdout) == (0, "dep\n"), done.stderr
    assert swarm.tasks() == before
    assert swarm.engine.inspect("dep", "Id") != dep
    net = NamespaceKind.NET
    home = swarm.engine.namespace_of(task, net)
    assert swarm.engine.namespace_of("dep", net) == home
    swarm.engine.docker("rm", "--force", "dep")


def test_a_task_is_restarted_by_its_service_and_the_old_one_is_history(
    swarm: Swarm,
) -> None:
    old = swarm.running()
    swarm.engine.run("dep", f"--network=container:{old}")
    refused = swarm.nstui("restart", "--with-dependents", "-y", old)
    assert refused.returncode == 4
    assert "what joined it (dep) must join it again" in refused.stderr
    swarm.engine.docker("rm", "--force", "dep")

    done = swarm.nstui("restart", "-y", old)

    assert (done.returncode, done.stdout) == (0, f"{old}\n"), done.stderr
    new = swarm.running()
    assert new != old
    assert swarm.tasks()[old] == "exited"
    assert swarm.nstui("check").returncode == 0
    assert swarm.nstui("heal", "-y").stdout == "nothing to heal\n"
    assert swarm.nstui("prune", "-y").returncode == 0
    assert set(swarm.tasks()) == {old, new}
    removal = swarm.nstui("rm", "-y", old)
    assert removal.returncode == 4
    assert f"{new} has taken its place" in removal.stderr


def test_who_joined_a_replaced_task_is_not_put_right_by_starting_it(
    swarm: Swarm,
) -> None:
    old = swarm.running()
    swarm.engine.run("dep", f"--network=container:{old}")
    swarm.engine.docker("service", "update", "--force", "web")
    new = swarm.running()

    found = json.loads(swarm.nstui("check", "--json").stdout)["findings"]
    healed = swarm.nstui("heal", "-y")

    assert [(f["name"], f["code"]) for f in found] == [("dep", "owner-stopped")]
    assert found[0]["remedy"].endswith(f"nstui heal --onto {new} dep")
    assert f"{new} has taken its place" in healed.stderr
    assert swarm.tasks()[old] == "exited"

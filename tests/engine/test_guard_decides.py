"""What the engine does for its clients with the guard: docker, compose, nstui."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support.guard_client import PluginConnection
from tests.support.guard_program import DENIED, guarding
from tests.support.private_engine import IMAGE
from tests.support.updaters import (
    RealApi,
    Update,
    autoheal,
    docker_rollout,
    portainer,
    watchtower,
    wud,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from docker.errors import APIError

    from tests.support.guarded_engine import GuardedEngine
    from tests.support.updaters import EngineApi

pytestmark = pytest.mark.docker

LIMIT_S = 60.0


@pytest.fixture
def guarded(
    guarded_host: GuardedEngine, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GuardedEngine]:
    """Yield an engine with the guard, an owner, what joined it, and a free one."""
    guarded_host.run("vpn")
    guarded_host.run("web", "--network=container:vpn")
    guarded_host.run("free")
    with guarding(guarded_host, tmp_path_factory.mktemp("guard")):
        yield guarded_host


@pytest.mark.parametrize(
    ("command", "effect"),
    [
        ("rm -f vpn", "removing vpn breaks web (loses its network at once"),
        ("stop -t 1 vpn", "stopping vpn breaks web (loses its network at once"),
        ("restart vpn", "restarting vpn breaks web (loses its network at once"),
        ("kill vpn", "killing vpn breaks web (loses its network at once"),
    ],
)
def test_what_breaks_a_dependent_is_denied(
    guarded: GuardedEngine, command: str, effect: str
) -> None:
    before = guarded.inspect("vpn", "State", "StartedAt")
    done = guarded.docker(*command.split(), check=False)
    assert done.returncode == 1
    assert DENIED + effect in done.stderr
    assert "--with-dependents vpn" in done.stderr
    assert guarded.inspect("vpn", "State", "StartedAt") == before
    assert guarded.names() == {"vpn", "web", "free"}


def test_everything_else_is_done(guarded: GuardedEngine) -> None:
    for command in (
        *("kill -s HUP vpn", "pause vpn", "unpause vpn", "rename vpn vpn2"),
        *("update --cpu-shares 512 vpn2", "restart free", "rm -f free"),
        *("container prune -f", "stop -t 1 web", "start web", "kill web"),
        # Nothing runs any more that it would break.
        *("restart -t 1 vpn2", "rm -f vpn2", "rm -f web"),
    ):
        guarded.docker(*command.split())
    assert not guarded.names()


def test_a_prune_is_denied_that_would_take_an_owner_away(
    guarded: GuardedEngine,
) -> None:
    process = guarded.inspect("vpn", "State", "Pid")
    assert isinstance(process, int)
    # Nobody asks the engine for that, and the dependent goes on in what is left.
    os.kill(process, signal.SIGKILL)
    guarded.docker("wait", "vpn")
    for command in ("container prune -f", "system prune -f"):
        done = guarded.docker(*command.split(), check=False)
        assert done.returncode == 1
        assert DENIED in done.stderr
        assert "web" in done.stderr
    assert guarded.docker("ps", "-aq", "--filter=name=vpn").stdout


def test_a_prune_is_done_that_breaks_nobody(guarded: GuardedEngine) -> None:
    guarded.run("old", "--network=none", command=("true",))
    assert not guarded.docker("kill", "-s", "KILL", "web").stderr
    guarded.docker("stop", "-t", "1", "vpn")
    guarded.docker("container", "prune", "-f")
    assert not guarded.docker("ps", "-aq", "--filter=name=vpn").stdout


def test_a_label_of_its_own_takes_an_owner_out(
    guarded_host: GuardedEngine, tmp_path: Path
) -> None:
    guarded_host.label_image("off:1", {"nstui.guard": "off"})
    guarded_host.run("vpn", "--label=nstui.guard=off")
    guarded_host.run("web", "--network=container:vpn")
    guarded_host.docker(
        *("run", "-d", "--name=vpn2", "--stop-signal=KILL", "off:1", "sleep", "99")
    )
    guarded_host.run("web2", "--network=container:vpn2")
    with guarding(guarded_host, tmp_path):
        guarded_host.docker("rm", "-f", "vpn")
        assert guarded_host.docker("rm", "-f", "vpn2", check=False).returncode == 1


def test_the_work_of_a_swarm_is_no_call(
    guarded_host: GuardedEngine, tmp_path: Path
) -> None:
    """It ends a task that another container has joined, and nobody is asked."""
    here = "--advertise-addr=127.0.0.1", "--listen-addr=127.0.0.1:0"
    guarded_host.docker("swarm", "init", *here)
    try:
        with guarding(guarded_host, tmp_path):
            guarded_host.docker(
                *("service", "create", "--detach", "--name=site"),
                *("--stop-grace-period=1s", IMAGE, "sleep", "1000"),
            )
            (task,) = _await_tasks(guarded_host, without=set())
            guarded_host.run("dep", f"--network=container:{task}")
            denied = guarded_host.docker("rm", "-f", task, check=False)
            guarded_host.docker("service", "update", "--detach", "--force", "site")
            _await_tasks(guarded_host, without={task})
        assert "docker service rm site" in denied.stderr
    finally:
        guarded_host.docker("service", "rm", "site", check=False)
        guarded_host.docker("swarm", "leave", "--force", check=False)


def _await_tasks(engine: GuardedEngine, without: set[str]) -> set[str]:
    """Return the running tasks of the swarm once there are others than some."""
    deadline = time.monotonic() + LIMIT_S
    label = "--filter=label=com.docker.swarm.task.id"
    while True:
        found = set(engine.docker("ps", "-q", "--no-trunc", label).stdout.split())
        if found and not found & without:
            return found
        assert time.monotonic() < deadline
        time.sleep(0.1)


@contextmanager
def watching(engine: GuardedEngine, log: Path) -> Iterator[None]:
    """Have a standing watch of an engine run that acts."""
    with log.open("w") as out:
        watch = subprocess.Popen(
            [sys.executable, "-m", "nstui", "-H", engine.url, "watch"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
    try:
        _await(lambda: "watching Docker" in log.read_text())
        # What the guard reads of it is written later than it says that.
        status = (sys.executable, "-m", "nstui", "-H", engine.url, "watch", "--status")
        _await(
            lambda: (
                not subprocess.run(status, check=False, capture_output=True).returncode
            )
        )
        yield
    finally:
        watch.terminate()
        watch.wait(LIMIT_S)


def _await(holds: Callable[[], object]) -> None:
    deadline = time.monotonic() + LIMIT_S
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_restart_is_let_through_while_a_watch_heals_it(
    guarded_host: GuardedEngine, tmp_path: Path
) -> None:
    guarded_host.run("vpn")
    guarded_host.run("web", "--network=container:vpn")
    restart = ("restart", "-t", "1", "vpn")
    # Where root's watch leaves what it does, the guard reads it.
    with guarding(guarded_host, tmp_path, heal_instead=True) as decisions:
        denied = guarded_host.docker(*restart, check=False)
        with watching(guarded_host, tmp_path / "watch.log"):
            guarded_host.docker(*restart)
            _await(lambda: _network(guarded_host, "web") == _network(guarded_host))
            stopped = guarded_host.docker("stop", "vpn", check=False)
        again = guarded_host.docker(*restart, check=False)
        lines = decisions.read_text().splitlines()
        reasons = [json.loads(line)["reason"] for line in lines]

    assert (denied.returncode, stopped.returncode, again.returncode) == (1, 1, 1)
    assert DENIED in denied.stderr
    assert "healed" in reasons


def _network(engine: GuardedEngine, name: str = "vpn") -> str:
    """Return the network namespace of a container; empty if it does not run."""
    pid = engine.inspect(name, "State", "Pid")
    try:
        return str(Path(f"/proc/{pid}/ns/net").readlink())
    except OSError:
        return ""


POD = {
    "io.kubernetes.pod.name": "site-0",
    "io.kubernetes.pod.namespace": "default",
    "io.kubernetes.pod.uid": "00000000-0000-4000-8000-000000000001",
}


def _run_pod(engine: GuardedEngine) -> tuple[str, str]:
    """Start what cri-dockerd makes of a pod; return its sandbox and its container."""
    uid = POD["io.kubernetes.pod.uid"]
    found: list[str] = []
    for name in ("POD", "app"):
        labels = POD | {"io.kubernetes.container.name": name}
        joins = [
            f"--{kind}=container:{one}" for one in found for kind in ("net", "ipc")
        ]
        engine.run(
            full := f"k8s_{name}_site-0_default_{uid}_0",
            *(f"--label={key}={value}" for key, value in labels.items()),
            *(joins or ["--net=none", "--ipc=shareable"]),
        )
        found.append(str(engine.inspect(full, "Id")))
    sandbox, container = found
    return sandbox, container


def _call(engine: GuardedEngine, method: str, uri: str) -> tuple[int, str]:
    """Ask the engine as cri-dockerd does; return the status and the answer."""
    connection = PluginConnection(engine.socket)
    try:
        agent = {"User-Agent": "Go-http-client/1.1"}
        connection.request(method, uri, headers=agent)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def _stop(engine: GuardedEngine, container: str) -> tuple[int, str]:
    return _call(engine, "POST", f"/containers/{container}/stop?t=1")


def test_the_work_of_kubernetes_is_done(
    guarded_host: GuardedEngine, tmp_path: Path
) -> None:
    """The calls are those of the kubelet through cri-dockerd, when a pod ends."""
    with guarding(guarded_host, tmp_path):
        sandbox, container = _run_pod(guarded_host)
        assert _stop(guarded_host, container)[0] == 204
        assert _stop(guarded_host, sandbox)[0] == 204
        for one in (container, sandbox):
            uri = f"/containers/{one}?force=1&v=1"
            assert _call(guarded_host, "DELETE", uri)[0] == 204

        # A sandbox that is taken away below what runs in it: the pod ends as a whole.
        sandbox, container = _run_pod(guarded_host)
        assert _stop(guarded_host, sandbox)[0] == 204
        assert guarded_host.inspect(container, "State", "Running")
        for one in (sandbox, container):
            uri = f"/containers/{one}?force=1&v=1"
            assert _call(guarded_host, "DELETE", uri)[0] == 204

        # Somebody's own container in the network of a pod is none of Kubernetes'.
        sandbox, container = _run_pod(guarded_host)
        guarded_host.run("probe", f"--network=container:{sandbox}")
        assert _stop(guarded_host, container)[0] == 204
        status, words = _stop(guarded_host, sandbox)

    assert status == 403
    assert DENIED in words
    assert "probe" in words


class LocalApi(RealApi):
    """The API of an engine that has the newer image already."""

    def pull(self, image: str) -> None:
        """Do nothing."""


@pytest.mark.parametrize(
    ("updater", "joined", "is_denied"),
    [
        (watchtower, {"web": "vpn"}, False),
        (watchtower, {}, True),
        (wud, {}, True),
        (portainer, {}, True),
        (docker_rollout, {}, True),
        (autoheal, {}, True),
    ],
)
def test_what_becomes_of_updaters(
    guarded: GuardedEngine,
    updater: Callable[[EngineApi, Update], None],
    joined: dict[str, str],
    *,
    is_denied: bool,
) -> None:
    update = Update(IMAGE, "vpn", joined)
    if is_denied:
        with pytest.raises(_refusal(), match=DENIED):
            updater(LocalApi(guarded), update)
        assert guarded.inspect("vpn", "State", "Running")
    else:
        updater(LocalApi(guarded), update)
    assert guarded.inspect("web", "State", "Running")


def _refusal() -> type[APIError]:
    from docker.errors import APIError  # noqa: PLC0415

    return APIError

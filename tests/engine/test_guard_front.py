"""An engine asks the guard, and is answered whatever becomes of it."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import nstui
from tests.support.guard_program import guard_of, wait_until
from tests.support.guarded_engine import in_time

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.guard_program import GuardProgram
    from tests.support.guarded_engine import GuardedEngine

pytestmark = pytest.mark.docker

USER, MEMBERS = 65534, 54321
"""A user, and the group of those that may use the engine; they need no names."""

NSTUI = (sys.executable, "-m", "nstui")


@contextmanager
def _asking(engine: GuardedEngine, guard: GuardProgram) -> Iterator[GuardProgram]:
    """Have an engine with an owner, its dependent, and one apart ask its guard."""
    engine.run("vpn")
    engine.run("web", "--net=container:vpn")
    engine.run("free")
    with guard:
        engine.use_plugins("nstui")
        yield guard
        engine.use_plugins()


@pytest.fixture
def guard(guarded_host: GuardedEngine) -> Iterator[GuardProgram]:
    """Yield a guard which has all the time that a busy machine takes."""
    with _asking(guarded_host, guard_of(guarded_host, is_patient=True)) as guard:
        yield guard


@pytest.fixture
def timely(guarded_host: GuardedEngine) -> Iterator[GuardProgram]:
    """Yield a guard which has as much time as those of users."""
    with _asking(guarded_host, guard_of(guarded_host)) as guard:
        yield guard


def _nstui(
    engine: GuardedEngine, guard: GuardProgram, *words: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*NSTUI, "-H", engine.url, *words],
        capture_output=True,
        text=True,
        env={**os.environ, "NSTUI_GUARD_ROOT": str(guard.path)},
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    "words",
    [("rm", "-f"), ("stop",), ("kill",), ("restart",)],
    ids=lambda words: words[0],
)
def test_what_would_break_a_dependent_is_denied_with_its_name(
    guarded_host: GuardedEngine, guard: GuardProgram, words: tuple[str, ...]
) -> None:
    began = guarded_host.inspect("vpn", "State", "StartedAt")
    denied = guarded_host.docker(*words, "vpn", check=False)

    assert denied.returncode == 1
    assert "authorization denied by plugin nstui" in denied.stderr
    assert "web" in denied.stderr
    assert guarded_host.inspect("vpn", "State", "StartedAt") == began
    assert guard.ask("GET", "/_ping") == {"Allow": True}


def test_what_harms_nobody_is_done(
    guarded_host: GuardedEngine, guard: GuardProgram
) -> None:
    assert guarded_host.docker("restart", "free").returncode == 0
    assert guarded_host.docker("rm", "-f", "free").returncode == 0
    assert guarded_host.docker("rm", "-f", "web").returncode == 0
    assert guarded_host.docker("rm", "-f", "vpn").returncode == 0
    assert guard.control({"do": "status"})["ok"] is True


def test_a_confirmed_plan_of_nstui_is_carried_out(
    guarded_host: GuardedEngine, guard: GuardProgram
) -> None:
    done = _nstui(guarded_host, guard, "rm", "-f", "-y", "--break-dependents", "vpn")
    assert done.returncode == 0, done.stderr
    assert guarded_host.docker("ps", "--format={{.Names}}").stdout.split() == [
        "free",
        "web",
    ]


def test_a_decision_in_advance_lets_one_call_through(
    guarded_host: GuardedEngine, guard: GuardProgram
) -> None:
    done = _nstui(guarded_host, guard, "guard", "allow", "vpn", "--for=50s")

    assert done.stdout == (
        "the next removal, stop, kill or restart of vpn is let through, if it comes"
        " within 50s\n"
    )
    assert guarded_host.docker("kill", "vpn").returncode == 0
    guarded_host.docker("start", "vpn")
    guarded_host.docker("restart", "-t", "0", "web")
    assert guarded_host.docker("kill", "vpn", check=False).returncode == 1


def test_a_plan_of_who_may_use_the_engine_is_carried_out(
    guarded_host: GuardedEngine, guard: GuardProgram, tmp_path: Path
) -> None:
    os.chown(guarded_host.socket, 0, MEMBERS)
    guarded_host.socket.chmod(0o660)
    wait_until(lambda: guard.setup.control_socket.stat().st_gid == MEMBERS)
    os.chown(tmp_path, USER, USER)
    member = (
        *("setpriv", f"--reuid={USER}", f"--regid={USER}", f"--groups={MEMBERS}"),
        # Python and the sockets are in folders that are root's.
        *("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"),
        *("env", f"XDG_STATE_HOME={tmp_path}", *NSTUI, "-H", guarded_host.url),
    )

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        environ = {**os.environ, "NSTUI_GUARD_ROOT": str(guard.path)}
        command = [*member, *words]
        return subprocess.run(
            command, capture_output=True, text=True, env=environ, check=False
        )

    allowed, status = run("guard", "allow", "vpn"), run("guard", "status")
    done = run("rm", "-f", "-y", "--break-dependents", "vpn")

    assert allowed.returncode == 1
    assert "only root may allow more" in allowed.stderr
    assert "only root may ask it how it is" in status.stdout
    assert done.returncode == 0, done.stderr
    assert "vpn" not in guarded_host.docker("ps", "-a", "--format={{.Names}}").stdout
    lines = map(json.loads, guard.setup.decisions.read_text().splitlines())
    kept = [one for one in lines if one["reason"] == "ticket-kept"]
    assert {one["uid"] for one in kept} == {USER}


def test_a_removal_without_the_means_to_look_is_denied(
    guarded_host: GuardedEngine, guard: GuardProgram
) -> None:
    guard.configure(engine=f"unix://{guard.path}/nobody.sock")
    front = guard.front_pid()
    guard.process.send_signal(signal.SIGHUP)
    guard.front_pid(front)

    denied = guarded_host.docker("rm", "-f", "free", check=False)
    stopped = guarded_host.docker("stop", "free", check=False)

    assert "could not look" in denied.stderr
    assert stopped.returncode == 0


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSTOP"])
@pytest.mark.parametrize("who", ["front", "supervisor"])
def test_the_engine_answers_whatever_becomes_of_the_guard(
    guarded_host: GuardedEngine, timely: GuardProgram, who: str, name: str
) -> None:
    pid = timely.front_pid() if who == "front" else timely.supervisor_pid()
    with ThreadPoolExecutor(4) as many:
        asked = [many.submit(guarded_host.docker_in_time, "ps") for _ in range(8)]
        os.kill(pid, signal.Signals[name])
        asked += [many.submit(guarded_host.docker_in_time, "ps") for _ in range(8)]
        answers = [one.result() for one in asked]

    assert [one.stderr for one in answers if one.returncode] == []
    denied = guarded_host.docker_in_time("rm", "-f", "vpn")
    assert "web" in denied.stderr


def test_the_engine_answers_from_a_broken_environment(
    guarded_host: GuardedEngine, tmp_path: Path
) -> None:
    guarded_host.run("vpn")
    shutil.copytree(Path(nstui.__file__).parent, tmp_path / "nstui")
    guard = guard_of(guarded_host)
    guard.environ = {**os.environ, "PYTHONPATH": str(tmp_path)}
    guard.command = (sys.executable, "-P", "-m", "nstui.guard")
    with guard:
        guarded_host.use_plugins("nstui")
        (tmp_path / "nstui" / "__init__.py").write_text("broken(")
        os.kill(guard.front_pid(), signal.SIGKILL)

        assert "vpn" in guarded_host.docker_in_time("ps").stdout
        denied = guarded_host.docker_in_time("rm", "-f", "vpn")
        stopped = guarded_host.docker_in_time("kill", "vpn")
        guarded_host.use_plugins()

    assert "SyntaxError" in denied.stderr
    assert stopped.returncode == 0


def test_200_calls_at_once_are_answered_in_time(
    guarded_host: GuardedEngine, timely: GuardProgram
) -> None:
    client = guarded_host.client

    def ask(number: int) -> None:
        with in_time():
            if number % 4:
                client.containers()
            else:
                response = client.delete(f"{client.base_url}/containers/nobody{number}")
                assert response.status_code in {403, 404}, response.text

    with ThreadPoolExecutor(200) as many:
        assert len(list(many.map(ask, range(200)))) == 200
    assert timely.ask("GET", "/_ping") == {"Allow": True}


def test_a_body_as_long_as_may_be_is_neither_kept_nor_waited_for(
    guarded_host: GuardedEngine, timely: GuardProgram
) -> None:
    client = guarded_host.client
    body = json.dumps({"Image": "bb:1", "Labels": {"x": "A" * (64 << 20)}})
    headers = {"Content-Type": "application/json"}
    address = f"{client.base_url}/containers/create?name=fat"
    client.post(address, data=body, headers=headers, timeout=60)
    lines = Path(f"/proc/{timely.front_pid()}/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
    assert peak < 100_000
    assert guarded_host.docker_in_time("ps").returncode == 0


def test_a_guard_that_cannot_be_brought_back_lets_the_engine_go(
    guarded_host: GuardedEngine,
) -> None:
    """It is taken out, and who asked meanwhile is answered."""
    guard = guard_of(guarded_host)
    take_out = json.dumps({})
    guard.setup.rescue.write_text(
        f"echo '{take_out}' >{guarded_host.config_file}\n"
        # As in nstui's own: who waits is let through before.
        f"sleep 2\nkill -HUP {guarded_host.pid}\n"
    )
    # Every front ends as soon as the file is there.
    stop = guard.path / "stop"
    guard.command = (sys.executable, "-c", _ENDS, str(stop))
    with guard:
        guarded_host.use_plugins("nstui")
        before = len(guarded_host.log())
        stop.touch()
        os.kill(guard.front_pid(), signal.SIGKILL)
        assert guarded_host.docker_in_time("ps").returncode == 0
        wait_until(lambda: "Reloaded" in guarded_host.log()[before:])
    assert guarded_host.docker_in_time("ps").returncode == 0
    guarded_host.settings.clear()


_ENDS = """
import os, sys
import nstui.guard.serving as serving
from nstui.guard.__main__ import main

stop = sys.argv.pop(1)
real = serving.serve

def serve(*args):
    if os.path.exists(stop):
        raise RuntimeError("no")
    return real(*args)

serving.serve = serve
sys.exit(main(sys.argv[1:]))
"""

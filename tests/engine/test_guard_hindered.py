"""An engine asks a guard that a full disk, clients, or its own looks hinder."""

from __future__ import annotations

import json
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from tests.engine.program import run_nstui
from tests.support.guard_client import LIMIT_S, question
from tests.support.guard_program import guard_of, wait_until
from tests.support.guarded_engine import TooLate, in_time
from tests.support.small_disk import SmallDisk

if TYPE_CHECKING:
    from subprocess import CompletedProcess

    from tests.support.guard_program import GuardProgram
    from tests.support.guarded_engine import GuardedEngine

pytestmark = pytest.mark.docker

FULL = "No space left on device"
DEADLINE_S = 3.0
"""How long a guard looks that has no other settings."""


@pytest.fixture
def engine(guarded_host: GuardedEngine) -> GuardedEngine:
    """Return an engine without a guard, with an owner, its dependent, and one apart."""
    guarded_host.run("vpn")
    guarded_host.run("web", "--net=container:vpn")
    guarded_host.run("free")
    return guarded_host


def _decided(guard: GuardProgram) -> list[tuple[object, object]]:
    """Return the containers and the reasons of what is written down, in the end."""
    file = guard.setup.decisions
    wait_until(lambda: file.exists() and file.read_bytes())
    lines = map(json.loads, file.read_text().splitlines())
    return [(one["reference"], one["reason"]) for one in lines]


def _tells_of_loss(engine: GuardedEngine) -> bool:
    told = run_nstui("-H", engine.url, "guard", "status").stdout
    return f"✗ decisions are not written: {FULL}" in told


def test_a_full_disk_changes_no_answer(
    engine: GuardedEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = guard_of(engine)
    monkeypatch.setenv("NSTUI_GUARD_ROOT", str(guard.path))
    with ExitStack() as stack:
        # What is beneath the disk is removed once that is gone.
        stack.callback(guard.remove)
        disk = stack.enter_context(SmallDisk(guard.path))
        guard.setup.settings.parent.mkdir(parents=True)
        # What is looked at too late is denied, too, and does no harm to `vpn`.
        denied = ["rm", "kill", "stop"]
        guard.configure(engine=engine.url, deadline_s=3.5, cannot_look=denied)
        with guard:
            engine.use_plugins("nstui")
            disk.fill()

            assert "vpn" in engine.docker_in_time("ps").stdout
            assert "breaks web" in engine.docker_in_time("rm", "-f", "vpn").stderr
            assert engine.docker_in_time("rm", "-f", "free").returncode == 0
            ticket = run_nstui("-H", engine.url, "guard", "allow", "vpn")
            # What is decided is written after the answer.
            wait_until(lambda: _tells_of_loss(engine))

            # The next front begins on a full disk, and so does the next supervisor.
            first = guard.front_pid()
            os.kill(first, signal.SIGKILL)
            assert "vpn" in engine.docker_in_time("ps").stdout
            supervisor = guard.supervisor_pid()
            os.kill(supervisor, signal.SIGKILL)
            assert "vpn" in engine.docker_in_time("ps").stdout
            guard.front_pid(first)
            assert "breaks web" in engine.docker_in_time("kill", "vpn").stderr

            disk.free()
            assert "breaks web" in engine.docker_in_time("stop", "vpn").stderr
            # That before may have been about to be written when there was room again.
            written = _decided(guard)
            assert written == [("vpn", "would-break")] * len(written)
            assert len(written) <= 2
            engine.use_plugins()

    assert ticket.returncode == 1
    assert FULL in ticket.stderr
    assert ticket.stderr.count("\n") == 1


def test_half_a_request_holds_no_call_up(engine: GuardedEngine) -> None:
    body = question("DELETE", "/v1.41/containers/vpn?force=1")
    head = b"POST /AuthZPlugin.AuthZReq HTTP/1.1\r\nContent-Length: %d\r\n"
    whole = head % len(body) + b"\r\n" + body
    with guard_of(engine) as guard, ExitStack() as clients:
        engine.use_plugins("nstui")
        for length in (0, 9, len(whole) - len(body), len(whole) - 1) * 25:
            client = clients.enter_context(socket.socket(socket.AF_UNIX))
            client.connect(str(guard.setup.plugin_socket))
            client.sendall(whole[:length])
        # The last of them is still waited for.
        client.settimeout(0)
        with pytest.raises(BlockingIOError):
            client.recv(1)

        assert "vpn" in engine.docker_in_time("ps").stdout
        assert "breaks web" in engine.docker_in_time("rm", "-f", "vpn").stderr
        assert engine.docker_in_time("rm", "-f", "free").returncode == 0
        engine.use_plugins()


def test_a_look_that_hangs_is_not_waited_for(engine: GuardedEngine) -> None:
    """The engine that is looked at is one that accepts, and never answers."""
    guard = guard_of(engine)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(guard.path / "silent.sock"))
        silent.listen()
        silent.settimeout(LIMIT_S)
        guard.configure(engine=f"unix://{guard.path}/silent.sock")
        with guard, ThreadPoolExecutor(1) as other:
            engine.use_plugins("nstui")
            began = time.monotonic()
            removal = other.submit(_remove_in_time, engine, "vpn")
            with silent.accept()[0]:
                # It is answered while the removal still waits.
                assert "vpn" in engine.docker_in_time("ps").stdout
                is_answered = removal.done()
                if time.monotonic() - began >= DEADLINE_S:
                    raise TooLate("the removal may have been answered meanwhile")
                assert not is_answered
                denied = removal.result()
            # What hung is gone, with all that it had started.
            wait_until(lambda: not _looks(guard))
            assert _decided(guard) == [("vpn", "cannot-look")]
            engine.use_plugins()

    assert denied.returncode == 1
    assert "it took longer than 3 s" in denied.stderr
    assert engine.inspect("vpn", "State", "Running")


def _remove_in_time(engine: GuardedEngine, name: str) -> CompletedProcess[str]:
    with in_time():
        return engine.docker("rm", "-f", name, check=False)


def _looks(guard: GuardProgram) -> object:
    told = guard.control({"do": "status"})["looks"]
    assert isinstance(told, dict)
    return told["under_way"]

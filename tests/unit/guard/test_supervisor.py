"""The guard is there, whatever becomes of its processes and files."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import nstui
from nstui.guard.pings import PING_S
from nstui.guard.serving import NICE
from tests.support.guard_client import LIMIT_S, PluginConnection, question
from tests.support.guard_program import GuardProgram, wait_until
from tests.support.leftovers import is_alive

if TYPE_CHECKING:
    from collections.abc import Iterator

ALLOWED: dict[str, object] = {"Allow": True}
DENIED: dict[str, object] = {"Allow": False, "Msg": "web would lose its network"}


@pytest.fixture
def guard() -> Iterator[GuardProgram]:
    """Yield a guard which has all the time that a busy machine takes."""
    with GuardProgram(is_patient=True) as guard:
        yield guard


@pytest.fixture
def timely() -> Iterator[GuardProgram]:
    """Yield a guard which has as much time as those of users."""
    with GuardProgram() as guard:
        yield guard


def _has_gone(pid: int) -> bool:
    return not is_alive(pid)


def _answers_again(guard: GuardProgram, *gone: int) -> int:
    """Wait until another process answers; return it."""
    guard.front_pid(*gone)
    assert guard.ask("GET", "/_ping") == ALLOWED
    assert guard.ask("DELETE", "/containers/vpn") == DENIED
    return guard.front_pid()


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSTOP", "SIGSEGV"])
def test_another_front_takes_the_place_of_one(guard: GuardProgram, name: str) -> None:
    supervisor = guard.supervisor_pid()
    for _ in range(3):
        front = guard.front_pid()
        os.kill(front, signal.Signals[name])
        _answers_again(guard, front)
        wait_until(partial(_has_gone, front))
    assert guard.supervisor_pid() == supervisor
    assert guard.control({"do": "status"})["starts"] == 4


def test_a_front_that_hangs_is_replaced() -> None:
    guard = GuardProgram()
    # It answers once, then never again.
    guard.command = (sys.executable, "-c", _HANGING)
    with guard:
        front = guard.front_pid()
        with suppress(OSError, ValueError):
            guard.ask("GET", "/hang")
        _answers_again(guard, front)
        assert "has not answered" in guard.log()


_HANGING = """
import sys, time
import nstui.guard.front as front
from nstui.guard.__main__ import main

read = front.read_question

def read_question(content):
    question = read(content)
    if question.uri == "/hang":
        time.sleep(1000)
    return question

front.read_question = read_question
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSTOP"])
def test_a_front_replaces_its_supervisor(timely: GuardProgram, name: str) -> None:
    front, supervisor = timely.front_pid(), timely.supervisor_pid()
    os.kill(supervisor, signal.Signals[name])
    assert timely.ask("GET", "/_ping") == ALLOWED
    second = _answers_again(timely, front)
    timely.process.wait()
    assert timely.supervisor_pid() != supervisor
    wait_until(lambda: len(timely.processes()) == 2)

    os.kill(second, signal.SIGKILL)
    _answers_again(timely, front, second)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may be in a hurry")
def test_the_front_is_served_before_its_looks(timely: GuardProgram) -> None:
    assert os.getpriority(os.PRIO_PROCESS, timely.front_pid()) == NICE < 0
    with ThreadPoolExecutor() as asking:
        answer = asking.submit(timely.ask, "DELETE", "/containers/hang")
        pids = timely.path / "pids"
        wait_until(lambda: pids.exists() and pids.read_text().endswith("\n"))
        look = int(pids.read_text().split()[0])
        wait_until(lambda: os.getpriority(os.PRIO_PROCESS, look) == 0)
        assert answer.result()["Allow"] is False


def _copied_to(folder: Path) -> dict[str, str]:
    """Copy nstui; return an environment in which it is imported from there."""
    source = Path(nstui.__file__).parent
    shutil.copytree(source, folder / "nstui")
    return {**os.environ, "PYTHONPATH": str(folder)}


def test_a_broken_environment_stops_looks_alone(tmp_path: Path) -> None:
    """As an upgrade that was broken off leaves it behind."""
    guard = GuardProgram()
    guard.environ = _copied_to(tmp_path)
    # Not in a folder, and without what is installed here.
    guard.command = (sys.executable, "-P", "-m", "nstui.guard")
    guard.setup = guard.setup._replace(looker="")
    with guard:
        shutil.rmtree(tmp_path / "nstui")
        (tmp_path / "nstui").mkdir()
        (tmp_path / "nstui" / "__init__.py").write_text("broken(")
        front = guard.front_pid()
        os.kill(front, signal.SIGKILL)
        guard.front_pid(front)

        assert guard.ask("GET", "/_ping") == ALLOWED
        assert guard.ask("POST", "/containers/vpn/stop") == ALLOWED
        denied = guard.ask("DELETE", "/containers/vpn")
    assert denied["Allow"] is False
    assert "SyntaxError" in str(denied["Msg"])


def test_without_a_supervisor_and_in_a_broken_environment_it_answers(
    tmp_path: Path,
) -> None:
    guard = GuardProgram()
    guard.environ = _copied_to(tmp_path)
    guard.command = (sys.executable, "-P", "-m", "nstui.guard")
    with guard:
        (tmp_path / "nstui" / "__init__.py").write_text("broken(")
        front = guard.front_pid()
        os.kill(guard.supervisor_pid(), signal.SIGKILL)
        wait_until(lambda: "SyntaxError" in guard.log())
        assert guard.front_pid() == front
        assert guard.ask("DELETE", "/containers/vpn") == DENIED


def test_what_was_asked_when_a_front_was_killed_is_denied_if_it_was_a_removal(
    guard: GuardProgram,
) -> None:
    """An engine asks again, without the question: that has been seen on two of them."""
    front = guard.front_pid()
    connection = PluginConnection(guard.setup.plugin_socket)
    connection.request(
        "POST", "/AuthZPlugin.AuthZReq", question("DELETE", "/containers/hang")
    )
    wait_until((guard.path / "pids").exists)
    os.kill(front, signal.SIGKILL)
    guard.front_pid(front)
    connection.close()

    again = PluginConnection(guard.setup.plugin_socket)
    answers = [again.post("/AuthZPlugin.AuthZReq") for _ in range(2)]
    again.close()

    assert [answer["Allow"] for answer in answers] == [False, True]
    for word in (guard.path / "pids").read_text().split():
        with suppress(ProcessLookupError):
            os.kill(int(word), signal.SIGKILL)


def test_connections_wait_while_there_is_no_front(guard: GuardProgram) -> None:
    with ThreadPoolExecutor(20) as many:
        os.kill(guard.front_pid(), signal.SIGSTOP)
        asked = [many.submit(guard.ask, "GET", f"/{n}") for n in range(200)]
        answers = []
        for one in asked:
            # Who was connected to the one that was stopped would be asked again.
            with suppress(OSError):
                answers.append(one.result())
    assert answers.count(ALLOWED) >= 190


def test_a_socket_that_somebody_removed_is_made_anew(guard: GuardProgram) -> None:
    guard.setup.plugin_socket.unlink()
    guard.setup.control_socket.unlink()
    wait_until(guard.setup.plugin_socket.exists)
    wait_until(guard.setup.control_socket.exists)
    _answers_again(guard)
    assert guard.control({"do": "status"})["ok"] is True


def test_the_engine_is_answered_without_the_guards_own_socket() -> None:
    guard = GuardProgram()
    guard.setup.control_socket.parent.mkdir(parents=True)
    guard.setup.control_socket.write_text("not a socket")
    with guard:
        assert guard.ask("GET", "/_ping") == ALLOWED
        assert guard.setup.control_socket.read_text() == "not a socket"
        assert "is there, and is no socket" in guard.log()
        guard.setup.control_socket.unlink()
        wait_until(guard.setup.control_socket.exists)
        wait_until(lambda: guard.control({"do": "status"})["ok"])


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_it_ends_when_it_is_told_to_and_answers_who_waits(
    guard: GuardProgram, name: str
) -> None:
    with ThreadPoolExecutor(1) as one:
        waiting = one.submit(guard.ask, "DELETE", "/containers/wait")
        wait_until(guard.looks)
        guard.process.send_signal(signal.Signals[name])
        # One that did not wait for its looks would have ended by then.
        time.sleep(0.5)
        (guard.path / "go-on").touch()
        assert waiting.result() == ALLOWED
    assert guard.process.wait(LIMIT_S) == 0
    assert guard.processes() == []
    assert not guard.setup.plugin_socket.exists()
    assert not guard.setup.control_socket.exists()


def test_it_reads_its_settings_again_without_a_break(guard: GuardProgram) -> None:
    assert guard.ask("DELETE", "/containers/vpn") == DENIED
    front = guard.front_pid()
    guard.configure(mode="warn")
    with ThreadPoolExecutor(1) as one:
        waiting = one.submit(guard.ask, "DELETE", "/containers/wait")
        wait_until(lambda: len(guard.looks()) == 2)
        guard.process.send_signal(signal.SIGHUP)
        guard.front_pid(front)
        assert guard.ask("DELETE", "/containers/vpn") == ALLOWED
        (guard.path / "go-on").touch()
        assert waiting.result() == ALLOWED
    wait_until(partial(_has_gone, front))
    assert "has ended" not in guard.log()


def test_a_front_that_is_replaced_at_once_ends_too(guard: GuardProgram) -> None:
    """However early the signal that tells it so."""
    for _ in range(30):
        guard.process.send_signal(signal.SIGHUP)
        time.sleep(0.001)
    wait_until(lambda: len(guard.processes()) == 2)
    assert guard.ask("GET", "/_ping") == ALLOWED
    assert "has ended" not in guard.log()


def test_tickets_survive_a_front(guard: GuardProgram) -> None:
    ticket = {
        "container": "f" * 64,
        "name": "vpn",
        "changes": ["rm"],
        "expires": time.time() + 60,
    }
    assert guard.control({"do": "ticket", "ticket": ticket}) == {"ok": True}
    front = guard.front_pid()
    os.kill(front, signal.SIGKILL)
    guard.front_pid(front)
    assert guard.ask("DELETE", "/containers/vpn") == ALLOWED
    assert guard.ask("DELETE", "/containers/vpn") == DENIED


_FAILING = """
import sys
import nstui.guard.serving as serving
from nstui.guard.__main__ import main

def serve(*_):
    raise RuntimeError("no")

serving.serve = serve
sys.exit(main(sys.argv[1:]))
"""


def test_where_no_front_can_be_started_it_is_taken_out_and_lets_all_through() -> None:
    guard = GuardProgram()
    guard.command = (sys.executable, "-c", _FAILING)
    done = guard.path / "done"
    guard.setup.rescue.write_text(f'echo "$1" >{done}\n')
    guard.start()
    try:
        wait_until(done.exists)
        wait_until(done.read_text)
        assert done.read_text() == "take-out\n"
        assert guard.ask("DELETE", "/containers/vpn") == ALLOWED
        assert "every call is let through" in guard.log()
        guard.process.terminate()
        assert guard.process.wait(LIMIT_S) == 0
    finally:
        guard.__exit__(None, None, None)


def test_a_second_guard_does_not_take_the_sockets_of_the_first(
    timely: GuardProgram,
) -> None:
    command = [*timely.command, *timely.setup.to_arguments()]
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert "somebody listens" in second.stderr
    assert timely.ask("GET", "/_ping") == ALLOWED


@pytest.mark.parametrize("arguments", [["--dance"], [], ["--socket=relative"]])
def test_a_command_line_that_makes_no_sense_is_one_line(arguments: list[str]) -> None:
    command = [sys.executable, "-m", "nstui.guard", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


_HANDED_OVER = """
import os, sys
os.dup2(int(sys.argv[1]), 3)
os.set_inheritable(3, True)
os.environ |= {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "1"}
os.execv(sys.executable, [sys.executable, "-m", "nstui.guard", *sys.argv[2:]])
"""


@pytest.fixture
def held() -> Iterator[tuple[GuardProgram, socket.socket]]:
    """Yield a guard whose socket another process holds, and what it tells systemd."""
    guard = GuardProgram()
    path = guard.setup.plugin_socket
    path.parent.mkdir(parents=True)
    told = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    told.settimeout(LIMIT_S)
    told.bind(str(guard.path / "notify"))
    with told, socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen(100)
        listener.set_inheritable(True)
        number = str(listener.fileno())
        guard.setup = guard.setup._replace(listens=False)
        guard.environ = {**os.environ, "NOTIFY_SOCKET": str(guard.path / "notify")}
        guard.command = (sys.executable, "-c", _HANDED_OVER, number)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(subprocess, "Popen", _popen_with(listener.fileno()))
            with guard:
                yield guard, told


def _popen_with(descriptor: int) -> type[subprocess.Popen[bytes]]:
    class Popen(subprocess.Popen[bytes]):
        def __init__(self, *args: object, **options: object) -> None:
            options.setdefault("pass_fds", (descriptor,))
            super().__init__(*args, **options)  # type: ignore[call-overload]  # as given

    return Popen


def test_systemd_is_told_that_it_is_ready_and_alive(
    held: tuple[GuardProgram, socket.socket],
) -> None:
    guard, told = held
    heard = [told.recv(100) for _ in range(4)]
    assert heard.count(b"READY=1") == 1
    assert b"WATCHDOG=1" in heard
    assert guard.ask("DELETE", "/containers/vpn") == DENIED


def test_a_socket_that_systemd_holds_outlives_the_guard(
    held: tuple[GuardProgram, socket.socket],
) -> None:
    guard, _ = held
    front = guard.front_pid()
    os.kill(front, signal.SIGKILL)
    _answers_again(guard, front)
    guard.process.terminate()
    assert guard.process.wait(LIMIT_S) == 0
    assert guard.setup.plugin_socket.exists()
    with ThreadPoolExecutor(1) as one:
        waiting = one.submit(guard.ask, "GET", "/_ping")
        guard.start()
        assert waiting.result() == ALLOWED


def test_a_front_is_not_blamed_for_a_socket_that_is_gone(
    held: tuple[GuardProgram, socket.socket],
) -> None:
    """The check has systemd make it anew, which takes longer than many pings."""
    guard, _ = held
    path, aside = guard.setup.plugin_socket, guard.path / "aside.sock"
    front = guard.front_pid()
    path.rename(aside)
    wait_until(lambda: "is gone" in guard.log())
    time.sleep(2 * PING_S)
    aside.rename(path)
    assert guard.front_pid() == front
    # It is told once, however often it is seen.
    assert guard.log().count("is gone") == 1
    assert "another one is started" not in guard.log()


_NSTUI = (sys.executable, "-m", "nstui", "guard", "serve")


class _Command(GuardProgram):
    """What a user starts; the rest of its paths are below a folder."""

    def start(self) -> None:
        """Start it."""
        self.environ = {**os.environ, "NSTUI_GUARD_ROOT": str(self.path)}
        self.command = (*_NSTUI, "--socket", str(self.setup.plugin_socket))
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                self.command, stderr=log, env=self.environ, start_new_session=True
            )


def test_nstui_guard_serve_becomes_the_guard() -> None:
    with _Command() as guard:
        assert guard.ask("GET", "/_ping") == ALLOWED
        assert guard.control({"do": "status"})["ok"] is True
        assert guard.supervisor_pid() == guard.process.pid


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "needs --socket PATH"),
        (["--socket", "x" * 200], "at most 90 bytes"),
    ],
)
def test_nstui_guard_serve_refuses_what_it_cannot_do(
    arguments: list[str], words: str
) -> None:
    done = subprocess.run(
        [*_NSTUI, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stdout == ""

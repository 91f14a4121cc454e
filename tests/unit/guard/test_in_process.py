"""The supervisor and the front in this very process, as far as that goes.

`test_supervisor` tries them as a program; here it is seen what they do step by step.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import threading
import time
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, NoReturn

import pytest

from nstui.analysis.guarding.places import Places
from nstui.guard.__main__ import EXIT_FAILED, EXIT_USAGE, main
from nstui.guard.notify import Notifier
from nstui.guard.serving import Start, load_settings, serve
from nstui.guard.setup import BadArguments, read_arguments, setup_at
from nstui.guard.shared_count import SharedCount
from nstui.guard.sockets import Listeners, SocketTaken, identity, inherited, listen_at
from nstui.guard.supervisor import Supervisor
from tests.support.front_thread import GuardFolder
from tests.support.guard_client import LIMIT_S, PluginConnection
from tests.support.guard_program import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

ALLOWED = {"Allow": True}
DENIED = {"Allow": False, "Msg": "web would lose its network"}

# What acts on a supervisor is a thread beside it.
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


@pytest.fixture
def folder() -> Iterator[GuardFolder]:
    """Yield the folder of a guard; its signals are handled by this process."""
    folder = GuardFolder()
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD)
    before = {number: signal.getsignal(number) for number in numbers}
    stack = threading.stack_size()
    haste = os.getpriority(os.PRIO_PROCESS, 0)
    yield folder
    # A front changes the process that it is.
    gc.unfreeze()
    gc.enable()
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, haste)
    threading.stack_size(stack)
    for number, handler in before.items():
        signal.signal(number, handler)
    folder.remove()


@contextmanager
def _listeners(folder: GuardFolder, *, are_held: bool) -> Iterator[Listeners]:
    plugin = listen_at(folder.setup.plugin_socket)
    with plugin, listen_at(folder.setup.control_socket) as control:
        yield Listeners(plugin, control, are_held=are_held)


def _pid(folder: GuardFolder) -> int:
    connection = PluginConnection(folder.setup.plugin_socket)
    with suppress(OSError, ValueError, KeyError), closing(connection):
        found = connection.post("/nstui.Ping")["pid"]
        assert isinstance(found, int)
        return found
    return 0


@contextmanager
def _beside(act: Callable[[], object]) -> Iterator[None]:
    """Run something in a thread, then end this process's main loop by a signal."""
    problems: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as problem:  # noqa: BLE001 - handed on below
            problems.append(problem)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        thread.join()
    if problems:
        raise problems[0]


def _supervise(folder: GuardFolder, act: Callable[[], object]) -> int:
    with _listeners(folder, are_held=True) as listeners:
        supervisor = Supervisor(folder.setup, listeners, Notifier({}))
        with _beside(act):
            return supervisor.run()


@pytest.mark.parametrize("name", ["SIGKILL", "SIGSTOP"])
def test_a_front_that_is_gone_is_replaced(folder: GuardFolder, name: str) -> None:
    def act() -> None:
        front = wait_until(lambda: _pid(folder))
        os.kill(front, signal.Signals[name])
        wait_until(lambda: _pid(folder) not in {0, front})
        assert folder.ask("DELETE", "/containers/vpn") == DENIED

    assert _supervise(folder, act) == 0
    assert folder.setup.plugin_socket.exists()
    assert not folder.setup.control_socket.exists()


def test_settings_are_read_again_and_lost_sockets_made_anew(
    folder: GuardFolder,
) -> None:
    def act() -> None:
        front = wait_until(lambda: _pid(folder))
        folder.configure(mode="warn")
        os.kill(os.getpid(), signal.SIGHUP)
        wait_until(lambda: _pid(folder) not in {0, front})
        assert folder.ask("DELETE", "/containers/vpn") == ALLOWED
        folder.setup.control_socket.unlink()
        wait_until(folder.setup.control_socket.exists)
        wait_until(lambda: _is_well(folder))

    assert _supervise(folder, act) == 0


def _is_well(folder: GuardFolder) -> bool:
    with suppress(OSError, ValueError):
        return folder.control({"do": "status"})["ok"] is True
    return False


def _fail(*_: object) -> NoReturn:
    raise RuntimeError


def test_where_systemd_holds_the_socket_it_ends_if_it_can_start_nothing(
    folder: GuardFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.guard.serving.serve", _fail)
    with _listeners(folder, are_held=True) as listeners:
        assert Supervisor(folder.setup, listeners, Notifier({})).run() == 1


@pytest.mark.parametrize("has_script", [True, False])
def test_by_itself_it_lets_all_through_if_it_can_start_nothing(
    folder: GuardFolder, monkeypatch: pytest.MonkeyPatch, *, has_script: bool
) -> None:
    monkeypatch.setattr("nstui.guard.serving.serve", _fail)
    done = folder.path / "done"
    if has_script:
        folder.setup.rescue.write_text(f'echo "$1" >{done}\n')

    def act() -> None:
        assert folder.ask("DELETE", "/containers/vpn") == ALLOWED
        connection = PluginConnection(folder.setup.plugin_socket)
        assert connection.post("/Plugin.Activate") == {"Implements": ["authz"]}
        connection.close()
        if has_script:
            wait_until(lambda: done.exists() and done.read_text() == "take-out\n")

    with _listeners(folder, are_held=False) as listeners:
        supervisor = Supervisor(folder.setup, listeners, Notifier({}))
        with _beside(act):
            assert supervisor.run() == 0


def test_a_fork_that_is_refused_is_tried_again(
    folder: GuardFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.fork
    refused: list[int] = []

    def fork() -> int:
        if not refused:
            refused.append(1)
            raise BlockingIOError(11, "Resource temporarily unavailable")
        return real()

    monkeypatch.setattr(os, "fork", fork)
    assert _supervise(folder, lambda: wait_until(lambda: _pid(folder))) == 0
    assert refused == [1]


def test_a_front_that_ends_again_and_again_is_given_up(
    folder: GuardFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nstui.guard.serving.serve", _begins_and_ends)
    with _listeners(folder, are_held=True) as listeners:
        assert Supervisor(folder.setup, listeners, Notifier({})).run() == 1


def _begins_and_ends(_setup: object, _listeners: object, start: Start) -> int:
    start.heartbeat.send(b"\0")
    return 0


def test_a_front_answers_who_waits_before_it_ends(folder: GuardFolder) -> None:
    answers = []

    def act() -> None:
        waiting = threading.Thread(
            target=lambda: answers.append(folder.ask("DELETE", "/containers/wait"))
        )
        waiting.start()
        wait_until(folder.looks)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.3)
        (folder.path / "go-on").touch()
        waiting.join()

    ours, its = socket.socketpair()
    with _listeners(folder, are_held=True) as listeners, ours, its:
        start = Start(1, 0, its, SharedCount())
        ours.send(b"\0")
        with _beside(act):
            assert serve(folder.setup, listeners, start) == 0
    assert answers == [ALLOWED]


def test_arguments_mean_the_same_when_they_are_read() -> None:
    setup = setup_at(Places(), "/root")
    assert read_arguments(setup.to_arguments()) == setup
    other = setup._replace(
        looker="a b", listens=True, descriptors=(3, 4), predecessor=7
    )
    assert read_arguments(other.to_arguments()) == other
    assert read_arguments([]) == setup_at(Places())


@pytest.mark.parametrize(
    "word",
    ["x", "--socket", "--socket=", "--socket=x", "--descriptors=a", "--predecessor="],
)
def test_an_argument_that_makes_no_sense_is_refused(word: str) -> None:
    with pytest.raises(BadArguments, match="is no option"):
        read_arguments([word])
    assert main([word]) == EXIT_USAGE


def test_without_a_socket_it_does_not_begin(
    folder: GuardFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("LISTEN_FDS", raising=False)
    assert main([]) == EXIT_USAGE
    folder.setup.plugin_socket.parent.mkdir(parents=True)
    folder.setup.plugin_socket.touch()
    assert main(folder.setup.to_arguments()) == EXIT_FAILED


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {"LISTEN_FDS": "1"},
        {"LISTEN_PID": "1", "LISTEN_FDS": "1"},
        {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "x"},
        {"LISTEN_PID": str(os.getpid()), "LISTEN_FDS": "0"},
    ],
)
def test_what_was_handed_to_another_process_is_left_alone(
    environ: dict[str, str],
) -> None:
    assert inherited(environ) == []
    assert environ == {}


def test_a_socket_takes_the_place_of_one_where_nobody_listens(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "x.sock"
    listen_at(path).close()
    before = identity(path)
    with listen_at(path), pytest.raises(SocketTaken, match="somebody listens"):
        listen_at(path)
    assert identity(path) != before
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
    assert identity(tmp_path / "none") is None


@pytest.mark.parametrize("name", ["file", "x" * 200])
def test_a_place_that_cannot_be_one_of_a_socket_is_refused(
    tmp_path: Path, name: str
) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SocketTaken):
        listen_at(tmp_path / name)
    assert [one.name for one in tmp_path.iterdir()] == ["file"]


@pytest.mark.parametrize("prefix", ["", "@"])
def test_systemd_is_told(tmp_path: Path, prefix: str) -> None:
    name = f"{tmp_path}/notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as told:
        told.settimeout(LIMIT_S)
        told.bind(f"\0{name}" if prefix else name)
        environ = {"NOTIFY_SOCKET": f"{prefix}{name}"}
        notifier = Notifier(environ)
        notifier.ready()
        notifier.alive()
        notifier.ending()
        heard = [told.recv(100) for _ in range(3)]
    assert heard == [b"READY=1", b"WATCHDOG=1", b"STOPPING=1"]
    assert environ == {}
    notifier.alive()


def test_settings_that_cannot_be_read_are_the_defaults(tmp_path: Path) -> None:
    assert load_settings(tmp_path / "none")[1] == ()
    assert load_settings(tmp_path)[1] == ("cannot be read: Is a directory",)

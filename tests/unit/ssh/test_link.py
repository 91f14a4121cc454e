"""The way to an engine of another machine."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.errors import EngineUnreachable, Unreachable
from nstui.model.ssh import SshTarget
from nstui.ssh import link as of_link
from nstui.ssh import master as of_master
from nstui.ssh import multiplexing
from nstui.ssh import way as of_way
from nstui.ssh.link import SshLink
from tests.support.guard_client import LIMIT_S
from tests.support.guard_program import wait_until
from tests.support.servers import UnixServer, hangs_up, says, silent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.stand_in_ssh import StandInSsh

PONG = says(b"HTTP/1.0 200 OK\r\n\r\nOK")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where the engine listens."""
    return tmp_path / "d.sock"


@pytest.fixture
def link(ssh: StandInSsh, runtime: Path, path: Path) -> Iterator[SshLink]:
    """Yield the way, which is not opened yet."""
    assert ssh.folder.exists()
    target = SshTarget(host="nas", socket=str(path))
    with SshLink(target, {"XDG_RUNTIME_DIR": str(runtime)}) as made:
        yield made


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(LIMIT_S)
        try:
            connection.connect(path)
            connection.sendall(b"GET / HTTP/1.1\r\n\r\n")
            return connection.recv(4) == b"HTTP"
        except OSError:
            return False


def test_the_local_socket_leads_there(link: SshLink, path: Path) -> None:
    with UnixServer(path, PONG):
        link.open(may_ask=False)

        assert _answers(link.socket_path)
        assert link.problem() is None
        assert link.shell.run("echo one", timeout_s=LIMIT_S) == b"one\n"


def test_another_socket_leads_there_too(
    link: SshLink, path: Path, tmp_path: Path, ssh: StandInSsh
) -> None:
    guard = tmp_path / "guard.sock"
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        assert not _answers(link.forwarded(str(guard)) or "")
        with UnixServer(guard, PONG):
            assert _answers(link.forwarded(str(guard)) or "")
            ssh.kill_master()
            wait_until(lambda: ssh.logins() == 2 and _answers(link.socket_path))
            assert _answers(link.forwarded(str(guard)) or "")


def test_no_other_socket_leads_there_if_it_is_not_forwarded(
    link: SshLink, path: Path, ssh: StandInSsh
) -> None:
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        ssh.refuse_to_forward("Port forwarding failed")
        assert link.forwarded("/run/guard.sock") is None


def test_no_other_socket_leads_there_once_the_connection_is_lost(
    link: SshLink, path: Path, ssh: StandInSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        monkeypatch.setattr(multiplexing, "FORWARD_S", 0.05)
        os.kill(ssh.master, signal.SIGSTOP)
        assert link.forwarded("/run/guard.sock") is None
        os.kill(ssh.master, signal.SIGCONT)
        (Path(link.socket_path).parent / "master").unlink()
        assert link.forwarded("/run/guard.sock") is None


def test_requests_may_be_sent_before_it_is_known_where_it_leads(
    link: SshLink, path: Path
) -> None:
    done = []
    with UnixServer(path, PONG):
        link.log_in(may_ask=False, meanwhile=lambda: done.append("imports"))
        assert done == ["imports"]
        assert _answers(link.socket_path)
        link.settle()
        assert link.problem() is None


def test_what_was_sent_to_a_way_that_leads_nowhere_is_closed(
    link: SshLink, path: Path, runtime: Path
) -> None:
    with UnixServer(path, hangs_up):
        link.log_in(may_ask=False)
        assert not _answers(link.socket_path)
        path.unlink()
        with pytest.raises(EngineUnreachable, match=r"d\.sock"):
            link.settle()
    assert not list(runtime.iterdir())


def test_nothing_is_left_of_it(
    link: SshLink, path: Path, runtime: Path, ssh: StandInSsh
) -> None:
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        link.close()

    assert not list(runtime.iterdir())
    assert ssh.logins() == 1
    link.close()


def test_that_it_is_closed_is_told_once_nothing_is_left(
    link: SshLink, path: Path, runtime: Path
) -> None:
    left: list[list[Path]] = []
    link.when_closed(lambda: left.append(list(runtime.iterdir())))
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        link.close()
    assert left == [[]]


def test_no_socket_is_said_and_nothing_is_left(link: SshLink, runtime: Path) -> None:
    with pytest.raises(EngineUnreachable, match=r"there is no .*d\.sock") as caught:
        link.open(may_ask=False)

    assert caught.value.reason is Unreachable.MISSING_SOCKET
    assert not list(runtime.iterdir())


def test_an_engine_that_is_only_slow_is_there(
    link: SshLink, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_way, "PING_S", 0.1)
    with UnixServer(path, silent):
        link.open(may_ask=False)


def test_one_that_hangs_up_is_said(
    link: SshLink, path: Path, ssh: StandInSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", f"{ssh.folder}:/bin:/usr/bin")
    with (
        UnixServer(path, hangs_up),
        pytest.raises(EngineUnreachable, match=r"d\.sock on nas"),
    ):
        link.open(may_ask=False)


def test_a_socket_that_went_away_later_is_said(link: SshLink, path: Path) -> None:
    with UnixServer(path, PONG):
        link.open(may_ask=False)
    path.unlink()

    problem = link.problem()

    assert problem is not None
    assert problem.reason is Unreachable.MISSING_SOCKET


def test_where_there_is_no_shell_the_socket_leads_there(
    link: SshLink, path: Path, ssh: StandInSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_link, "FIRST_PAUSE_S", 0.05)
    ssh.refuse_shells("echo Not available.; exit 1")
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        assert _answers(link.socket_path)
        # That a request has failed is not due to the way, as far as can be told.
        assert link.problem() is None

        ssh.fail("ssh: connect to host nas port 22: No route to host")
        ssh.kill_master()
        wait_until(lambda: "no way to nas" in str(link.problem()))
        ssh.fail(None)
        wait_until(lambda: link.problem() is None)
        assert _answers(link.socket_path)


def test_where_there_is_neither_shell_nor_engine_that_is_said(
    link: SshLink, path: Path, ssh: StandInSsh
) -> None:
    ssh.refuse_shells("echo Not available.; exit 1")
    with pytest.raises(EngineUnreachable) as caught:
        link.open(may_ask=False)

    said = str(caught.value)
    assert said.startswith(f"no engine answers at {path} on nas: it does not run, ")
    assert said.endswith("since no shell runs on nas (Not available)")
    assert caught.value.reason is Unreachable.REFUSED


def test_a_lost_connection_is_made_again(
    link: SshLink, path: Path, ssh: StandInSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_link, "FIRST_PAUSE_S", 0.05)
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        ssh.fail("ssh: connect to host nas port 22: No route to host")
        ssh.kill_master()
        # Each attempt, of which there are several, says why it failed.
        wait_until(lambda: "no way to nas" in str(link.problem()))
        wait_until(lambda: ssh.logins() >= 3)
        ssh.fail(None)
        wait_until(lambda: link.problem() is None)

        assert _answers(link.socket_path)
        assert link.shell.run("echo one", timeout_s=LIMIT_S) == b"one\n"


def test_one_that_is_made_again_asks_nothing(
    link: SshLink, path: Path, ssh: StandInSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_link, "FIRST_PAUSE_S", 0.0)
    with UnixServer(path, PONG):
        link.open(may_ask=True)
        ssh.kill_master()
        wait_until(lambda: ssh.logins() == 2 and link.problem() is None)

    first, second = (ssh.folder / "logins").read_text().splitlines()
    assert "BatchMode=no" in first
    assert "BatchMode=yes" in second


def test_it_can_be_closed_while_it_waits(
    link: SshLink, path: Path, ssh: StandInSsh, runtime: Path
) -> None:
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        ssh.fail("Connection refused")
        ssh.kill_master()
        wait_until(lambda: link.problem() is not None)
        link.close()

    assert not list(runtime.iterdir())


def test_a_failure_is_told_once_the_connection_is_there_again(
    link: SshLink, path: Path, ssh: StandInSsh
) -> None:
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        ssh.kill_master()

        wait_until(lambda: "nas was lost" in str(link.problem()))

        assert ssh.logins() == 2
        assert _answers(link.socket_path)


def test_a_failure_is_told_once_the_connection_is_refused(
    link: SshLink, path: Path, ssh: StandInSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_link, "AGAIN_S", 60.0)
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        ssh.fail("Connection refused")
        ssh.kill_master()

        wait_until(link.problem)
        # None of these waits for a further attempt.
        for _ in range(3):
            assert "refused the connection" in str(link.problem())
        assert ssh.logins() <= 3


def test_nobody_waits_for_one_that_is_closed(
    link: SshLink, path: Path, ssh: StandInSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_link, "AGAIN_S", 60.0)
    monkeypatch.setattr(of_link, "FIRST_PAUSE_S", 60.0)
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        ssh.kill_master()
        told = threading.Thread(target=lambda: wait_until(link.problem))
        told.start()
        link.close()

        told.join(LIMIT_S)

        assert not told.is_alive()


def test_after_one_login_that_got_no_answer_it_is_made_again(
    link: SshLink, path: Path, ssh: StandInSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_link, "FIRST_PAUSE_S", 0.05)
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        monkeypatch.setattr(of_master, "BATCH_S", 0.3)
        ssh.hold("nas")
        ssh.kill_master()
        wait_until(lambda: "did not answer to ssh in time" in str(link.problem()))
        monkeypatch.setattr(of_master, "BATCH_S", LIMIT_S)
        ssh.go_on("nas")
        wait_until(lambda: link.problem() is None)
        assert _answers(link.socket_path)


def test_where_its_folder_was_removed_it_is_made_again(
    link: SshLink, path: Path, ssh: StandInSsh, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_link, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(of_link, "CHECK_S", 0.05)
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        shutil.rmtree(Path(link.socket_path).parent)
        wait_until(lambda: ssh.logins() == 2)
        wait_until(lambda: link.problem() is None)
        assert _answers(link.socket_path)


def test_where_no_folder_can_be_made_that_is_said(
    link: SshLink, path: Path, runtime: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_link, "FIRST_PAUSE_S", 0.05)
    monkeypatch.setattr(of_link, "CHECK_S", 0.05)
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        shutil.rmtree(runtime)
        wait_until(lambda: "is gone" in str(link.problem()))
        runtime.mkdir()
        wait_until(lambda: link.problem() is None)


def test_what_was_said_before_the_loss_is_not_its_reason(
    link: SshLink, path: Path, ssh: StandInSsh
) -> None:
    ssh.greet_with("Idle sessions are timed out.\nchannel 1: open failed: x\n")
    with UnixServer(path, PONG):
        link.open(may_ask=False)
        ssh.fail("no more")
        ssh.kill_master()
        wait_until(lambda: "nas was lost" in str(link.problem()))

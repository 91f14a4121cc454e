"""Logging in to several hosts: each is asked for before any is shown."""

from __future__ import annotations

import gc
import os
import sys
import tempfile
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from nstui.cli import ssh_logins
from nstui.cli.running import AtEnd
from nstui.cli.settings import Settings
from nstui.cli.ssh_logins import Logins
from nstui.cli.ssh_wiring import connect
from nstui.cli.wiring import wire_hosts
from nstui.errors import EngineUnreachable, Unreachable
from nstui.model.ssh import SshTarget
from nstui.ssh.link import SshLink
from tests.support.guard_program import wait_until
from tests.support.leftovers import is_alive
from tests.support.stand_in_ssh import StandInSsh

if TYPE_CHECKING:
    from collections.abc import Iterator

NAS, PI = SshTarget(host="nas"), SshTarget(host="pi")
REFUSED = "root@nas: Permission denied (publickey,password)."
UNKNOWN = "Host key verification failed."


@pytest.fixture
def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[StandInSsh]:
    """Yield the program in the place of ssh."""
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with tempfile.TemporaryDirectory(prefix="run-") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield StandInSsh(tmp_path)
        assert not list(Path(folder).iterdir())


@pytest.fixture
def end() -> Iterator[ExitStack]:
    """Yield what is closed when the command ends."""
    with ExitStack() as stack:
        yield stack


@pytest.fixture
def at_end(end: ExitStack) -> AtEnd:
    """Return what closes the connections in the end."""
    return AtEnd(end.callback)


@pytest.fixture
def _terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let stdin be a terminal."""
    master, slave = os.openpty()
    with os.fdopen(slave) as stdin:
        monkeypatch.setattr(sys, "stdin", stdin)
        yield
    os.close(master)


def _asked(ssh: StandInSsh) -> list[tuple[str, bool]]:
    """Return for each login the host, and whether ssh could ask."""
    return [(line.split()[-1], "BatchMode=no" in line) for line in ssh.commands()]


@pytest.mark.usefixtures("_terminal")
@pytest.mark.parametrize("said", [REFUSED, UNKNOWN])
def test_who_needs_an_answer_is_asked_after_all_were_tried(
    ssh: StandInSsh, at_end: AtEnd, said: str
) -> None:
    ssh.ask("nas", said)
    logins = Logins(Settings(), at_end)

    logins.begin([NAS, PI])

    tried = _asked(ssh)
    assert sorted(tried[:2]) == [("nas", False), ("pi", False)]
    assert tried[2:] == [("nas", True)]
    for target in (NAS, PI):
        assert logins.take(target).socket_path
    assert ssh.logins() == 3


@pytest.mark.usefixtures("_terminal")
def test_a_second_connection_is_made_without_questions(
    ssh: StandInSsh, at_end: AtEnd
) -> None:
    logins = Logins(Settings(), at_end)
    logins.begin([NAS])
    first = logins.take(NAS)
    assert logins.take(NAS) is not first
    assert _asked(ssh) == [("nas", False)] * 2


@pytest.mark.usefixtures("_terminal")
def test_a_wrong_answer_is_that_host_s_problem(ssh: StandInSsh, at_end: AtEnd) -> None:
    logins = Logins(Settings(), at_end)
    ssh.fail(REFUSED)
    logins.begin([NAS])
    ssh.fail(None)
    assert logins.take(PI).socket_path
    with pytest.raises(EngineUnreachable, match="refused the login") as caught:
        logins.take(NAS)
    assert caught.value.reason is Unreachable.LOGIN
    assert _asked(ssh) == [("nas", False), ("nas", True), ("pi", False)]


@pytest.mark.usefixtures("_terminal")
def test_what_fails_otherwise_is_not_asked_for(ssh: StandInSsh, at_end: AtEnd) -> None:
    ssh.fail("ssh: connect to host nas port 22: Connection refused")
    logins = Logins(Settings(), at_end)
    logins.begin([NAS])
    assert _asked(ssh) == [("nas", False)]
    with pytest.raises(EngineUnreachable, match="no ssh server listens there"):
        logins.take(NAS)


@pytest.mark.usefixtures("_terminal")
def test_a_host_that_is_slow_is_not_waited_for(
    ssh: StandInSsh, at_end: AtEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ssh_logins, "ASKED_WITHIN_S", 0.2)
    ssh.hold("nas")
    logins = Logins(Settings(), at_end)
    began = time.monotonic()
    logins.begin([NAS, PI])
    assert time.monotonic() - began < ssh.HELD_S
    assert logins.take(PI).socket_path
    ssh.go_on("nas")
    assert logins.take(NAS).socket_path


@pytest.mark.usefixtures("_terminal")
def test_a_connection_that_nobody_uses_is_closed_in_the_end(
    ssh: StandInSsh, at_end: AtEnd, end: ExitStack
) -> None:
    logins = Logins(Settings(), at_end)
    logins.begin([NAS])
    folder = Path(logins.take(NAS).socket_path).parent
    wait_until(lambda: "ask" not in {thread.name for thread in threading.enumerate()})
    gc.collect()
    assert is_alive(ssh.master)
    end.close()
    assert not folder.exists()
    wait_until(lambda: not is_alive(ssh.master))


@pytest.mark.parametrize("is_ended", [False, True])
def test_the_command_may_end_during_a_login(
    ssh: StandInSsh, at_end: AtEnd, end: ExitStack, *, is_ended: bool
) -> None:
    ssh.hold("nas")
    refused: list[EngineUnreachable] = []

    def log_in() -> None:
        with pytest.raises(EngineUnreachable) as caught:
            connect(Settings(may_ask=False), NAS, at_end)
        refused.append(caught.value)

    if is_ended:
        end.close()
    login = threading.Thread(target=log_in)
    login.start()
    if not is_ended:
        wait_until(lambda: ssh.logins() == 1)
        end.close()
        assert not list(Path(os.environ["XDG_RUNTIME_DIR"]).iterdir())
    login.join(ssh.HELD_S / 2)
    assert len(refused) == 1
    assert not list(Path(os.environ["XDG_RUNTIME_DIR"]).iterdir())


def test_a_connection_that_failed_is_not_kept(ssh: StandInSsh, at_end: AtEnd) -> None:
    ssh.fail(REFUSED)
    with pytest.raises(EngineUnreachable):
        connect(Settings(may_ask=False), NAS, at_end)
    gc.collect()
    assert not [one for one in gc.get_objects() if isinstance(one, SshLink)]


@pytest.mark.parametrize("may_ask", [True, False])
def test_without_a_terminal_nothing_is_asked(
    ssh: StandInSsh, at_end: AtEnd, *, may_ask: bool
) -> None:
    ssh.ask("nas", REFUSED)
    logins = Logins(Settings(may_ask=may_ask), at_end)
    logins.begin([NAS])
    assert ssh.logins() == 0
    with pytest.raises(EngineUnreachable, match="refused the login"):
        logins.take(NAS)
    assert _asked(ssh) == [("nas", False)]


@pytest.mark.usefixtures("_terminal")
def test_a_single_host_asks_only_the_first_time(ssh: StandInSsh) -> None:
    ssh.fail(REFUSED)
    (choice,) = wire_hosts(Settings(host="ssh://nas"))
    for _ in range(2):
        with pytest.raises(EngineUnreachable):
            choice.connect()
    assert _asked(ssh) == [("nas", True), ("nas", False)]

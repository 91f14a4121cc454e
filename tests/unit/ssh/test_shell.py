"""The shell on the other side."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from nstui.errors import EngineUnreachable, Unreachable
from nstui.model.ssh import SshTarget
from nstui.ssh import shell as of_shell
from nstui.ssh.master import Master, private_folder
from nstui.ssh.shell import SshShell
from tests.support.guard_program import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.stand_in_ssh import StandInSsh

NAS = SshTarget(host="nas")
LIMIT_S = 60.0


@pytest.fixture
def master(ssh: StandInSsh, runtime: Path) -> Iterator[Master]:
    """Yield a connection."""
    assert ssh.folder.exists()
    opened = Master(NAS, private_folder({"XDG_RUNTIME_DIR": str(runtime)}))
    opened.open(may_ask=False)
    yield opened
    opened.close()


@pytest.fixture
def shell(master: Master) -> Iterator[SshShell]:
    """Yield a shell."""
    opened = SshShell(master)
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("script", "printed"),
    [
        ("echo one; echo two", b"one\ntwo\n"),
        ("printf 'no end'", b"no end"),
        (":", b""),
        ("printf '\\000\\377'", b"\0\xff"),
        ("echo lost >&2; false; exit 7", b""),
        # What is read from stdin would be the rest of the script.
        ("cat; echo on", b"on\n"),
        pytest.param("head -c 3000000 /dev/zero", bytes(3_000_000), id="long answer"),
        pytest.param(f": {'x' * 300_000}\necho on", b"on\n", id="long script"),
    ],
)
def test_it_returns_what_a_script_prints(
    shell: SshShell, script: str, printed: bytes
) -> None:
    assert shell.run(script, timeout_s=LIMIT_S) == printed
    # It is the same shell, and nothing is left of that script.
    assert shell.run("echo again", timeout_s=LIMIT_S) == b"again\n"


def test_what_a_login_shell_prints_is_no_part_of_it(
    ssh: StandInSsh, shell: SshShell
) -> None:
    ssh.let_shells_say("welcome\n-begin\n-end\nno line end")

    assert shell.run("echo one", timeout_s=LIMIT_S) == b"one\n"


def test_one_shell_runs_all(shell: SshShell) -> None:
    first = shell.run("echo $PPID $$", timeout_s=LIMIT_S)

    assert shell.run("echo $PPID $$", timeout_s=LIMIT_S) == first


def test_several_threads_wait_for_each_other(shell: SshShell) -> None:
    found: dict[int, bytes] = {}

    def run(number: int) -> None:
        found[number] = shell.run(f"sleep 0.01; echo {number}", timeout_s=LIMIT_S)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {number: b"%d\n" % number for number in range(8)}


def test_one_that_does_not_end_is_ended_and_begun_anew(shell: SshShell) -> None:
    with pytest.raises(EngineUnreachable, match=r"did not answer within 0\.2 s") as it:
        shell.run("echo half; sleep 1000", timeout_s=0.2)

    assert it.value.reason is Unreachable.TIMED_OUT
    assert shell.run("echo again", timeout_s=LIMIT_S) == b"again\n"


def test_one_that_was_ended_over_there_is_begun_anew(shell: SshShell) -> None:
    process = shell.run("echo $$", timeout_s=LIMIT_S)
    shell.run("(sleep 0.05; kill -9 $$) >/dev/null 2>&1 &", timeout_s=LIMIT_S)
    wait_until(lambda: shell.run("echo $$", timeout_s=LIMIT_S) != process)


@pytest.mark.parametrize("script", ["kill -9 $$", "echo ("])
def test_a_script_that_ends_its_shell_is_said(shell: SshShell, script: str) -> None:
    with pytest.raises(EngineUnreachable, match="the shell on nas has ended") as it:
        shell.run(script, timeout_s=LIMIT_S)
    assert it.value.reason is Unreachable.OTHER
    assert "-begin" not in str(it.value)

    assert shell.run("echo again", timeout_s=LIMIT_S) == b"again\n"


REFUSED = "mux_client_request_session: session request failed: not open to you"
NO_SHELL = {
    "nologin": ("echo Not available.; exit 1", " (Not available)"),
    "git": ("printf 'Hello\nGo\033[1m away\n' >&2; exit 128", r" (Go\x1b[1m away)"),
    "no word": ("exit 11", ""),
    "a menu": ("echo Well.; exit 0", " (Well)"),
    "MaxSessions 0": (
        f"printf '{REFUSED}\r\nConnection closed\r\n' >&2; exit 255",
        " (not open to you)",
    ),
    "a signal": ("echo no >&2; kill -9 $$", " (no)"),
    "an echo": (
        """read -r line; printf 'unknown: %s\n' "$line"; exit 2""",
        " (unknown: printf",
    ),
    "a protocol": ("read -r line; echo; echo 400 Bad Request; exit 0", " (400 Bad"),
}
"""What runs in the place of a shell, and what is said of it."""


@pytest.mark.parametrize(("instead", "said"), NO_SHELL.values(), ids=NO_SHELL)
def test_where_no_shell_is_given(
    ssh: StandInSsh,
    shell: SshShell,
    monkeypatch: pytest.MonkeyPatch,
    instead: str,
    said: str,
) -> None:
    monkeypatch.setattr(of_shell, "_LOSS_S", 0.3)
    ssh.refuse_shells(instead)

    # A script that is longer than what a pipe takes is not sent as a whole.
    for script in ("echo one", f": {'x' * 300_000}"):
        with pytest.raises(EngineUnreachable) as it:
            shell.run(script, timeout_s=LIMIT_S)
        assert it.value.reason is Unreachable.NO_SHELL
        assert str(it.value).startswith(f"no shell runs on nas{said}")
        assert str(it.value).isprintable()

    ssh.refuse_shells(None)
    assert shell.run("echo one", timeout_s=LIMIT_S) == b"one\n"


def test_a_connection_that_is_lost_meanwhile_is_not_taken_for_no_shell(
    ssh: StandInSsh, shell: SshShell
) -> None:
    ssh.refuse_shells(f"kill -9 {ssh.master}; exit 255")

    with pytest.raises(EngineUnreachable, match="connection to nas was lost") as it:
        shell.run("echo one", timeout_s=LIMIT_S)
    assert it.value.reason is Unreachable.OTHER


@pytest.mark.parametrize(
    ("instead", "at_last"),
    [
        # All sessions of a connection may be taken for a moment.
        (f"echo '{REFUSED}' >&2; exit 255", Unreachable.OTHER),
        # No further process may be started for a moment, or no shell is given any more.
        ("exit 1", Unreachable.NO_SHELL),
    ],
)
def test_where_there_was_a_shell_a_moment_without_is_not_taken_for_none(
    ssh: StandInSsh,
    master: Master,
    shell: SshShell,
    instead: str,
    at_last: Unreachable,
) -> None:
    assert shell.run("echo one", timeout_s=LIMIT_S) == b"one\n"
    ssh.refuse_shells(instead)
    other = SshShell(master)

    for reason in (Unreachable.OTHER, at_last):
        with pytest.raises(
            EngineUnreachable, match=r"shell (starts|runs) on nas"
        ) as it:
            other.run("echo one", timeout_s=LIMIT_S)
        assert it.value.reason is reason
    assert shell.run("echo one", timeout_s=LIMIT_S) == b"one\n"
    other.close()


def test_what_goes_on_and_closes_its_output_is_no_shell_that_has_ended(
    ssh: StandInSsh, shell: SshShell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(of_shell, "_LOSS_S", 0.1)
    ssh.refuse_shells("exec >&- 2>&-; exec sleep 1000")
    with pytest.raises(EngineUnreachable, match="in place of a shell does not answer"):
        shell.run("echo one", timeout_s=LIMIT_S)


def test_no_shell_is_not_said_to_be_a_refusal_of_sudo(
    ssh: StandInSsh, master: Master
) -> None:
    sudo = ssh.folder / "sudo"
    sudo.write_text('#!/bin/sh\nshift\nexec env BY=sudo "$@"\n')
    sudo.chmod(0o755)
    ssh.refuse_shells("echo Not available.; exit 1")
    shell = SshShell(master, with_sudo=True)
    with pytest.raises(EngineUnreachable, match="no shell runs on nas"):
        shell.run("echo one", timeout_s=LIMIT_S)
    assert shell.refusal is None

    ssh.refuse_shells(None)
    assert shell.run("echo by $BY", timeout_s=LIMIT_S) == b"by sudo\n"
    shell.close()


def test_a_lost_connection_is_said(
    ssh: StandInSsh, master: Master, shell: SshShell
) -> None:
    shell.run(":", timeout_s=LIMIT_S)
    ssh.kill_master()
    master.await_end()

    with pytest.raises(EngineUnreachable, match="the ssh connection to nas was lost"):
        shell.run("echo one", timeout_s=LIMIT_S)


@pytest.mark.parametrize("is_allowed", [True, False])
def test_sudo_is_used_if_it_is_allowed(
    ssh: StandInSsh,
    master: Master,
    is_allowed: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    sudo = ssh.folder / "sudo"
    refusal = "echo 'sudo: a password is required' >&2; exit 1"
    run = 'test "$1" = -n && shift && exec env BY=sudo "$@"'
    sudo.write_text(f"#!/bin/sh\n{run if is_allowed else refusal}\n")
    sudo.chmod(0o755)
    shell = SshShell(master, with_sudo=True)

    said = shell.run("echo by $BY", timeout_s=LIMIT_S)
    shell.close()

    assert said == (b"by sudo\n" if is_allowed else b"by\n")
    refused = None if is_allowed else "sudo: a password is required"
    assert shell.refusal == refused

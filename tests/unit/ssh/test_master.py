"""The connection that all else goes through."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from nstui.errors import EngineUnreachable
from nstui.model.ssh import SshTarget
from nstui.ssh.master import Master, private_folder
from tests.support.guard_program import wait_until

if TYPE_CHECKING:
    from tests.support.stand_in_ssh import StandInSsh

NAS = SshTarget(host="nas")


def test_the_folder_is_private(runtime: Path) -> None:
    folder = private_folder({"XDG_RUNTIME_DIR": str(runtime)})

    assert folder.parent == runtime
    assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["here", "/nonexistent", "{}/a:b", f"{{}}/{'x' * 90}"])
def test_a_folder_that_ssh_has_no_use_for_is_not_taken(
    tmp_path: Path, name: str
) -> None:
    chosen = Path(name.format(tmp_path))
    if chosen.is_relative_to(tmp_path):
        chosen.mkdir()
    folder = private_folder({"XDG_RUNTIME_DIR": str(chosen)})

    assert folder.parent != chosen
    folder.rmdir()


def test_a_login_that_fails_is_said_in_ssh_s_words(
    ssh: StandInSsh, tmp_path: Path
) -> None:
    ssh.fail("nas: Permission denied (publickey).")

    with (
        closing(Master(NAS, tmp_path / "own")) as master,
        pytest.raises(EngineUnreachable, match=re.escape("(publickey)")),
    ):
        master.open(may_ask=False)


def test_without_ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(EngineUnreachable, match="ssh is not installed here"):
        Master(NAS, tmp_path).open(may_ask=False)


def test_it_ends_when_it_is_closed(ssh: StandInSsh, runtime: Path) -> None:
    folder = private_folder({"XDG_RUNTIME_DIR": str(runtime)})
    master = Master(NAS, folder)
    master.open(may_ask=False)
    assert master.is_up

    master.close()

    wait_until(lambda: not master.is_up)
    assert not folder.exists()
    wait_until(lambda: not _runs(ssh.master))
    with pytest.raises(EngineUnreachable):
        master.open(may_ask=False)


def test_one_that_is_closed_makes_no_folder(ssh: StandInSsh, runtime: Path) -> None:
    """It may be closed while it is opened again."""
    master = Master(NAS, private_folder({"XDG_RUNTIME_DIR": str(runtime)}))
    master.close()
    with pytest.raises(EngineUnreachable):
        master.open(may_ask=False)
    assert not list(runtime.iterdir())
    assert ssh.logins() == 0


def test_it_ends_with_a_nstui_that_is_killed(ssh: StandInSsh, runtime: Path) -> None:
    program = (
        "import sys, time; from pathlib import Path\n"
        "from nstui.model.ssh import SshTarget\n"
        "from nstui.ssh.master import Master, private_folder\n"
        "folder = private_folder({'XDG_RUNTIME_DIR': sys.argv[1]})\n"
        "Master(SshTarget(host='nas'), folder).open(may_ask=False)\n"
        "print(folder, flush=True); time.sleep(1000)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(runtime)],
        stdout=subprocess.PIPE,
        text=True,
    ) as nstui:
        assert nstui.stdout is not None
        folder = Path(nstui.stdout.readline().strip())
        assert folder.exists()
        nstui.kill()

    wait_until(lambda: not _runs(ssh.master) and not folder.exists())


def test_a_ctrl_c_is_not_for_the_connection(ssh: StandInSsh, runtime: Path) -> None:
    folder = private_folder({"XDG_RUNTIME_DIR": str(runtime)})
    with closing(Master(NAS, folder)) as master:
        master.open(may_ask=False)
        for number in (signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
            os.kill(ssh.master, number)
        os.kill(ssh.master, 0)
        time.sleep(0.1)

        assert master.is_up


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_nothing_is_left_where_the_whole_group_is_told_to_end(
    ssh: StandInSsh, runtime: Path
) -> None:
    others = psutil.Process().children(recursive=True)
    folder = private_folder({"XDG_RUNTIME_DIR": str(runtime)})
    master = Master(NAS, folder)
    master.open(may_ask=False)
    for process in psutil.Process().children(recursive=True):
        # One may end because another did.
        if process not in others:
            with suppress(psutil.NoSuchProcess):
                process.terminate()

    wait_until(lambda: not folder.exists() and not _runs(ssh.master))
    master.close()


@pytest.mark.parametrize("may_ask", [True, False])
def test_where_a_host_on_the_way_asks_there_is_time_for_an_answer(
    ssh: StandInSsh, runtime: Path, *, may_ask: bool
) -> None:
    ssh.fail_with("ConnectTimeout=10", "Connection timed out during banner exchange")
    folder = private_folder({"XDG_RUNTIME_DIR": str(runtime)})
    with closing(Master(NAS, folder)) as master:
        if may_ask:
            master.open(may_ask=True)
            assert master.is_up
        else:
            with pytest.raises(EngineUnreachable, match="did not answer to ssh"):
                master.open(may_ask=False)
        assert ssh.logins() == 1 + may_ask

"""Two programs do not act on one group."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import stat
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from nstui.audit.claims import FileClaims
from nstui.errors import AuditFailed, GroupInUse
from tests.support.builders import cid

if TYPE_CHECKING:
    from pathlib import Path

VPN, WEB, DB = ({cid(name): name} for name in ("vpn", "web", "db"))
ENGINE, OTHER = "unix:///run/docker.sock", "tcp://10.0.0.1:2375"

HOLDER = """
import sys
from pathlib import Path
from nstui.audit.claims import FileClaims
with FileClaims(Path(sys.argv[1]), sys.argv[2]).hold({sys.argv[3]: "vpn"}):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "nstui"


def test_a_container_has_one_holder_at_a_time(folder: Path) -> None:
    with (
        FileClaims(folder, ENGINE).hold({**WEB, **VPN}),
        pytest.raises(GroupInUse, match="another nstui is at work on vpn: nothing"),
        FileClaims(folder, ENGINE).hold({**DB, **VPN}),
    ):
        pytest.fail("both hold it")


def test_one_that_was_refused_holds_nothing(folder: Path) -> None:
    first, second = FileClaims(folder, ENGINE), FileClaims(folder, ENGINE)
    with first.hold(VPN):
        with pytest.raises(GroupInUse), second.hold({**DB, **VPN}):
            pass
        with first.hold(DB):
            pass


def test_others_are_free(folder: Path) -> None:
    claims = FileClaims(folder, ENGINE)
    with claims.hold(VPN), claims.hold(DB), FileClaims(folder, OTHER).hold(VPN):
        pass
    with claims.hold(VPN):
        pass


def test_it_is_free_after_an_error(folder: Path) -> None:
    claims = FileClaims(folder, ENGINE)
    with pytest.raises(ZeroDivisionError), claims.hold(VPN):
        raise ZeroDivisionError
    with claims.hold(VPN):
        pass


def test_what_a_killed_program_held_is_free(folder: Path) -> None:
    command = [sys.executable, "-c", HOLDER, str(folder), ENGINE, cid("vpn")]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(GroupInUse), FileClaims(folder, ENGINE).hold(VPN):
            pass
        other.send_signal(signal.SIGKILL)
    with FileClaims(folder, ENGINE).hold(VPN):
        pass


def test_nobody_else_may_hold_anything(folder: Path) -> None:
    claims = FileClaims(folder, ENGINE)
    with claims.hold(VPN):
        assert stat.S_IMODE(claims.path.stat().st_mode) == 0o600
        assert stat.S_IMODE(claims.path.parent.stat().st_mode) == 0o700
        assert not claims.path.read_bytes()


def test_nothing_is_done_where_nothing_can_be_locked(folder: Path) -> None:
    claims = FileClaims(folder, ENGINE)
    claims.path.mkdir(parents=True)
    for part in (folder, claims.path.parent):
        part.chmod(0o700)
    with (
        pytest.raises(AuditFailed, match=r"cannot lock .*: is a directory"),
        claims.hold(VPN),
    ):
        pass


def test_a_file_system_without_locks_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "fcntl", refuse)
    with (
        pytest.raises(AuditFailed, match="another nstui could be at work"),
        FileClaims(folder, ENGINE).hold(VPN),
    ):
        pass

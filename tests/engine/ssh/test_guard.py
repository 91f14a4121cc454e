"""What was confirmed here is let through by the guard of a host behind ssh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.engine.program import HASTY, run_nstui
from tests.engine.ssh.behind import url_of
from tests.support.guard_program import GuardProgram, guard_of
from tests.support.ssh_server import SshServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.support.guarded_engine import GuardedEngine

pytestmark = [pytest.mark.docker, pytest.mark.one_engine]

RESTART = ("restart", "-t", "0", "--with-dependents", "-y", "vpn")


@pytest.fixture
def guard(
    guarded_host: GuardedEngine, monkeypatch: pytest.MonkeyPatch
) -> Iterator[GuardProgram]:
    """Yield the guard of an engine with an owner and its dependent."""
    guarded_host.run("vpn")
    guarded_host.run("web", "--net=container:vpn")
    with guard_of(guarded_host, is_patient=True) as guard:
        guarded_host.use_plugins("nstui")
        monkeypatch.setenv("NSTUI_GUARD_ROOT", str(guard.path))
        yield guard
        guarded_host.use_plugins()


@pytest.mark.usefixtures("_client", "guard")
def test_a_plan_is_carried_out_whatever_the_login_shell(
    server: SshServer, guarded_host: GuardedEngine
) -> None:
    url = url_of(server, guarded_host, "ash")
    denied = guarded_host.docker("restart", "-t", "0", "vpn", check=False)
    assert "authorization denied by plugin nstui" in denied.stderr

    refused = run_nstui("-H", url, "restart", "-y", "vpn", program=HASTY)
    assert (refused.returncode, refused.stdout) == (4, "")
    done = run_nstui("-H", url, *RESTART, program=HASTY)
    assert (done.returncode, done.stdout.split()) == (0, ["vpn", "web"]), done.stderr
    assert run_nstui("-H", url, "check").returncode == 0

    again = guarded_host.docker("restart", "-t", "0", "vpn", check=False)
    assert "authorization denied by plugin nstui" in again.stderr


@pytest.mark.usefixtures("guard", "runtime")
def test_where_no_socket_is_forwarded_it_decides_as_on_any_other_call(
    guarded_host: GuardedEngine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = folder / "strict"
    own.mkdir()
    strict = SshServer(own)
    with strict.serving("AllowStreamLocalForwarding no"):
        for name, value in strict.client().items():
            monkeypatch.setenv(name, value)
        url = url_of(strict, guarded_host)
        done = run_nstui("-H", url, *RESTART, program=HASTY)

    assert done.returncode == 1
    assert "authorization denied by plugin nstui" in done.stderr
    assert run_nstui("-H", guarded_host.url, "check").returncode == 0
